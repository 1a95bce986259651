/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares two listings of a disk (verb field.list): are they of the same
 * disk in the same state? */
#pragma once
#include <jansson.h>

/*
 * NULL: they are. Otherwise the first few differences on one line; caller frees. `but`:
 * path of a file that may exist or not, or NULL; with it, free blocks and inodes and its
 * folder are not compared.
 */
char *lu_disk_mismatch(const json_t *expected, const json_t *found, const char *but);
