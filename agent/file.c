/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files of proc and sys. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/agent.h"

char *file_read(const char *path, size_t *len)
{
	size_t fill = 0, size = 16384;
	char *text = malloc(size);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	while (text && fd >= 0 && (n = read(fd, text + fill, size - 1 - fill)) > 0) {
		fill += n;
		if (fill == size - 1)
			text = realloc(text, size *= 2);
	}
	if (fd >= 0)
		close(fd);
	if (!text || fd < 0 || n < 0) {
		free(text);
		return NULL;
	}
	text[fill] = '\0';
	if (len)
		*len = fill;
	return text;
}

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	return n == (ssize_t)strlen(text);
}

char *cmdline_get(const char *key)
{
	char *text = file_read("/proc/cmdline", NULL), *found = NULL, *save, *word;
	size_t len = strlen(key);

	for (word = text ? strtok_r(text, " \n", &save) : NULL; word;
	     word = strtok_r(NULL, " \n", &save)) {
		if (!strncmp(word, key, len) && word[len] == '=') {
			free(found);
			found = strdup(word + len + 1);
		}
	}
	free(text);
	return found;
}

unsigned generation(void)
{
	char *text = cmdline_get("lubench.generation");
	unsigned number = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return number;
}

uint64_t meminfo_bytes(const char *key)
{
	char *text = file_read("/proc/meminfo", NULL);
	char *at = text ? strstr(text, key) : NULL;
	uint64_t kib = at ? strtoull(at + strlen(key) + 1, NULL, 10) : 0;

	free(text);
	return kib * 1024;
}

uint64_t memory_used(void)
{
	return meminfo_bytes("MemTotal") - meminfo_bytes("MemAvailable");
}
