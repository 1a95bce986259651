/* SPDX-License-Identifier: GPL-2.0-or-later */
/* criu(8): where it is, and what is to be made of what it says. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#define CRIU	  "/usr/sbin/criu"
#define CRIU_WORK "/run/criu" /* its logs */

/* CRIU's own last words of error in a log, joined; malloc'd, "" when there are none. */
char *criu_errors(const char *log);
/* What `criu --display-stats` printed, by our names. */
json_t *criu_figures(const char *output);
/* Connections that CRIU restores must not scale their windows unless they did so before: off from
 * before a restore until after it. */
void criu_scale_windows(bool on);
