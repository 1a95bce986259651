/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instance of a swappable component of the kernel (docs/design/hotswap.md), as a service sees
 * it. */
#pragma once

enum { INSTANCE_VERSION = 16 }; /* bytes of a version's name, with its end */

/* Descriptor to ask an instance's version by; -1: there is none of that name. */
int instance_open(const char *name);
/* The version that it has now, as the kernel says; "none" when it says nothing. */
void instance_version(int fd, char version[INSTANCE_VERSION]);
