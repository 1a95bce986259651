/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/kit/swap-state.h"
#include "record/error.h"

bool lu_run_swap_state(struct lu_run *run, json_t **state, GError **error)
{
	json_auto_t *reply = NULL;
	const char *said;

	if (!lu_run_call(run, "swap.state", NULL, &reply, error))
		return false;
	if (json_is_true(json_object_get(reply, "warned"))) {
		said = json_string_value(json_object_get(reply, "said"));
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "the kernel has warned since it was started%s%s", said ? ": " : "",
			    said ?: "");
		return false;
	}
	if (state)
		*state = g_steal_pointer(&reply);
	return true;
}
