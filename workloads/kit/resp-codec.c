/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service with keys that speaks RESP: SET, GET, DBSIZE. */
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/resp.h"

static void word(GByteArray *out, const char *text)
{
	lu_resp_append_bulk(out, text, strlen(text));
}

static void request(const struct lu_keyed_command *command, GByteArray *out)
{
	static const char *const names[] = {"GET", "SET", "DBSIZE"};
	static const unsigned words[] = {2, 3, 1};

	lu_resp_append_array(out, words[command->op]);
	word(out, names[command->op]);
	if (command->op != LU_KEYED_COUNT)
		lu_resp_append_bulk(out, command->key, command->key_len);
	if (command->op == LU_KEYED_SET)
		lu_resp_append_bulk(out, command->value, command->value_len);
}

static enum lu_keyed_kind kind_of(const struct lu_resp *resp)
{
	switch (resp->type) {
	case '$':
		return LU_KEYED_VALUE;
	case '_':
		return LU_KEYED_MISSING;
	case ':':
		return LU_KEYED_NUMBER;
	case '-':
		return LU_KEYED_ERROR;
	default:
		return resp->len == 2 && memcmp(resp->bytes, "OK", 2) == 0 ? LU_KEYED_STORED
									   : LU_KEYED_OTHER;
	}
}

static ssize_t parse(enum lu_keyed_op op, const uint8_t *buf, size_t len, size_t max_value,
		     struct lu_keyed_answer *answer)
{
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, max_value, &resp);

	if (n > 0)
		*answer = (struct lu_keyed_answer){kind_of(&resp), resp.bytes, resp.len,
						   resp.integer, -1};
	return n;
}

static bool is(const struct lu_resp *arg, const char *text)
{
	return arg->len == strlen(text) &&
	       g_ascii_strncasecmp((const char *)arg->bytes, text, arg->len) == 0;
}

static ssize_t parse_command(const uint8_t *buf, size_t len, size_t max_value,
			     struct lu_keyed_command *command)
{
	struct lu_resp args[3];
	unsigned count;
	ssize_t n = lu_resp_parse_command(buf, len, max_value, args, G_N_ELEMENTS(args), &count);

	if (n <= 0)
		return n;
	if (count == 1 && is(&args[0], "DBSIZE")) {
		command->op = LU_KEYED_COUNT;
		return n;
	}
	if (!(count == 2 && is(&args[0], "GET")) && !(count == 3 && is(&args[0], "SET")))
		return -1;
	command->op = count == 2 ? LU_KEYED_GET : LU_KEYED_SET;
	command->key = (const char *)args[1].bytes;
	command->key_len = args[1].len;
	command->value = count == 3 ? args[2].bytes : NULL;
	command->value_len = count == 3 ? args[2].len : 0;
	return n;
}

static void answer_text(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void answer(const struct lu_keyed_command *command, const struct lu_keyed_answer *is_so,
		   GByteArray *out)
{
	g_autofree char *number = NULL;

	switch (is_so->kind) {
	case LU_KEYED_VALUE:
		lu_resp_append_bulk(out, is_so->value, is_so->value_len);
		break;
	case LU_KEYED_MISSING:
		answer_text(out, "$-1\r\n");
		break;
	case LU_KEYED_STORED:
		answer_text(out, "+OK\r\n");
		break;
	case LU_KEYED_NUMBER:
		number = g_strdup_printf(":%" PRId64 "\r\n", is_so->number);
		answer_text(out, number);
		break;
	default:
		answer_text(out, "-ERR unknown command\r\n");
	}
}

const struct lu_keyed_codec lu_resp_codec = {
	.counts = true,
	.request = request,
	.parse = parse,
	.parse_command = parse_command,
	.answer = answer,
};
