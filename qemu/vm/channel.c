/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's channel. A serial line loses and echoes bytes while a kernel boots, so a line that
 * does not parse is not an error: it is counted, and the deadline of the wait decides.
 */
#include <string.h>
#include "record/error.h"
#include "qemu/vm/allowance.h"
#include "qemu/vm/channel.h"
#include "host/lines.h"

enum { MAX_LINE = 65536 }; /* docs/reference/agent-protocol.md, the newline included */

struct lu_channel {
	struct lu_lines *lines;
	const struct lu_channel_ops *ops;
	void *data;
	json_int_t last_id, awaited_id; /* awaited_id 0: none */
	json_t *answer;
	unsigned boots;
	/* of the running kernel's first hello */
	char *kernel;
	int64_t generation, uptime_ns;
	bool closed;
	unsigned garbage;
	struct lu_allowance allowance;
};

/*
 * A hello is repeated until the first request arrives. It is a new boot's when it names another
 * kernel or generation, or when the kernel's uptime went back (the same kernel booted again with
 * the same command line).
 */
static bool is_new_boot(const struct lu_channel *channel, const struct lu_hello *hello)
{
	return !channel->boots || g_strcmp0(channel->kernel, hello->kernel) ||
	       channel->generation != hello->generation || hello->uptime_ns < channel->uptime_ns;
}

static bool read_hello(json_t *message, struct lu_hello *hello)
{
	json_int_t generation = 0, uptime_ns = -1;

	hello->marks = NULL;
	if (json_unpack(message, "{s:s, s:s, s?I, s?I, s?o}", "kernel", &hello->kernel, "arch",
			&hello->arch, "generation", &generation, "uptime_ns", &uptime_ns, "marks",
			&hello->marks))
		return false;
	hello->generation = generation;
	hello->uptime_ns = uptime_ns;
	if (!json_is_object(hello->marks))
		hello->marks = NULL;
	/* Such a hello is no agent's: what it says would go onto the timeline. */
	return strlen(hello->kernel) <= LU_ALLOWED_NAME_BYTES &&
	       strlen(hello->arch) <= LU_ALLOWED_NAME_BYTES &&
	       json_object_size(hello->marks) <= LU_ALLOWED_MARKS;
}

static bool allowed(struct lu_channel *channel, enum lu_spoken kind)
{
	return lu_allowance_take(&channel->allowance, kind, lu_monotonic_ns());
}

static void got_hello(struct lu_channel *channel, json_t *message)
{
	struct lu_hello hello;
	bool fresh;

	if (!read_hello(message, &hello)) {
		channel->garbage++;
		return;
	}
	fresh = is_new_boot(channel, &hello);
	channel->uptime_ns = hello.uptime_ns;
	if (!fresh || !allowed(channel, LU_SPOKEN_HELLO))
		return;
	channel->boots++;
	g_free(channel->kernel);
	channel->kernel = g_strdup(hello.kernel);
	channel->generation = hello.generation;
	if (channel->ops->hello)
		channel->ops->hello(channel->data, &hello);
}

static void got_event(struct lu_channel *channel, const char *name, json_t *message)
{
	if (g_str_equal(name, "hello"))
		got_hello(channel, message);
	else if (allowed(channel, lu_spoken_kind(name)) && channel->ops->event)
		channel->ops->event(channel->data, name, message);
}

/* Only ids that are awaited count; the rest are answers to verbs that timed out, or echoes of what
 * we sent. */
static void got_answer(struct lu_channel *channel, json_t *message)
{
	json_t *id = json_object_get(message, "id");

	if (!channel->awaited_id || !json_is_integer(id))
		return;
	/* id -1: the agent could not read our line (bytes were lost); it was the one outstanding */
	if (json_integer_value(id) != channel->awaited_id && json_integer_value(id) != -1)
		return;
	channel->awaited_id = 0;
	channel->answer = json_incref(message);
}

