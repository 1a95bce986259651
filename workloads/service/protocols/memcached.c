/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text protocol of memcached (its doc/protocol.txt): set, get, and stats at the end, which says
 * how many items there are and how many have been evicted or have expired: what such a service has
 * given up by itself, the upgrade is not to be blamed for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "workloads/service/protocol.h"

#define LINE_MAX_BYTES	2048
#define STATS_MAX_BYTES 65536

static void append(GByteArray *out, const void *bytes, size_t len)
{
	g_byte_array_append(out, bytes, (guint)len);
}

static void append_text(GByteArray *out, const char *text)
{
	append(out, text, strlen(text));
}

static void request(const struct lu_keyed_command *command, GByteArray *out)
{
	char rest[40];

	if (command->op == LU_KEYED_COUNT) {
		append_text(out, "stats\r\n");
		return;
	}
	append_text(out, command->op == LU_KEYED_GET ? "get " : "set ");
	append(out, command->key, command->key_len);
	if (command->op == LU_KEYED_SET) {
		g_snprintf(rest, sizeof(rest), " 0 0 %zu\r\n", command->value_len);
		append_text(out, rest);
		append(out, command->value, command->value_len);
	}
	append_text(out, "\r\n");
}

/* The line at the head of buf without its "\r\n", in text: bytes with it, 0: more needed, -1: none
 * as it should be. */
static ssize_t take_line(const uint8_t *buf, size_t len, char text[LINE_MAX_BYTES])
{
	const uint8_t *end = memchr(buf, '\n', MIN(len, LINE_MAX_BYTES));

	if (!end)
		return len < LINE_MAX_BYTES ? 0 : -1;
	if (end == buf || end[-1] != '\r' || memchr(buf, '\0', (size_t)(end - buf)))
		return -1;
	memcpy(text, buf, (size_t)(end - buf) - 1);
	text[end - buf - 1] = '\0';
	return end - buf + 1;
}

static bool number_of(const char *text, uint64_t max, uint64_t *value)
{
	return text && g_ascii_string_to_unsigned(text, 10, 0, max, value, NULL);
}

/* "VALUE KEY FLAGS BYTES", which `used` bytes were, the value, "\r\nEND\r\n" */
static ssize_t take_value(const char *line, const uint8_t *buf, size_t len, size_t used,
			  size_t max_value, struct lu_keyed_answer *answer)
{
	static const char tail[] = "\r\nEND\r\n";
	g_auto(GStrv) words = g_strsplit(line, " ", 6);
	uint64_t bytes;

	if (g_strv_length(words) < 4 || !number_of(words[3], max_value, &bytes))
		return -1;
	if (len - used < bytes + sizeof(tail) - 1)
		return 0;
	if (memcmp(buf + used + bytes, tail, sizeof(tail) - 1) != 0)
		return -1;
	*answer = (struct lu_keyed_answer){LU_KEYED_VALUE, buf + used, (size_t)bytes, 0, -1};
	return (ssize_t)(used + bytes + sizeof(tail) - 1);
}

static void take_figure(const char *line, struct lu_keyed_answer *answer)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 4);
	uint64_t value;

	if (g_strv_length(words) != 3 || !number_of(words[2], INT64_MAX / 4, &value))
		return;
	if (g_str_equal(words[1], "curr_items"))
		answer->number = (int64_t)value;
	else if (g_str_equal(words[1], "evictions") || g_str_equal(words[1], "expired_unfetched"))
		answer->evicted = MIN(MAX(answer->evicted, 0) + (int64_t)value, INT64_MAX / 4);
}

/* "STAT NAME VALUE" lines and "END" */
static ssize_t take_stats(const uint8_t *buf, size_t len, struct lu_keyed_answer *answer)
{
	char line[LINE_MAX_BYTES];
	size_t used = 0;

	*answer = (struct lu_keyed_answer){.kind = LU_KEYED_NUMBER, .number = -1, .evicted = -1};
	while (used < STATS_MAX_BYTES) {
		ssize_t n = take_line(buf + used, len - used, line);

		if (n <= 0)
			return n;
		used += (size_t)n;
		if (g_str_equal(line, "END"))
			return (ssize_t)used;
		if (!g_str_has_prefix(line, "STAT "))
			return -1;
		take_figure(line, answer);
	}
	return -1;
}

