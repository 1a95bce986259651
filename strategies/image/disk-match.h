/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two listings of one disk (verb field.list): are they of the same disk in the same state? */
#pragma once
#include <jansson.h>

/*
 * NULL: they are. Otherwise the first few differences in one line, in words of `expected` and
 * `found`; caller frees. `but`: path of a file that may be there or not, or NULL; with it free
 * blocks and inodes, and the folder it lies in, are not compared.
 */
char *lu_disk_mismatch(const json_t *expected, const json_t *found, const char *but);