static bool got_message(struct lu_channel *channel, const char *text, size_t len)
{
	json_t *message = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *event = json_string_value(json_object_get(message, "event"));

	if (event)
		got_event(channel, event, message);
	else if (json_is_boolean(json_object_get(message, "ok")))
		got_answer(channel, message);
	else if (!json_object_get(message, "verb")) {
		json_decref(message);
		return false;
	}
	json_decref(message);
	return true;
}

/* A hello right behind the remains of an interrupted line need not wait for its repetition: that
 * would cost 500 ms. */
static void got_line(void *data, const char *line, size_t len)
{
	static const char start[] = "{\"event\":";
	struct lu_channel *channel = data;
	const char *inner;

	if (!len || got_message(channel, line, len))
		return;
	inner = memmem(line + 1, len - 1, start, strlen(start));
	if (!inner || !got_message(channel, inner, line + len - inner))
		channel->garbage++;
}

static void got_overlong(void *data)
{
	struct lu_channel *channel = data;

	channel->garbage++;
}

static void got_closed(void *data)
{
	struct lu_channel *channel = data;

	channel->closed = true;
}

static const struct lu_lines_ops channel_ops = {
	.line = got_line,
	.overlong = got_overlong,
	.closed = got_closed,
};

struct lu_channel *lu_channel_new(GMainContext *context, int fd, const struct lu_channel_ops *ops,
				  void *data)
{
	struct lu_channel *channel = g_new0(struct lu_channel, 1);

	channel->ops = ops;
	channel->data = data;
	lu_allowance_init(&channel->allowance, lu_monotonic_ns());
	channel->lines = lu_lines_new(context, fd, MAX_LINE, &channel_ops, channel);
	return channel;
}

void lu_channel_free(struct lu_channel *channel)
{
	if (!channel)
		return;
	lu_lines_free(channel->lines);
	json_decref(channel->answer);
	g_free(channel->kernel);
	g_free(channel);
}

void lu_channel_redirect(struct lu_channel *channel, const struct lu_channel_ops *ops)
{
	channel->ops = ops;
}

void lu_channel_feed(struct lu_channel *channel, const char *bytes, size_t len)
{
	lu_lines_feed(channel->lines, bytes, len);
}

unsigned lu_channel_boots(const struct lu_channel *channel)
{
	return channel->boots;
}

bool lu_channel_closed(const struct lu_channel *channel)
{
	return channel->closed;
}

unsigned lu_channel_garbage(const struct lu_channel *channel)
{
	return channel->garbage;
}

bool lu_channel_quiet(const struct lu_channel *channel, GError **error)
{
	return lu_allowance_kept(&channel->allowance, error);
}

uint64_t lu_channel_dropped(const struct lu_channel *channel)
{
	return lu_allowance_dropped(&channel->allowance);
}

/* Takes args. The channel awaits the answer from here on. */
static bool send_verb(struct lu_channel *channel, const char *verb, json_t *args, GError **error)
{
	json_t *message = json_pack("{s:I, s:s}", "id", ++channel->last_id, "verb", verb);
	g_autoptr(GString) line = g_string_new(NULL);
	char *text;

	if (args)
		json_object_set_new(message, "args", args);
	text = json_dumps(message, JSON_COMPACT);
	g_string_append_printf(line, "%s\n", text);
	free(text);
	json_decref(message);
	if (line->len > MAX_LINE) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "%s: a request of %zu bytes; the agent takes lines up to %d", verb,
			    line->len, MAX_LINE);
		return false;
	}
	g_clear_pointer(&channel->answer, json_decref);
	channel->awaited_id = channel->last_id;
	lu_lines_send(channel->lines, line->str, line->len);
	return true;
}

static int error_code(const char *code)
{
	if (!g_strcmp0(code, "refused"))
		return LU_ERROR_REFUSED;
	if (!g_strcmp0(code, "unsupported"))
		return LU_ERROR_UNSUPPORTED;
	/* "usage" too: the harness made the request, not the user */
	return LU_ERROR_FAILED;
}

