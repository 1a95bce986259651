/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of an oltp run: the database's own integrity check, and every row it has. */
#pragma once
#include "workloads/oltp/ledger.h"
#include "model/workload.h"

struct oltp_audit {
	struct lu_ledger *ledger; /* the client's */
	char *integrity;	  /* result of the database's integrity check */
	bool summed;
	uint64_t count, last, unbalanced;
	bool compared;
	struct lu_findings findings;
};

void oltp_audit_clear(struct oltp_audit *audit);
void oltp_audit_begin(struct oltp_audit *audit, struct lu_exchange *exchange);
/* Compares the rows with what was acknowledged; once, after they were read. */
const struct lu_findings *oltp_audit_findings(struct oltp_audit *audit);
/* Whether all rows that were counted have been read. */
bool oltp_audit_complete(const struct oltp_audit *audit);
/* Parses the whole text as a signed number. */
bool oltp_parse_signed(const char *text, int64_t *value);
