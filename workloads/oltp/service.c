/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oltp service as the simulated guest runs it (docs/reference/workloads.md). */
#include "workloads/oltp/service.h"
#include <inttypes.h>
#include "workloads/oltp/ledger.h"
#include "workloads/kit/tick.h"

/* Without synchronisation the kernel writes back eventually. */
#define WRITTEN_BACK 64

struct row {
	bool there;
	struct lu_entry entry;
};

struct account {
	int64_t balance;
	uint64_t last;
};

struct oltp_service {
	GArray *rows; /* struct row by number - 1 */
	struct account *accounts;
	uint64_t count;
	enum { SYNC_ALL, SYNC_ALL_BUT_ONE, SYNC_NONE } sync;
	bool bad_page;
};

/* A rollback journal is unlinked to commit, which only "extra" waits for:
 * the last transaction is undone when power fails before the folder was
 * written (https://sqlite.org/pragma.html, synchronous). */
static int sync_of(const json_t *params)
{
	const char *sync = lu_param_str(params, "sync");
	bool rollback = g_str_equal(lu_param_str(params, "journal"), "rollback");

	if (g_str_equal(sync, "off"))
		return SYNC_NONE;
	return rollback && g_str_equal(sync, "full") ? SYNC_ALL_BUT_ONE : SYNC_ALL;
}

static void *oltp_service_new(const json_t *params, uint64_t seed)
{
	struct oltp_service *service = g_new0(struct oltp_service, 1);

	service->count = (uint64_t)lu_param_int(params, "accounts");
	service->accounts = g_new0(struct account, service->count);
	service->rows = g_array_new(FALSE, TRUE, sizeof(struct row));
	service->sync = sync_of(params);
	return service;
}

static void oltp_service_free(void *data)
{
	struct oltp_service *service = data;

	g_array_unref(service->rows);
	g_free(service->accounts);
	g_free(service);
}

static struct row *row_at(const struct oltp_service *service, guint i)
{
	return &g_array_index(service->rows, struct row, i);
}

static uint64_t last_of(const struct oltp_service *service, uint64_t account)
{
	for (guint i = service->rows->len; i > 0; i--)
		if (row_at(service, i - 1)->there &&
		    row_at(service, i - 1)->entry.account == account)
			return i;
	return 0;
}

static void undo(struct oltp_service *service, guint i)
{
	struct row *row = row_at(service, i);
	struct account *account = &service->accounts[row->entry.account];

	row->there = false;
	account->balance -= row->entry.amount;
	account->last = last_of(service, row->entry.account);
}

static void cut_to(struct oltp_service *service, guint rows)
{
	while (service->rows->len > rows) {
		undo(service, service->rows->len - 1);
		g_array_set_size(service->rows, service->rows->len - 1);
	}
}

static void oltp_restart(void *data)
{
	struct oltp_service *service = data;

	guint rows = service->rows->len;

	if (service->sync == SYNC_NONE)
		cut_to(service, rows / WRITTEN_BACK * WRITTEN_BACK);
	else if (service->sync == SYNC_ALL_BUT_ONE && rows)
		cut_to(service, rows - 1);
}

static bool serve_write(struct oltp_service *service, char **word, const char *release,
			GString *reply)
{
	struct row row = {.there = true};
	struct account *account;
	char *end;

	if (g_strv_length(word) != 5 || !lu_tick_number(word[1], 10, &row.entry.token) ||
	    !lu_tick_number(word[2], 10, &row.entry.account) || row.entry.account >= service->count)
		return false;
	row.entry.amount = g_ascii_strtoll(word[3], &end, 10);
	row.entry.hash = lu_tick_fnv(LU_TICK_FNV, word[4], strlen(word[4]));
	if (*end || end == word[3])
		return false;
	g_array_append_val(service->rows, row);
	account = &service->accounts[row.entry.account];
	account->balance += row.entry.amount;
	account->last = service->rows->len;
	g_string_printf(reply, "W %" PRIu64 " %u %s\n", row.entry.token, service->rows->len,
			release);
	return true;
}

