/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the redis workload: reading back the whole dataset, and the verdicts. */
#include <inttypes.h>
#include "workloads/redis/client.h"

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	struct redis_client *client = data;

	if (i < client->space.keys) {
		redis_append_get(i, out);
		return;
	}
	lu_resp_append_array(out, 1);
	lu_resp_append_bulk(out, "DBSIZE", 6);
}

static void audit_key(struct redis_client *client, uint64_t key, const struct lu_resp *resp)
{
	static const char *const names[] = {"right", "missing", "damaged", "stale"};
	uint32_t acked = client->keys[key].acked;
	enum redis_finding finding = redis_judge_value(client, key, acked, resp);

	client->audit_keys++;
	*(acked ? &client->written : &client->kept) += 1;
	if (finding == REDIS_FOUND)
		return;
	*(acked ? &client->written_bad : &client->kept_bad) += 1;
	if (!client->first_bad)
		client->first_bad = g_strdup_printf("key %" PRIu64 " is %s (write %u acknowledged)",
						    key, names[finding], acked);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct redis_client *client = data;
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, REDIS_MAX_BULK, &resp);

	if (n <= 0)
		return n;
	if (i < client->space.keys && (resp.type == '$' || resp.type == '_')) {
		audit_key(client, i, &resp);
	} else if (i == client->space.keys && resp.type == ':') {
		client->dbsize = resp.integer;
		client->audited = true;
	} else {
		return -1;
	}
	return n;
}

bool redis_audit(void *data, struct lu_exchange *exchange)
{
	struct redis_client *client = data;

	*exchange = (struct lu_exchange){
		.count = client->space.keys + 1,
		.window = redis_window(client),
		.timeout_ns = redis_whole_timeout(client),
		.data = client,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static char *audit_failure(const struct redis_client *client)
{
	if (client->audited)
		return g_strdup(client->first_bad ? "; first: " : "");
	return g_strdup_printf("; only %" PRIu64 " of %" PRIu64 " keys could be read back",
			       client->audit_keys, client->space.keys);
}

static enum lu_verdict judge_writes(void *data, char **evidence)
{
	struct redis_client *client = data;
	g_autofree char *failure = audit_failure(client);

	*evidence = g_strdup_printf("%" PRIu64 " writes acknowledged on %" PRIu64 " keys, %" PRIu64
				    " keys lost theirs, %u writes of unknown fate%s%s",
				    client->writes_acked, client->written, client->written_bad,
				    g_hash_table_size(client->unknown), failure,
				    client->audited && client->first_bad ? client->first_bad : "");
	return client->audited && !client->written_bad ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_dataset(void *data, char **evidence)
{
	struct redis_client *client = data;
	bool size_ok = client->dbsize == (int64_t)client->space.keys;
	g_autofree char *failure = audit_failure(client);

	*evidence = g_strdup_printf("%" PRIu64 " of %" PRIu64 " keys read back, %" PRIu64
				    " of the %" PRIu64
				    " not written since are wrong, DBSIZE %" PRId64 "%s%s",
				    client->audit_keys, client->space.keys, client->kept_bad,
				    client->kept, client->dbsize, failure,
				    client->audited && client->first_bad ? client->first_bad : "");
	return client->audited && !client->kept_bad && size_ok ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_reads(void *data, char **evidence)
{
	struct redis_client *client = data;
	uint64_t wrong = client->reads_stale + client->reads_damaged + client->reads_missing +
			 client->errors + client->malformed;

	*evidence = g_strdup_printf(
		"%" PRIu64 " reads: %" PRIu64 " stale, %" PRIu64 " damaged, %" PRIu64
		" missing; %" PRIu64 " missing after a reconnection; %" PRIu64
		" error replies, %" PRIu64 " malformed",
		client->reads, client->reads_stale, client->reads_damaged, client->reads_missing,
		client->forgotten, client->errors, client->malformed);
	return wrong ? LU_FAIL : LU_PASS;
}

const struct lu_oracle redis_oracles[] = {
	{"acknowledged-writes", "every acknowledged write is present at the end", true,
	 judge_writes},
	{"dataset", "every other key still has the value it was populated with", true,
	 judge_dataset},
	{"reads",
	 "no read returned a damaged value, or one older than a write acknowledged before it",
	 false, judge_reads},
	{NULL},
};
