/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oltp: SQLite behind a socket. Each write is one transaction over two tables, numbered in the
 * order of commits, and is answered once it is committed. docs/reference/workloads.md
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"

#define FNV_BASIS   14695981039346656037ULL
#define FNV_PRIME   1099511628211ULL
#define PAYLOAD_MAX 900

static struct {
	long port, accounts;
	const char *file, *journal, *sync;
} options = {7009, 1000, "/data/oltp.db", "wal", "full"};

static sqlite3 *db;
static uint64_t last_seq; /* committed */

/* Statements are prepared once, in the order of this list. */
enum { BEGIN, COMMIT, ROLLBACK, CREDIT, ENTER, READ, FIND, COUNT, BALANCE, STATEMENTS };

/* Accounts whose balance is not the sum of their rows. */
static const char balance_text[] =
	"SELECT count(*) FROM account AS a WHERE balance <> "
	"(SELECT coalesce(sum(amount), 0) FROM entry WHERE account = a.id)";

static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[CREDIT] = "UPDATE account SET balance = balance + ?2, last = ?3 WHERE id = ?1",
	[ENTER] = "INSERT INTO entry VALUES (?3, ?4, ?1, ?2, ?5)",
	[READ] = "SELECT last, balance FROM account WHERE id = ?1",
	[FIND] = "SELECT token, account, amount, payload FROM entry WHERE seq = ?1",
	[COUNT] = "SELECT count(*), coalesce(max(seq), 0) FROM entry",
	[BALANCE] = balance_text,
};
static sqlite3_stmt *statements[STATEMENTS];

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL,"
	" last INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS entry(seq INTEGER PRIMARY KEY, token INTEGER NOT NULL,"
	" account INTEGER NOT NULL REFERENCES account(id), amount INTEGER NOT NULL,"
	" payload TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS entry_account ON entry(account);";

struct entry {
	uint64_t token, account;
	int64_t amount;
	const char *payload;
	size_t payload_len;
};

static void die(const char *what)
{
	fprintf(stderr, "oltp: %s: %s: %s\n", options.file, what, sqlite3_errmsg(db));
	exit(1);
}

static void run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(sql);
}

/* A statement with integers bound to ?1, ?2, …; SQLITE_ROW leaves it to be read and reset. */
static int step(int which, const int64_t *values, int n)
{
	sqlite3_stmt *statement = statements[which];
	int rc;

	for (int i = 0; i < n; i++)
		sqlite3_bind_int64(statement, i + 1, values[i]);
	rc = sqlite3_step(statement);
	if (rc != SQLITE_ROW)
		sqlite3_reset(statement);
	return rc;
}

static uint64_t column(int which, int i)
{
	return sqlite3_column_int64(statements[which], i);
}

/* Both tables, or none. */
static bool write_entry(const struct entry *entry, uint64_t seq)
{
	const int64_t values[] = {entry->account, entry->amount, seq, entry->token};

	sqlite3_bind_text(statements[ENTER], 5, entry->payload, (int)entry->payload_len,
			  SQLITE_STATIC);
	if (step(BEGIN, NULL, 0) == SQLITE_DONE && step(CREDIT, values, 3) == SQLITE_DONE &&
	    sqlite3_changes(db) == 1 && step(ENTER, values, 4) == SQLITE_DONE &&
	    step(COMMIT, NULL, 0) == SQLITE_DONE)
		return true;
	if (!sqlite3_get_autocommit(db))
		step(ROLLBACK, NULL, 0);
	return false;
}

static const char *release(void)
{
	static struct utsname name;

	uname(&name);
	return name.release;
}

/* The next word, a number, and the space behind it if there is one. */
static bool take_number(const char **at, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(*at, &end, 10);
	if (errno || end == *at || (**at < '0' && **at != '-') || (*end && *end != ' '))
		return false;
	*at = *end ? end + 1 : end;
	return true;
}

/* "W <token> <account> <amount> <payload>"; strtoull takes the sign of an amount, too. */
static bool parse_write(const char *line, size_t len, struct entry *entry)
{
	const char *at = line + 2;
	uint64_t amount;

	if (!take_number(&at, &entry->token) || !take_number(&at, &entry->account) ||
	    !take_number(&at, &amount) || !*at || strchr(at, ' '))
		return false;
	entry->amount = (int64_t)amount;
	entry->payload = at;
	entry->payload_len = len - (size_t)(at - line);
	return entry->payload_len <= PAYLOAD_MAX;
}

static void serve_write(struct line_conn *conn, const char *line, size_t len)
{
	struct entry entry;

	if (!parse_write(line, len, &entry)) {
		line_fail(conn, "a write is W <token> <account> <amount> <payload>");
	} else if (!write_entry(&entry, last_seq + 1)) {
		line_fail(conn, sqlite3_errmsg(db));
	} else {
		last_seq++;
		line_reply(conn, "W %llu %llu %s\n", (unsigned long long)entry.token,
			   (unsigned long long)last_seq, release());
	}
}

