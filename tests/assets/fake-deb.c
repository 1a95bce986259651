/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up packages and ELF files. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gelf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/assets/fake-archive.h"

static void write_entry(struct archive *archive, const struct fake_file *file)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, file->path);
	archive_entry_set_filetype(entry, file->symlink ? AE_IFLNK : AE_IFREG);
	archive_entry_set_perm(entry, 0755);
	archive_entry_set_size(entry, (la_int64_t)(file->data ? file->size : 0));
	if (file->symlink)
		archive_entry_set_symlink(entry, file->symlink);
	if (file->hardlink)
		archive_entry_set_hardlink(entry, file->hardlink);
	g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
	if (file->data)
		g_assert_cmpint(archive_write_data(archive, file->data, file->size), ==,
				(la_ssize_t)file->size);
	archive_entry_free(entry);
}

static void write_tar(const char *path, const struct fake_file *files)
{
	struct archive *tar = archive_write_new();

	archive_write_set_format_gnutar(tar);
	archive_write_add_filter_xz(tar);
	/* a dictionary for files of some bytes */
	archive_write_set_filter_option(tar, "xz", "compression-level", "0");
	g_assert_cmpint(archive_write_open_filename(tar, path), ==, ARCHIVE_OK);
	for (; files->path; files++)
		write_entry(tar, files);
	g_assert_cmpint(archive_write_free(tar), ==, ARCHIVE_OK);
}

void fake_deb_write(const char *path, const struct fake_file *files)
{
	g_autofree char *tar_path = g_strconcat(path, ".tar", NULL);
	g_autofree char *tar = NULL;
	struct archive *deb = archive_write_new();
	gsize size;

	g_unlink(path); /* which may have other names */
	write_tar(tar_path, files);
	g_assert_true(g_file_get_contents(tar_path, &tar, &size, NULL));
	g_unlink(tar_path);
	archive_write_set_format_ar_svr4(deb);
	g_assert_cmpint(archive_write_open_filename(deb, path), ==, ARCHIVE_OK);
	write_entry(deb, &(struct fake_file){"debian-binary", "2.0\n", 4, NULL, NULL});
	write_entry(deb, &(struct fake_file){"data.tar.xz", tar, size, NULL, NULL});
	g_assert_cmpint(archive_write_free(deb), ==, ARCHIVE_OK);
}

static void add_section(Elf *elf, Elf64_Word type, Elf64_Word name, void *data, size_t size,
			Elf64_Word link)
{
	Elf_Scn *section = elf_newscn(elf);
	Elf64_Shdr *header = elf64_getshdr(section);
	Elf_Data *content = elf_newdata(section);

	content->d_buf = data;
	content->d_size = size;
	content->d_align = 8;
	content->d_type = type == SHT_DYNAMIC ? ELF_T_DYN : ELF_T_BYTE;
	content->d_version = EV_CURRENT;
	header->sh_type = type;
	header->sh_name = name;
	header->sh_link = link;
	header->sh_entsize = type == SHT_DYNAMIC ? sizeof(Elf64_Dyn) : 0;
}

static void write_elf(int fd, GArray *dynamic, GString *strings)
{
	Elf *elf;
	Elf64_Ehdr *header;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	header = elf64_newehdr(elf);
	header->e_ident[EI_DATA] = ELFDATA2LSB;
	header->e_machine = EM_X86_64;
	header->e_type = ET_DYN;
	header->e_version = EV_CURRENT;
	header->e_shstrndx = 1;
	add_section(elf, SHT_STRTAB, 0, strings->str, strings->len + 1, 0);
	add_section(elf, SHT_DYNAMIC, 0, dynamic->data, dynamic->len * sizeof(Elf64_Dyn), 1);
	g_assert_cmpint(elf_update(elf, ELF_C_WRITE), >, 0);
	elf_end(elf);
}

GBytes *fake_elf(const char *const *needed)
{
	g_autoptr(GArray) dynamic = g_array_new(FALSE, TRUE, sizeof(Elf64_Dyn));
	g_autoptr(GString) strings = g_string_new_len("\0", 1);
	g_autofree char *path = NULL;
	Elf64_Dyn entry = {.d_tag = DT_NEEDED};
	int fd = g_file_open_tmp("fake-elf-XXXXXX", &path, NULL);
	char *bytes;
	gsize size;

	for (; *needed; needed++) {
		entry.d_un.d_val = strings->len;
		g_string_append_len(strings, *needed, (gssize)strlen(*needed) + 1);
		g_array_append_val(dynamic, entry);
	}
	entry = (Elf64_Dyn){.d_tag = DT_NULL};
	g_array_append_val(dynamic, entry);
	write_elf(fd, dynamic, strings);
	close(fd);
	g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
	g_unlink(path);
	return g_bytes_new_take(bytes, size);
}
