/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a strategy cannot know of a verb's arguments and the host does: filled in on
 * the way to the agent. */
#pragma once
#include <jansson.h>
#include "qemu/boot/medium.h"

/* args is taken (may be NULL); returns what to send. Members that are there
 * already stay as they are. */
json_t *lu_verb_complete(const char *verb, json_t *args, const struct lu_medium *next);
