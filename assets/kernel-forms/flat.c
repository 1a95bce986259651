/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kbuild's Image, where that has a header of 64 bytes (kernel: "Booting Linux" of such
 * architectures): text_offset at 8, image_size with the zeroed part at 16, a magic number of each
 * architecture at 56. Most are EFI programs, too, whose header is at the offset in the word at 60;
 * only its table of sections shows whether the file is complete.
 */
#include <string.h>
#include "record/error.h"
#include "assets/kernel-form.h"

#define IMAGE_SIZE    0x10
#define MAGIC	      0x38
#define EFI_OFFSET    0x3c
#define HEADER_END    0x40
#define EFI_SECTIONS  6	 /* their number; offset from the magic number "PE\0\0" */
#define EFI_OPTIONAL  20 /* bytes of the header between this one and the sections */
#define EFI_HEADER    24
#define SECTION_BYTES 40
#define RAW_BYTES     16 /* of a section in the file */
#define RAW_OFFSET    20

static const char magics[][5] = {"ARM\x64", "RSC\x05"};

static guint64 little_endian(const uint8_t *at, unsigned bytes)
{
	guint64 value = 0;

	memcpy(&value, at, bytes);
	return GUINT64_FROM_LE(value);
}

static bool is(const uint8_t *bytes, gsize size)
{
	for (size_t i = 0; size >= HEADER_END && i < G_N_ELEMENTS(magics); i++)
		if (!memcmp(bytes + MAGIC, magics[i], 4))
			return true;
	return false;
}

static bool bad(GError **error, int code, const char *what)
{
	g_set_error_literal(error, LU_ERROR, code, what);
	return false;
}

/* Are the sections of an EFI program within the file? */
static bool sections_fit(const uint8_t *bytes, gsize size)
{
	guint64 at = little_endian(bytes + EFI_OFFSET, 4), table, count;

	if (at > size || size - at < EFI_HEADER || memcmp(bytes + at, "PE\0\0", 4))
		return false;
	count = little_endian(bytes + at + EFI_SECTIONS, 2);
	table = at + EFI_HEADER + little_endian(bytes + at + EFI_OPTIONAL, 2);
	if (table > size || count * SECTION_BYTES > size - table)
		return false;
	for (guint64 i = 0; i < count; i++) {
		const uint8_t *section = bytes + table + i * SECTION_BYTES;

		if (little_endian(section + RAW_OFFSET, 4) + little_endian(section + RAW_BYTES, 4) >
		    size)
			return false;
	}
	return true;
}

static bool open_flat(const uint8_t *bytes, gsize size, struct lu_kernel_inside *inside,
		      GError **error)
{
	if (!little_endian(bytes + IMAGE_SIZE, 8))
		return bad(error, LU_ERROR_UNSUPPORTED,
			   "an Image that does not say its size, as before Linux 3.17");
	if (!memcmp(bytes, "MZ", 2) && !sections_fit(bytes, size))
		return bad(error, LU_ERROR_FAILED, "its EFI header is damaged, or it is truncated");
	return true;
}

const struct lu_kernel_form lu_kernel_form_flat = {"flat", is, open_flat};
