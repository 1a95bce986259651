/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ELF executable, as the kernel is linked, and as some architectures' boot loaders take it. */
#include <gelf.h>
#include <string.h>
#include "record/error.h"
#include "assets/kernel-form.h"

static bool is(const uint8_t *bytes, gsize size)
{
	return size >= SELFMAG && !memcmp(bytes, ELFMAG, SELFMAG);
}

static bool bad(GError **error, const char *what)
{
	g_set_error_literal(error, LU_ERROR, LU_ERROR_FAILED, what);
	return false;
}

static bool check(Elf *file, gsize size, GError **error)
{
	GElf_Phdr segment;
	GElf_Ehdr header;

	if (!file || elf_kind(file) != ELF_K_ELF || !gelf_getehdr(file, &header))
		return bad(error, "its ELF header is damaged");
	/* Not elf_getphdrnum(), which counts only those that are in the file. */
	for (int i = 0; i < header.e_phnum; i++) {
		if (!gelf_getphdr(file, i, &segment))
			return bad(error, "its program headers end beyond the file");
		if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset)
			return bad(error, "one of its segments ends beyond the file");
	}
	return true;
}

/* libelf takes a writable pointer, but does not write when it only reads. */
static bool open_elf(const uint8_t *bytes, gsize size, struct lu_kernel_inside *inside,
		     GError **error)
{
	Elf *file;
	bool ok;

	elf_version(EV_CURRENT);
	file = elf_memory((char *)bytes, size);
	ok = check(file, size, error);
	elf_end(file);
	return ok;
}

const struct lu_kernel_form lu_kernel_form_vmlinux = {"vmlinux", is, open_elf};
