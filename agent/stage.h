/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the next release lies once it has been staged. */
#pragma once

#define STAGE_KERNEL "/run/next/kernel"
#define STAGE_INITRD "/run/next/initrd"
