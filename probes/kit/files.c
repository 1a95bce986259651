/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of probes, and what /proc says. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "probes/kit/say.h"

static const char *path_of(const char *dir, const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

const char *probe_disk(const char *name)
{
	return path_of(say_run()->disk, name);
}

const char *probe_scratch(const char *name)
{
	return path_of(say_run()->dir, name);
}

size_t probe_read_file(const char *path, char *text, size_t n)
{
	int fd = (int)probe_must(open(path, O_RDONLY | O_CLOEXEC), path);
	size_t fill = 0;
	ssize_t got;

	while (fill < n - 1 && (got = read(fd, text + fill, n - 1 - fill)) > 0)
		fill += (size_t)got;
	close(fd);
	text[fill] = '\0';
	return fill;
}

void probe_proc_line(pid_t pid, const char *file, const char *key, char *text, size_t n)
{
	char path[64], all[16384], *at, *end;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	probe_read_file(path, all, sizeof(all));
	for (at = all; at && strncmp(at, key, strlen(key)); at = end ? end + 1 : NULL)
		end = strchr(at, '\n');
	if (!at)
		probe_lost("%s has no line %s", path, key);
	at += strlen(key);
	at += strspn(at, " \t");
	snprintf(text, n, "%.*s", (int)strcspn(at, "\n"), at);
}

bool probe_file_has(const char *path, const char *text)
{
	static char all[1 << 16];

	probe_read_file(path, all, sizeof(all));
	return strstr(all, text) != NULL;
}

void probe_write_file(const char *path, const char *text)
{
	int fd = (int)probe_must(open(path, O_WRONLY | O_CLOEXEC), path);

	probe_must(write(fd, text, strlen(text)), path);
	probe_must(close(fd), path);
}
