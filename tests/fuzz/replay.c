/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main() of a fuzz target where there is no libFuzzer: runs it over the files of a corpus folder.
 */
#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *data = NULL;
	gsize size;

	if (!g_file_get_contents(path, &data, &size, &error)) {
		g_printerr("%s\n", error->message);
		return 1;
	}
	return LLVMFuzzerTestOneInput((const uint8_t *)data, size);
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
