/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/criu.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/manifest/manifest.h"
#include "agent/store.h"

/* Figures that `criu --display-stats` prints (times in us), and our names for them. */
static const struct {
	const char *label, *name;
	unsigned scale;
} figures[] = {
	{"Freezing time:", "freezing_ns", 1000},
	{"Frozen time:", "frozen_ns", 1000},
	{"Memory dump time:", "memdump_ns", 1000},
	{"Memory write time:", "memwrite_ns", 1000},
	{"Memory pages scanned:", "pages_scanned", 1},
	{"Memory pages skipped from parent:", "pages_skipped", 1},
	{"Memory pages written:", "pages_written", 1},
	{"Pages compared:", "pages_compared", 1},
	{"Pages skipped COW:", "pages_skipped_cow", 1},
	{"Pages restored:", "pages_restored", 1},
	{"Restore time:", "restore_ns", 1000},
	{"Forking time:", "forking_ns", 1000},
};

json_t *criu_figures(const char *output)
{
	json_t *result = json_object();

	for (unsigned i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const char *at = strstr(output, figures[i].label);

		if (at)
			json_object_set_new(
				result, figures[i].name,
				json_integer(strtoll(at + strlen(figures[i].label), NULL, 10) *
					     figures[i].scale));
	}
	return result;
}

#define REASONS 4

/*
 * The last errors name the reason; earlier ones may be of probes that found a feature missing (tun,
 * veth), which are no errors of the dump.
 */
char *criu_errors(const char *log)
{
	char *text = file_read(log, NULL), *reasons = calloc(1, 4096), *save, *line;
	char *errors[REASONS];
	unsigned n = 0;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *error = strstr(line, "Error (");

		if (error)
			errors[n++ % REASONS] = error;
	}
	for (unsigned i = n > REASONS ? n - REASONS : 0; i < n && reasons; i++)
		snprintf(reasons + strlen(reasons), 4096 - strlen(reasons), "%s%s",
			 *reasons ? "; " : "", errors[i % REASONS]);
	free(text);
	return reasons;
}

/*
 * A connection whose peer does not scale windows (libslirp does not) has no scale in CRIU's image,
 * and a socket connected in repair mode then keeps the scale it would have offered: a window of 64
 * KiB is advertised as 4 bytes, and the peer trickles. With the sysctl off during the restore the
 * default is "no scale"; connections that do scale get theirs from the image (TCP_REPAIR_OPTIONS),
 * which does not look at the sysctl. Seen with CRIU 3.17.1 on Linux 6.1.
 */
#define WINDOW_SCALING "/proc/sys/net/ipv4/tcp_window_scaling"

void criu_scale_windows(bool on)
{
	file_write(WINDOW_SCALING, on ? "1" : "0");
}

const char *criu_unready(bool runs)
{
	if (runs)
		return "another one is running";
	if (!store_is_open())
		return "the store is not open";
	return access(CRIU, X_OK) ? "this guest has no " CRIU : NULL;
}

/* The clocks of the initial time namespace are in an image of number 0, and CRIU goes on without it
 * (criu/timens.c). */
#define CLOCKS "timens-0.img"

void criu_drop_clocks(const char *images)
{
	char path[80], aside[100];

	snprintf(path, sizeof(path), "%s/" CLOCKS, images);
	snprintf(aside, sizeof(aside), "%s" MANIFEST_ASIDE, path);
	rename(path, aside);
}
