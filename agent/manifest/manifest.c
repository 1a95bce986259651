/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sealing a store and comparing it. */
#include "agent/manifest/manifest.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/manifest/sums.h"

static char why[PATH_MAX + 200];

static const char *say(const char *path, const char *what)
{
	snprintf(why, sizeof(why), "%s: %s", path, what);
	return why;
}

static const char *seal_file(const char *store, const char *path, struct sums_list *list,
			     uint64_t *bytes)
{
	struct sums sums;

	if (sums_find(list, path))
		return NULL;
	if (!sums_read(store, path, &sums) || !sums_add(list, &sums))
		return say(path, strerror(errno));
	*bytes += sums.head.len;
	return NULL;
}

static const char *seal_folder(const char *store, const char *folder, struct sums_list *list,
			       uint64_t *bytes)
{
	char path[PATH_MAX];
	struct dirent *entry;
	const char *failed = NULL;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", store, folder);
	dir = opendir(path);
	if (!dir)
		return say(folder, strerror(errno));
	while (!failed && (entry = readdir(dir))) {
		if (entry->d_type != DT_REG && entry->d_type != DT_LNK)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		failed = seal_file(store, path, list, bytes);
	}
	closedir(dir);
	return failed;
}

static const char *seal_all(const char *store, struct sums_list *list, uint64_t *bytes)
{
	const char *failed = NULL;
	DIR *dir = opendir(store);
	struct dirent *entry;

	if (!dir)
		return say(store, strerror(errno));
	while (!failed && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			failed = seal_folder(store, entry->d_name, list, bytes);
	closedir(dir);
	return failed;
}

const char *manifest_seal(const char *store, uint64_t *bytes)
{
	struct sums_list list = {0};
	const char *failed = NULL;
	char path[PATH_MAX];

	*bytes = 0;
	snprintf(path, sizeof(path), "%s/" MANIFEST, store);
	if (!sums_load(&list, path) && errno != ENOENT)
		failed = say(MANIFEST, strerror(errno));
	if (!failed)
		failed = seal_all(store, &list, bytes);
	if (!failed && !sums_save(&list, path))
		failed = say(MANIFEST, strerror(errno));
	sums_clear(&list);
	return failed;
}

static const char *differ(const struct sums *was, const struct sums *is)
{
	char text[100];

	if (was->head.len != is->head.len) {
		snprintf(text, sizeof(text), "it has %llu bytes and had %llu",
			 (unsigned long long)is->head.len, (unsigned long long)was->head.len);
		return say(was->head.path, text);
	}
	for (size_t i = 0; i < sums_page_count(was->head.len); i++) {
		if (was->pages[i] == is->pages[i])
			continue;
		snprintf(text, sizeof(text), "page %zu of %zu is not what was written", i + 1,
			 sums_page_count(was->head.len));
		return say(was->head.path, text);
	}
	return NULL;
}

static const char *check_file(const char *store, const struct sums *was, uint64_t *bytes)
{
	char aside[SUMS_PATH + sizeof(MANIFEST_ASIDE)];
	struct sums is;
	const char *damaged;

	snprintf(aside, sizeof(aside), "%s" MANIFEST_ASIDE, was->head.path);
	if (!sums_read(store, was->head.path, &is) &&
	    (errno != ENOENT || !sums_read(store, aside, &is)))
		return say(was->head.path, strerror(errno));
	damaged = differ(was, &is);
	*bytes += is.head.len;
	free(is.pages);
	return damaged;
}

const char *manifest_check(const char *store, const char *folders, uint64_t *bytes)
{
	struct sums_list list = {0};
	const char *damaged = NULL;
	char path[PATH_MAX];

	*bytes = 0;
	snprintf(path, sizeof(path), "%s/" MANIFEST, store);
	if (!sums_load(&list, path))
		damaged = say(MANIFEST,
			      errno == EBADMSG ? "it is not what was written" : strerror(errno));
	for (size_t i = 0; i < list.n && !damaged; i++)
		if (!strncmp(list.all[i].head.path, folders, strlen(folders)))
			damaged = check_file(store, &list.all[i], bytes);
	sums_clear(&list);
	return damaged;
}
