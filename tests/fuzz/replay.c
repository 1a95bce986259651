/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main() of a fuzz target where there is no libFuzzer: runs it over the files of a corpus folder,
 * and over each small one cut short everywhere and with each bit changed. */
#include <glib.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SMALL = 256 }; /* bytes of an input that is varied */

/* In a buffer of just that size, so that reading past its end is seen. */
static int run_copy(const char *data, size_t size, size_t flipped_bit)
{
	g_autofree uint8_t *copy = g_malloc(size);

	memcpy(copy, data, size);
	if (flipped_bit < size * 8)
		copy[flipped_bit / 8] ^= 1u << flipped_bit % 8;
	return LLVMFuzzerTestOneInput(copy, size);
}

static int run_variations(const char *data, size_t size)
{
	int wrong = 0;

	for (size_t cut = 1; cut < size; cut++)
		wrong |= run_copy(data, cut, SIZE_MAX);
	for (size_t bit = 0; bit < size * 8; bit++)
		wrong |= run_copy(data, size, bit);
	return wrong;
}

static int run_file(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;
	gsize size;

	if (!g_file_get_contents(path, &data, &size, &error)) {
		g_printerr("%s\n", error->message);
		return 1;
	}
	return LLVMFuzzerTestOneInput((const uint8_t *)data, size) |
	       (size <= SMALL ? run_variations(data, size) : 0);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = argc == 2 ? g_dir_open(argv[1], 0, &error) : NULL;
	const char *file;
	int wrong = 0, count = 0;

	if (!dir) {
		g_printerr("%s\n", error ? error->message : "usage: replay CORPUS-FOLDER");
		return 2;
	}
	for (; (file = g_dir_read_name(dir)); count++) {
		g_autofree char *path = g_build_filename(argv[1], file, NULL);

		wrong |= run_file(path);
	}
	g_print("%d inputs\n", count);
	return wrong || !count;
}
