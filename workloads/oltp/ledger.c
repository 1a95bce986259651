/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/oltp/ledger.h"
#include <inttypes.h>
#include <string.h>

struct attempt {
	struct lu_entry entry;
	uint64_t number; /* acknowledged; 0: not */
	bool there;	 /* there is a row for it */
};

struct sight {
	uint64_t account, number;
	int64_t balance;
};

struct row {
	bool there;
	struct lu_entry entry;
	int64_t balance; /* of its account after it */
};

struct lu_ledger {
	GArray *attempts; /* struct attempt by token */
	GArray *numbers;  /* uint64_t by number: token + 1 that it was acknowledged to, 0: none */
	GArray *sights, *rows; /* rows by number */
	GHashTable *lasts;     /* account → greatest number acknowledged */
	uint64_t last, acked, row_count;
};

struct lu_ledger *lu_ledger_new(void)
{
	struct lu_ledger *ledger = g_new0(struct lu_ledger, 1);

	ledger->attempts = g_array_new(FALSE, TRUE, sizeof(struct attempt));
	ledger->numbers = g_array_new(FALSE, TRUE, sizeof(uint64_t));
	ledger->sights = g_array_new(FALSE, TRUE, sizeof(struct sight));
	ledger->rows = g_array_new(FALSE, TRUE, sizeof(struct row));
	ledger->lasts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	return ledger;
}

void lu_ledger_free(struct lu_ledger *ledger)
{
	g_array_unref(ledger->attempts);
	g_array_unref(ledger->numbers);
	g_array_unref(ledger->sights);
	g_array_unref(ledger->rows);
	g_hash_table_unref(ledger->lasts);
	g_free(ledger);
}

uint64_t lu_ledger_issue(struct lu_ledger *ledger, struct lu_entry entry)
{
	struct attempt attempt = {.entry = entry};

	attempt.entry.token = ledger->attempts->len;
	g_array_append_val(ledger->attempts, attempt);
	return attempt.entry.token;
}

uint64_t lu_ledger_issued(const struct lu_ledger *ledger)
{
	return ledger->attempts->len;
}

uint64_t lu_ledger_last(const struct lu_ledger *ledger)
{
	return ledger->last;
}

uint64_t lu_ledger_last_of(const struct lu_ledger *ledger, uint64_t account)
{
	const uint64_t *last = g_hash_table_lookup(ledger->lasts, &account);

	return last ? *last : 0;
}

uint64_t lu_ledger_acked(const struct lu_ledger *ledger)
{
	return ledger->acked;
}

/* Element of an array that grows with zeroes. */
static void *at(GArray *array, uint64_t i)
{
	if (array->len <= i)
		g_array_set_size(array, (guint)i + 1);
	return array->data + i * g_array_get_element_size(array);
}

static void remember_last(struct lu_ledger *ledger, uint64_t account, uint64_t number)
{
	ledger->last = MAX(ledger->last, number);
	if (number > lu_ledger_last_of(ledger, account))
		g_hash_table_replace(ledger->lasts, g_memdup2(&account, sizeof(account)),
				     g_memdup2(&number, sizeof(number)));
}

const char *lu_ledger_ack(struct lu_ledger *ledger, uint64_t token, uint64_t number, uint64_t floor)
{
	struct attempt *attempt = at(ledger->attempts, token);
	uint64_t *owner;

	if (number == 0 || number > ledger->attempts->len)
		return "number beyond the transactions sent";
	if (number <= floor)
		return "number not above one acknowledged before";
	owner = at(ledger->numbers, number);
	if (*owner)
		return "number given twice";
	*owner = token + 1;
	attempt->number = number;
	ledger->acked++;
	remember_last(ledger, attempt->entry.account, number);
	return NULL;
}

void lu_ledger_saw(struct lu_ledger *ledger, uint64_t account, uint64_t number, int64_t balance)
{
	const struct sight sight = {account, number, balance};

	g_array_append_val(ledger->sights, sight);
}

