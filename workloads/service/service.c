/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service: a service of the user's, described by a JSON file (docs/reference/services.md): where
 * its program comes from, how it is started, and which protocol it speaks (protocols/). The client
 * and the oracles are the protocol's.
 */
#include "workloads/service/spec.h"
#include "model/strategy.h"
#include "record/error.h"

static const char *const key_choices[] = {"uniform", "zipf", NULL};

static const struct lu_param params[] = {
	{"spec", LU_PARAM_DOCUMENT, "memcached", .folder = "examples/services",
	 .help = "the service's description", .read = lu_service_spec_read,
	 .check = lu_service_spec_check},
	{"dataset_mb", LU_PARAM_INT, "8", 1, 16384, NULL,
	 "size of all values, MiB (a protocol with keys)"},
	{"value_bytes", LU_PARAM_INT, "1024", 64, 65536, NULL, "size of one value"},
	{"read_percent", LU_PARAM_INT, "80", 0, 100, NULL, "share of reads among requests, %"},
	{"keys", LU_PARAM_CHOICE, "uniform", 0, 0, key_choices, "popularity of keys"},
	{NULL},
};

struct client {
	const struct lu_protocol *protocol;
	void *inner; /* the protocol's; so below */
};

static int64_t spec_int(const json_t *given, const char *key)
{
	return json_integer_value(json_object_get(lu_service_spec(given), key));
}

static uint16_t port_of(const json_t *given)
{
	return (uint16_t)spec_int(given, "port");
}

static char **argv_of(const json_t *given)
{
	GPtrArray *words = g_ptr_array_new();
	json_t *word;
	size_t i;

	json_array_foreach(json_object_get(lu_service_spec(given), "argv"), i, word)
		g_ptr_array_add(words, g_strdup(json_string_value(word)));
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

static bool has_keys(const json_t *given)
{
	return lu_service_protocol(given)->codec != NULL;
}

/* The program by itself, and a key with its value as a store may hold it: an item's head, and a
 * size class that is a quarter larger. */
static uint64_t state_bytes(const json_t *given)
{
	uint64_t value = (uint64_t)lu_param_int(given, "value_bytes");
	uint64_t keys = ((uint64_t)lu_param_int(given, "dataset_mb") << 20) / value;
	uint64_t own = (uint64_t)spec_int(given, "state_mb") << 20;

	return own + (has_keys(given) ? keys * (value + value / 4 + 128) : 0);
}

static bool check(const json_t *given, bool simulated, GError **error)
{
	if (!simulated)
		return true;
	if (spec_int(given, "disk_mb")) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "workload service: the simulator has no model of files that "
				    "it does not know; a real guest runs it");
		return false;
	}
	if (lu_service_protocol(given)->service_new)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "workload service: the simulator has no model of a service with protocol %s; "
		    "a real guest runs it",
		    lu_service_protocol(given)->name);
	return false;
}

static void start(const json_t *given, json_t *args)
{
	json_t *file = json_object_get(lu_service_spec(given), "ready_file");

	json_object_set_new(args, "timeout_ms", json_integer(spec_int(given, "ready_ms")));
	if (file)
		json_object_set(args, "file", file);
}

static void *client_new(const json_t *given, uint64_t seed, unsigned connections)
{
	struct client *client = g_new0(struct client, 1);

	client->protocol = lu_service_protocol(given);
	client->inner = client->protocol->client_new(client->protocol, given, seed, connections);
	return client;
}

static void client_free(void *data)
{
	struct client *client = data;

	client->protocol->client_free(client->inner);
	g_free(client);
}

static bool populate(void *data, struct lu_exchange *exchange)
{
	struct client *client = data;

	return client->protocol->populate && client->protocol->populate(client->inner, exchange);
}

static void request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct client *client = data;

	client->protocol->request(client->inner, id, conn, out);
}

static const char *class_of(void *data, uint64_t id, unsigned conn)
{
	struct client *client = data;
	const struct lu_protocol *protocol = client->protocol;

	return protocol->class_of ? protocol->class_of(client->inner, id, conn) : NULL;
}

static ssize_t reply_to(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			struct lu_reply *reply)
{
	struct client *client = data;

	return client->protocol->reply(client->inner, id, conn, buf, len, reply);
}

static void lost(void *data, uint64_t id, unsigned conn)
{
	struct client *client = data;

	client->protocol->lost(client->inner, id, conn);
}

static void reconnected(void *data, unsigned conn)
{
	struct client *client = data;

	client->protocol->reconnected(client->inner, conn);
}

static bool churns(const json_t *given)
{
	return lu_service_protocol(given)->churn != NULL;
}

static void churn(void *data, unsigned count)
{
	struct client *client = data;

	client->protocol->churn(client->inner, count);
}

static bool audit(void *data, struct lu_exchange *exchange)
{
	struct client *client = data;

	return client->protocol->audit(client->inner, exchange);
}

static enum lu_verdict judge_writes(void *data, char **evidence)
{
	struct client *client = data;

	return client->protocol->judge_writes(client->inner, evidence);
}

static enum lu_verdict judge_dataset(void *data, char **evidence)
{
	struct client *client = data;

	return client->protocol->judge_dataset(client->inner, evidence);
}

static enum lu_verdict judge_replies(void *data, char **evidence)
{
	struct client *client = data;

	return client->protocol->judge_replies(client->inner, evidence);
}

static const struct lu_oracle oracles[] = {
	{"acknowledged-writes", "every acknowledged write is present at the end", true,
	 judge_writes},
	{"dataset", "every other key still has the value it was populated with", true,
	 judge_dataset},
	{"answers", "no reply was malformed, damaged, or older than a write acknowledged before it",
	 false, judge_replies},
	{NULL},
};

/* The simulated service, with the protocol that it speaks. */
static void *model_new(const json_t *given, uint64_t seed)
{
	struct client *service = g_new0(struct client, 1);

	service->protocol = lu_service_protocol(given);
	service->inner = service->protocol->service_new(service->protocol, given);
	return service;
}

static void model_free(void *data)
{
	struct client *service = data;

	service->protocol->service_free(service->inner);
	g_free(service);
}

static size_t model_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			  const char *release, GByteArray *reply)
{
	struct client *service = data;

	return service->protocol->serve(service->inner, buf, len, conn, release, reply);
}

static bool model_damage(void *data, const char *kind)
{
	struct client *service = data;

	return service->protocol->damage(service->inner, kind);
}

static const struct lu_service_model model = {
	.new = model_new,
	.free = model_free,
	.serve = model_serve,
	.damage = model_damage,
};

const struct lu_workload lu_workload_service = {
	.name = "service",
	.summary = "a service of the user's: its program, a port, and a protocol to load and judge "
		   "it by",
	.params = params,
	.port_of = port_of,
	.argv = argv_of,
	.needs = lu_service_spec_needs,
	.check = check,
	.start = start,
	.state_bytes = state_bytes,
	.client_new = client_new,
	.client_free = client_free,
	.populate = populate,
	.request = request,
	.reply = reply_to,
	.lost = lost,
	.reconnected = reconnected,
	.churn = churn,
	.churns = churns,
	.audit = audit,
	.oracles = oracles,
	.model = &model,
	.class_of = class_of,
};
