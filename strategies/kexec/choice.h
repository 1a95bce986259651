/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kexec's parameters come to on the plan's machine. */
#pragma once
#include "model/plan.h"

struct kexec_choice {
	const char *store, *image, *method; /* the machine's own words */
};

/*
 * The first store, and the first method and kernel image that the machine has and that fit what was
 * asked for and each other. LU_ERROR_UNSUPPORTED: the machine has not what was asked for;
 * LU_ERROR_REFUSED: the parameters contradict each other.
 */
bool kexec_choose(const struct lu_plan *plan, struct kexec_choice *choice, GError **error);
