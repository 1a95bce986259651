/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel images of each form: whole ones, with what is packed in them; cut short at every place;
 * with damaged headers. */
#include "tests/kit/cmocka-all.h"
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/kernel-form.h"

static char *dir, *image_path;

static int begin(void **state)
{
	dir = g_dir_make_tmp("lubench-forms-XXXXXX", NULL);
	image_path = g_build_filename(dir, "vmlinuz", NULL);
	return !dir;
}

static int end(void **state)
{
	lu_cache_remove_tree(dir);
	g_free(dir);
	g_free(image_path);
	return 0;
}

/* A kernel of two segments; the second ends the file. */
static GByteArray *elf_new(void)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segments[2];
		char text[4096];
	} file = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				       EV_CURRENT},
			   .e_type = GUINT16_TO_LE(ET_EXEC),
			   .e_machine = GUINT16_TO_LE(EM_X86_64),
			   .e_version = GUINT32_TO_LE(EV_CURRENT),
			   .e_ehsize = GUINT16_TO_LE(sizeof(Elf64_Ehdr)),
			   .e_phoff = GUINT64_TO_LE(sizeof(Elf64_Ehdr)),
			   .e_phentsize = GUINT16_TO_LE(sizeof(Elf64_Phdr)),
			   .e_phnum = GUINT16_TO_LE(2)},
	};
	GByteArray *bytes = g_byte_array_new();

	for (unsigned i = 0; i < 2; i++)
		file.segments[i] = (Elf64_Phdr){
			.p_type = GUINT32_TO_LE(PT_LOAD),
			.p_offset = GUINT64_TO_LE(sizeof(file) - sizeof(file.text) * (2 - i) / 2),
			.p_filesz = GUINT64_TO_LE(sizeof(file.text) / 2),
		};
	for (size_t i = 0; i < sizeof(file.text); i++)
		file.text[i] = (char)(i * i >> 7);
	return g_byte_array_append(bytes, (const guint8 *)&file, sizeof(file));
}

/* A bzImage after Documentation/x86/boot.rst around payload. */
static GByteArray *bzimage_new(const GByteArray *payload)
{
	guint8 header[1024 * 2] = {0};
	guint32 offset = GUINT32_TO_LE(16), length = GUINT32_TO_LE(payload->len);
	guint16 protocol = GUINT16_TO_LE(0x20f);
	GByteArray *image = g_byte_array_new();

	header[0x1f1] = 3; /* setup sectors: protected-mode code at 4 * 512 */
	memcpy(header + 0x202, "HdrS", 4);
	memcpy(header + 0x206, &protocol, 2);
	memcpy(header + 0x248, &offset, 4);
	memcpy(header + 0x24c, &length, 4);
	g_byte_array_append(image, header, sizeof(header));
	g_byte_array_append(image, (const guint8 *)"decompressor....", 16);
	g_byte_array_append(image, payload->data, payload->len);
	g_byte_array_append(image, (const guint8 *)"the rest", 8);
	return image;
}

#define EFI_AT	 0x80
#define TABLE_AT (EFI_AT + 24 + 16) /* sections, behind an optional header of 16 bytes */

static void put16(GByteArray *image, size_t at, guint16 value)
{
	value = GUINT16_TO_LE(value);
	memcpy(image->data + at, &value, 2);
}

static void put32(GByteArray *image, size_t at, guint32 value)
{
	value = GUINT32_TO_LE(value);
	memcpy(image->data + at, &value, 4);
}

/* What kbuild calls Image after Documentation/arm64/booting.rst, an EFI program of two sections of
 * which the second ends the file. */
static GByteArray *flat_new(const char *magic)
{
	GByteArray *image = g_byte_array_new();

	g_byte_array_set_size(image, 4096);
	memset(image->data, 0, image->len);
	memcpy(image->data, "MZ", 2);
	put32(image, 0x10, 8192);
	memcpy(image->data + 0x38, magic, 4);
	put32(image, 0x3c, EFI_AT);
	memcpy(image->data + EFI_AT, "PE\0\0", 4);
	put16(image, EFI_AT + 6, 2);
	put16(image, EFI_AT + 20, 16);
	for (unsigned i = 0; i < 2; i++) {
		put32(image, TABLE_AT + 40 * i + 16, 1024);
		put32(image, TABLE_AT + 40 * i + 20, 2048 + 1024 * i);
	}
	return image;
}

