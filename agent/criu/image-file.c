/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing whole image files. */
#include "agent/criu/image-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/file.h"

#define HEAD (2 * sizeof(uint32_t))

bool image_load(struct image_file *file, const char *path)
{
	uint32_t magic;

	*file = (struct image_file){0};
	file->data = (uint8_t *)file_read(path, &file->len);
	if (!file->data)
		return false;
	if (file->len >= HEAD) {
		memcpy(&magic, file->data, sizeof(magic));
		if (magic == IMAGE_MAGIC)
			return true;
	}
	image_free(file);
	errno = EBADMSG;
	return false;
}

void image_free(struct image_file *file)
{
	free(file->data);
	*file = (struct image_file){0};
}

bool image_next(const struct image_file *file, size_t *at, struct image_message *message)
{
	uint32_t len;

	if (!*at)
		*at = HEAD;
	if (file->len < sizeof(len) || *at > file->len - sizeof(len))
		return false;
	memcpy(&len, file->data + *at, sizeof(len));
	if (len > file->len - *at - sizeof(len))
		return false;
	*message = (struct image_message){file->data + *at + sizeof(len), len};
	*at += sizeof(len) + len;
	return true;
}

void image_append(struct image_file *bytes, const void *from, size_t len)
{
	if (len > bytes->room - bytes->len) {
		size_t room = (bytes->len + len) * 2;
		uint8_t *data = realloc(bytes->data, room);

		if (!data)
			abort();
		bytes->data = data;
		bytes->room = room;
	}
	memcpy(bytes->data + bytes->len, from, len);
	bytes->len += len;
}

void image_begin(struct image_file *file, uint32_t magic)
{
	const uint32_t head[] = {IMAGE_MAGIC, magic};

	*file = (struct image_file){0};
	image_append(file, head, sizeof(head));
}

void image_put(struct image_file *file, const void *bytes, size_t len)
{
	const uint32_t size = len;

	image_append(file, &size, sizeof(size));
	image_append(file, bytes, len);
}

bool image_save(const struct image_file *file, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, file->data, file->len) == (ssize_t)file->len;

	if (fd >= 0)
		close(fd);
	return ok;
}
