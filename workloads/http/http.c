/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http: the real nginx, master and worker, with short requests and downloads that go on for as
 * long as the run (docs/reference/workloads.md). Each byte of a download follows from its
 * offset, so the client checks them all without having a copy. A download is one connection's
 * walk through the content, range after range; it must continue across an upgrade where it was,
 * on the same connection.
 */
#include <inttypes.h>
#include <string.h>
#include "workloads/http/service.h"
#include "workloads/kit/http.h"
#include "model/workload.h"

#define SECOND_NS   G_GINT64_CONSTANT(1000000000)
#define BODY_MAX    (8u << 20)
#define AUDIT_BYTES (256u << 10)

/* An outstanding request. */
struct op {
	bool chunk;
	uint64_t offset, len;
};

/* One connection's download. */
struct download {
	uint64_t next;	/* offset to request next */
	bool fell_back; /* back to the first range that was lost */
	bool moved;	/* to another connection, which has received nothing yet */
};

struct http_client {
	uint64_t size, chunk;
	unsigned downloads;
	struct download *download; /* by connection, of the first ones */
	GHashTable *ops;	   /* id → struct op */
	uint64_t pages, chunks, bytes, passes, wrong_bytes, resumed;
	uint64_t wrong_id, bad_status, malformed;
	char *first_bad;
	uint64_t audit_bytes, audit_wrong;
};

static const struct lu_param http_params[] = {
	{"content_mb", LU_PARAM_INT, "4", 1, 4096, NULL, "size of the downloaded content, MiB"},
	{"downloads", LU_PARAM_INT, "2", 0, 1000, NULL,
	 "connections that download; the others send short requests"},
	{"chunk_kb", LU_PARAM_INT, "32", 1, 4096, NULL, "size of one range of a download, KiB"},
	{NULL},
};

/* Errors go to stderr, so that all other output of nginx leaves the guest through its sockets. The
 * worker has no reason to run as another user: the guest has no other. */
static const char config[] = "user root root;\n"
			     "worker_processes 1;\n"
			     "daemon off;\n"
			     "pid /run/nginx.pid;\n"
			     "error_log stderr crit;\n"
			     "events {\n"
			     "	worker_connections 1024;\n"
			     "}\n"
			     "http {\n"
			     "	access_log off;\n"
			     "	sendfile on;\n"
			     "	tcp_nodelay on;\n"
			     "	keepalive_requests 1000000000;\n"
			     "	client_body_temp_path /run/nginx-body;\n"
			     "	proxy_temp_path /run/nginx-proxy;\n"
			     "	fastcgi_temp_path /run/nginx-fastcgi;\n"
			     "	uwsgi_temp_path /run/nginx-uwsgi;\n"
			     "	scgi_temp_path /run/nginx-scgi;\n"
			     "	add_header X-Id $arg_id;\n"
			     "	server {\n"
			     "		listen 80;\n"
			     "		location = /content { alias /data/content; }\n"
			     "		location = /release { alias /run/lubench/release; }\n"
			     "	}\n"
			     "}\n";

static const struct lu_guest_file files[] = {
	{"etc/nginx/nginx.conf", config},
	{"etc/passwd", "root:x:0:0:root:/:/bin/sh\n"},
	{"etc/group", "root:x:0:\n"},
	{NULL},
};

static char **http_argv(const json_t *params)
{
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
	g_autofree char *mb = g_strdup_printf("%" PRId64, lu_param_int(params, "content_mb"));

	g_strv_builder_add_many(argv, "/usr/bin/http", "--file", "/data/content", "--content-mb",
				mb, "--seed", G_STRINGIFY(LU_HTTP_SEED), "/usr/sbin/nginx", "-e",
				"stderr", NULL);
	return g_strv_builder_end(argv);
}

/* Twice the content while it is made, and file system overhead. */
static unsigned http_disk_mb(const json_t *params)
{
	unsigned content = (unsigned)lu_param_int(params, "content_mb");

	return content + content / 8 + 32;
}

/* Two processes with their libraries' data; the content is in the page cache. */
static uint64_t http_state_bytes(const json_t *params)
{
	return 12 << 20;
}

