/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder's files as one bundle, with a hash that the receiver checks. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include "agent/replica/replica.h"

#define BUNDLE_MAX     ((uint64_t)1 << 30) /* memory pages are not sent in bundles */
#define NAME_MAX_BYTES 64

/* Both machines have the same architecture: numbers are in its byte order. */
struct head {
	uint64_t len; /* of the bytes after the head */
	XXH128_hash_t hash;
};

struct entry {
	char name[NAME_MAX_BYTES];
	uint64_t len;
};

static bool load(int fd, uint8_t *to, uint64_t len)
{
	for (uint64_t done = 0; done < len;) {
		ssize_t n = read(fd, to + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += n;
	}
	return true;
}

/* Appends one file; skips anything that is not a regular file. */
static bool append(uint8_t **bundle, size_t *len, int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct entry entry = {.len = 0};
	struct stat st;
	uint8_t *grown;
	bool ok;

	if (fd < 0)
		return errno == ELOOP;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || strlen(name) >= NAME_MAX_BYTES) {
		close(fd);
		return S_ISDIR(st.st_mode);
	}
	memcpy(entry.name, name, strlen(name));
	entry.len = st.st_size;
	grown = realloc(*bundle, *len + sizeof(entry) + entry.len);
	ok = grown && load(fd, grown + *len + sizeof(entry), entry.len);
	if (grown) {
		memcpy(grown + *len, &entry, sizeof(entry));
		*bundle = grown;
	}
	*len += sizeof(entry) + entry.len;
	close(fd);
	return ok;
}

static uint8_t *seal(uint8_t *bundle, size_t len)
{
	struct head head = {.len = len - sizeof(head)};

	head.hash = XXH3_128bits(bundle + sizeof(head), head.len);
	memcpy(bundle, &head, sizeof(head));
	return bundle;
}

uint8_t *bundle_pack(const char *folder, size_t *len)
{
	size_t begin = sizeof(struct head);
	uint8_t *bundle = malloc(begin);
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool ok = dir && bundle;

	*len = begin;
	while (ok && (entry = readdir(dir)))
		ok = append(&bundle, len, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	if (ok)
		return seal(bundle, *len);
	free(bundle);
	return NULL;
}

static bool store(int folder, const char *name, const uint8_t *bytes, uint64_t len)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0;

	for (uint64_t done = 0; ok && done < len;) {
		ssize_t n = write(fd, bytes + done, len - done);

		ok = n > 0;
		done += ok ? n : 0;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

static const char *unpack(const uint8_t *at, const uint8_t *end, int folder)
{
	struct entry entry;

	while (at < end) {
		if ((size_t)(end - at) < sizeof(entry))
			return "a file's header is truncated";
		memcpy(&entry, at, sizeof(entry));
		at += sizeof(entry);
		if (entry.len > (size_t)(end - at) || !memchr(entry.name, 0, NAME_MAX_BYTES) ||
		    strchr(entry.name, '/') || !*entry.name)
			return "a file's header is damaged";
		if (!store(folder, entry.name, at, entry.len))
			return "a file cannot be written";
		at += entry.len;
	}
	return NULL;
}

/* No file is written before the hash has been checked. */
static const char *check_and_unpack(const struct head *head, const uint8_t *bytes,
				    const char *folder)
{
	int dir;
	const char *why;

	if (!XXH128_isEqual(XXH3_128bits(bytes, head->len), head->hash))
		return "the files differ from those that were sent: wrong hash";
	dir = open(folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (dir < 0)
		return "no such folder";
	why = unpack(bytes, bytes + head->len, dir);
	close(dir);
	return why;
}

const char *bundle_receive(int fd, const char *folder)
{
	struct head head;
	uint8_t *bytes;
	const char *why = "the connection broke";

	if (!replica_read(fd, &head, sizeof(head)))
		return why;
	bytes = head.len <= BUNDLE_MAX ? malloc(head.len + 1) : NULL;
	if (!bytes)
		return "too large";
	if (replica_read(fd, bytes, head.len))
		why = check_and_unpack(&head, bytes, folder);
	free(bytes);
	return why;
}
