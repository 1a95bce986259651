/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/files-image.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "agent/criu/image-file.h"
#include "agent/criu/protobuf.h"

enum { FILE_REG = 3 }; /* of file_entry */
enum { REG_NAME = 6 }; /* of reg_file_entry */

static void take(const struct image_message *message, void (*each)(void *data, const char *path),
		 void *data)
{
	struct pb_field file, name;
	char path[PATH_MAX];

	if (!pb_find(message->bytes, message->len, FILE_REG, &file) || !file.bytes ||
	    !pb_find(file.bytes, file.len, REG_NAME, &name) || !name.bytes ||
	    name.len >= sizeof(path) - 1)
		return;
	/* CRIU leaves the first slash out in some versions */
	snprintf(path, sizeof(path), "%s%.*s", *name.bytes == '/' ? "" : "/", (int)name.len,
		 (const char *)name.bytes);
	each(data, path);
}

bool files_image_each(const char *images, void (*each)(void *data, const char *path), void *data)
{
	struct image_message message;
	struct image_file file;
	char path[PATH_MAX];
	size_t at = 0;

	snprintf(path, sizeof(path), "%s/files.img", images);
	if (!image_load(&file, path))
		return false;
	while (image_next(&file, &at, &message))
		take(&message, each, data);
	image_free(&file);
	return true;
}
