/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions as a client knows them, and those found at the end. The service numbers commits from
 * 1; a token names an attempt, so that a retry is a second attempt.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_ledger;

/* A transaction, or a row found: these must be equal. */
struct lu_entry {
	uint64_t token, account;
	int64_t amount;
	uint64_t hash; /* of its payload */
};

/* Findings of the comparison: counts, and the first case in words. */
struct lu_findings {
	uint64_t missing; /* acknowledged, but without a row */
	/* acknowledged, but its number has another transaction or other contents */
	uint64_t differing;
	uint64_t holes;	      /* numbers below the last one without a row */
	uint64_t foreign;     /* rows whose token was never sent, or occurs twice */
	uint64_t wrong_reads; /* balances read that are not the sum of the rows up to that number */
	char *first;	      /* NULL: none */
};

struct lu_ledger *lu_ledger_new(void);
void lu_ledger_free(struct lu_ledger *ledger);

/* A write is about to be sent; returns its token (from 0). */
uint64_t lu_ledger_issue(struct lu_ledger *ledger, struct lu_entry entry);
/* How many were issued: no number can be higher. */
uint64_t lu_ledger_issued(const struct lu_ledger *ledger);
/* The highest number acknowledged, for any account or for that one (0: none). */
uint64_t lu_ledger_last(const struct lu_ledger *ledger);
uint64_t lu_ledger_last_of(const struct lu_ledger *ledger, uint64_t account);
/* A commit was acknowledged under that number; its request was sent when `floor` was the last.
 * NULL, or why that is impossible. */
const char *lu_ledger_ack(struct lu_ledger *ledger, uint64_t token, uint64_t number,
			  uint64_t floor);
uint64_t lu_ledger_acked(const struct lu_ledger *ledger);
/* A read returned that balance, left by the account's write `number` (0: none yet). */
void lu_ledger_saw(struct lu_ledger *ledger, uint64_t account, uint64_t number, int64_t balance);
/* This row exists at the end. */
void lu_ledger_row(struct lu_ledger *ledger, uint64_t number, const struct lu_entry *entry);
uint64_t lu_ledger_rows(const struct lu_ledger *ledger);
/* Compare both sides, once all rows have been reported. */
void lu_ledger_compare(struct lu_ledger *ledger, struct lu_findings *findings);
void lu_findings_clear(struct lu_findings *findings);
