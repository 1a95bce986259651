/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a process's mappings, and writing them with parts of a file in their place. */
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
	VMA_PGOFF = 3,
	VMA_SHMID = 4,
	VMA_PROT = 5,
	VMA_FLAGS = 6,
	VMA_STATUS = 7,
	VMA_FD = 8,
	VMA_MADV = 9,
	VMA_FDFLAGS = 10,
};
/* criu/include/image.h */
enum {
	STATUS_REGULAR = 1 << 0,
	STATUS_VSYSCALL = 1 << 2,
	STATUS_VDSO = 1 << 3,
	STATUS_FILE_PRIVATE = 1 << 6,
};
/* images/fdinfo.proto, images/regfile.proto, images/fown.proto */
enum { FILE_TYPE = 1, FILE_ID = 2, FILE_REG = 3, TYPE_REG = 1 };
enum { REG_ID = 1, REG_FLAGS = 2, REG_POS = 3, REG_FOWN = 5, REG_NAME = 6 };
enum { FOWN_FIELDS = 5 };
/* Of the mapping's file: O_LARGEFILE is 0 for a program of 64 bits. */
#define READ_ONLY O_RDONLY

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
		else if (field.number == VMA_MADV)
			mapping->advice = field.value;
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

/* A field as it is, with its key; the reader is before and after it. */
static void copy_field(struct image_file *to, const uint8_t *from, const struct pb_reader *after)
{
	image_append(to, from, (size_t)(after->at - from));
}

/* The entry with another extent, and, if file_id is not 0, of that file instead of no file. */
static void put_mapping(struct image_file *to, const struct mapping *mapping, uint64_t start,
			uint64_t end, uint32_t file_id, uint64_t offset)
{
	struct pb_reader reader = {mapping->entry.bytes, mapping->entry.bytes + mapping->entry.len};
	struct image_file entry = {0};
	struct pb head = {.len = 0}, changed = {.len = 0};
	const uint8_t *from = reader.at;
	struct pb_field field;

	for (; pb_next(&reader, &field); from = reader.at) {
		bool replaced = field.number == VMA_START || field.number == VMA_END;

		if (file_id)
			replaced |= field.number == VMA_PGOFF || field.number == VMA_SHMID ||
				    field.number == VMA_FLAGS || field.number == VMA_STATUS ||
				    field.number == VMA_FDFLAGS;
		if (!replaced)
			copy_field(&entry, from, &reader);
	}
	pb_int(&changed, VMA_START, (int64_t)start);
	pb_int(&changed, VMA_END, (int64_t)end);
	if (file_id) {
		pb_int(&changed, VMA_PGOFF, (int64_t)offset);
		pb_int(&changed, VMA_SHMID, file_id);
		pb_int(&changed, VMA_FLAGS, mapping->flags & ~MAP_ANONYMOUS);
		pb_int(&changed, VMA_STATUS, STATUS_REGULAR | STATUS_FILE_PRIVATE);
		pb_int(&changed, VMA_FDFLAGS, READ_ONLY);
	}
	image_append(&entry, changed.data, changed.len);
	pb_bytes(&head, MM_VMAS, entry.len);
	image_append(to, head.data, head.len);
	image_append(to, entry.data, entry.len);
	image_free(&entry);
}

/* One mapping, cut at the parts that lie in it; *part is the first that may. */
static void put_cut(struct image_file *to, const struct mapping *mapping,
		    const struct mapped_part *parts, size_t n, size_t *part, uint32_t file_id)
{
	uint64_t at = mapping->start;

	for (; *part < n && parts[*part].start < mapping->end; (*part)++) {
		const struct mapped_part *p = &parts[*part];

		if (at < p->start)
			put_mapping(to, mapping, at, p->start, 0, 0);
		put_mapping(to, mapping, p->start, p->end, file_id, p->offset);
		at = p->end;
	}
	if (at < mapping->end)
		put_mapping(to, mapping, at, mapping->end, 0, 0);
}

bool mappings_save(const struct mappings *mappings, const struct mapped_part *parts, size_t n,
		   uint32_t file_id, const char *path)
{
	struct pb_reader reader = {mappings->mm.bytes, mappings->mm.bytes + mappings->mm.len};
	struct image_file mm = {0}, file;
	const uint8_t *from = reader.at;
	struct pb_field field;
	size_t part = 0;
	bool ok;

	for (; pb_next(&reader, &field); from = reader.at)
		if (field.number != MM_VMAS)
			copy_field(&mm, from, &reader);
	for (size_t i = 0; i < mappings->n; i++)
		put_cut(&mm, &mappings->v[i], parts, n, &part, file_id);
	image_begin_like(&file, &mappings->file);
	image_put(&file, mm.data, mm.len);
	ok = image_save(&file, path);
	image_free(&file);
	image_free(&mm);
	return ok;
}

static uint32_t highest_id(const struct image_file *files)
{
	struct image_message message;
	struct pb_field id;
	uint32_t highest = 0;

	for (size_t at = 0; image_next(files, &at, &message);)
		if (pb_find(message.bytes, message.len, FILE_ID, &id) && id.value > highest)
			highest = id.value;
	return highest;
}

static void put_file(struct image_file *files, uint32_t id, const char *path)
{
	struct pb entry = {.len = 0}, reg = {.len = 0}, fown = {.len = 0};

	for (unsigned field = 1; field <= FOWN_FIELDS; field++)
		pb_int(&fown, field, 0);
	pb_int(&reg, REG_ID, id);
	pb_int(&reg, REG_FLAGS, READ_ONLY);
	pb_int(&reg, REG_POS, 0);
	pb_message(&reg, REG_FOWN, &fown);
	pb_text(&reg, REG_NAME, path);
	pb_int(&entry, FILE_TYPE, TYPE_REG);
	pb_int(&entry, FILE_ID, id);
	pb_message(&entry, FILE_REG, &reg);
	image_put(files, entry.data, entry.len);
}

uint32_t mappings_add_file(const char *folder, const char *path)
{
	struct image_file files;
	char name[100];
	uint32_t id = 0;

	snprintf(name, sizeof(name), "%s/files.img", folder);
	if (!image_load(&files, name))
		return 0;
	files.room = files.len;
	id = highest_id(&files) + 1;
	put_file(&files, id, path);
	if (!image_save(&files, name))
		id = 0;
	image_free(&files);
	return id;
}
