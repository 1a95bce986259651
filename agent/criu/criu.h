/* SPDX-License-Identifier: GPL-2.0-or-later */
/* criu(8): its path, whether it can be run, and how to read its output. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#define CRIU	  "/usr/sbin/criu"
#define CRIU_WORK "/run/criu" /* folder of its logs */

/* Why CRIU cannot be run on the store now, NULL: it can. runs: the caller runs it already. */
const char *criu_unready(bool runs);
/* CRIU's last error lines in a log, joined; malloc'd, "" when there are none. */
char *criu_errors(const char *log);
/* The figures that `criu --display-stats` printed, by our names. */
json_t *criu_figures(const char *output);
/* Let a restore from that folder leave the clocks to the kernel: CRIU restores a service that was
 * dumped outside of any time namespace in a new one, unless the images do not know its clocks. Their
 * image is put aside, where the manifest finds it (agent/manifest/manifest.h). */
void criu_drop_clocks(const char *images);
/* Turn window scaling off before a restore and on after it: connections that CRIU restores must not
 * scale their windows unless they did so before. */
void criu_scale_windows(bool on);
