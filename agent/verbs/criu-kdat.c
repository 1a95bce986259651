/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's cached facts about this kernel, for the initramfs of a later boot (agent/criu/probe.h).
 *
 * criu.kdat {} → hex: contents of /run/criu.kdat; where an initramfs has them as
 *     /etc/lubench/criu.kdat, the agent passes them to CRIU
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/criu/criu.h"
#include "agent/criu/probe.h"
#include "agent/file.h"
#include "agent/verb.h"

#define MAX (16UL * 1024) /* its hex must fit into a line of the channel */

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
			    "criu.kdat: criu did not write 1 to %lu bytes of cached facts: %s", MAX,
			    output);
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
