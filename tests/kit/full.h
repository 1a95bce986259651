/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test, mostly of real guests, does only in bench/check --full, which sets LUBENCH_CHECK_FULL: more
 * of what the plain check has shown once. The test is not skipped for that, and says what it left.
 */
#pragma once
#include <stdbool.h>

/* False in the full check; else true, and the test's output says that `what` is left to it. */
bool left_to_full(const char *what);
