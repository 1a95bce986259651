/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a test waits for what has to come: a guard against hanging, shorter than ctest's, and no
 * measure of the host. */
#pragma once

#define GUARD_MS 600000
#define GUARD_NS (GUARD_MS * LU_NS_PER_MS)
