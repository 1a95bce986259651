/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service with keys in memory, whatever its protocol. */
#include <string.h>
#include "workloads/kit/keyed.h"

struct service {
	const struct lu_keyed_codec *codec;
	GHashTable *values; /* GBytes → GBytes */
	GBytes *last_key;   /* of the last write */
	GBytes *last_old;   /* what it replaced; NULL: nothing */
};

void *lu_keyed_service_new(const struct lu_keyed_codec *codec)
{
	struct service *service = g_new0(struct service, 1);

	service->codec = codec;
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

void lu_keyed_service_free(void *data)
{
	struct service *service = data;

	forget_last(service);
	g_hash_table_unref(service->values);
	g_free(service);
}

static void set(struct service *service, const struct lu_keyed_command *command)
{
	GBytes *old;

	forget_last(service);
	service->last_key = g_bytes_new(command->key, command->key_len);
	old = g_hash_table_lookup(service->values, service->last_key);
	service->last_old = old ? g_bytes_ref(old) : NULL;
	g_hash_table_replace(service->values, g_bytes_ref(service->last_key),
			     g_bytes_new(command->value, command->value_len));
}

static struct lu_keyed_answer get(struct service *service, const struct lu_keyed_command *command)
{
	g_autoptr(GBytes) wanted = g_bytes_new(command->key, command->key_len);
	GBytes *value = g_hash_table_lookup(service->values, wanted);
	struct lu_keyed_answer answer = {.kind = value ? LU_KEYED_VALUE : LU_KEYED_MISSING};

	if (value)
		answer.value = g_bytes_get_data(value, &answer.value_len);
	return answer;
}

static struct lu_keyed_answer execute(struct service *service,
				      const struct lu_keyed_command *command)
{
	switch (command->op) {
	case LU_KEYED_GET:
		return get(service, command);
	case LU_KEYED_SET:
		set(service, command);
		return (struct lu_keyed_answer){.kind = LU_KEYED_STORED};
	case LU_KEYED_COUNT:
		break;
	}
	return (struct lu_keyed_answer){.kind = LU_KEYED_NUMBER,
					.number = g_hash_table_size(service->values)};
}

size_t lu_keyed_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
		      const char *release, GByteArray *out)
{
	static const struct lu_keyed_answer broken = {.kind = LU_KEYED_ERROR};
	struct service *service = data;
	struct lu_keyed_command command = {0};
	struct lu_keyed_answer answer;
	ssize_t n = service->codec->parse_command(buf, len, LU_KEYED_MAX_VALUE, &command);

	if (n == 0)
		return 0;
	answer = n > 0 ? execute(service, &command) : broken;
	service->codec->answer(n > 0 ? &command : NULL, &answer, out);
	return n > 0 ? (size_t)n : len;
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

bool lu_keyed_damage(void *data, const char *kind)
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