static uint64_t http_reply_bytes(const json_t *params)
{
	return lu_param_int(params, "downloads") ? (uint64_t)lu_param_int(params, "chunk_kb") << 10
						 : 0;
}

static void *http_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct http_client *client = g_new0(struct http_client, 1);

	client->size = (uint64_t)lu_param_int(params, "content_mb") << 20;
	client->chunk = (uint64_t)lu_param_int(params, "chunk_kb") << 10;
	client->downloads = MIN((unsigned)lu_param_int(params, "downloads"), connections);
	client->download = g_new0(struct download, connections);
	client->ops = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	/* spread the starting offsets */
	for (unsigned c = 0; c < client->downloads; c++)
		client->download[c].next =
			client->size / client->downloads * c / client->chunk * client->chunk;
	return client;
}

static void http_client_free(void *data)
{
	struct http_client *client = data;

	g_hash_table_unref(client->ops);
	g_free(client->download);
	g_free(client->first_bad);
	g_free(client);
}

static void ask_for_chunk(struct http_client *client, uint64_t id, unsigned conn, struct op *op,
			  GByteArray *out)
{
	struct download *download = &client->download[conn];

	op->offset = download->next;
	op->len = MIN(client->chunk, client->size - op->offset);
	download->next = (op->offset + op->len) % client->size;
	download->fell_back = false;
	lu_http_get("/content", id, op->offset, op->offset + op->len - 1, out);
}

static const char *http_class(void *data, uint64_t id, unsigned conn)
{
	const struct http_client *client = data;

	return conn < client->downloads ? "download" : "page";
}

static void http_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct http_client *client = data;
	struct op *op = g_new0(struct op, 1);

	op->chunk = conn < client->downloads;
	if (op->chunk)
		ask_for_chunk(client, id, conn, op, out);
	else
		lu_http_get("/release", id, 1, 0, out);
	g_hash_table_replace(client->ops, g_memdup2(&id, sizeof(id)), op);
}

static const char *check_chunk(struct http_client *client, const struct op *op, unsigned conn,
			       const struct lu_http_reply *http)
{
	client->chunks++;
	client->bytes += http->body_len;
	client->passes += op->offset + op->len == client->size;
	client->resumed += client->download[conn].moved;
	client->download[conn].moved = false;
	if (http->body_len == op->len && lu_http_is_content(op->offset, http->body, http->body_len))
		return NULL;
	client->wrong_bytes++;
	if (!client->first_bad)
		client->first_bad =
			g_strdup_printf("; first: offset %" PRIu64 ", %zu of %" PRIu64 " bytes",
					op->offset, http->body_len, op->len);
	return "content differs";
}

/* The file that the agent of each kernel writes: its release, then spaces to the line's end. */
static const char *check_page(struct http_client *client, const struct lu_http_reply *http,
			      struct lu_reply *reply)
{
	g_autofree char *text = g_strndup((const char *)http->body, http->body_len);

	client->pages++;
	if (!g_str_has_suffix(text, "\n") || !*g_strchomp(text) || strpbrk(text, " \n"))
		return "not a kernel release";
	reply->version = g_intern_string(text);
	return NULL;
}

static const char *check_reply(struct http_client *client, const struct op *op, uint64_t id,
			       unsigned conn, const struct lu_http_reply *http,
			       struct lu_reply *reply)
{
	if (http->status != (op->chunk ? 206 : 200)) {
		client->bad_status++;
		return "wrong status";
	}
	if (http->id != id) {
		client->wrong_id++;
		return "reply to another request";
	}
	return op->chunk ? check_chunk(client, op, conn, http) : check_page(client, http, reply);
}

static ssize_t http_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			  struct lu_reply *reply)
{
	struct http_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);
	struct lu_http_reply http;
	ssize_t n = lu_http_parse(buf, len, BODY_MAX, &http);

	if (n == 0)
		return 0;
	if (n < 0 || !op) {
		client->malformed++;
		return -1;
	}
	reply->why = check_reply(client, op, id, conn, &http, reply);
	reply->ok = !reply->why;
	g_hash_table_remove(client->ops, &id);
	return n;
}

