/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of the distribution that guests run, as it comes in packages. */
#pragma once

struct lu_program {
	const char *name;	 /* as plans call it */
	const char *path;	 /* in the guest */
	const char *packages[3]; /* that bring it, NULL-terminated */
};
