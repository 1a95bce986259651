/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU finds out about a kernel before its first work there: a hundred questions, the answers
 * kept in /run/criu.kdat (criu/kerndat.c). They depend on the kernel's build and the machine alone,
 * so those of the next kernel can be brought along, made on the same machine beforehand; the file
 * holds addresses in that kernel's vDSO, so it is good for no other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/verbs.h"

#define ANSWERS "/run/criu.kdat"
#define BROUGHT "/etc/lubench/criu.kdat"
#define MAX	(16 * 1024) /* its hex must fit a line of the channel */

void criu_probe_brought(void)
{
	if (!access(BROUGHT, R_OK) && symlink(BROUGHT, ANSWERS) < 0)
		fprintf(stderr, "lubench-agent: cannot link " ANSWERS "\n");
}

bool criu_probe(child_fn ended, void *data)
{
	static const char *const argv[] = {CRIU, "check",     "--feature", "mem_dirty_track",
					   "-W", "/run/criu", NULL};

	return !access(CRIU, X_OK) && child_spawn(argv, ended, data) >= 0;
}

static char *hex(const char *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);

	for (size_t i = 0; text && i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
	return text;
}

static void probed(void *data, int status, const char *output)
{
	struct request *request = data;
	size_t len = 0;
	char *bytes = file_read(ANSWERS, &len);
	char *text = bytes && len && len <= MAX ? hex(bytes, len) : NULL;

	if (text)
		reply_ok(request, json_pack("{s:s}", "hex", text));
	else
		reply_error(request, "failed",
			    "criu.kdat: criu left no answers of 1 to %d bytes: %s", MAX, output);
	free(text);
	free(bytes);
}

void verb_criu_kdat(struct request *request)
{
	if (!criu_probe(probed, request))
		reply_error(request, "unsupported", "criu.kdat: this guest has no " CRIU);
}
