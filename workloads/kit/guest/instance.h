/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instance of a swappable component of the kernel (docs/design/hotswap.md), as a service sees
 * it. */
#pragma once

enum { INSTANCE_VERSION = 16 }; /* bytes of a version's name, with its end */

/* A descriptor for reading an instance's version; -1: there is none of that name. */
int instance_open(const char *name);
/* Its current version, as the kernel reports it; "none" when it reports nothing. */
void instance_version(int fd, char version[INSTANCE_VERSION]);
