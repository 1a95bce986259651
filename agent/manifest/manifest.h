/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manifest of a checkpoint store: of each file of each folder in it the length, and a hash
 * (XXH64) of each page of 4 KiB, in the file MANIFEST beside the folders. It is made when
 * the images have been written and compared before the service goes on, so that damage in between
 * is found and not restored. No secret: it finds what breaks, not what somebody forges.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define MANIFEST "manifest"
/* At the end of the name of a file that is put aside after it was sealed: it is compared there. */
#define MANIFEST_ASIDE ".aside"

/* Take all files that it does not have yet into the store's manifest. *bytes: how many were read.
 * NULL, or why not (static until the next call). */
const char *manifest_seal(const char *store, uint64_t *bytes);
/* Compare all files in folders whose name begins so ("": all) with it. NULL, or what is damaged
 * (static until the next call). */
const char *manifest_check(const char *store, const char *folders, uint64_t *bytes);
