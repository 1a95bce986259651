/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small Redis in memory. */
#include <string.h>
#include "workloads/redis/service.h"
#include "workloads/redis/resp.h"

/* Redis's own limit on a bulk string (proto-max-bulk-len). */
#define MAX_BULK (512u << 20)

struct service {
	GHashTable *values; /* GBytes → GBytes */
	GBytes *last_key;   /* of the last SET */
	GBytes *last_old;   /* what it replaced; NULL: nothing */
};

static void *service_new(const json_t *params, uint64_t seed)
{
	struct service *service = g_new0(struct service, 1);

	service->values =
		g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
				      (GDestroyNotify)g_bytes_unref);
	return service;
}

static void forget_last(struct service *service)
{
	g_clear_pointer(&service->last_key, g_bytes_unref);
	g_clear_pointer(&service->last_old, g_bytes_unref);
}

static void service_free(void *data)
{
	struct service *service = data;

	forget_last(service);
	g_hash_table_unref(service->values);
	g_free(service);
}

static void set(struct service *service, const struct lu_resp *key, const struct lu_resp *value)
{
	GBytes *old;

	forget_last(service);
	service->last_key = g_bytes_new(key->bytes, key->len);
	old = g_hash_table_lookup(service->values, service->last_key);
	service->last_old = old ? g_bytes_ref(old) : NULL;
	g_hash_table_replace(service->values, g_bytes_ref(service->last_key),
			     g_bytes_new(value->bytes, value->len));
}

static void get(struct service *service, const struct lu_resp *key, GByteArray *out)
{
	g_autoptr(GBytes) wanted = g_bytes_new(key->bytes, key->len);
	GBytes *value = g_hash_table_lookup(service->values, wanted);

	if (value)
		lu_resp_append_bulk(out, g_bytes_get_data(value, NULL), g_bytes_get_size(value));
	else
		g_byte_array_append(out, (const guint8 *)"$-1\r\n", 5);
}

static bool is(const struct lu_resp *arg, const char *word)
{
	return arg->len == strlen(word) &&
	       g_ascii_strncasecmp((const char *)arg->bytes, word, arg->len) == 0;
}

static void execute(struct service *service, const struct lu_resp *args, unsigned count,
		    GByteArray *out)
{
	g_autofree char *text = NULL;

	if (count == 3 && is(&args[0], "SET")) {
		set(service, &args[1], &args[2]);
		text = g_strdup("+OK\r\n");
	} else if (count == 2 && is(&args[0], "GET")) {
		get(service, &args[1], out);
		return;
	} else if (count == 1 && is(&args[0], "DBSIZE")) {
		text = g_strdup_printf(":%u\r\n", g_hash_table_size(service->values));
	} else {
		text = g_strdup("-ERR unknown command\r\n");
	}
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static size_t service_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			    const char *release, GByteArray *out)
{
	static const char broken[] = "-ERR Protocol error\r\n";
	struct lu_resp args[4];
	unsigned count;
	ssize_t n = lu_resp_parse_command(buf, len, MAX_BULK, args, G_N_ELEMENTS(args), &count);

	if (n < 0) {
		g_byte_array_append(out, (const guint8 *)broken, sizeof(broken) - 1);
		return len;
	}
	if (n > 0)
		execute(data, args, count, out);
	return (size_t)n;
}

static bool lose_write(struct service *service)
{
	if (!service->last_key)
		return false;
	if (service->last_old)
		g_hash_table_replace(service->values, g_bytes_ref(service->last_key),
				     g_bytes_ref(service->last_old));
	else
		g_hash_table_remove(service->values, service->last_key);
	forget_last(service);
	return true;
}

static bool corrupt(struct service *service)
{
	GBytes *value =
		service->last_key ? g_hash_table_lookup(service->values, service->last_key) : NULL;
	uint8_t *bytes;
	gsize len;

	if (!value || g_bytes_get_size(value) == 0)
		return false;
	len = g_bytes_get_size(value);
	bytes = g_memdup2(g_bytes_get_data(value, NULL), len);
	bytes[len - 1] ^= 1;
	g_hash_table_replace(service->values, g_bytes_ref(service->last_key),
			     g_bytes_new_take(bytes, len));
	return true;
}

static bool service_damage(void *data, const char *kind)
{
	struct service *service = data;

	if (g_str_equal(kind, "lose-write"))
		return lose_write(service);
	if (g_str_equal(kind, "corrupt"))
		return corrupt(service);
	if (!g_str_equal(kind, "reset-counter"))
		return false;
	g_hash_table_remove_all(service->values);
	forget_last(service);
	return true;
}

const struct lu_service_model lu_redis_service_model = {
	.new = service_new,
	.free = service_free,
	.serve = service_serve,
	.damage = service_damage,
};
