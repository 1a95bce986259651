/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions as a client knows them, beside those that are found at the end. The service numbers
 * commits from 1; a token names an attempt, so that one that is repeated is two.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_ledger;

/* A transaction, or a row that is found: these must be the same. */
struct lu_entry {
	uint64_t token, account;
	int64_t amount;
	uint64_t hash; /* of its payload */
};

/* What comparing has brought to light: counts, and the first case in words. */
struct lu_findings {
	uint64_t missing;     /* acknowledged, but there is no such row */
	uint64_t differing;   /* at its number is another transaction, or other contents */
	uint64_t holes;	      /* numbers up to the last without a row */
	uint64_t foreign;     /* rows of a token that was never sent, or that is there twice */
	uint64_t wrong_reads; /* a balance that the rows up to its number do not add up to */
	char *first;	      /* NULL: none */
};

struct lu_ledger *lu_ledger_new(void);
void lu_ledger_free(struct lu_ledger *ledger);

/* A write is about to be sent; its token (from 0) is filled in. */
uint64_t lu_ledger_issue(struct lu_ledger *ledger, struct lu_entry entry);
/* How many were issued: no number can be above. */
uint64_t lu_ledger_issued(const struct lu_ledger *ledger);
/* The greatest number acknowledged: of any account, or of that one (0: none). */
uint64_t lu_ledger_last(const struct lu_ledger *ledger);
uint64_t lu_ledger_last_of(const struct lu_ledger *ledger, uint64_t account);
/* A commit was acknowledged under that number, by one whose request was sent when `floor` was the
 * last. NULL, or why it cannot be. */
const char *lu_ledger_ack(struct lu_ledger *ledger, uint64_t token, uint64_t number,
			  uint64_t floor);
uint64_t lu_ledger_acked(const struct lu_ledger *ledger);
/* A read saw that balance, which the account's write `number` made (0: none yet). */
void lu_ledger_saw(struct lu_ledger *ledger, uint64_t account, uint64_t number, int64_t balance);
/* This row is there at the end. */
void lu_ledger_row(struct lu_ledger *ledger, uint64_t number, const struct lu_entry *entry);
uint64_t lu_ledger_rows(const struct lu_ledger *ledger);
/* Compare both sides, once all rows have been told. */
void lu_ledger_compare(struct lu_ledger *ledger, struct lu_findings *findings);
void lu_findings_clear(struct lu_findings *findings);
