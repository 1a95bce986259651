/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "qemu/verb-complete.h"

static void set_missing(json_t *args, const char *key, int64_t value)
{
	if (!json_object_get(args, key))
		json_object_set_new(args, key, json_integer(value));
}

/* Where on the medium it is. */
static void complete_stage(json_t *args, const struct lu_medium_part *next)
{
	set_missing(args, "at", next->at);
	set_missing(args, "kernel_bytes", next->kernel_bytes);
	set_missing(args, "initrd_bytes", next->initrd_bytes);
}

static const struct completion {
	const char *verb;
	void (*complete)(json_t *args, const struct lu_medium_part *next);
} completions[] = {
	{"stage", complete_stage},
};

json_t *lu_verb_complete(const char *verb, json_t *args, const struct lu_medium_part *next)
{
	for (size_t i = 0; i < sizeof(completions) / sizeof(*completions); i++) {
		if (strcmp(completions[i].verb, verb))
			continue;
		if (!args)
			args = json_object();
		completions[i].complete(args, next);
	}
	return args;
}
