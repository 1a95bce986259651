/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files in proc and sys, and removing folders. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A whole file as a string (malloc'd; *len, which may be NULL: its length), or NULL with errno. */
char *file_read(const char *path, size_t *len);
/* The integer at the beginning of a file; `without` when there is no file or no number. */
long file_number(const char *path, long without);
/* Writes text with one write(2) into an existing file. false with errno. */
bool file_write(const char *path, const char *text);
/* Removes a folder with its contents; no error when there is none. */
void remove_tree(const char *path);
