/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle on several upgrades of one system: that no more of the guest's memory and of the
 * service's descriptors is in use after each. */
#include "engine/oracle.h"
#include "model/verdicts.h"
#include "record/cycle-figures.h"

/* More is a leak. Free memory goes up and down by some hundred KiB from one kernel to the next. */
#define MOST_BYTES 1e6
#define MOST_FDS   0.5

static char *megabytes(bool known, double bytes)
{
	return known ? g_strdup_printf("%+.2f MB", bytes / 1e6) : g_strdup("(not known)");
}

/* What a run that ended before leaves behind is not known. */
static enum lu_verdict judge(const struct lu_finished_run *finished, const struct lu_leaks *leaks,
			     bool all)
{
	bool memory = leaks->guest && leaks->guest_bytes > MOST_BYTES;
	bool fds = leaks->descriptors && leaks->descriptors_each > MOST_FDS;

	if (!all)
		return LU_WAIVED;
	if (!memory && !fds)
		return LU_PASS;
	return finished->carried ? LU_FAIL : LU_WAIVED;
}

void lu_oracle_cycles(const struct lu_finished_run *finished, json_t *oracles)
{
	g_autofree char *guest = NULL, *fds = NULL, *evidence = NULL;
	struct lu_leaks leaks;
	bool all;

	if (finished->plan->cycles == 1)
		return;
	leaks = lu_leaks_find(finished->timeline);
	all = leaks.cycles == finished->plan->cycles && finished->done && finished->whole;
	guest = megabytes(leaks.guest, leaks.guest_bytes);
	fds = leaks.descriptors ? g_strdup_printf("%+.2f", leaks.descriptors_each)
				: g_strdup("(not known)");
	evidence = g_strdup_printf("%s %u of %u; with each: guest memory %s, the service's "
				   "descriptors %s",
				   all ? "upgrade" : "the run ended in upgrade", leaks.cycles,
				   finished->plan->cycles, guest, fds);
	lu_verdicts_add(oracles, "cycles", judge(finished, &leaks, all), evidence);
}
