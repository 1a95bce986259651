/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bzImage, by its setup header: magic "HdrS" at 0x202, setup_sects at 0x1f1, payload_offset at
 * 0x248 and payload_length at 0x24c, counted from the protected-mode code at
 * (setup_sects + 1) * 512. The payload is the ELF, compressed (kernel: its boot protocol, from 2.08
 * on).
 */
#include <string.h>
#include "record/error.h"
#include "assets/kernel-form.h"

#define SETUP_SECTS    0x1f1
#define HEADER_MAGIC   0x202
#define PROTOCOL       0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END     0x268

static guint32 le32(const uint8_t *at)
{
	guint32 value;

	memcpy(&value, at, sizeof(value));
	return GUINT32_FROM_LE(value);
}

static guint16 le16(const uint8_t *at)
{
	guint16 value;

	memcpy(&value, at, sizeof(value));
	return GUINT16_FROM_LE(value);
}

static bool is(const uint8_t *bytes, gsize size)
{
	return size >= HEADER_END && !memcmp(bytes + HEADER_MAGIC, "HdrS", 4);
}

static bool bad(GError **error, int code, const char *what)
{
	g_set_error_literal(error, LU_ERROR, code, what);
	return false;
}

static bool find_payload(const uint8_t *bytes, gsize size, struct lu_kernel_inside *inside,
			 GError **error)
{
	guint64 sectors = bytes[SETUP_SECTS] ? bytes[SETUP_SECTS] : 4;
	guint64 start = (sectors + 1) * 512 + le32(bytes + PAYLOAD_OFFSET);
	guint64 length = le32(bytes + PAYLOAD_LENGTH);

	if (le16(bytes + PROTOCOL) < 0x208)
		return bad(error, LU_ERROR_UNSUPPORTED, "a bzImage of a boot protocol before 2.08");
	if (start > size || length > size - start || length < 8)
		return bad(error, LU_ERROR_FAILED, "its payload ends beyond the file");
	/* The build appends the uncompressed size, which decompressors must not read; gzip has it
	 * in its own trailer. */
	if (memcmp(bytes + start, "\x1f\x8b", 2))
		length -= 4;
	*inside = (struct lu_kernel_inside){bytes + start, length};
	return true;
}

const struct lu_kernel_form lu_kernel_form_bzimage = {"bzimage", is, find_payload};
