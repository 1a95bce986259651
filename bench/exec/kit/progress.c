/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress on stderr: one live line on a terminal, else a plain line for each step. */
#include "bench/exec/kit/progress.h"
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REDRAW_US INT64_C(100000)
#define RATE_NS	  (500 * INT64_C(1000000))

void lu_progress_init(struct lu_progress *progress, bool quiet, unsigned runs)
{
	const char *terminal = g_getenv("TERM");

	*progress = (struct lu_progress){
		.quiet = quiet, .runs = runs, .began_us = g_get_monotonic_time()};
	progress->live = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

void lu_progress_next(struct lu_progress *progress)
{
	progress->run++;
	progress->step[0] = '\0';
	progress->rate_ns = 0;
	progress->rate_replies = 0;
	progress->rate_hz = 0;
}

void lu_progress_skip(struct lu_progress *progress)
{
	progress->run++;
	progress->skipped++;
}

static void update_rate(struct lu_progress *progress, int64_t elapsed_ns, uint64_t replies)
{
	int64_t span = elapsed_ns - progress->rate_ns;

	if (span < RATE_NS || replies < progress->rate_replies)
		return;
	progress->rate_hz = (double)(replies - progress->rate_replies) * 1e9 / (double)span;
	progress->rate_ns = elapsed_ns;
	progress->rate_replies = replies;
}

/* Time left, by the mean of the runs done, s; 0: none is done. */
static double left_s(const struct lu_progress *progress)
{
	unsigned done = progress->run - progress->skipped - 1;
	double spent_s = (double)(g_get_monotonic_time() - progress->began_us) / 1e6;

	return done ? spent_s / done * (progress->runs - progress->run + 1) : 0;
}

static void print_prefix(const struct lu_progress *progress)
{
	double left = left_s(progress);

	if (progress->runs <= 1)
		return;
	fprintf(stderr, "[%u/%u", progress->run, progress->runs);
	if (left >= 90)
		fprintf(stderr, ", about %.0f min left", left / 60);
	else if (left > 0)
		fprintf(stderr, ", about %.0f s left", left);
	fputs("] ", stderr);
}

static void draw(struct lu_progress *progress, const char *step, int64_t elapsed_ns, bool changed)
{
	int64_t now_us = g_get_monotonic_time();

	if (!changed && now_us - progress->shown_us < REDRAW_US)
		return;
	progress->shown_us = now_us;
	fputs("\r\033[K", stderr);
	print_prefix(progress);
	fprintf(stderr, "%-9s %6.1f s  %7.0f replies/s", step, (double)elapsed_ns / 1e9,
		progress->rate_hz);
	fflush(stderr);
}

void lu_progress_show(void *data, const char *step, int64_t elapsed_ns, uint64_t replies)
{
	struct lu_progress *progress = data;
	bool changed = strcmp(step, progress->step) != 0;

	if (progress->quiet)
		return;
	update_rate(progress, elapsed_ns, replies);
	g_strlcpy(progress->step, step, sizeof(progress->step));
	if (progress->live) {
		draw(progress, step, elapsed_ns, changed);
	} else if (changed) {
		print_prefix(progress);
		fprintf(stderr, "%-9s %6.1f s  %llu replies\n", step, (double)elapsed_ns / 1e9,
			(unsigned long long)replies);
	}
}

void lu_progress_note(void *data, const char *text)
{
	struct lu_progress *progress = data;

	if (progress->quiet)
		return;
	lu_progress_clear(progress);
	g_printerr("%s\n", text);
}

void lu_progress_clear(struct lu_progress *progress)
{
	if (!progress->quiet && progress->live)
		fputs("\r\033[K", stderr);
}