/* Compressed by one of libarchive's filters. */
static GByteArray *compress(const GByteArray *plain, int filter)
{
	GByteArray *out = g_byte_array_new();
	struct archive *raw = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used = 0;

	g_byte_array_set_size(out, plain->len + 65536);
	archive_write_set_format_raw(raw);
	assert_int_equal(archive_write_add_filter(raw, filter), ARCHIVE_OK);
	archive_write_set_bytes_per_block(raw, 0);
	archive_write_open_memory(raw, out->data, out->len, &used);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(raw, entry);
	assert_int_equal(archive_write_data(raw, plain->data, plain->len), plain->len);
	archive_entry_free(entry);
	assert_int_equal(archive_write_free(raw), ARCHIVE_OK);
	return g_byte_array_set_size(out, (guint)used);
}

/* As the kernel's build does: with the size behind it, but for gzip, which has it. */
static GByteArray *pack(const GByteArray *kernel, int filter)
{
	GByteArray *packed = compress(kernel, filter);
	guint32 length = GUINT32_TO_LE(kernel->len);

	return filter == ARCHIVE_FILTER_GZIP
		       ? packed
		       : g_byte_array_append(packed, (const guint8 *)&length, 4);
}

/* The file names of what was unpacked, NULL with error. */
static json_t *unpack(const GByteArray *image, gsize size, GError **error)
{
	json_t *files = json_object();

	/* Without waiting for a disk; that way does not cut what is there already. */
	g_unlink(image_path);
	assert_true(g_file_set_contents_full(image_path, (const char *)image->data, (gssize)size,
					     G_FILE_SET_CONTENTS_NONE, 0644, NULL));
	if (lu_kernel_unpack(image_path, "6.1", dir, files, error))
		return files;
	json_decref(files);
	return NULL;
}

/* What was unpacked in that form is kernel, and nothing else was. */
static void check_unpacked(const GByteArray *image, const char *form, const GByteArray *kernel)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *files = unpack(image, image->len, &error);
	g_autofree char *name = g_strconcat(form, "-6.1", NULL);
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *got = NULL;
	gsize size;

	if (!files)
		fail_msg("%s", error->message);
	assert_int_equal(json_object_size(files), 1);
	assert_string_equal(json_string_value(json_object_get(files, form)), name);
	assert_true(g_file_get_contents(path, &got, &size, NULL));
	assert_int_equal(size, kernel->len);
	assert_memory_equal(got, kernel->data, size);
	assert_string_equal(lu_kernel_form_of(path)->name, form);
	g_unlink(path);
}

/* Holds nothing, and is of that form. */
static void check_whole(const GByteArray *image, const char *form)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *files = unpack(image, image->len, &error);

	if (!files)
		fail_msg("%s", error->message);
	assert_int_equal(json_object_size(files), 0);
	assert_string_equal(lu_kernel_form_of(image_path)->name, form);
}

/* An error of that code that names the file and says that; nothing is left of the attempt. */
static void check_bad(const GByteArray *image, gsize size, int code, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) left = NULL;
	const char *name;

	assert_null(unpack(image, size, &error));
	if (code >= 0)
		assert_int_equal(error->code, code);
	if (!strstr(error->message, "vmlinuz: ") || !strstr(error->message, words))
		fail_msg("%zu bytes: %s", size, error->message);
	left = g_dir_open(dir, 0, NULL);
	while ((name = g_dir_read_name(left)))
		assert_string_equal(name, "vmlinuz");
}

static void check_cut(const GByteArray *image)
{
	for (guint size = 0; size < image->len; size += size < image->len - 60 ? 97 : 1)
		check_bad(image, size, -1, "");
}

static void test_elf(void **state)
{
	g_autoptr(GByteArray) elf = elf_new();

	check_whole(elf, "vmlinux");
	check_cut(elf);
}

static void test_elf_damaged(void **state)
{
	static const struct {
		size_t at;
		const char *words;
	} cases[] = {
		{EI_CLASS, "header is damaged"},
		{EI_DATA, "header is damaged"},
		{offsetof(Elf64_Ehdr, e_phoff) + 3, "program headers end beyond the file"},
		{offsetof(Elf64_Ehdr, e_phnum) + 1, "program headers end beyond the file"},
		{sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset) + 3, "segments ends beyond"},
		{sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset) + 7, "segments ends beyond"},
		{sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz) + 7, "segments ends beyond"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) elf = elf_new();

		elf->data[cases[i].at] = 0xff;
		check_bad(elf, elf->len, LU_ERROR_FAILED, cases[i].words);
	}
}

static void test_bzimage(void **state)
{
	static const int filters[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_LZMA,
				      ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_ZSTD};
	g_autoptr(GByteArray) elf = elf_new();

	for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
		g_autoptr(GByteArray) packed = pack(elf, filters[i]);
		g_autoptr(GByteArray) image = bzimage_new(packed);

		check_unpacked(image, "vmlinux", elf);
	}
}

