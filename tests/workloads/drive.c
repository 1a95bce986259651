/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client and model, joined. */
#include <string.h>
#include "core/param.h"
#include "tests/workloads/drive.h"

static bool exchange_all(struct drive *drive, const struct lu_exchange *exchange)
{
	bool ok = true;

	for (uint64_t i = 0; ok && i < exchange->count; i++) {
		GByteArray *out = g_byte_array_new(), *in = g_byte_array_new();

		exchange->request(exchange->data, i, out);
		g_assert_cmpuint(drive->workload->model->serve(drive->service, out->data, out->len,
							       1000, drive->release, in),
				 ==, out->len);
		ok = exchange->reply(exchange->data, i, in->data, in->len) == (ssize_t)in->len;
		g_byte_array_unref(out);
		g_byte_array_unref(in);
	}
	return ok;
}

struct drive *drive_new(const struct lu_workload *workload, const char *params, unsigned conns)
{
	struct drive *drive = g_new0(struct drive, 1);
	json_t *given = json_loads(params, 0, NULL);
	struct lu_exchange exchange = {0};

	g_assert_nonnull(given);
	drive->workload = workload;
	drive->release = "6.1.0-1-test";
	drive->params = lu_params_resolve(workload->params, given, "workload_params", NULL);
	g_assert_nonnull(drive->params);
	json_decref(given);
	drive->client = workload->client_new(drive->params, 3, conns);
	drive->service = workload->model->new (drive->params, 3);
	if (workload->populate && workload->populate(drive->client, &exchange))
		g_assert_true(exchange_all(drive, &exchange));
	return drive;
}

void drive_free(struct drive *drive)
{
	drive->workload->client_free(drive->client);
	drive->workload->model->free(drive->service);
	json_decref(drive->params);
	g_free(drive);
}

static bool one(struct drive *drive, unsigned conn)
{
	GByteArray *out = g_byte_array_new(), *in = g_byte_array_new();
	struct lu_reply reply = {0};
	uint64_t id = drive->next++;
	ssize_t n;

	drive->workload->request(drive->client, id, conn, out);
	drive->workload->model->serve(drive->service, out->data, out->len, conn, drive->release,
				      in);
	/* No prefix of a reply may pass for the whole. */
	for (guint len = 1; len < in->len; len += 1 + in->len / 7)
		g_assert_cmpint(
			drive->workload->reply(drive->client, id, conn, in->data, len, &reply), ==,
			0);
	n = drive->workload->reply(drive->client, id, conn, in->data, in->len, &reply);
	g_assert_true(n == (ssize_t)in->len || n == -1);
	g_byte_array_unref(out);
	g_byte_array_unref(in);
	return n > 0 && reply.ok;
}

unsigned drive_requests(struct drive *drive, unsigned n, unsigned conns)
{
	unsigned ok = 0;

	for (unsigned i = 0; i < n; i++)
		ok += one(drive, i % conns);
	return ok;
}

void drive_lost(struct drive *drive, unsigned conn, bool served)
{
	GByteArray *out = g_byte_array_new(), *in = g_byte_array_new();
	uint64_t id = drive->next++;

	drive->workload->request(drive->client, id, conn, out);
	if (served)
		drive->workload->model->serve(drive->service, out->data, out->len, conn,
					      drive->release, in);
	drive->workload->lost(drive->client, id, conn);
	g_byte_array_unref(out);
	g_byte_array_unref(in);
}

bool drive_audit(struct drive *drive)
{
	struct lu_exchange exchange = {0};

	g_assert_true(drive->workload->audit(drive->client, &exchange));
	return exchange_all(drive, &exchange);
}

enum lu_verdict drive_verdict(struct drive *drive, const char *oracle)
{
	const struct lu_oracle *o = drive->workload->oracles;
	g_autofree char *evidence = NULL;
	enum lu_verdict verdict;

	while (!g_str_equal(o->name, oracle))
		o++;
	verdict = o->judge(drive->client, &evidence);
	g_assert_nonnull(evidence);
	g_assert_null(strchr(evidence, '\n'));
	return verdict;
}
