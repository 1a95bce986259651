/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One error domain for the whole harness; the code decides outcome and exit status. */
#pragma once
#include <glib.h>

#define LU_ERROR (lu_error_quark())

enum lu_error {
	LU_ERROR_USAGE,	      /* bad input: says what, where, what would be right; exit 2 */
	LU_ERROR_UNSUPPORTED, /* this host/arch/kernel lacks something, named; exit 4 */
	LU_ERROR_REFUSED,     /* the strategy cannot carry out this update; the message says why */
	LU_ERROR_FAILED,      /* it broke; exit 1 */
	LU_ERROR_TIMEOUT,     /* a deadline passed; exit 1 */
	LU_ERROR_INTERRUPTED, /* the user or a signal ended the run; exit 128 + signal */
};

GQuark lu_error_quark(void);
