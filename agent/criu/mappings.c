/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a process's mappings. */
#include "agent/criu/mappings.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "agent/criu/protobuf.h"

/* images/mm.proto, images/vma.proto */
enum { MM_VMAS = 14 };
enum {
	VMA_START = 1,
	VMA_END = 2,
	VMA_FLAGS = 6,
	VMA_STATUS = 7,
};
/* criu/include/image.h */
enum {
	STATUS_VSYSCALL = 1 << 2,
	STATUS_VDSO = 1 << 3,
};
static bool read_mapping(const uint8_t *bytes, size_t len, struct mapping *mapping)
{
	struct pb_reader reader = {bytes, bytes + len};
	struct pb_field field;

	*mapping = (struct mapping){.entry = {bytes, len}};
	while (pb_next(&reader, &field)) {
		if (field.number == VMA_START)
			mapping->start = field.value;
		else if (field.number == VMA_END)
			mapping->end = field.value;
		else if (field.number == VMA_FLAGS)
			mapping->flags = field.value;
		else if (field.number == VMA_STATUS)
			mapping->status = field.value;
	}
	return mapping->start < mapping->end;
}

static bool read_mappings(struct mappings *mappings)
{
	const struct image_message *mm = &mappings->mm;
	struct pb_reader reader = {mm->bytes, mm->bytes + mm->len};
	struct pb_field field;

	/* an entry has at least two bytes */
	mappings->v = calloc(mm->len / 2 + 1, sizeof(*mappings->v));
	if (!mappings->v)
		abort();
	while (pb_next(&reader, &field)) {
		struct mapping *mapping = &mappings->v[mappings->n];

		if (field.number != MM_VMAS)
			continue;
		if (!field.bytes || !read_mapping(field.bytes, field.len, mapping) ||
		    (mappings->n && mapping->start < mapping[-1].end))
			return false;
		mappings->n++;
	}
	return reader.at == reader.end;
}

bool mappings_load(struct mappings *mappings, const char *path)
{
	size_t at = 0;

	*mappings = (struct mappings){0};
	if (!image_load(&mappings->file, path))
		return false;
	if (image_next(&mappings->file, &at, &mappings->mm) && read_mappings(mappings))
		return true;
	mappings_free(mappings);
	errno = EBADMSG;
	return false;
}

void mappings_free(struct mappings *mappings)
{
	free(mappings->v);
	image_free(&mappings->file);
	*mappings = (struct mappings){0};
}

const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address)
{
	size_t low = 0, high = mappings->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (mappings->v[mid].end > address)
			high = mid;
		else
			low = mid + 1;
	}
	return low < mappings->n && mappings->v[low].start <= address ? &mappings->v[low] : NULL;
}

bool mapping_is_lazy(const struct mapping *mapping)
{
	return (mapping->flags & MAP_ANONYMOUS) && (mapping->flags & MAP_PRIVATE) &&
	       !(mapping->flags & (MAP_LOCKED | MAP_HUGETLB)) &&
	       !(mapping->status & (STATUS_VSYSCALL | STATUS_VDSO));
}
