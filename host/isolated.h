/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls a function in a child process, because it may hang or crash. */
#pragma once

enum {
	LU_ISOLATED_NO_PROCESS = -1, /* fork failed */
	LU_ISOLATED_FAILED = -2,     /* it hung, or ended by a signal */
};

/*
 * Calls function in a child and returns what it returned (0 … 255), or one of the above. The child
 * is killed deadline_ms (milliseconds) after its start, and by the kernel when the calling thread
 * ends before that (PR_SET_PDEATHSIG, prctl(2)), so it outlives no harness. function makes system
 * calls only: other threads may have held locks at the fork.
 */
int lu_isolated_call(int (*function)(void), int deadline_ms);
