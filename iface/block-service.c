/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of blockio, and its model. */
#include "iface/block-service.h"
#include <inttypes.h>
#include <string.h>
#include "iface/tick.h"

#define MODEL_CALL_NS 40000 /* what the model says of its longest operation */

struct block_service {
	const json_t *params;
	struct lu_block_word word;
};

static bool parse_word(char **words, struct lu_block_word *word)
{
	uint64_t *const numbers[] = {&word->requests, &word->ops,   &word->errors,
				     &word->stale,    &word->wrong, &word->slow_ns};
	const size_t n = G_N_ELEMENTS(numbers);

	if (g_strv_length(words) != n + LU_BLOCK_DISKS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lu_tick_number(words[i], 10, numbers[i]))
			return false;
	for (size_t i = 0; i < LU_BLOCK_DISKS; i++) {
		if (!*words[n + i] || strlen(words[n + i]) > 15)
			return false;
		word->version[i] = g_intern_string(words[n + i]);
	}
	return true;
}

bool lu_block_parse_reply(const char *line, uint64_t *id, const char **release,
			  struct lu_block_word *word)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 16);

	if (g_strv_length(words) < 3 || !g_str_equal(words[0], "B") ||
	    !lu_tick_number(words[1], 10, id) || !parse_word(words + 3, word))
		return false;
	*release = g_intern_string(words[2]);
	return true;
}

bool lu_block_parse_audit(const char *line, struct lu_block_word *word)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 16);

	return words[0] && g_str_equal(words[0], "A") && parse_word(words + 1, word);
}

static void start_over(struct block_service *service)
{
	service->word = (struct lu_block_word){.slow_ns = MODEL_CALL_NS, .version = {"v1", "v1"}};
}

static void *block_service_new(const json_t *params, uint64_t seed)
{
	struct block_service *service = g_new0(struct block_service, 1);

	service->params = params;
	start_over(service);
	return service;
}

static void tell(const struct lu_block_word *word, GString *reply)
{
	g_string_append_printf(reply,
			       " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
			       " %" PRIu64 " %s %s\n",
			       word->requests, word->ops, word->errors, word->stale, word->wrong,
			       word->slow_ns, word->version[0], word->version[1]);
}

static void serve_line(struct block_service *service, const char *line, const char *release,
		       GString *reply)
{
	struct lu_block_word *word = &service->word;
	uint64_t id;

	if (g_str_equal(line, "A")) {
		word->ops += (uint64_t)lu_param_int(service->params, "size_mb") << 9;
		g_string_assign(reply, "A");
		tell(word, reply);
	} else if (g_str_has_prefix(line, "B ") && lu_tick_number(line + 2, 10, &id)) {
		word->requests++;
		word->ops += (uint64_t)lu_param_int(service->params, "ops");
		g_string_printf(reply, "B %" PRIu64 " %s", id, release);
		tell(word, reply);
	} else {
		g_string_assign(reply, "E a request is B <id> or A\n");
	}
}

static size_t block_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			  const char *release, GByteArray *out)
{
	g_autoptr(GString) reply = g_string_new("E a line is at most 1024 bytes\n");
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line && n == 0)
		return 0;
	if (line)
		serve_line(data, line, release, reply);
	g_byte_array_append(out, (const guint8 *)reply->str, (guint)reply->len);
	return line ? (size_t)n : len;
}

static bool block_damage(void *data, const char *kind)
{
	struct block_service *service = data;

	if (g_str_equal(kind, "lose-write"))
		service->word.stale++;
	else if (g_str_equal(kind, "corrupt"))
		service->word.wrong++;
	else if (g_str_equal(kind, "reset-counter"))
		start_over(service);
	else
		return false;
	return true;
}

static void block_moved(void *data, unsigned instance, const char *version)
{
	struct block_service *service = data;

	if (instance < LU_BLOCK_DISKS)
		service->word.version[instance] = g_intern_string(version);
}

const struct lu_service_model lu_block_service_model = {
	.new = block_service_new,
	.free = g_free,
	.serve = block_serve,
	.damage = block_damage,
	.moved = block_moved,
};
