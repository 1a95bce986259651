/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU finds out about this kernel, to be brought along by an initramfs (agent/criu/probe.h).
 *
 * criu.kdat {} → hex: CRIU's answers (/run/criu.kdat); put into an initramfs as
 *     /etc/lubench/criu.kdat, the agent there gives them to CRIU
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/criu/criu.h"
#include "agent/criu/probe.h"
#include "agent/file.h"
#include "agent/verb.h"

#define MAX (16UL * 1024) /* its hex must fit a line of the channel */

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
	char *bytes = file_read(CRIU_ANSWERS, &len);
	char *text = bytes && len && len <= MAX ? hex(bytes, len) : NULL;

	if (text)
		reply_ok(request, json_pack("{s:s}", "hex", text));
	else
		reply_error(request, "failed",
			    "criu.kdat: criu left no answers of 1 to %lu bytes: %s", MAX, output);
	free(text);
	free(bytes);
}

static void criu_kdat(struct request *request)
{
	if (!criu_probe(probed, request))
		reply_error(request, "unsupported", "criu.kdat: this guest has no " CRIU);
}

const struct lu_agent_verbs lu_agent_verbs_criu_kdat = {
	"criu-kdat",
	{
		{"criu.kdat", criu_kdat},
		{},
	},
};