static void serve_read(struct line_conn *conn, const char *line)
{
	const char *at = line + 2;
	uint64_t token, account;
	int64_t value;

	if (!take_number(&at, &token) || !take_number(&at, &account) || *at) {
		line_fail(conn, "a read is R <token> <account>");
		return;
	}
	value = (int64_t)account;
	if (step(READ, &value, 1) != SQLITE_ROW) {
		line_fail(conn, "no such account");
		return;
	}
	line_reply(conn, "R %llu %llu %lld %s\n", (unsigned long long)token,
		   (unsigned long long)column(READ, 0), (long long)column(READ, 1), release());
	sqlite3_reset(statements[READ]);
}

static uint64_t fnv1a(const unsigned char *bytes, size_t len)
{
	uint64_t hash = FNV_BASIS;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * FNV_PRIME;
	return hash;
}

/* One row as it is on disk. */
static void serve_find(struct line_conn *conn, const char *line)
{
	const char *at = line + 2;
	uint64_t seq, hash;
	int64_t value;

	if (!take_number(&at, &seq) || *at) {
		line_fail(conn, "a row is asked for by L <number>");
		return;
	}
	value = (int64_t)seq;
	if (step(FIND, &value, 1) != SQLITE_ROW) {
		line_reply(conn, "L %llu none\n", (unsigned long long)seq);
		return;
	}
	hash = fnv1a(sqlite3_column_text(statements[FIND], 3),
		     sqlite3_column_bytes(statements[FIND], 3));
	line_reply(conn, "L %llu %llu %llu %lld %016llx\n", (unsigned long long)seq,
		   (unsigned long long)column(FIND, 0), (unsigned long long)column(FIND, 1),
		   (long long)column(FIND, 2), (unsigned long long)hash);
	sqlite3_reset(statements[FIND]);
}

static void serve_sums(struct line_conn *conn)
{
	unsigned long long count, last, wrong;

	if (step(COUNT, NULL, 0) != SQLITE_ROW || step(BALANCE, NULL, 0) != SQLITE_ROW) {
		line_fail(conn, sqlite3_errmsg(db));
		return;
	}
	count = column(COUNT, 0);
	last = column(COUNT, 1);
	wrong = column(BALANCE, 0);
	sqlite3_reset(statements[COUNT]);
	sqlite3_reset(statements[BALANCE]);
	line_reply(conn, "S %llu %llu %llu\n", count, last, wrong);
}

/* SQLite's own check of every page, record and index: "ok", or its first complaint. */
static void serve_integrity(struct line_conn *conn)
{
	sqlite3_stmt *check;
	char word[200] = "failed";

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &check, NULL) == SQLITE_OK &&
	    sqlite3_step(check) == SQLITE_ROW)
		snprintf(word, sizeof(word), "%s", (const char *)sqlite3_column_text(check, 0));
	sqlite3_finalize(check);
	for (char *at = word; *at; at++)
		if (*at == '\n')
			*at = ' ';
	line_reply(conn, "I %s\n", word);
}

static void serve(struct line_conn *conn, const char *line, size_t len)
{
	char text[LINE_SERVER_LINE];

	memcpy(text, line, len);
	text[len] = '\0';
	if (!strncmp(text, "W ", 2))
		serve_write(conn, text, len);
	else if (!strncmp(text, "R ", 2))
		serve_read(conn, text);
	else if (!strncmp(text, "L ", 2))
		serve_find(conn, text);
	else if (!strcmp(text, "S"))
		serve_sums(conn);
	else if (!strcmp(text, "I"))
		serve_integrity(conn);
	else
		line_fail(conn, "a request is W, R, L, S or I");
}

static void set_pragmas(void)
{
	char text[100];

	snprintf(text, sizeof(text), "PRAGMA journal_mode = %s",
		 strcmp(options.journal, "wal") ? "DELETE" : "WAL");
	run(text);
	snprintf(text, sizeof(text), "PRAGMA synchronous = %s", options.sync);
	run(text);
}

static void make_accounts(void)
{
	char text[300];

	run("BEGIN IMMEDIATE");
	run(schema);
	snprintf(text, sizeof(text),
		 "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %llu) "
		 "INSERT OR IGNORE INTO account SELECT i, 0, 0 FROM n",
		 (unsigned long long)options.accounts - 1);
	run(text);
	run("COMMIT");
}

/* Continues with what an earlier process has left. */
static void open_database(void)
{
	if (sqlite3_open_v2(options.file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL))
		die("open");
	set_pragmas();
	make_accounts();
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i],
				       NULL) != SQLITE_OK)
			die(texts[i]);
	if (step(COUNT, NULL, 0) != SQLITE_ROW)
		die(texts[COUNT]);
	last_seq = column(COUNT, 1);
	sqlite3_reset(statements[COUNT]);
}

static void parse_options(int argc, char **argv)
{
	static const char *const journals[] = {"wal", "rollback", NULL};
	static const char *const syncs[] = {"full", "extra", "off", NULL};
	static const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"file", .word = &options.file},
		{"accounts", &options.accounts, 1, 1000000},
		{"journal", .word = &options.journal, .words = journals},
		{"sync", .word = &options.sync, .words = syncs},
		{0},
	};

	line_options("oltp", known, argc, argv);
}

int main(int argc, char **argv)
{
	struct line_service service = {"oltp", .serve = serve};

	parse_options(argc, argv);
	open_database();
	service.port = options.port;
	line_serve(&service);
}
