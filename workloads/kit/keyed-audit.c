/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a service with keys: reading back the whole dataset, and the verdicts. */
#include <inttypes.h>
#include "workloads/kit/keyed.h"

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	struct lu_keyed *client = data;

	lu_keyed_append(client, i < client->space.keys ? LU_KEYED_GET : LU_KEYED_COUNT,
			MIN(i, client->space.keys - 1), 0, out);
}

static void audit_key(struct lu_keyed *client, uint64_t key, const struct lu_keyed_answer *answer)
{
	static const char *const names[] = {"right", "missing", "damaged", "stale"};
	uint32_t acked = client->keys[key].acked;
	enum lu_keyed_finding finding = lu_keyed_find(client, key, acked, answer);

	client->audit_keys++;
	*(acked ? &client->written : &client->kept) += 1;
	if (finding == LU_KEYED_IS_RIGHT)
		return;
	*(acked ? &client->written_bad : &client->kept_bad) += 1;
	if (!client->first_bad)
		client->first_bad = g_strdup_printf("key %" PRIu64 " is %s (write %u acknowledged)",
						    key, names[finding], acked);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct lu_keyed *client = data;
	enum lu_keyed_op op = i < client->space.keys ? LU_KEYED_GET : LU_KEYED_COUNT;
	struct lu_keyed_answer answer = {.evicted = -1};
	ssize_t n = client->codec->parse(op, buf, len, LU_KEYED_MAX_VALUE, &answer);

	if (n <= 0)
		return n;
	if (op == LU_KEYED_GET &&
	    (answer.kind == LU_KEYED_VALUE || answer.kind == LU_KEYED_MISSING)) {
		audit_key(client, i, &answer);
	} else if (op == LU_KEYED_COUNT && answer.kind == LU_KEYED_NUMBER) {
		client->number = answer.number;
		client->evicted = answer.evicted;
	} else {
		return -1;
	}
	client->audited |= i + 1 == client->space.keys + client->codec->counts;
	return n;
}

bool lu_keyed_audit(void *data, struct lu_exchange *exchange)
{
	struct lu_keyed *client = data;

	*exchange = (struct lu_exchange){
		.count = client->space.keys + client->codec->counts,
		.window = lu_keyed_window(client),
		.timeout_ns = lu_keyed_whole_timeout(client),
		.data = client,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static char *audit_failure(const struct lu_keyed *client)
{
	if (client->audited)
		return g_strdup(client->first_bad ? "; first: " : "");
	return g_strdup_printf("; only %" PRIu64 " of %" PRIu64 " keys could be read back",
			       client->audit_keys, client->space.keys);
}

enum lu_verdict lu_keyed_judge_writes(void *data, char **evidence)
{
	struct lu_keyed *client = data;
	g_autofree char *failure = audit_failure(client);

	*evidence = g_strdup_printf("%" PRIu64 " writes acknowledged on %" PRIu64 " keys, %" PRIu64
				    " keys lost theirs, %u writes of unknown fate%s%s",
				    client->writes_acked, client->written, client->written_bad,
				    g_hash_table_size(client->unknown), failure,
				    client->audited && client->first_bad ? client->first_bad : "");
	return client->audited && !client->written_bad ? LU_PASS : LU_FAIL;
}

/* ", 4096 keys by its own count, 0 of them evicted" */
static char *said_of_itself(const struct lu_keyed *client)
{
	GString *text = g_string_new(NULL);

	if (client->codec->counts)
		g_string_append_printf(text, ", %" PRId64 " keys by its own count", client->number);
	if (client->evicted >= 0)
		g_string_append_printf(text, ", %" PRId64 " evicted or expired", client->evicted);
	return g_string_free(text, FALSE);
}

enum lu_verdict lu_keyed_judge_dataset(void *data, char **evidence)
{
	struct lu_keyed *client = data;
	bool size_ok = !client->codec->counts || client->number == (int64_t)client->space.keys;
	g_autofree char *failure = audit_failure(client);
	g_autofree char *size = said_of_itself(client);

	*evidence = g_strdup_printf("%" PRIu64 " of %" PRIu64 " keys read back, %" PRIu64
				    " of the %" PRIu64 " not written since are wrong%s%s%s",
				    client->audit_keys, client->space.keys, client->kept_bad,
				    client->kept, size, failure,
				    client->audited && client->first_bad ? client->first_bad : "");
	return client->audited && !client->kept_bad && size_ok ? LU_PASS : LU_FAIL;
}

enum lu_verdict lu_keyed_judge_reads(void *data, char **evidence)
{
	struct lu_keyed *client = data;
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
