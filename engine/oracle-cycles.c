/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle on several upgrades of one system: that no more of the guest's memory and of the
 * service's descriptors is in use after each. */
#include "engine/oracle.h"
#include "model/verdicts.h"
#include "record/cycle-figures.h"

/* More is a leak. Free memory goes up and down by some hundred KiB from one kernel to the next. */
#define MOST_BYTES 1e6
#define MOST_FDS   0.5

static char *megabytes(const struct lu_leaks *leaks)
{
	return leaks->guest ? g_strdup_printf("%+.2f MB (± %.2f)", leaks->guest_bytes / 1e6,
					      leaks->guest_within / 1e6)
			    : g_strdup("(not known)");
}

/* How surely that is above what is allowed: not at all, perhaps, or with all of its interval. */
enum growth { NONE, PERHAPS, SURE };

static enum growth growth(bool known, double each, double within, double most)
{
	if (!known || each <= most)
		return NONE;
	return each - within > most ? SURE : PERHAPS;
}

/* What a run that ended before leaves behind is not known, nor what one does of which nothing tells. */
static enum lu_verdict judge(const struct lu_finished_run *finished, const struct lu_leaks *leaks,
			     bool all)
{
	enum growth memory =
		growth(leaks->guest, leaks->guest_bytes, leaks->guest_within, MOST_BYTES);
	enum growth fds = growth(leaks->descriptors, leaks->descriptors_each,
				 leaks->descriptors_within, MOST_FDS);

	if (!all || (!leaks->guest && !leaks->descriptors))
		return LU_WAIVED;
	if (!memory && !fds)
		return LU_PASS;
	return finished->carried && (memory == SURE || fds == SURE) ? LU_FAIL : LU_WAIVED;
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
	guest = megabytes(&leaks);
	fds = leaks.descriptors ? g_strdup_printf("%+.2f", leaks.descriptors_each)
				: g_strdup("(not known)");
	evidence = g_strdup_printf("%s %u of %u; with each: guest memory %s, the service's "
				   "descriptors %s",
				   all ? "upgrade" : "the run ended in upgrade", leaks.cycles,
				   finished->plan->cycles, guest, fds);
	lu_verdicts_add(oracles, "cycles", judge(finished, &leaks, all), evidence);
}
