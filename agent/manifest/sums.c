/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/manifest/sums.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static const char magic[8] = "lu-sums1";

size_t sums_page_count(uint64_t len)
{
	return (len + SUMS_PAGE - 1) / SUMS_PAGE;
}

static bool hash(struct sums *sums, const uint8_t *bytes)
{
	size_t n = bytes ? sums_page_count(sums->head.len) : 0; /* no bytes: empty */

	sums->pages = calloc(n + 1, sizeof(*sums->pages));
	for (size_t i = 0; sums->pages && i < n; i++) {
		uint64_t from = (uint64_t)i * SUMS_PAGE, left = sums->head.len - from;

		sums->pages[i] = XXH64(bytes + from, left < SUMS_PAGE ? left : SUMS_PAGE, 0);
	}
	return sums->pages;
}

/* Mapped, all at once: of a store in memory no byte is copied and no page faults. */
static bool hash_file(struct sums *sums, int fd)
{
	size_t len = (size_t)sums->head.len;
	void *bytes = len ? mmap(NULL, len, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0) : NULL;
	bool ok;

	if (bytes == MAP_FAILED)
		return false;
	ok = hash(sums, bytes);
	if (bytes)
		munmap(bytes, len);
	return ok;
}

static bool hash_link(struct sums *sums, const char *path)
{
	char text[PATH_MAX];
	ssize_t len = readlink(path, text, sizeof(text));

	if (len < 0)
		return false;
	sums->head.len = (uint64_t)len;
	return hash(sums, (const uint8_t *)text);
}

bool sums_read(const char *store, const char *name, struct sums *sums)
{
	char path[PATH_MAX];
	struct stat st;
	bool ok;
	int fd;

	*sums = (struct sums){0};
	if (snprintf(sums->head.path, SUMS_PATH, "%s", name) >= SUMS_PATH) {
		errno = ENAMETOOLONG;
		return false;
	}
	snprintf(path, sizeof(path), "%s/%s", store, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ELOOP && hash_link(sums, path);
	ok = fstat(fd, &st) == 0;
	sums->head.len = ok ? (uint64_t)st.st_size : 0;
	ok = ok && hash_file(sums, fd);
	close(fd);
	return ok;
}

bool sums_add(struct sums_list *list, const struct sums *sums)
{
	struct sums *all = reallocarray(list->all, list->n + 1, sizeof(*all));

	if (!all)
		return false;
	list->all = all;
	all[list->n++] = *sums;
	return true;
}

const struct sums *sums_find(const struct sums_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->all[i].head.path, path))
			return &list->all[i];
	return NULL;
}

void sums_clear(struct sums_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->all[i].pages);
	free(list->all);
	*list = (struct sums_list){0};
}

static void write_all(const struct sums_list *list, FILE *file, XXH64_state_t *state)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct sums *sums = &list->all[i];
		size_t bytes = sums_page_count(sums->head.len) * sizeof(*sums->pages);

		fwrite(&sums->head, sizeof(sums->head), 1, file);
		fwrite(sums->pages, 1, bytes, file);
		XXH64_update(state, &sums->head, sizeof(sums->head));
		XXH64_update(state, sums->pages, bytes);
	}
}

/* Beside it first, so that there is never half of one. */
bool sums_save(const struct sums_list *list, const char *path)
{
	char beside[PATH_MAX];
	XXH64_state_t *state = XXH64_createState();
	uint64_t count = list->n, hash_of_all;
	FILE *file;
	bool ok;

	snprintf(beside, sizeof(beside), "%s.new", path);
	file = state ? fopen(beside, "we") : NULL;
	if (!file) {
		XXH64_freeState(state);
		return false;
	}
	XXH64_reset(state, 0);
	fwrite(magic, sizeof(magic), 1, file);
	fwrite(&count, sizeof(count), 1, file);
	write_all(list, file, state);
	hash_of_all = XXH64_digest(state);
	fwrite(&hash_of_all, sizeof(hash_of_all), 1, file);
	XXH64_freeState(state);
	ok = !ferror(file);
	return !fclose(file) && ok && !rename(beside, path);
}

static bool read_one(struct sums_list *list, FILE *file, uint64_t left, XXH64_state_t *state)
{
	struct sums sums = {0};
	size_t n;

	if (fread(&sums.head, sizeof(sums.head), 1, file) != 1 ||
	    !memchr(sums.head.path, 0, SUMS_PATH) ||
	    sums_page_count(sums.head.len) > left / sizeof(*sums.pages))
		return false;
	n = sums_page_count(sums.head.len);
	sums.pages = calloc(n + 1, sizeof(*sums.pages));
	if (!sums.pages || fread(sums.pages, sizeof(*sums.pages), n, file) != n ||
	    !sums_add(list, &sums)) {
		free(sums.pages);
		return false;
	}
	XXH64_update(state, &sums.head, sizeof(sums.head));
	XXH64_update(state, sums.pages, n * sizeof(*sums.pages));
	return true;
}

static bool read_all(struct sums_list *list, FILE *file, XXH64_state_t *state)
{
	uint64_t count = 0, hash_of_all = 0;
	char begin[sizeof(magic)];
	struct stat st;

	if (fstat(fileno(file), &st) || fread(begin, sizeof(begin), 1, file) != 1 ||
	    memcmp(begin, magic, sizeof(magic)) || fread(&count, sizeof(count), 1, file) != 1)
		return false;
	XXH64_reset(state, 0);
	for (uint64_t i = 0; i < count; i++)
		if (!read_one(list, file, (uint64_t)st.st_size, state))
			return false;
	return fread(&hash_of_all, sizeof(hash_of_all), 1, file) == 1 &&
	       hash_of_all == XXH64_digest(state);
}

bool sums_load(struct sums_list *list, const char *path)
{
	XXH64_state_t *state = XXH64_createState();
	FILE *file = state ? fopen(path, "re") : NULL;
	bool ok = file && read_all(list, file, state);

	if (file && !ok)
		errno = EBADMSG;
	XXH64_freeState(state);
	if (file)
		fclose(file);
	return ok;
}
