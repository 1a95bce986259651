/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds of pre-copy, one by one. Pure. */
#include <glib.h>
#include "record/precopy.h"

/* QEMU's defaults of auto-converge (migration/options: throttle-trigger-threshold,
 * cpu-throttle-initial, cpu-throttle-increment, max-cpu-throttle): a round that leaves more than
 * half of what it sent counts as bad, and every second bad one in a row slows the machine down. */
#define BAD_SHARE	   0.5
#define BAD_ROUNDS	   2
#define THROTTLE_INITIAL   0.20
#define THROTTLE_INCREMENT 0.10
#define THROTTLE_MAX	   0.99

/* A time that no integer holds is as long as one can be. */
static int64_t saturated(double ns)
{
	return ns < 0x1p62 ? (int64_t)ns : INT64_C(1) << 62;
}

static int64_t time_of(const struct lu_precopy_config *config, double bytes)
{
	return saturated(bytes / config->bandwidth * 1e9);
}

static double more(double throttle)
{
	return throttle > 0 ? MIN(throttle + THROTTLE_INCREMENT, THROTTLE_MAX) : THROTTLE_INITIAL;
}

/* What a round leaves unsent of what it began with. */
static double left_over(const struct lu_precopy_config *config)
{
	double limit = (double)config->limit_ns * config->bandwidth / 1e9;
	double seen_late = (double)config->poll_ns * config->bandwidth / 2e9;

	return config->poll_ns ? MAX(0, limit - seen_late) : 0;
}

/* So many rounds more that are like the one before. */
static void repeat(struct lu_precopy *model, const struct lu_precopy_config *config, double sent)
{
	unsigned left = config->max_rounds - model->rounds;

	model->rounds += left;
	model->sent += left * sent;
	model->copy_ns =
		saturated((double)model->copy_ns + (double)left * (double)time_of(config, sent));
}

int64_t lu_precopy_limit(int64_t limit_ns, const struct lu_precopy_ramp *ramp, int64_t elapsed_ns)
{
	int64_t steps = ramp->step_ns ? elapsed_ns / ramp->every_ns : 0;

	if (!ramp->step_ns || limit_ns >= ramp->most_ns)
		return limit_ns;
	/* by division: steps of years are too long a time */
	if (steps > (ramp->most_ns - limit_ns) / ramp->step_ns)
		return ramp->most_ns;
	return limit_ns + steps * ramp->step_ns;
}

/* Does the rest fit? */
static bool fits(struct lu_precopy *model, const struct lu_precopy_config *config)
{
	model->limit_ns = lu_precopy_limit(config->limit_ns, &config->ramp, model->copy_ns);
	return time_of(config, model->rest) <= model->limit_ns;
}

/* Whether rounds that are all alike may still lead to an end. */
static bool will_change(const struct lu_precopy *model, const struct lu_precopy_config *config)
{
	return config->postcopy_ns ||
	       (config->ramp.step_ns && model->limit_ns < config->ramp.most_ns) ||
	       (config->throttle && model->throttle < THROTTLE_MAX);
}

/* In the middle of a round. */
static void switch_to_postcopy(struct lu_precopy *model, const struct lu_precopy_config *config,
			       double dirty_rate, double most)
{
	double seconds = (double)(config->postcopy_ns - model->copy_ns) / 1e9;
	double sent = seconds * config->bandwidth;

	model->postcopy = true;
	model->sent += sent;
	model->rest = MIN(most, model->rest - sent + dirty_rate * seconds);
	model->copy_ns = config->postcopy_ns;
}

struct lu_precopy lu_precopy_model(const struct lu_precopy_config *config)
{
	struct lu_precopy model = {.rest = config->memory};
	double most = config->set > 0 ? config->set : config->memory;
	double kept = left_over(config);
	unsigned bad = 0;

	while (!fits(&model, config) && model.rounds < config->max_rounds) {
		double sent = model.rest - kept;
		double dirty_rate = config->dirty_rate * (1 - model.throttle), before = model.rest;

		if (config->postcopy_ns &&
		    time_of(config, sent) > config->postcopy_ns - model.copy_ns) {
			switch_to_postcopy(&model, config, dirty_rate, most);
			break;
		}
		model.rounds++;
		model.sent += sent;
		model.copy_ns = saturated((double)model.copy_ns + (double)time_of(config, sent));
		model.rest = MIN(MAX(most, kept), kept + dirty_rate * sent / config->bandwidth);
		bad = model.rest - kept > BAD_SHARE * sent ? bad + 1 : 0;
		/* Rounds without a bound may be four billion. */
		if (model.rest == before && !will_change(&model, config))
			repeat(&model, config, sent);
		if (!config->throttle || bad < BAD_ROUNDS)
			continue;
		model.throttle = more(model.throttle);
		bad = 0;
	}
	model.downtime_ns = time_of(config, model.rest);
	model.converged = model.postcopy || model.downtime_ns <= model.limit_ns;
	return model;
}
