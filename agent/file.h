/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files of proc and sys, and folders that are no longer needed. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* A whole file as a string (malloc'd, its length in *len, which may be NULL), or NULL with errno. */
char *file_read(const char *path, size_t *len);
/* The whole number that a file begins with; `without` when there is no file or no number. */
long file_number(const char *path, long without);
/* Writes text in one go into a file that exists. false with errno. */
bool file_write(const char *path, const char *text);
/* Removes a folder with all that is in it; fine when there is none. */
void remove_tree(const char *path);
