/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oltp: SQLite on a disk, one transaction per write, acknowledged once it is committed
 * (docs/reference/workloads.md). The service numbers commits. A commit that was acknowledged must
 * be there at the end, under its number, whatever happened to memory, kernel or power; so nothing
 * is waived for a strategy that does not keep state in memory.
 */
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/argv.h"
#include "workloads/kit/keyspace.h"
#include "workloads/oltp/ledger.h"
#include "workloads/oltp/service.h"
#include "workloads/kit/tick.h"
#include "model/workload.h"
#include "workloads/oltp/audit.h"

/* An outstanding request. */
struct op {
	bool write;
	uint64_t token, account;
	/* the last number acknowledged when it was sent (for a read: of its account) */
	uint64_t floor;
};

struct oltp_client {
	struct lu_keyspace space; /* of accounts */
	unsigned read_percent;
	int64_t payload_bytes;
	struct lu_ledger *ledger;
	GHashTable *ops; /* id → struct op */
	uint64_t reads, stale_reads, malformed, wrong_token, unknown;
	uint64_t bad_numbers;
	const char *first_bad_number;
	struct oltp_audit audit;
};

static const char *const journals[] = {"wal", "rollback", NULL};
static const char *const syncs[] = {"full", "extra", "off", NULL};

static const struct lu_param oltp_params[] = {
	{"accounts", LU_PARAM_INT, "1000", 1, 1000000, NULL, "number of accounts"},
	{"read_percent", LU_PARAM_INT, "50", 0, 100, NULL, "share of reads among requests, %"},
	{"payload_bytes", LU_PARAM_INT, "100", 1, 900, NULL,
	 "bytes of payload in each transaction"},
	{"journal", LU_PARAM_CHOICE, "wal", 0, 0, journals, "SQLite's journal"},
	{"sync", LU_PARAM_CHOICE, "full", 0, 0, syncs,
	 "SQLite's synchronous: what a commit waits for"},
	{"disk_mb", LU_PARAM_INT, "64", 16, 65536, NULL, "size of the disk, MB"},
	{NULL},
};

static char **oltp_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/oltp", "--port",	      "7009",
					    "--file",	     "/data/oltp.db", NULL};
	static const char *const names[] = {"accounts", "journal", "sync", NULL};

	return lu_argv_of(params, words, names);
}

static unsigned oltp_disk_mb(const json_t *params)
{
	return (unsigned)lu_param_int(params, "disk_mb");
}

/* SQLite's page cache is 2 MB by default, and the program needs as much again. */
static uint64_t oltp_state_bytes(const json_t *params)
{
	return 6 << 20;
}

static void *oltp_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct oltp_client *client = g_new0(struct oltp_client, 1);

	lu_keyspace_init(&client->space, seed, (uint64_t)lu_param_int(params, "accounts"),
			 LU_VALUE_MIN_BYTES, false);
	client->read_percent = (unsigned)lu_param_int(params, "read_percent");
	client->payload_bytes = lu_param_int(params, "payload_bytes");
	client->ledger = client->audit.ledger = lu_ledger_new();
	client->ops = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	return client;
}

static void oltp_client_free(void *data)
{
	struct oltp_client *client = data;

	lu_ledger_free(client->ledger);
	oltp_audit_clear(&client->audit);
	g_hash_table_unref(client->ops);
	g_free(client);
}

/* A pure function of seed and id. */
static void append_payload(const struct oltp_client *client, uint64_t id, GString *line)
{
	for (int64_t i = 0; i < client->payload_bytes; i++) {
		uint64_t draw = lu_keyspace_draw(&client->space, id, 3 + (unsigned)i);

		g_string_append_c(line, (char)(0x21 + draw % 94));
	}
}

