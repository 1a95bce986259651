/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of swaps: collected in a child, printed, and parsed by the agent. */
#include "agent/verbs/swap/figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"

struct swap_figures *swap_figures_new(void)
{
	return calloc(1, sizeof(struct swap_figures));
}

static long long figure(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && line[len] == ' ')
			return strtoll(line + len + 1, NULL, 10);
	}
	return 0;
}

static void longest(long long *most, long long value)
{
	if (value > *most)
		*most = value;
}

static bool append(long long **list, size_t n, long long value)
{
	long long *longer = realloc(*list, (n + 1) * sizeof(**list));

	if (!longer)
		return false;
	*list = longer;
	longer[n] = value;
	return true;
}

static bool gather_each(struct swap_figures *figures, const char *text)
{
	size_t n = figures->swaps;

	return append(&figures->trace_ns, n, figure(text, "trace_ns")) &&
	       append(&figures->quiesce_ns, n, figure(text, "quiesce_ns")) &&
	       append(&figures->closed_ns, n, figure(text, "closed_ns"));
}

void swap_figures_gather(struct swap_figures *figures, const char *path)
{
	char *text = file_read(path, NULL);

	if (text && gather_each(figures, text)) {
		figures->swaps++;
		figures->until_quiet_ns = figure(text, "trace_ns") + figure(text, "quiesce_ns");
		longest(&figures->transfer_max_ns, figure(text, "transfer_ns"));
		longest(&figures->wait_max_ns, figure(text, "wait_max_ns"));
		figures->waited += figure(text, "waited");
		figures->tries += figure(text, "tries");
	}
	free(text);
}

static int by_size(const void *a, const void *b)
{
	long long one = *(const long long *)a, other = *(const long long *)b;

	return one < other ? -1 : one > other;
}

static void print_spread(const char *name, long long *ns, size_t n)
{
	if (n)
		qsort(ns, n, sizeof(*ns), by_size);
	printf("%s_ns %lld\n%s_median_ns %lld\n", name, n ? ns[n - 1] : 0, name, n ? ns[n / 2] : 0);
}

void swap_figures_print(struct swap_figures *figures)
{
	print_spread("trace", figures->trace_ns, figures->swaps);
	print_spread("quiesce", figures->quiesce_ns, figures->swaps);
	print_spread("closed", figures->closed_ns, figures->swaps);
	printf("begun %lld\nuntil_quiet_ns %lld\ntransfer_ns %lld\nwait_ns %lld\nwaited %lld\n"
	       "looks %lld\n",
	       figures->begun, figures->until_quiet_ns, figures->transfer_max_ns,
	       figures->wait_max_ns, figures->waited, figures->tries);
}

json_t *swap_figures_parse(const char *output)
{
	static const char *const names[] = {"begun",
					    "trace_ns",
					    "trace_median_ns",
					    "quiesce_ns",
					    "quiesce_median_ns",
					    "until_quiet_ns",
					    "transfer_ns",
					    "closed_ns",
					    "closed_median_ns",
					    "wait_ns",
					    "waited",
					    "looks"};
	json_t *figures = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		json_object_set_new(figures, names[i], json_integer(figure(output, names[i])));
	return figures;
}
