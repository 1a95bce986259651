/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as text for people. */
#pragma once
#include <stdint.h>

/* A time such as "0", "12.5 µs", "3.61 ms", "2.240 s"; caller frees. */
char *lu_duration_text(int64_t ns);
