/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests I, S, and L for each number, and the evaluation of their replies. */
#include "workloads/oltp/audit.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/tick.h"

#define SECOND_NS G_GINT64_CONSTANT(1000000000)
#define HEAD	  2 /* requests before those of rows */

void oltp_audit_clear(struct oltp_audit *audit)
{
	lu_findings_clear(&audit->findings);
	g_free(audit->integrity);
}

bool oltp_parse_signed(const char *text, int64_t *value)
{
	return g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, value, NULL);
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	g_autofree char *line = i == 0	 ? g_strdup("I\n")
				: i == 1 ? g_strdup("S\n")
					 : g_strdup_printf("L %" PRIu64 "\n", i - HEAD + 1);

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static bool take_sums(struct oltp_audit *audit, const char *line)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 5);

	audit->summed = g_strv_length(word) == 4 && g_str_equal(word[0], "S") &&
			lu_tick_number(word[1], 10, &audit->count) &&
			lu_tick_number(word[2], 10, &audit->last) &&
			lu_tick_number(word[3], 10, &audit->unbalanced);
	return audit->summed;
}

/* "L <number> <token> <account> <amount> <hash>" or "L <number> none" */
static bool take_row(struct oltp_audit *audit, const char *line, uint64_t expected)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 7);
	struct lu_entry entry;
	uint64_t number;

	if (g_strv_length(word) < 3 || !g_str_equal(word[0], "L") ||
	    !lu_tick_number(word[1], 10, &number) || number != expected)
		return false;
	if (g_strv_length(word) == 3)
		return g_str_equal(word[2], "none");
	if (g_strv_length(word) != 6 || !lu_tick_number(word[2], 10, &entry.token) ||
	    !lu_tick_number(word[3], 10, &entry.account) ||
	    !oltp_parse_signed(word[4], &entry.amount) || !lu_tick_number(word[5], 16, &entry.hash))
		return false;
	lu_ledger_row(audit->ledger, number, &entry);
	return true;
}

static bool take_integrity(struct oltp_audit *audit, const char *line)
{
	if (!g_str_has_prefix(line, "I "))
		return false;
	g_free(audit->integrity);
	audit->integrity = g_strdup(line + 2);
	return true;
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct oltp_audit *audit = data;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);
	bool ok;

	if (!line)
		return n;
	ok = i == 0   ? take_integrity(audit, line)
	     : i == 1 ? take_sums(audit, line)
		      : take_row(audit, line, i - HEAD + 1);
	return ok ? n : -1;
}

/* There can be no more rows than transactions sent; one more number is read to check
 * that it does not exist. */
void oltp_audit_begin(struct oltp_audit *audit, struct lu_exchange *exchange)
{
	uint64_t rows = lu_ledger_issued(audit->ledger) + 1;

	*exchange = (struct lu_exchange){
		.count = HEAD + rows,
		.window = 32,
		.timeout_ns = (60 + (int64_t)rows / 100) * SECOND_NS,
		.data = audit,
		.request = audit_request,
		.reply = audit_reply,
	};
}

const struct lu_findings *oltp_audit_findings(struct oltp_audit *audit)
{
	if (!audit->compared)
		lu_ledger_compare(audit->ledger, &audit->findings);
	audit->compared = true;
	return &audit->findings;
}

/* Attempts on abandoned connections may still be carried out, so rows may have been added
 * since they were counted. */
bool oltp_audit_complete(const struct oltp_audit *audit)
{
	return audit->summed && lu_ledger_rows(audit->ledger) >= audit->count;
}