static void append_write(struct oltp_client *client, uint64_t id, struct op *op, GString *line)
{
	int64_t amount = (int64_t)(lu_keyspace_draw(&client->space, id, 2) % 2001) - 1000;
	g_autoptr(GString) payload = g_string_new(NULL);
	struct lu_entry entry = {.account = op->account, .amount = amount};

	append_payload(client, id, payload);
	entry.hash = lu_tick_fnv(LU_TICK_FNV, payload->str, payload->len);
	op->token = lu_ledger_issue(client->ledger, entry);
	g_string_printf(line, "W %" PRIu64 " %" PRIu64 " %" PRId64 " %s\n", op->token, op->account,
			amount, payload->str);
}

static bool is_write(const struct oltp_client *client, uint64_t id)
{
	return lu_keyspace_draw(&client->space, id, 0) % 100 >= client->read_percent;
}

static const char *oltp_class(void *client, uint64_t id, unsigned conn)
{
	return is_write(client, id) ? "write" : "read";
}

static void oltp_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct oltp_client *client = data;
	const struct lu_keyspace *space = &client->space;
	struct op *op = g_new0(struct op, 1);
	g_autoptr(GString) line = g_string_new(NULL);

	op->write = is_write(client, id);
	op->account = lu_keyspace_pick(space, lu_keyspace_draw(space, id, 1));
	op->token = id;
	op->floor = op->write ? lu_ledger_last(client->ledger)
			      : lu_ledger_last_of(client->ledger, op->account);
	if (op->write)
		append_write(client, id, op, line);
	else
		g_string_printf(line, "R %" PRIu64 " %" PRIu64 "\n", id, op->account);
	g_byte_array_append(out, (const guint8 *)line->str, (guint)line->len);
	g_hash_table_replace(client->ops, g_memdup2(&id, sizeof(id)), op);
}

/* "W <token> <number> <release>" */
static const char *reply_to_write(struct oltp_client *client, const struct op *op, char **word,
				  struct lu_reply *reply)
{
	uint64_t token, number;
	const char *why;

	if (g_strv_length(word) != 4 || !lu_tick_number(word[1], 10, &token) ||
	    !lu_tick_number(word[2], 10, &number))
		return "malformed";
	reply->version = g_intern_string(word[3]);
	if (token != op->token) {
		client->wrong_token++;
		return "reply to another request";
	}
	why = lu_ledger_ack(client->ledger, token, number, op->floor);
	if (why && !client->bad_numbers++)
		client->first_bad_number = why;
	return why;
}

/* "R <token> <number> <balance> <release>" */
static const char *reply_to_read(struct oltp_client *client, const struct op *op, char **word,
				 struct lu_reply *reply)
{
	uint64_t token, number;
	int64_t balance;

	if (g_strv_length(word) != 5 || !lu_tick_number(word[1], 10, &token) ||
	    !lu_tick_number(word[2], 10, &number) || !oltp_parse_signed(word[3], &balance))
		return "malformed";
	reply->version = g_intern_string(word[4]);
	if (token != op->token) {
		client->wrong_token++;
		return "reply to another request";
	}
	client->reads++;
	lu_ledger_saw(client->ledger, op->account, number, balance);
	if (number >= op->floor)
		return NULL;
	client->stale_reads++;
	return "older than an acknowledged transaction";
}

static ssize_t oltp_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			  struct lu_reply *reply)
{
	struct oltp_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);
	g_auto(GStrv) word = line ? g_strsplit(line, " ", 6) : NULL;

	if (!line)
		return n;
	reply->why = "malformed";
	if (op && !g_strcmp0(word[0], op->write ? "W" : "R"))
		reply->why = op->write ? reply_to_write(client, op, word, reply)
				       : reply_to_read(client, op, word, reply);
	reply->ok = !reply->why;
	if (!g_strcmp0(reply->why, "malformed")) {
		client->malformed++;
		return -1;
	}
	g_hash_table_remove(client->ops, &id);
	return n;
}

static void oltp_lost(void *data, uint64_t id, unsigned conn)
{
	struct oltp_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);

	if (!op)
		return;
	client->unknown += op->write;
	g_hash_table_remove(client->ops, &id);
}

static bool oltp_audit(void *data, struct lu_exchange *exchange)
{
	struct oltp_client *client = data;

	oltp_audit_begin(&client->audit, exchange);
	return true;
}

