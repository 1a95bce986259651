/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel.h"
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"

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