void lu_ledger_row(struct lu_ledger *ledger, uint64_t number, const struct lu_entry *entry)
{
	struct row *row = at(ledger->rows, number);

	row->there = true;
	row->entry = *entry;
	ledger->row_count++;
}

uint64_t lu_ledger_rows(const struct lu_ledger *ledger)
{
	return ledger->row_count;
}

static G_GNUC_PRINTF(3, 4) void find(struct lu_findings *findings, uint64_t *count,
				     const char *format, ...)
{
	va_list args;

	++*count;
	if (findings->first)
		return;
	va_start(args, format);
	findings->first = g_strdup_vprintf(format, args);
	va_end(args);
}

static bool same(const struct lu_entry *a, const struct lu_entry *b)
{
	return a->token == b->token && a->account == b->account && a->amount == b->amount &&
	       a->hash == b->hash;
}

/* A row must match what was sent with its token, and occur once. */
static void compare_row(struct lu_ledger *ledger, uint64_t number, struct lu_findings *findings)
{
	const struct row *row = at(ledger->rows, number);
	struct attempt *attempt;

	if (!row->there) {
		find(findings, &findings->holes, "number %" PRIu64 " is missing below the last",
		     number);
		return;
	}
	if (row->entry.token >= ledger->attempts->len) {
		find(findings, &findings->foreign, "row %" PRIu64 " was never sent", number);
		return;
	}
	attempt = at(ledger->attempts, row->entry.token);
	if (attempt->there)
		find(findings, &findings->foreign, "row %" PRIu64 " exists twice", number);
	else if (!same(&attempt->entry, &row->entry))
		find(findings, &findings->differing, "row %" PRIu64 " has other contents", number);
	attempt->there = true;
}

static void compare_ack(struct lu_ledger *ledger, const struct attempt *attempt,
			struct lu_findings *findings)
{
	const struct row *row;

	if (!attempt->number)
		return;
	row = attempt->number < ledger->rows->len ? at(ledger->rows, attempt->number) : NULL;
	if (!row || !row->there)
		find(findings, &findings->missing, "transaction %" PRIu64 " was acknowledged",
		     attempt->number);
	else if (row->entry.token != attempt->entry.token)
		find(findings, &findings->differing,
		     "number %" PRIu64 " was acknowledged to another transaction", attempt->number);
}

static void add_up(struct lu_ledger *ledger)
{
	g_autoptr(GHashTable) balances =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);

	for (guint number = 1; number < ledger->rows->len; number++) {
		struct row *row = at(ledger->rows, number);
		const int64_t *before = g_hash_table_lookup(balances, &row->entry.account);

		if (!row->there)
			continue;
		row->balance = (before ? *before : 0) + row->entry.amount;
		g_hash_table_replace(balances,
				     g_memdup2(&row->entry.account, sizeof(row->entry.account)),
				     g_memdup2(&row->balance, sizeof(row->balance)));
	}
}

static bool is_right(struct lu_ledger *ledger, const struct sight *sight)
{
	const struct row *row;

	if (!sight->number)
		return sight->balance == 0;
	if (sight->number >= ledger->rows->len)
		return false;
	row = at(ledger->rows, sight->number);
	return row->there && row->entry.account == sight->account && row->balance == sight->balance;
}

void lu_ledger_compare(struct lu_ledger *ledger, struct lu_findings *findings)
{
	*findings = (struct lu_findings){0};
	for (guint i = 0; i < ledger->attempts->len; i++)
		compare_ack(ledger, at(ledger->attempts, i), findings);
	for (guint number = 1; number < ledger->rows->len; number++)
		compare_row(ledger, number, findings);
	add_up(ledger);
	for (guint i = 0; i < ledger->sights->len; i++) {
		const struct sight *sight = at(ledger->sights, i);

		if (!is_right(ledger, sight))
			find(findings, &findings->wrong_reads,
			     "account %" PRIu64 " was read as %" PRId64 " at number %" PRIu64,
			     sight->account, sight->balance, sight->number);
	}
}

void lu_findings_clear(struct lu_findings *findings)
{
	g_clear_pointer(&findings->first, g_free);
}