static void test_bzimage_damaged(void **state)
{
	g_autoptr(GByteArray) elf = elf_new();
	g_autoptr(GByteArray) packed = pack(elf, ARCHIVE_FILTER_GZIP);
	g_autoptr(GByteArray) image = bzimage_new(packed);

	for (guint size = 0; size < image->len - 8; size += size < image->len - 60 ? 97 : 1)
		check_bad(image, size, -1, "");
	put32(image, 0x248, 0xffffffff);
	check_bad(image, image->len, LU_ERROR_FAILED, "its payload ends beyond the file");
	put32(image, 0x248, 16);
	put32(image, 0x24c, 7);
	check_bad(image, image->len, LU_ERROR_FAILED, "its payload ends beyond the file");
	put16(image, 0x206, 0x207);
	check_bad(image, image->len, LU_ERROR_UNSUPPORTED, "boot protocol before 2.08");
}

/* A bzImage around something that is no kernel, and around a kernel that is damaged. */
static void test_packed_rubbish(void **state)
{
	g_autoptr(GByteArray) elf = elf_new();
	g_autoptr(GByteArray) text = g_byte_array_new();
	g_autoptr(GByteArray) packed_elf = NULL;
	g_autoptr(GByteArray) of_elf = NULL;
	g_autoptr(GByteArray) packed_text = NULL;
	g_autoptr(GByteArray) of_text = NULL;

	g_byte_array_append(text, (const guint8 *)"no kernel in here", 17);
	packed_text = pack(text, ARCHIVE_FILTER_GZIP);
	of_text = bzimage_new(packed_text);
	check_bad(of_text, of_text->len, LU_ERROR_UNSUPPORTED,
		  "not a kernel image of a known form");
	elf->data[EI_CLASS] = 0xff;
	packed_elf = pack(elf, ARCHIVE_FILTER_GZIP);
	of_elf = bzimage_new(packed_elf);
	check_bad(of_elf, of_elf->len, LU_ERROR_FAILED, "header is damaged");
}

static const char *const magics[] = {"ARM\x64", "RSC\x05"};

static void test_flat(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		g_autoptr(GByteArray) flat = flat_new(magics[i]);

		check_whole(flat, "flat");
		check_cut(flat);
		/* One that is no EFI program has no table that would tell. */
		memset(flat->data, 0, 2);
		check_whole(flat, "flat");
	}
}

static void test_flat_damaged(void **state)
{
	static const struct {
		size_t at;
		guint32 value;
	} cases[] = {
		{0x3c, 0xffffffff}, /* where the EFI header is */
		{0x3c, 4096 - 8},
		{0x3c, EFI_AT + 1},
		{EFI_AT + 6, 0xffff},  /* sections */
		{EFI_AT + 20, 0xffff}, /* bytes before them */
		{TABLE_AT + 16, 0xffffffff},
		{TABLE_AT + 20, 0xffffffff},
		{TABLE_AT + 40 + 16, 1025},
	};
	g_autoptr(GByteArray) old = flat_new(magics[0]);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) flat = flat_new(magics[0]);

		put32(flat, cases[i].at, cases[i].value);
		check_bad(flat, flat->len, LU_ERROR_FAILED, "its EFI header is damaged");
	}
	put32(old, 0x10, 0);
	check_bad(old, old->len, LU_ERROR_UNSUPPORTED, "does not say its size");
}

static void test_gzip(void **state)
{
	g_autoptr(GByteArray) flat = flat_new(magics[0]);
	g_autoptr(GByteArray) packed = compress(flat, ARCHIVE_FILTER_GZIP);

	check_unpacked(packed, "flat", flat);
	for (guint size = 0; size + 8 < packed->len;
	     size++) /* without all of its trailer it will do */
		check_bad(packed, size, -1, "");
}

/* Images in images end somewhere. */
static void test_too_deep(void **state)
{
	GByteArray *image = elf_new();

	for (unsigned i = 0; i < 5; i++) {
		g_autoptr(GByteArray) packed = pack(image, ARCHIVE_FILTER_GZIP);

		g_byte_array_unref(image);
		image = bzimage_new(packed);
	}
	check_bad(image, image->len, LU_ERROR_UNSUPPORTED, "kernel images nested too deeply");
	g_byte_array_unref(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_elf_damaged),
		cmocka_unit_test(test_bzimage),
		cmocka_unit_test(test_bzimage_damaged),
		cmocka_unit_test(test_packed_rubbish),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_flat_damaged),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_too_deep),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
