/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of the next release once it has been staged. */
#pragma once

#define STAGE_KERNEL "/run/next/kernel"
#define STAGE_INITRD "/run/next/initrd"
