/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of the shelves: it fills them, asks what version 1 has to answer, gets items all the
 * time, and at the end looks at all items and asks what the update has to answer.
 */
#pragma once
#include "model/workload.h"
#include "workloads/catalog/source.h"

enum { LU_CATALOG_SHELVES = LU_COMPONENT_INSTANCES, LU_CATALOG_ITEMS = 3 }; /* of key i: 10 i */

void *lu_catalog_client_new(const struct lu_update *update, const char *first);
/* As struct lu_workload says. */
void lu_catalog_client_free(void *client);
bool lu_catalog_populate(void *client, struct lu_exchange *exchange);
void lu_catalog_request(void *client, uint64_t id, unsigned conn, GByteArray *out);
ssize_t lu_catalog_reply(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			 struct lu_reply *reply);
bool lu_catalog_audit(void *client, struct lu_exchange *exchange);
json_t *lu_catalog_report(void *client);

enum lu_verdict lu_catalog_judge_order(void *client, char **evidence);
enum lu_verdict lu_catalog_judge_before(void *client, char **evidence);
enum lu_verdict lu_catalog_judge_items(void *client, char **evidence);
enum lu_verdict lu_catalog_judge_answers(void *client, char **evidence);
enum lu_verdict lu_catalog_judge_kernel(void *client, char **evidence);