static bool judge_answer(json_t *answer, const char *verb, json_t **result, GError **error)
{
	json_t *failure = json_object_get(answer, "error");
	const char *message = json_string_value(json_object_get(failure, "message"));

	if (json_is_true(json_object_get(answer, "ok"))) {
		if (result) {
			json_t *got = json_object_get(answer, "result");

			*result = got ? json_incref(got) : json_object();
		}
		return true;
	}
	g_set_error(error, LU_ERROR,
		    error_code(json_string_value(json_object_get(failure, "code"))), "%s: %s", verb,
		    message ?: "the agent gave no reason");
	return false;
}

/* Condition of a wait on this channel. */
struct await {
	struct lu_channel *channel;
	unsigned boots;
};

static bool answered(void *data)
{
	struct await *await = data;

	return await->channel->answer || await->channel->closed ||
	       await->channel->boots > await->boots;
}

static bool booted(void *data)
{
	struct await *await = data;

	return await->channel->closed || await->channel->boots > await->boots;
}

/* The wait ended, but not with what was asked for. */
static bool lost(struct await *await, const struct lu_waiter *waiter, const char *verb,
		 GError **error)
{
	if (waiter->intact && !waiter->intact(waiter->data, error))
		return false;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", verb,
		    await->channel->boots > await->boots ? "the guest rebooted instead of answering"
							 : "the agent's channel was closed");
	return false;
}

bool lu_channel_wait_boot(struct lu_channel *channel, const struct lu_waiter *waiter,
			  unsigned boots, int64_t deadline_ns, GError **error)
{
	struct await await = {channel, boots};

	if (!lu_wait_for(waiter, booted, &await, deadline_ns, "hello from the guest's agent",
			 error))
		return false;
	return channel->boots > boots || lost(&await, waiter, "boot", error);
}

bool lu_channel_call(struct lu_channel *channel, const struct lu_waiter *waiter, const char *verb,
		     json_t *args, int64_t deadline_ns, json_t **result, GError **error)
{
	struct await await = {channel, channel->boots};
	g_autofree char *what = g_strdup_printf("answer to %s from the guest's agent", verb);
	json_t *answer;
	bool ok;

	if (!send_verb(channel, verb, args, error))
		return false;
	ok = lu_wait_for(waiter, answered, &await, deadline_ns, what, error);
	channel->awaited_id = 0;
	answer = g_steal_pointer(&channel->answer);
	if (ok)
		ok = answer ? judge_answer(answer, verb, result, error)
			    : lost(&await, waiter, verb, error);
	json_decref(answer);
	return ok;
}

/* An agent may answer before it jumps; only an error ends the wait. */
static bool boot_or_refusal(void *data)
{
	struct await *await = data;

	return booted(await) || (await->channel->answer &&
				 !json_is_true(json_object_get(await->channel->answer, "ok")));
}

bool lu_channel_jump(struct lu_channel *channel, const struct lu_waiter *waiter, const char *verb,
		     json_t *args, int64_t deadline_ns, GError **error)
{
	struct await await = {channel, channel->boots};
	json_t *answer;
	bool ok;

	if (!send_verb(channel, verb, args, error))
		return false;
	ok = lu_wait_for(waiter, boot_or_refusal, &await, deadline_ns,
			 "hello from the next kernel's agent", error);
	channel->awaited_id = 0;
	answer = g_steal_pointer(&channel->answer);
	if (ok && channel->boots == await.boots)
		ok = answer && !json_is_true(json_object_get(answer, "ok"))
			     ? judge_answer(answer, verb, NULL, error)
			     : lost(&await, waiter, verb, error);
	json_decref(answer);
	return ok;
}

bool lu_channel_tell(struct lu_channel *channel, const char *verb, json_t *args, GError **error)
{
	bool ok = send_verb(channel, verb, args, error);

	channel->awaited_id = 0;
	return ok;
}
