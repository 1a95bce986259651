/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF NEEDED walk, on libelf. */
#include "assets/elf-needed.h"
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/root-path.h"

static bool bad_elf(const char *path, const char *what, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", path, what);
	return false;
}

static void read_dynamic(Elf *file, Elf_Scn *section, const GElf_Shdr *header, GPtrArray *needed)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Dyn entry;

	for (size_t i = 0; data && i < count; i++) {
		const char *name;

		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(file, header->sh_link, entry.d_un.d_val);
		if (name)
			g_ptr_array_add(needed, g_strdup(name));
	}
}

static char **read_needed(Elf *file)
{
	GPtrArray *needed = g_ptr_array_new();
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(file, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNAMIC)
			read_dynamic(file, section, &header, needed);
	g_ptr_array_add(needed, NULL);
	return (char **)g_ptr_array_free(needed, FALSE);
}

static char *read_interpreter(Elf *file)
{
	size_t count = 0, size = 0;
	const char *raw = elf_rawfile(file, &size);
	GElf_Phdr header;

	elf_getphdrnum(file, &count);
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(file, (int)i, &header) && header.p_type == PT_INTERP &&
		    header.p_offset < size && header.p_filesz <= size - header.p_offset)
			return g_strndup(raw + header.p_offset, header.p_filesz);
	return NULL;
}

static bool read_file(Elf *file, const char *path, struct lu_elf *elf, GError **error)
{
	GElf_Ehdr header;

	if (!file || elf_kind(file) != ELF_K_ELF || !gelf_getehdr(file, &header))
		return bad_elf(path, "not an ELF file", error);
	elf->machine = header.e_machine;
	elf->bits = header.e_ident[EI_CLASS];
	elf->interpreter = read_interpreter(file);
	elf->needed = read_needed(file);
	return true;
}

bool lu_elf_read(const char *host_path, struct lu_elf *elf, GError **error)
{
	Elf *file;
	bool ok;
	int fd;

	*elf = (struct lu_elf){0};
	elf_version(EV_CURRENT);
	fd = open(host_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return bad_elf(host_path, g_strerror(errno), error);
	file = elf_begin(fd, ELF_C_READ, NULL);
	ok = read_file(file, host_path, elf, error);
	elf_end(file);
	close(fd);
	return ok;
}

void lu_elf_clear(struct lu_elf *elf)
{
	g_clear_pointer(&elf->interpreter, g_free);
	g_clear_pointer(&elf->needed, g_strfreev);
}

void lu_elf_missing_free(struct lu_elf_missing *missing)
{
	g_free(missing->soname);
	g_free(missing->needed_by);
	g_free(missing);
}

/* The loader's default folders. Multiarch names are read from the root, so that no architecture is
 * named here. */
static char **search_folders(const char *root)
{
	g_autofree char *lib = g_build_filename(root, "usr/lib", NULL);
	g_autoptr(GDir) dir = g_dir_open(lib, 0, NULL);
	GPtrArray *folders = g_ptr_array_new();
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (strstr(name, "-linux-gnu"))
			g_ptr_array_add(folders, g_build_filename("/usr/lib", name, NULL));
	g_ptr_array_add(folders, g_strdup("/usr/lib"));
	g_ptr_array_add(folders, g_strdup("/usr/lib64"));
	g_ptr_array_add(folders, NULL);
	return (char **)g_ptr_array_free(folders, FALSE);
}

struct walk {
	const char *root;
	char **folders;
	GHashTable *files;
	GPtrArray *missing;
	GQueue todo; /* guest paths, owned by files */
};

/* Path in the guest of the library that the loader would use, or NULL. */
static char *find_library(const struct walk *walk, const char *soname, const struct lu_elf *user)
{
	for (char **folder = walk->folders; *folder; folder++) {
		g_autofree char *path = g_build_filename(*folder, soname, NULL);
		g_autofree char *final = lu_root_resolve(walk->root, path, NULL, NULL);
		g_autofree char *host = final ? g_strconcat(walk->root, final, NULL) : NULL;
		struct lu_elf elf;
		bool same;

		if (!host || !lu_elf_read(host, &elf, NULL))
			continue;
		same = elf.machine == user->machine && elf.bits == user->bits;
		lu_elf_clear(&elf);
		if (same)
			return g_steal_pointer(&path);
	}
	return NULL;
}

static void push(struct walk *walk, const char *path)
{
	char *key;

	if (g_hash_table_contains(walk->files, path))
		return;
	key = g_strdup(path);
	g_hash_table_add(walk->files, key);
	g_queue_push_tail(&walk->todo, key);
}

static bool lacks(struct walk *walk, const char *soname, const char *user, GError **error)
{
	struct lu_elf_missing *missing;

	if (!walk->missing) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "library %s, needed by %s, is not below %s", soname, user, walk->root);
		return false;
	}
	missing = g_new0(struct lu_elf_missing, 1);
	missing->soname = g_strdup(soname);
	missing->needed_by = g_strdup(user);
	g_ptr_array_add(walk->missing, missing);
	return true;
}

static bool visit(struct walk *walk, const char *path, GError **error)
{
	g_autofree char *final = lu_root_resolve(walk->root, path, NULL, NULL);
	g_autofree char *host = NULL;
	struct lu_elf elf;
	bool ok = true;

	if (!final)
		return lacks(walk, path, "a program's PT_INTERP", error);
	host = g_strconcat(walk->root, final, NULL);
	if (!lu_elf_read(host, &elf, error))
		return false;
	if (elf.interpreter)
		push(walk, elf.interpreter);
	for (char **soname = elf.needed; ok && *soname; soname++) {
		g_autofree char *library = find_library(walk, *soname, &elf);

		if (library)
			push(walk, library);
		else
			ok = lacks(walk, *soname, path, error);
	}
	lu_elf_clear(&elf);
	return ok;
}

bool lu_elf_closure(const char *root, const char *program, GHashTable *files, GPtrArray *missing,
		    GError **error)
{
	g_auto(GStrv) folders = search_folders(root);
	struct walk walk = {root, folders, files, missing, G_QUEUE_INIT};
	bool ok = true;

	push(&walk, program);
	while (ok && !g_queue_is_empty(&walk.todo))
		ok = visit(&walk, g_queue_pop_head(&walk.todo), error);
	g_queue_clear(&walk.todo);
	return ok;
}
