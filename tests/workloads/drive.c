/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client and model, joined. */
#include <string.h>
#include "model/param.h"
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
	drive->conns = conns;
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

void drive_expect(struct drive *drive, enum lu_verdict verdict, const char *oracles)
{
	g_auto(GStrv) names = g_strsplit(oracles, " ", -1);

	for (char **name = names; *name; name++)
		if (drive_verdict(drive, *name) != verdict)
			g_error("%s: %s should %s", drive->workload->name, *name,
				verdict == LU_PASS ? "pass" : "fail");
}

void drive_malformed(struct drive *drive, const char *line)
{
	GByteArray *out = g_byte_array_new();
	struct lu_reply reply = {0};
	uint64_t id = drive->next++;

	drive->workload->request(drive->client, id, 0, out);
	if (drive->workload->reply(drive->client, id, 0, (const uint8_t *)line, strlen(line),
				   &reply) != -1)
		g_error("%s: took this reply: %s", drive->workload->name, line);
	g_byte_array_unref(out);
}

void drive_start_over(struct drive *drive)
{
	g_assert_true(drive->workload->model->damage(drive->service, "reset-counter"));
	for (unsigned c = 0; c < drive->conns; c++)
		drive->workload->reconnected(drive->client, c);
	g_assert_cmpuint(drive_requests(drive, 10, drive->conns), ==, 10);
	g_assert_true(drive_audit(drive));
}

void drive_whole(struct drive *drive, const char *audited)
{
	drive_expect(drive, LU_FAIL, "order");
	g_assert_cmpuint(drive_requests(drive, 100, drive->conns), ==, 100);
	drive_expect(drive, LU_FAIL, audited);
	g_assert_true(drive_audit(drive));
	for (const struct lu_oracle *o = drive->workload->oracles; o->name; o++)
		drive_expect(drive, LU_PASS, o->name);
	drive_free(drive);
}

void drive_damaged(struct drive *drive, const struct drive_damage *damage)
{
	drive_requests(drive, 50, drive->conns);
	g_assert_true(drive->workload->model->damage(drive->service, damage->kind));
	g_assert_cmpuint(drive_requests(drive, 10, drive->conns), ==, 0);
	g_assert_true(drive_audit(drive));
	drive_expect(drive, LU_FAIL, damage->fails);
	if (damage->holds)
		drive_expect(drive, LU_PASS, damage->holds);
	drive_free(drive);
}

void drive_rejects(struct drive *drive, const char *line)
{
	unsigned others = 10 * (drive->conns - 1);

	drive_malformed(drive, line);
	drive_expect(drive, LU_FAIL, "order");
	g_assert_cmpuint(drive_requests(drive, 10 * drive->conns, drive->conns), >=, others);
	drive_expect(drive, LU_FAIL, "order");
	drive_free(drive);
}

void drive_knows_its_damages(struct drive *drive)
{
	g_assert_false(drive->workload->model->damage(drive->service, "no such kind"));
	drive_free(drive);
}
