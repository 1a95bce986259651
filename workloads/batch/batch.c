/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: a job that only computes, for as long as it is let, and answers how far it has come. What an
 * upgrade takes from it is not replies but work: record/work.h.
 */
#include <inttypes.h>
#include <string.h>
#include "workloads/batch/job.h"
#include "workloads/batch/service.h"
#include "workloads/kit/argv.h"
#include "workloads/kit/tick.h"

struct batch_client {
	uint64_t unit_steps;
	uint64_t *units; /* by connection: of its last reply */
	uint64_t answered, most;
	uint64_t wrong_id, malformed, wrong_value;
	uint64_t falls, lost; /* times that it had fallen back, and units by the furthest fall */
};

static const struct lu_param batch_params[] = {
	{"unit_steps", LU_PARAM_INT, "10000", 1, 1000000000, NULL,
	 "steps of the computation that count as one unit of work"},
	{"nice", LU_PARAM_INT, "19", 0, 19, NULL, "niceness of the job"},
	{NULL},
};

static char **batch_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/batch", "--port", "7016", NULL};
	static const char *const names[] = {"unit_steps", "nice", NULL};

	return lu_argv_of(params, words, names);
}

static uint64_t batch_state_bytes(const json_t *params)
{
	return 1 << 20;
}

static void *batch_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct batch_client *client = g_new0(struct batch_client, 1);

	client->unit_steps = (uint64_t)lu_param_int(params, "unit_steps");
	client->units = g_new0(uint64_t, connections);
	return client;
}

static void batch_client_free(void *data)
{
	struct batch_client *client = data;

	g_free(client->units);
	g_free(client);
}

static void batch_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	g_autofree char *line = g_strdup_printf("B %" PRIu64 "\n", id);

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static bool parse(const char *line, uint64_t *id, uint64_t *units, uint64_t *value,
		  const char **release)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 6);

	if (g_strv_length(word) != 5 || !g_str_equal(word[0], "B") ||
	    !lu_tick_number(word[1], 10, id) || !lu_tick_number(word[3], 10, units) ||
	    !lu_tick_number(word[4], 16, value))
		return false;
	*release = g_intern_string(word[2]);
	return true;
}

/* Replies of two connections may overtake each other on their way; those of one do not, also when it
 * was opened anew. */
static void follow(struct batch_client *client, unsigned conn, uint64_t units)
{
	if (units < client->units[conn]) {
		client->falls++;
		client->lost = MAX(client->lost, client->units[conn] - units);
	}
	client->units[conn] = units;
	client->most = MAX(client->most, units);
}

static ssize_t batch_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			   struct lu_reply *reply)
{
	struct batch_client *client = data;
	uint64_t answered_id, units, value;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!parse(line, &answered_id, &units, &value, &reply->version)) {
		client->malformed++;
		return -1;
	}
	client->answered++;
	if (answered_id != id) {
		client->wrong_id++;
		reply->why = "reply to another request";
	} else if (value != lu_batch_value(units * client->unit_steps)) {
		client->wrong_value++;
		reply->why = "not what so many steps compute";
	}
	reply->ok = !reply->why;
	follow(client, conn, units);
	reply->works = true;
	reply->units = units;
	return n;
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct batch_client *client = data;
	uint64_t wrong = client->wrong_id + client->malformed;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " malformed",
				    client->answered, client->wrong_id, client->malformed);
	return wrong || !client->answered ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_result(void *data, char **evidence)
{
	struct batch_client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " units of %" PRIu64 " steps at most; %" PRIu64
				    " of %" PRIu64 " replies with another value than those compute",
				    client->most, client->unit_steps, client->wrong_value,
				    client->answered);
	return client->wrong_value || !client->most ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_state(void *data, char **evidence)
{
	struct batch_client *client = data;

	*evidence =
		g_strdup_printf("%" PRIu64 " units done at most; on %" PRIu64
				" occasions a connection saw fewer than before, by up to %" PRIu64,
				client->most, client->falls, client->lost);
	return client->falls || !client->most ? LU_FAIL : LU_PASS;
}

static const struct lu_oracle batch_oracles[] = {
	{"order", "each reply answers its request", false, judge_order},
	{"result", "the value is what so many steps compute", false, judge_result},
	{"state", "no unit of work was lost", true, judge_state},
	{NULL},
};

const struct lu_workload lu_workload_batch = {
	.name = "batch",
	.summary = "a job that only computes: work lost and time stolen",
	.params = batch_params,
	.program = "batch",
	.port = 7016,
	.argv = batch_argv,
	.state_bytes = batch_state_bytes,
	.client_new = batch_client_new,
	.client_free = batch_client_free,
	.request = batch_request,
	.reply = batch_reply,
	.oracles = batch_oracles,
	.model = &lu_batch_service_model,
};
