/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills in those arguments of a verb that the host knows and a strategy does not. */
#pragma once
#include <jansson.h>
#include "qemu/boot/medium.h"

/* next: the release to be loaded next. args is taken (may be NULL); returns the arguments to
 * send. Members that are set already are left alone. */
json_t *lu_verb_complete(const char *verb, json_t *args, const struct lu_medium_part *next);