static ssize_t parse(enum lu_keyed_op op, const uint8_t *buf, size_t len, size_t max_value,
		     struct lu_keyed_answer *answer)
{
	char line[LINE_MAX_BYTES];
	ssize_t n = len ? take_line(buf, len, line) : 0;

	if (n <= 0)
		return n;
	if (g_str_has_prefix(line, "VALUE "))
		return take_value(line, buf, len, (size_t)n, max_value, answer);
	if (g_str_has_prefix(line, "STAT "))
		return take_stats(buf, len, answer);
	*answer = (struct lu_keyed_answer){
		.kind = g_str_equal(line, "END")      ? LU_KEYED_MISSING
			: g_str_equal(line, "STORED") ? LU_KEYED_STORED
			: strstr(line, "ERROR")	      ? LU_KEYED_ERROR
						      : LU_KEYED_OTHER,
		.evicted = -1,
	};
	return n;
}

/* "set KEY FLAGS EXPIRY BYTES", of which `used` bytes were read */
static ssize_t take_set(char **words, const uint8_t *buf, size_t len, size_t used, size_t max_value,
			struct lu_keyed_command *command)
{
	uint64_t bytes;

	if (!number_of(words[4], max_value, &bytes))
		return -1;
	if (len - used < bytes + 2)
		return 0;
	command->op = LU_KEYED_SET;
	command->value = buf + used;
	command->value_len = (size_t)bytes;
	return memcmp(buf + used + bytes, "\r\n", 2) ? -1 : (ssize_t)(used + bytes + 2);
}

static ssize_t parse_command(const uint8_t *buf, size_t len, size_t max_value,
			     struct lu_keyed_command *command)
{
	char line[LINE_MAX_BYTES];
	ssize_t n = len ? take_line(buf, len, line) : 0;
	g_auto(GStrv) words = n > 0 ? g_strsplit(line, " ", 6) : NULL;
	guint count = words ? g_strv_length(words) : 0;

	if (n <= 0)
		return n;
	if (count == 1 && g_str_equal(line, "stats")) {
		command->op = LU_KEYED_COUNT;
		return n;
	}
	if (count < 2)
		return -1;
	command->key = (const char *)buf + 4; /* "get " and "set " are of one length */
	command->key_len = strlen(words[1]);
	if (count == 5 && g_str_equal(words[0], "set"))
		return take_set(words, buf, len, (size_t)n, max_value, command);
	command->op = LU_KEYED_GET;
	return count == 2 && g_str_equal(words[0], "get") ? n : -1;
}

static void answer(const struct lu_keyed_command *command, const struct lu_keyed_answer *said,
		   GByteArray *out)
{
	g_autofree char *head = NULL;

	switch (said->kind) {
	case LU_KEYED_VALUE:
		head = g_strdup_printf("VALUE %.*s 0 %zu\r\n", (int)command->key_len, command->key,
				       said->value_len);
		append_text(out, head);
		append(out, said->value, said->value_len);
		append_text(out, "\r\nEND\r\n");
		break;
	case LU_KEYED_MISSING:
		append_text(out, "END\r\n");
		break;
	case LU_KEYED_STORED:
		append_text(out, "STORED\r\n");
		break;
	case LU_KEYED_NUMBER:
		head = g_strdup_printf("STAT curr_items %" PRId64 "\r\nSTAT evictions 0\r\nEND\r\n",
				       said->number);
		append_text(out, head);
		break;
	default:
		append_text(out, "ERROR\r\n");
	}
}

static const struct lu_keyed_codec codec = {
	.counts = true,
	.request = request,
	.parse = parse,
	.parse_command = parse_command,
	.answer = answer,
};

const struct lu_protocol lu_protocol_memcached = {
	.name = "memcached",
	.summary = "memcached's text protocol: set, get and stats",
	.codec = &codec,
	LU_PROTOCOL_KEYED,
};