static bool serve_read(struct oltp_service *service, char **word, const char *release,
		       GString *reply)
{
	uint64_t token, account;

	if (g_strv_length(word) != 3 || !lu_tick_number(word[1], 10, &token) ||
	    !lu_tick_number(word[2], 10, &account) || account >= service->count)
		return false;
	g_string_printf(reply, "R %" PRIu64 " %" PRIu64 " %" PRId64 " %s\n", token,
			service->accounts[account].last, service->accounts[account].balance,
			release);
	return true;
}

static bool serve_find(struct oltp_service *service, char **word, GString *reply)
{
	const struct lu_entry *entry;
	uint64_t number;

	if (g_strv_length(word) != 2 || !lu_tick_number(word[1], 10, &number) || !number)
		return false;
	if (number > service->rows->len || !row_at(service, (guint)number - 1)->there) {
		g_string_printf(reply, "L %" PRIu64 " none\n", number);
		return true;
	}
	entry = &row_at(service, (guint)number - 1)->entry;
	g_string_printf(reply, "L %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %016" PRIx64 "\n",
			number, entry->token, entry->account, entry->amount, entry->hash);
	return true;
}

static void serve_sums(struct oltp_service *service, GString *reply)
{
	g_autofree int64_t *sums = g_new0(int64_t, service->count);
	uint64_t rows = 0, wrong = 0;

	for (guint i = 0; i < service->rows->len; i++) {
		const struct row *row = row_at(service, i);

		if (!row->there)
			continue;
		rows++;
		sums[row->entry.account] += row->entry.amount;
	}
	for (uint64_t a = 0; a < service->count; a++)
		wrong += sums[a] != service->accounts[a].balance;
	g_string_printf(reply, "S %" PRIu64 " %u %" PRIu64 "\n", rows, service->rows->len, wrong);
}

static bool serve_request(struct oltp_service *service, const char *line, const char *release,
			  GString *reply)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 6);
	const char *what = word[0] ? word[0] : "";

	if (g_str_equal(line, "S")) {
		serve_sums(service, reply);
		return true;
	}
	if (g_str_equal(line, "I")) {
		g_string_assign(reply,
				service->bad_page ? "I *** in database main ***\n" : "I ok\n");
		return true;
	}
	if (g_str_equal(what, "W"))
		return serve_write(service, word, release, reply);
	if (g_str_equal(what, "R"))
		return serve_read(service, word, release, reply);
	return g_str_equal(what, "L") && serve_find(service, word, reply);
}

static void serve_line(void *data, const char *line, const char *release, GString *reply)
{
	if (!serve_request(data, line, release, reply))
		g_string_assign(reply, "E not a request\n");
}

static size_t oltp_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			 const char *release, GByteArray *out)
{
	return lu_tick_serve(data, serve_line, buf, len, release, out);
}

static void swap_last(struct oltp_service *service)
{
	guint n = service->rows->len;
	struct row row = *row_at(service, n - 1);

	*row_at(service, n - 1) = *row_at(service, n - 2);
	*row_at(service, n - 2) = row;
}

static bool oltp_damage(void *data, const char *kind)
{
	struct oltp_service *service = data;
	guint n = service->rows->len;

	if (g_str_equal(kind, "bad-page"))
		service->bad_page = true;
	else if (g_str_equal(kind, "reset-counter"))
		cut_to(service, 0);
	else if (n < 2)
		return false;
	else if (g_str_equal(kind, "lose-write"))
		cut_to(service, n - 1);
	else if (g_str_equal(kind, "hole"))
		undo(service, n - 2);
	else if (g_str_equal(kind, "torn"))
		service->accounts[row_at(service, n - 1)->entry.account].balance++;
	else if (g_str_equal(kind, "corrupt"))
		row_at(service, n - 1)->entry.hash ^= 1;
	else if (g_str_equal(kind, "swap"))
		swap_last(service);
	else
		return false;
	return true;
}

const struct lu_service_model lu_oltp_service_model = {
	.new = oltp_service_new,
	.free = oltp_service_free,
	.serve = oltp_serve,
	.damage = oltp_damage,
	.restart = oltp_restart,
};
