/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/dirty/beat.h"
#include <glib.h>
#include "workloads/kit/tick.h"

static bool parse_numbers(char **words, uint64_t *const values[], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!lu_tick_number(words[i], 10, values[i]))
			return false;
	return true;
}

bool dirty_beat_parse(const char *line, uint64_t *id, struct beat *beat, const char **release)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 9);
	uint64_t active;
	uint64_t *const values[] = {&beat->writes, &active, &beat->corrupt, &beat->stale};

	if (g_strv_length(word) != 8 || !g_str_equal(word[0], "D") ||
	    !lu_tick_number(word[1], 10, id) || !lu_tick_number(word[2], 10, &beat->requests) ||
	    !parse_numbers(word + 4, values, G_N_ELEMENTS(values)) || active > INT64_MAX)
		return false;
	beat->active_ns = (int64_t)active;
	*release = g_intern_string(word[3]);
	return true;
}

bool dirty_beat_parse_audit(const char *line, struct beat *beat, uint64_t *hash)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 7);
	uint64_t *const values[] = {&beat->requests, &beat->writes, &beat->corrupt, &beat->stale};

	return g_strv_length(word) == 6 && g_str_equal(word[0], "A") &&
	       parse_numbers(word + 1, values, G_N_ELEMENTS(values)) &&
	       lu_tick_number(word[5], 16, hash);
}

bool dirty_beat_goes_on(const struct beat *before, const struct beat *after)
{
	return after->requests > before->requests && after->writes >= before->writes &&
	       after->active_ns >= before->active_ns && after->corrupt >= before->corrupt &&
	       after->stale >= before->stale;
}