static char *first_of(const struct lu_findings *found)
{
	return found->first ? g_strconcat("; first: ", found->first, NULL) : g_strdup("");
}

static enum lu_verdict judge_acknowledged(void *data, char **evidence)
{
	struct oltp_client *client = data;
	const struct lu_findings *found = oltp_audit_findings(&client->audit);
	g_autofree char *first = first_of(found);

	*evidence = g_strdup_printf(
		"%" PRIu64 " transactions acknowledged, %" PRIu64 " of unknown fate, %" PRIu64
		" present; %" PRIu64 " acknowledged ones missing, %" PRIu64 " differ%s",
		lu_ledger_acked(client->ledger), client->unknown, lu_ledger_rows(client->ledger),
		found->missing, found->differing, first);
	return oltp_audit_complete(&client->audit) && !found->missing && !found->differing
		       ? LU_PASS
		       : LU_FAIL;
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct oltp_client *client = data;
	const struct lu_findings *found = oltp_audit_findings(&client->audit);
	uint64_t wrong = found->holes + found->foreign + client->bad_numbers + client->wrong_token +
			 client->malformed;

	*evidence = g_strdup_printf(
		"%" PRIu64 " rows, the last is number %" PRIu64 "; %" PRIu64 " holes, %" PRIu64
		" never sent or duplicated, %" PRIu64
		" replies with a number out of sequence%s%s, %" PRIu64
		" to another request, %" PRIu64 " malformed",
		client->audit.count, client->audit.last, found->holes, found->foreign,
		client->bad_numbers, client->first_bad_number ? ": " : "",
		client->first_bad_number ?: "", client->wrong_token, client->malformed);
	return oltp_audit_complete(&client->audit) && !wrong &&
			       client->audit.last == client->audit.count
		       ? LU_PASS
		       : LU_FAIL;
}

static enum lu_verdict judge_integrity(void *data, char **evidence)
{
	struct oltp_client *client = data;

	*evidence = g_strdup_printf("integrity_check: %s; %" PRIu64
				    " accounts whose balance is not the sum of their rows",
				    client->audit.integrity ?: "not run", client->audit.unbalanced);
	return !g_strcmp0(client->audit.integrity, "ok") && client->audit.summed &&
			       !client->audit.unbalanced
		       ? LU_PASS
		       : LU_FAIL;
}

static enum lu_verdict judge_reads(void *data, char **evidence)
{
	struct oltp_client *client = data;
	const struct lu_findings *found = oltp_audit_findings(&client->audit);

	*evidence = g_strdup_printf("%" PRIu64 " reads, %" PRIu64
				    " older than an acknowledged transaction, %" PRIu64
				    " with a balance that was never committed",
				    client->reads, client->stale_reads, found->wrong_reads);
	return oltp_audit_complete(&client->audit) && !client->stale_reads && !found->wrong_reads
		       ? LU_PASS
		       : LU_FAIL;
}

static const struct lu_oracle oltp_oracles[] = {
	{"acknowledged", "every acknowledged transaction is on disk under its number", false,
	 judge_acknowledged},
	{"order", "commits are numbered in the order of their replies, on disk without a hole",
	 false, judge_order},
	{"integrity", "the database is intact, no transaction is partially there", false,
	 judge_integrity},
	{"reads", "each read returned a committed balance, none older than acknowledged", false,
	 judge_reads},
	{NULL},
};

const struct lu_workload lu_workload_oltp = {
	.name = "oltp",
	.summary = "SQLite on a disk: every acknowledged transaction must survive, in order",
	.params = oltp_params,
	.program = "oltp",
	.port = 7009,
	.argv = oltp_argv,
	.disk_mb = oltp_disk_mb,
	.state_bytes = oltp_state_bytes,
	.client_new = oltp_client_new,
	.client_free = oltp_client_free,
	.request = oltp_request,
	.reply = oltp_reply,
	.lost = oltp_lost,
	.audit = oltp_audit,
	.oracles = oltp_oracles,
	.model = &lu_oltp_service_model,
	.class_of = oltp_class,
};
