/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb of the kernel's log. A simulated kernel has measured nothing: each word has the value 0. */
#include "sim/verb.h"

static void words(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *word;
	json_t *pattern;

	json_object_foreach(json_object_get(args, "patterns"), word, pattern)
		g_string_append_printf(all, "%s%s=0", all->len ? " " : "", word);
	json_object_set_new(reply, "words", json_string(all->str));
}

static const struct lu_sim_cost costs[] = {
	{"log.words", 5 * LU_SIM_MS},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_log = {
	.costs = costs,
	.verbs =
		{
			{"log.words", .apply = words},
			{},
		},
};
