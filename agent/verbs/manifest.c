/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's manifest (agent/manifest/): what was written is what is restored.
 *
 * manifest.seal {} → bytes, seal_ns: all files that the manifest did not have yet have been hashed.
 *     Undone by checkpoint.discard.
 * manifest.begin {} → {}: compares all files with it from now on, of one of several services those
 *     that are its, beside whatever else is done
 * manifest.end {} → bytes, check_ns once that is over; refused, with file and page, when one is not
 *     what was written
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/child.h"
#include "agent/loop.h"
#include "agent/manifest/manifest.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

/* One at a time; the answer waits for the end, or the end for its request. */
static struct {
	struct request *request; /* manifest.seal or manifest.end */
	bool sealing, running, over;
	int64_t begin_ns, took_ns;
	char *said; /* bytes, or what is wrong */
	bool ok;
} job;

static int work(void *data)
{
	uint64_t bytes;
	const char *wrong = job.sealing ? manifest_seal(STORE_DIR, &bytes)
					: manifest_check(STORE_DIR, service_own(""), &bytes);

	if (wrong)
		puts(wrong);
	else
		printf("%" PRIu64 "\n", bytes);
	fflush(stdout);
	return wrong != NULL;
}

static void answer(void)
{
	struct request *request = job.request;
	char *said = job.said ? job.said : strdup("");
	const char *verb = job.sealing ? "manifest.seal" : "manifest.end";

	if (job.ok)
		reply_ok(request,
			 json_pack("{s:I, s:I}", "bytes", (json_int_t)strtoll(said, NULL, 10),
				   job.sealing ? "seal_ns" : "check_ns", (json_int_t)job.took_ns));
	else if (job.sealing)
		reply_error(request, "failed", "%s: %s", verb, said);
	else
		reply_error(request, "refused", "the checkpoint is damaged: %s", said);
	free(said);
	memset(&job, 0, sizeof(job));
}

static void ended(void *data, int status, const char *output)
{
	job.running = false;
	job.over = true;
	job.ok = status_ok(status);
	job.took_ns = now_ns() - job.begin_ns;
	job.said = strdup(*output ? output : "it cannot be read");
	if (job.said)
		job.said[strcspn(job.said, "\n")] = '\0';
	if (job.request)
		answer();
}

/* NULL, or why not. */
static const char *start(bool sealing)
{
	if (job.running || job.over)
		return "the manifest is in use already";
	if (!store_size())
		return "the store is not open";
	job.sealing = sealing;
	job.begin_ns = now_ns();
	if (child_call(work, NULL, ended, NULL) < 0)
		return "cannot fork";
	job.running = true;
	return NULL;
}

static void manifest_seal_verb(struct request *request)
{
	const char *why = start(true);

	if (why)
		reply_error(request, "refused", "manifest.seal: %s", why);
	else
		job.request = request;
}

static void manifest_begin(struct request *request)
{
	const char *why = start(false);

	if (why)
		reply_error(request, "refused", "manifest.begin: %s", why);
	else
		reply_ok(request, NULL);
}

static void manifest_end(struct request *request)
{
	if (job.sealing || job.request || (!job.running && !job.over)) {
		reply_error(request, "usage", "manifest.end: nothing is compared (manifest.begin)");
		return;
	}
	job.request = request;
	if (job.over)
		answer();
}

const struct lu_agent_verbs lu_agent_verbs_manifest = {
	"manifest",
	{
		{"manifest.seal", manifest_seal_verb},
		{"manifest.begin", manifest_begin},
		{"manifest.end", manifest_end},
		{},
	},
};