/* Ranges that were requested and did not arrive are requested again, from the first one on. */
static void http_lost(void *data, uint64_t id, unsigned conn)
{
	struct http_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);

	if (!op)
		return;
	if (op->chunk && !client->download[conn].fell_back) {
		client->download[conn].next = op->offset;
		client->download[conn].fell_back = true;
	}
	g_hash_table_remove(client->ops, &id);
}

static void http_reconnected(void *data, unsigned conn)
{
	struct http_client *client = data;

	if (conn < client->downloads)
		client->download[conn].moved = true;
}

/* Passing connections ask for the short page. */
static void http_churn(void *client, unsigned count)
{
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	struct http_client *client = data;
	uint64_t first = i * AUDIT_BYTES;

	lu_http_get("/content", i, first, MIN(first + AUDIT_BYTES, client->size) - 1, out);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct http_client *client = data;
	struct lu_http_reply http;
	ssize_t n = lu_http_parse(buf, len, BODY_MAX, &http);

	if (n <= 0)
		return n;
	if (http.status != 206 || http.id != i)
		return -1;
	client->audit_bytes += http.body_len;
	client->audit_wrong += !lu_http_is_content(i * AUDIT_BYTES, http.body, http.body_len);
	return n;
}

static bool http_audit(void *data, struct lu_exchange *exchange)
{
	struct http_client *client = data;

	*exchange = (struct lu_exchange){
		.count = (client->size + AUDIT_BYTES - 1) / AUDIT_BYTES,
		.window = 4,
		.timeout_ns = (60 + (int64_t)(client->size >> 20)) * SECOND_NS,
		.data = client,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct http_client *client = data;
	uint64_t wrong = client->wrong_id + client->bad_status + client->malformed;

	*evidence = g_strdup_printf("%" PRIu64 " pages, %" PRIu64 " ranges; %" PRIu64
				    " replies to another request, %" PRIu64
				    " with a wrong status, %" PRIu64 " malformed",
				    client->pages, client->chunks, client->wrong_id,
				    client->bad_status, client->malformed);
	return wrong || !(client->pages + client->chunks) ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_bytes(void *data, char **evidence)
{
	struct http_client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " bytes downloaded in %" PRIu64
				    " ranges, the content's end reached %" PRIu64 " times; %" PRIu64
				    " ranges differ%s",
				    client->bytes, client->chunks, client->passes,
				    client->wrong_bytes, client->first_bad ?: "");
	return client->wrong_bytes ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_downloads(void *data, char **evidence)
{
	struct http_client *client = data;

	*evidence = g_strdup_printf("%u downloads, %" PRIu64
				    " times one had to continue on another connection",
				    client->downloads, client->resumed);
	return client->resumed ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_content(void *data, char **evidence)
{
	struct http_client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " of %" PRIu64
				    " bytes read back at the end, %" PRIu64 " ranges differ",
				    client->audit_bytes, client->size, client->audit_wrong);
	return client->audit_bytes == client->size && !client->audit_wrong ? LU_PASS : LU_FAIL;
}

static const struct lu_oracle http_oracles[] = {
	{"order", "each reply answers its request, in order", false, judge_order},
	{"bytes", "every downloaded byte is correct", false, judge_bytes},
	{"downloads", "each download continues where it was, on its connection", true,
	 judge_downloads},
	{"content", "the content is complete at the end", false, judge_content},
	{NULL},
};

/* zlib's package is not named for its library, as policy wants it. */
static const struct lu_program nginx = {"nginx", "/usr/sbin/nginx", {"nginx", "zlib1g"}};

const struct lu_workload lu_workload_http = {
	.name = "http",
	.summary = "the real nginx: downloads with every byte checked, and short requests",
	.params = http_params,
	.program = "nginx",
	.packaged = &nginx,
	.helper = "http",
	.files = files,
	.port = 80,
	.argv = http_argv,
	.disk_mb = http_disk_mb,
	.state_bytes = http_state_bytes,
	.reply_bytes = http_reply_bytes,
	.client_new = http_client_new,
	.client_free = http_client_free,
	.request = http_request,
	.reply = http_reply,
	.lost = http_lost,
	.reconnected = http_reconnected,
	.churn = http_churn,
	.audit = http_audit,
	.oracles = http_oracles,
	.model = &lu_http_service_model,
	.class_of = http_class,
};
