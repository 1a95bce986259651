/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules of a feature, in the order of its list: finit_module(2), delete_module(2). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/verbs.h"

#define LOOK_NS 5000000

/* A line of a list: a path, and after a space the words for its load, to which more may be added
 * (of one parameter the last word counts). 1 loaded, 0 there already, -1 with errno. */
static int module_load(char *line, const char *more)
{
	const char *path = strsep(&line, " ");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char params[512];
	long rc;

	if (fd < 0)
		return -1;
	snprintf(params, sizeof(params), "%s %s", line ? line : "", more);
	rc = syscall(SYS_finit_module, fd, params, 0);
	close(fd);
	if (rc < 0 && errno == EEXIST)
		return 0;
	return rc < 0 ? -1 : 1;
}

int modules_load_feature(const char *feature, const char *more, char *why, size_t size)
{
	char list[300], *text, *save, *path;
	int loaded = 0, rc = 0;

	snprintf(list, sizeof(list), "/etc/lubench/modules/%s", feature);
	text = strchr(feature, '/') ? NULL : file_read(list, NULL);
	if (!text) {
		snprintf(why, size, "this initramfs has no list %s", list);
		return -1;
	}
	for (path = strtok_r(text, "\n", &save); path; path = strtok_r(NULL, "\n", &save)) {
		rc = module_load(path, more);
		if (rc < 0) {
			snprintf(why, size, "%s: %s", path, strerror(errno));
			break;
		}
		loaded += rc;
	}
	free(text);
	return rc < 0 ? -1 : loaded;
}

void verb_modules(struct request *request)
{
	json_t *features = json_object_get(request->args, "features"), *feature;
	json_t *params = json_object_get(request->args, "params");
	int64_t begin = now_ns();
	int loaded = 0, n;
	char why[400];
	size_t i;

	json_array_foreach(features, i, feature)
	{
		const char *name = json_string_value(feature);
		const char *more = name ? json_string_value(json_object_get(params, name)) : NULL;

		n = modules_load_feature(name ? name : "/", more ? more : "", why, sizeof(why));
		if (n < 0) {
			reply_error(request, "unsupported", "modules: %s", why);
			return;
		}
		loaded += n;
	}
	reply_ok(request, json_pack("{s:i, s:I}", "loaded", loaded, "load_ns",
				    (json_int_t)(now_ns() - begin)));
}

/*
 * Modules to unload. A user that has ended may be tidied up in the background (a network namespace
 * with what is in it), and nothing tells when the last one lets go: those that are in use are tried
 * again for as long as the caller says.
 */
struct drop {
	struct request *request;
	json_t *kept; /* names, in the order of unloading */
	int dropped;
	int64_t until_ns;
};

/* A feature that is one module of its name. What is not loaded needs no dropping. */
static void try_all(struct drop *drop)
{
	json_t *busy = json_array(), *feature;
	size_t i;

	json_array_foreach(drop->kept, i, feature)
	{
		const char *name = json_string_value(feature);

		if (name && syscall(SYS_delete_module, name, O_NONBLOCK) == 0)
			drop->dropped++;
		else if (name && errno != ENOENT)
			json_array_append(busy, feature);
	}
	json_decref(drop->kept);
	drop->kept = busy;
}

static void look(void *data)
{
	struct drop *drop = data;

	try_all(drop);
	if (json_array_size(drop->kept) && now_ns() < drop->until_ns) {
		loop_at(now_ns() + LOOK_NS, look, drop);
		return;
	}
	reply_ok(drop->request,
		 json_pack("{s:i, s:o}", "dropped", drop->dropped, "kept", drop->kept));
	free(drop);
}

void verb_modules_drop(struct request *request)
{
	struct drop *drop = calloc(1, sizeof(*drop));
	json_t *features = json_object_get(request->args, "features");

	drop->request = request;
	drop->kept = json_is_array(features) ? json_copy(features) : json_array();
	drop->until_ns = now_ns() + arg_int(request, "wait_ms", 0) * 1000000;
	look(drop);
}
