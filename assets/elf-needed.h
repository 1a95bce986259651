/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interpreter and shared libraries that an ELF program
 * needs, found below a root of Debian packages. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_elf {
	uint16_t machine;  /* EM_… */
	uint8_t bits;	   /* ELFCLASS32 or 64 */
	char *interpreter; /* PT_INTERP, or NULL */
	char **needed;	   /* DT_NEEDED, in order, NULL-terminated */
};

/* Reads the dynamic section. LU_ERROR_FAILED names the file: unreadable, or not an ELF file. */
bool lu_elf_read(const char *host_path, struct lu_elf *elf, GError **error);
void lu_elf_clear(struct lu_elf *elf);

/* A soname for which there is no library below the root. */
struct lu_elf_missing {
	char *soname;
	char *needed_by; /* path in the guest */
};

/*
 * The closure: walks interpreter and needed libraries of program (guest path below root), adding
 * the guest paths that the loader will open to files (a set: key = path, as the loader names it,
 * symlinks not followed) and libraries that are missing to missing (struct lu_elf_missing; may be
 * NULL, then the first is LU_ERROR_UNSUPPORTED, which names the soname and the file that needs it).
 * Search path: the loader's defaults, that is the multiarch folders of usr/lib (ld.so(8)).
 */
bool lu_elf_closure(const char *root, const char *program, GHashTable *files, GPtrArray *missing,
		    GError **error);
void lu_elf_missing_free(struct lu_elf_missing *missing);
