/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits on the events that a guest's agent may send: a token bucket for each kind. */
#include "qemu/vm/allowance.h"
#include "record/error.h"

static const struct {
	const char *event;
	double per_s;
} kinds[LU_SPOKEN_KINDS] = {
	[LU_SPOKEN_HELLO] = {"hello", 0},
	[LU_SPOKEN_MEMORY] = {"memory", LU_ALLOWED_MEMORY_S},
	[LU_SPOKEN_JUMP] = {"jump", 0},
	[LU_SPOKEN_EXIT] = {"exit", 0},
	[LU_SPOKEN_OTHER] = {NULL, LU_ALLOWED_OTHER_S},
};

void lu_allowance_init(struct lu_allowance *allowance, int64_t now_ns)
{
	*allowance = (struct lu_allowance){};
	for (int i = 0; i < LU_SPOKEN_KINDS; i++) {
		allowance->left[i] = LU_ALLOWED_AT_ONCE;
		allowance->filled_ns[i] = now_ns;
	}
}

enum lu_spoken lu_spoken_kind(const char *event)
{
	for (int i = 0; i < LU_SPOKEN_OTHER; i++)
		if (g_str_equal(kinds[i].event, event))
			return i;
	return LU_SPOKEN_OTHER;
}

bool lu_allowance_take(struct lu_allowance *allowance, enum lu_spoken kind, int64_t now_ns)
{
	double *left = &allowance->left[kind];
	double seconds = (double)(now_ns - allowance->filled_ns[kind]) / 1e9;

	*left = MIN(*left + seconds * kinds[kind].per_s, LU_ALLOWED_AT_ONCE);
	allowance->filled_ns[kind] = now_ns;
	if (*left < 1) {
		allowance->dropped[kind]++;
		return false;
	}
	*left -= 1;
	return true;
}

bool lu_allowance_kept(const struct lu_allowance *allowance, GError **error)
{
	g_autoptr(GString) dropped = g_string_new(NULL);

	for (int i = 0; i < LU_SPOKEN_KINDS; i++)
		if (allowance->dropped[i])
			g_string_append_printf(dropped, "%s%" G_GUINT64_FORMAT " of %s",
					       dropped->len ? ", " : "", allowance->dropped[i],
					       kinds[i].event ?: "kinds that do not exist");
	if (!dropped->len)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "the guest's agent floods the harness with events (%s dropped)", dropped->str);
	return false;
}

uint64_t lu_allowance_dropped(const struct lu_allowance *allowance)
{
	uint64_t all = 0;

	for (int i = 0; i < LU_SPOKEN_KINDS; i++)
		all += allowance->dropped[i];
	return all;
}
