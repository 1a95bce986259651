/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading the next kernel into memory and jumping to it, for strategies that kexec. Functions
 * with a run are phases. */
#pragma once
#include "model/strategy.h"

/* Parameters of a strategy that does. */
#define LU_PARAMS_NEXT_KERNEL                                                                        \
	{"checksum",                                                                                 \
	 LU_PARAM_BOOL,                                                                              \
	 "off",                                                                                      \
	 0,                                                                                          \
	 0,                                                                                          \
	 NULL,                                                                                       \
	 "verify the new kernel's bytes after the jump"},                                            \
		{"image", LU_PARAM_CHOICE, "auto", 0, 0, lu_kexec_images, "form of the new kernel"}, \
		{"method",                                                                           \
		 LU_PARAM_CHOICE,                                                                    \
		 "auto",                                                                             \
		 0,                                                                                  \
		 0,                                                                                  \
		 lu_kexec_methods,                                                                   \
		 "how it is loaded: kexec_load by the agent, kexec_file_load, kexec-tools"},         \
		{"place",                                                                            \
		 LU_PARAM_CHOICE,                                                                    \
		 "auto",                                                                             \
		 0,                                                                                  \
		 0,                                                                                  \
		 lu_kexec_places,                                                                    \
		 "method=direct: load the kernel where it will run (huge pages), or let the jump "   \
		 "copy it"},                                                                         \
	{                                                                                            \
		"cmdline", LU_PARAM_CHOICE, "fast", 0, 0, lu_kexec_cmdlines,                         \
			"command line: the machine's additions for speed, or the same"               \
	}
/* lu_kexec_images is generated (strategies/CMakeLists.txt). */
extern const char *const lu_kexec_images[],
	*const lu_kexec_methods[], *const lu_kexec_places[], *const lu_kexec_cmdlines[];

struct lu_next_kernel {
	const char *image, *method; /* the machine's own words */
};

/* Whether the machine offers that word, or any for "auto"; else LU_ERROR_UNSUPPORTED. */
bool lu_kexec_offered(const char *key, const char *asked, char **have, const char *machine,
		      GError **error);
/*
 * The first method and kernel image that the machine has and that fit what was asked for and each
 * other. LU_ERROR_UNSUPPORTED: the machine does not have what was asked for; LU_ERROR_REFUSED: the
 * parameters contradict each other.
 */
bool lu_next_kernel_choose(const struct lu_plan *plan, struct lu_next_kernel *choice,
			   GError **error);
/* Needs: the next release on a medium, and what loads it, for a plan with a valid choice. */
void lu_next_kernel_needs(const struct lu_plan *plan, struct lu_needs *needs);

/* Read it from its medium into memory. Claims "stage.*_ns". */
bool lu_next_kernel_stage(struct lu_run *run, GError **error);
bool lu_next_kernel_unstage(struct lu_run *run, GError **error);
/* Load it. Claims "kexec.*_ns", and notes where it was loaded. */
bool lu_next_kernel_load(struct lu_run *run, GError **error);
bool lu_next_kernel_unload(struct lu_run *run, GError **error);
/* Jump; returns once its agent has said hello. */
bool lu_next_kernel_jump(struct lu_run *run, GError **error);
