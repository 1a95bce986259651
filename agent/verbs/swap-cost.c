/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a swappable call costs (kmod/cost): measured in the kernel, by reading it.
 *
 * swap.cost {} → ticks: {"call.now": 15000, …} (docs/design/hotswap.md); needs module lu_swap_cost
 */
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"
#include "agent/verb.h"

#define COST_FILE "/proc/lu_swap_cost"

/* Lines "PATH TICKS", passed on without their line ends. */
static void swap_cost(struct request *request)
{
	char *text = file_read(COST_FILE, NULL), *save, *line;
	json_t *ticks = json_object();

	if (!text) {
		reply_error(request, "unsupported",
			    "swap.cost: there is no %s: module lu_swap_cost is not loaded",
			    COST_FILE);
		json_decref(ticks);
		return;
	}
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		if (!space)
			continue;
		*space = '\0';
		json_object_set_new(ticks, line, json_integer(strtoll(space + 1, NULL, 10)));
	}
	reply_ok(request, json_pack("{s:o}", "ticks", ticks));
	free(text);
}

const struct lu_agent_verbs lu_agent_verbs_swap_cost = {
	"swap-cost",
	{
		{"swap.cost", swap_cost},
		{},
	},
};
