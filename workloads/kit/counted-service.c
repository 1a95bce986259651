/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol of services that count their own findings, and their model. */
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/counted-word.h"
#include "workloads/kit/tick.h"

struct service {
	const struct lu_counted *what;
	const json_t *params;
	struct lu_counted_word word;
};

static bool parse_word(const struct lu_counted *what, char **words, struct lu_counted_word *word)
{
	size_t n = 0;

	*word = (struct lu_counted_word){0};
	for (; what->counts[n].name; n++)
		if (!words[n] || !lu_tick_number(words[n], 10, &word->counts[n]))
			return false;
	if (g_strv_length(words + n) != LU_COMPONENT_INSTANCES)
		return false;
	for (size_t i = 0; i < LU_COMPONENT_INSTANCES; i++) {
		if (!*words[n + i] || strlen(words[n + i]) > 15)
			return false;
		word->version[i] = g_intern_string(words[n + i]);
	}
	return true;
}

bool lu_counted_parse_reply(const struct lu_counted *what, const char *line, uint64_t *id,
			    const char **release, struct lu_counted_word *word)
{
	const char head[] = {what->letter, '\0'};
	g_auto(GStrv) words = g_strsplit(line, " ", -1);

	if (g_strv_length(words) < 3 || !g_str_equal(words[0], head) ||
	    !lu_tick_number(words[1], 10, id) || !parse_word(what, words + 3, word))
		return false;
	*release = g_intern_string(words[2]);
	return true;
}

bool lu_counted_parse_audit(const struct lu_counted *what, const char *line,
			    struct lu_counted_word *word)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);

	return words[0] && g_str_equal(words[0], "A") && parse_word(what, words + 1, word);
}

void lu_counted_tell(const struct lu_counted *what, const struct lu_counted_word *word,
		     GString *line)
{
	for (size_t i = 0; what->counts[i].name; i++)
		g_string_append_printf(line, " %" PRIu64, word->counts[i]);
	for (size_t i = 0; i < LU_COMPONENT_INSTANCES; i++)
		g_string_append_printf(line, " %s", word->version[i]);
	g_string_append_c(line, '\n');
}

static void start_over(struct service *service)
{
	const char *first = service->what->component->versions[0];

	service->word = (struct lu_counted_word){.version = {first, first}};
}

void *lu_counted_service_new(const struct lu_counted *what, const json_t *params)
{
	struct service *service = g_new0(struct service, 1);

	service->what = what;
	service->params = params;
	start_over(service);
	return service;
}

void lu_counted_service_free(void *service)
{
	g_free(service);
}

static void serve_line(void *data, const char *line, const char *release, GString *reply)
{
	struct service *service = data;
	const struct lu_counted *what = service->what;
	bool audit = g_str_equal(line, "A");
	uint64_t id;

	if (audit) {
		g_string_assign(reply, "A");
	} else if (line[0] == what->letter && line[1] == ' ' && lu_tick_number(line + 2, 10, &id)) {
		g_string_printf(reply, "%c %" PRIu64 " %s", what->letter, id, release);
		service->word.counts[0]++;
	} else {
		g_string_printf(reply, "E a request is %c <id> or A\n", what->letter);
		return;
	}
	what->serve(service->params, audit, service->word.counts);
	lu_counted_tell(what, &service->word, reply);
}

size_t lu_counted_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			const char *release, GByteArray *out)
{
	return lu_tick_serve(data, serve_line, buf, len, release, out);
}

bool lu_counted_damage(void *data, const char *kind)
{
	struct service *service = data;

	if (g_str_equal(kind, "reset-counter")) {
		start_over(service);
		return true;
	}
	for (size_t i = 0; service->what->counts[i].name; i++)
		if (!g_strcmp0(service->what->counts[i].damage, kind)) {
			service->word.counts[i]++;
			return true;
		}
	return false;
}

void lu_counted_swapped(void *data, unsigned instance, const char *version)
{
	struct service *service = data;

	if (instance < LU_COMPONENT_INSTANCES)
		service->word.version[instance] = g_intern_string(version);
}
