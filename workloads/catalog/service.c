/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shelves as the simulated guest has them. */
#include "workloads/catalog/service.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "workloads/kit/tick.h"

enum { SHELVES = LU_COMPONENT_INSTANCES, ITEMS = 3 };

struct service {
	const struct lu_update *update;
	const char *first, *version[SHELVES];
	unsigned items[SHELVES][ITEMS + 1]; /* values by key; 0: there is none */
	bool anew;			    /* filled when the update was there already */
	bool wrong, warned; /* damage: no question is answered right; the kernel has warned */
};

void *lu_catalog_service_new(const struct lu_update *update, const char *first)
{
	struct service *service = g_new0(struct service, 1);

	service->update = update;
	service->first = first;
	for (size_t i = 0; i < SHELVES; i++)
		service->version[i] = first;
	return service;
}

void lu_catalog_service_free(void *service)
{
	g_free(service);
}

static bool updated(const struct service *service, unsigned shelf)
{
	return !g_str_equal(service->version[shelf], service->first);
}

static const struct lu_update_ask *find_ask(const struct service *service, const char *question)
{
	for (guint i = 0; i < service->update->asks->len; i++) {
		const struct lu_update_ask *ask =
			&g_array_index(service->update->asks, struct lu_update_ask, i);

		if (g_str_equal(ask->text, question))
			return ask;
	}
	return NULL;
}

static char *ask_item(struct service *service, unsigned shelf, const char *question)
{
	unsigned key = 0, value = 0;
	char word[8] = "";

	/* NOLINTNEXTLINE(cert-err34-c): the words are those of this file */
	sscanf(question, "%7s %u %u", word, &key, &value);
	if (key < 1 || key > ITEMS)
		return g_strdup("error -22");
	if (g_str_equal(word, "put")) {
		service->items[shelf][key] = value;
		if (shelf == 0)
			service->anew = updated(service, shelf);
		return g_strdup("0");
	}
	return service->items[shelf][key] ? g_strdup_printf("%u", service->items[shelf][key])
					  : g_strdup("error -2");
}

static char *answer(struct service *service, unsigned shelf, const char *question)
{
	const struct lu_update_ask *ask = find_ask(service, question);

	if (ask && service->wrong)
		return g_strdup("error -5");
	if (!ask)
		return ask_item(service, shelf, question);
	if (!updated(service, shelf))
		return g_strdup(ask->was);
	return g_strdup(service->anew && ask->anew ? ask->anew : ask->is);
}

static void serve_get(struct service *service, uint64_t id, const char *release, GString *reply)
{
	g_autofree char *question = g_strdup_printf("get %" PRIu64, 1 + id / SHELVES % ITEMS);
	g_autofree char *said = ask_item(service, id % SHELVES, question);

	g_string_printf(reply, "C %" PRIu64 " %s %s %s %s\n", id, release, service->version[0],
			service->version[1], said);
}

static void serve_line(void *data, const char *line, const char *release, GString *reply)
{
	struct service *service = data;
	g_autofree char *said = NULL;
	uint64_t id;

	if (g_str_has_prefix(line, "C ") && lu_tick_number(line + 2, 10, &id)) {
		serve_get(service, id, release, reply);
		return;
	}
	if (g_str_has_prefix(line, "Q 0 ") || g_str_has_prefix(line, "Q 1 "))
		said = answer(service, (unsigned)(line[2] - '0'), line + 4);
	else if (g_str_has_prefix(line, "S ") || g_str_equal(line, "K"))
		said = g_strdup(service->warned ? "yes" : "no");
	if (said)
		g_string_printf(reply, "%c %s %s %s\n", *line, service->version[0],
				service->version[1], said);
	else
		g_string_assign(reply,
				"E a request is C <id>, Q <shelf> <question>, S <question> or K\n");
}

size_t lu_catalog_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			const char *release, GByteArray *out)
{
	return lu_tick_serve(data, serve_line, buf, len, release, out);
}

bool lu_catalog_damage(void *data, const char *kind)
{
	struct service *service = data;

	if (g_str_equal(kind, "lose-write"))
		service->items[1][2] = 0;
	else if (g_str_equal(kind, "corrupt"))
		service->items[1][2] = 7;
	else if (g_str_equal(kind, "reset-counter"))
		memset(service->items, 0, sizeof(service->items));
	else if (g_str_equal(kind, "wrong-answer"))
		service->wrong = true;
	else if (g_str_equal(kind, "warning"))
		service->warned = true;
	else
		return false;
	return true;
}

void lu_catalog_swapped(void *data, unsigned instance, const char *version)
{
	struct service *service = data;

	if (instance < SHELVES)
		service->version[instance] = g_intern_string(version);
}
