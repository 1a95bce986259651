/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk: processes, their descriptors, folders and mappings, each against every rule. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/preflight/maps.h"
#include "agent/preflight/memory.h"
#include "agent/preflight/preflight.h"
#include "agent/preflight/subject.h"

/* Together they fit into a line of the protocol. */
#define FINDINGS_MAX 32
#define TEXT_MAX     1024

struct look {
	const struct preflight_how *how;
	json_t *findings;
	struct memory memory;
	unsigned processes, descriptors, mappings, more, passing;
	uint64_t inode; /* of the file behind the previous one */
};

static void find(struct look *look, const struct preflight_rule *rule,
		 const struct preflight_process *process, const char *what)
{
	static const char *const fates[] = {"refused", "lost", "changed"};
	char text[TEXT_MAX];

	look->passing += rule->late;
	if (json_array_size(look->findings) >= FINDINGS_MAX) {
		look->more++;
		return;
	}
	snprintf(text, sizeof(text), "process %d (%s)%s%.*s: %s", (int)process->pid, process->name,
		 *what ? ": " : "", TEXT_MAX / 2, what, rule->why);
	/* a name may hold any byte, and JSON may not */
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
			*at = '?';
	json_array_append_new(look->findings, json_pack("{s:s, s:s, s:s}", "rule", rule->name,
							"fate", fates[rule->fate], "what", text));
}

/* Calls holds() for each rule that this look is to try. */
static void each_rule(struct look *look,
		      void (*try)(struct look *look, const struct preflight_rule *rule, void *data),
		      void *data)
{
	for (size_t f = 0; lu_preflight_rules[f]; f++)
		for (const struct preflight_rule *rule = lu_preflight_rules[f]->rules; rule->name;
		     rule++)
			if (rule->late || !look->how->late)
				try(look, rule, data);
}

static void try_process(struct look *look, const struct preflight_rule *rule, void *data)
{
	if (rule->of_process && rule->of_process(data))
		find(look, rule, data, "");
}

static void try_file(struct look *look, const struct preflight_rule *rule, void *data)
{
	struct preflight_file *file = data;
	char what[PATH_MAX + 80];

	if (!rule->of_file || !rule->of_file(file))
		return;
	snprintf(what, sizeof(what), "%s, %s", file->what, file->link);
	find(look, rule, file->process, what);
}

static void try_mapping(struct look *look, const struct preflight_rule *rule, void *data)
{
	const struct preflight_mapping *mapping = data;
	char what[PATH_MAX + 80];

	if (!rule->of_mapping || !rule->of_mapping(mapping))
		return;
	snprintf(what, sizeof(what), "mapping %llx-%llx%s%s", (unsigned long long)mapping->begin,
		 (unsigned long long)mapping->end, *mapping->path ? ", " : "", mapping->path);
	find(look, rule, mapping->process, what);
}

static void look_at_file(struct look *look, struct preflight_file *file)
{
	each_rule(look, try_file, file);
	if (!look->how->late)
		memory_file(&look->memory, file);
	subject_file_clear(file);
}

/* Late rules go by the link: of a thousand descriptors a handful is more than that. */
static bool open_descriptor(struct look *look, const struct preflight_process *process,
			    struct preflight_file *file, DIR *dir, const char *number)
{
	int fd = (int)strtol(number, NULL, 10);
	char name[32];

	if (*number == '.')
		return false;
	snprintf(file->what, sizeof(file->what), "descriptor %d", fd);
	if (look->how->late) {
		file->process = process;
		file->fd = fd;
		file->copy = -1;
		return subject_link(file, dirfd(dir), number);
	}
	snprintf(name, sizeof(name), "fd/%.16s", number);
	return subject_file(file, process, fd, name);
}

static void look_at_descriptors(struct look *look, const struct preflight_process *process)
{
	static struct preflight_file file;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)process->pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (!open_descriptor(look, process, &file, dir, entry->d_name))
			continue;
		look->descriptors++;
		look_at_file(look, &file);
	}
	if (dir)
		closedir(dir);
}

static void look_at_folders(struct look *look, const struct preflight_process *process)
{
	static const struct {
		const char *link, *what;
	} links[] = {{"cwd", "working folder"}, {"root", "root folder"}};
	static struct preflight_file file;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (!subject_file(&file, process, -1, links[i].link))
			continue;
		snprintf(file.what, sizeof(file.what), "%s", links[i].what);
		look_at_file(look, &file);
	}
}

/* The file behind it, once for mappings of the same file in a row. */
static void look_at_mapped(struct look *look, const struct preflight_mapping *mapping)
{
	static struct preflight_file file;
	char name[64];

	if (*mapping->path != '/' || mapping->inode == look->inode)
		return;
	look->inode = mapping->inode;
	snprintf(name, sizeof(name), "map_files/%llx-%llx", (unsigned long long)mapping->begin,
		 (unsigned long long)mapping->end);
	if (!subject_file(&file, mapping->process, -1, name))
		return;
	snprintf(file.what, sizeof(file.what), "mapping at %llx",
		 (unsigned long long)mapping->begin);
	look_at_file(look, &file);
}

static void look_at_mapping(void *data, const struct preflight_mapping *mapping)
{
	struct look *look = data;

	look->mappings++;
	memory_mapping(&look->memory, mapping);
	each_rule(look, try_mapping, (void *)mapping);
	look_at_mapped(look, mapping);
}

/* Of a process that has ended only its entry is there. */
static void look_into(struct look *look, const struct preflight_process *process)
{
	look_at_descriptors(look, process);
	if (look->how->late)
		return;
	look_at_folders(look, process);
	look->inode = 0;
	maps_each(process, look_at_mapping, look);
}

static void look_at(struct look *look, pid_t leader, const struct group_member *member)
{
	struct preflight_process process;

	if (!subject_process(&process, leader, member))
		return;
	look->processes++;
	each_rule(look, try_process, &process);
	if (!strchr("ZX", process.state))
		look_into(look, &process);
	subject_process_clear(&process);
}

static json_t *answer(const struct look *look)
{
	json_t *result = json_pack("{s:i, s:i, s:i, s:i, s:O}", "processes", (int)look->processes,
				   "descriptors", (int)look->descriptors, "more", (int)look->more,
				   "passing", (int)look->passing, "findings", look->findings);

	if (look->how->late)
		return result;
	json_object_set_new(result, "mappings", json_integer(look->mappings));
	json_object_set_new(result, "state_bytes",
			    json_integer((json_int_t)memory_bytes(&look->memory)));
	return result;
}

json_t *preflight_look(pid_t leader, const struct preflight_how *how)
{
	struct look look = {.how = how, .findings = json_array()};
	struct group_member *members;
	json_t *result;
	size_t n;

	members = group_members(leader, &n);
	for (size_t f = 0; lu_preflight_rules[f]; f++)
		if (lu_preflight_rules[f]->begin)
			lu_preflight_rules[f]->begin(leader, how->frozen);
	for (size_t i = 0; i < n; i++)
		look_at(&look, leader, &members[i]);
	result = answer(&look);
	json_decref(look.findings);
	memory_clear(&look.memory);
	free(members);
	return result;
}
