/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP: one JSON object a line; answers carry the id of their command, events come in between. */
#include <string.h>
#include "record/error.h"
#include "host/lines.h"
#include "qemu/vm/qmp.h"

/* QEMU's longest answer, query-qmp-schema, is 200 kB. */
#define MAX_LINE ((size_t)1024 * 1024)

struct lu_qmp {
	struct lu_lines *lines;
	lu_qmp_event_fn event;
	void *data;
	char *version;
	json_int_t last_id, awaited_id; /* awaited_id 0: none */
	json_t *answer;
	bool closed;
	unsigned garbage;
};

static void got_greeting(struct lu_qmp *qmp, json_t *greeting)
{
	json_t *version = json_object_get(greeting, "version");
	json_int_t major = 0, minor = 0, micro = 0;
	const char *package = "";

	json_unpack(version, "{s:{s:I, s:I, s:I}, s:s}", "qemu", "major", &major, "minor", &minor,
		    "micro", &micro, "package", &package);
	g_free(qmp->version);
	qmp->version = g_strdup_printf(
		"%" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT "%s%s%s",
		major, minor, micro, *package ? " (" : "", package, *package ? ")" : "");
}

/* Bounded, so that the numbers of a broken peer do not overflow. */
static int64_t stamp_ns(json_t *message)
{
	json_int_t s, us;

	if (json_unpack(message, "{s:{s:I, s:I}}", "timestamp", "seconds", &s, "microseconds",
			&us) ||
	    s < 0 || s > G_MAXINT32 * 4LL || us < 0 || us >= 1000000)
		return -1;
	return s * LU_NS_PER_S + us * 1000;
}

static void got_answer(struct lu_qmp *qmp, json_t *message)
{
	json_t *id = json_object_get(message, "id");

	/* an error without an id is about a line that QEMU
	 * could not parse: ours, the only one outstanding */
	bool ours = json_is_integer(id) ? json_integer_value(id) == qmp->awaited_id
					: !id && json_object_get(message, "error");

	if (!qmp->awaited_id || !ours)
		return;
	qmp->awaited_id = 0;
	qmp->answer = json_incref(message);
}

static void got_message(struct lu_qmp *qmp, json_t *message)
{
	const char *event = json_string_value(json_object_get(message, "event"));

	if (event) {
		if (qmp->event)
			qmp->event(qmp->data, event, json_object_get(message, "data"),
				   stamp_ns(message));
	} else if (json_is_object(json_object_get(message, "QMP"))) {
		got_greeting(qmp, json_object_get(message, "QMP"));
	} else if (json_object_get(message, "return") || json_object_get(message, "error")) {
		got_answer(qmp, message);
	} else {
		qmp->garbage++;
	}
}

static void got_line(void *data, const char *line, size_t len)
{
	struct lu_qmp *qmp = data;
	json_t *message = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(message))
		got_message(qmp, message);
	else if (len)
		qmp->garbage++;
	json_decref(message);
}

static void got_overlong(void *data)
{
	struct lu_qmp *qmp = data;

	qmp->garbage++;
}

static void got_closed(void *data)
{
	struct lu_qmp *qmp = data;

	qmp->closed = true;
}

static const struct lu_lines_ops qmp_ops = {
	.line = got_line,
	.overlong = got_overlong,
	.closed = got_closed,
};

struct lu_qmp *lu_qmp_new(GMainContext *context, int fd, lu_qmp_event_fn event, void *data)
{
	struct lu_qmp *qmp = g_new0(struct lu_qmp, 1);

	qmp->event = event;
	qmp->data = data;
	qmp->lines = lu_lines_new(context, fd, MAX_LINE, &qmp_ops, qmp);
	return qmp;
}

void lu_qmp_free(struct lu_qmp *qmp)
{
	if (!qmp)
		return;
	lu_lines_free(qmp->lines);
	json_decref(qmp->answer);
	g_free(qmp->version);
	g_free(qmp);
}

void lu_qmp_feed(struct lu_qmp *qmp, const char *bytes, size_t len)
{
	lu_lines_feed(qmp->lines, bytes, len);
}

static bool has_greeted(void *data)
{
	struct lu_qmp *qmp = data;

	return qmp->version || qmp->closed;
}

static bool has_answered(void *data)
{
	struct lu_qmp *qmp = data;

	return qmp->answer || qmp->closed;
}

static bool hung_up(const struct lu_waiter *waiter, const char *when, GError **error)
{
	/* why the process died says more than a closed
	 * socket; it ends a moment after its sockets close */
	if (waiter->intact && !waiter->intact(waiter->data, error))
		return false;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "QEMU closed its QMP socket during %s", when);
	return false;
}

bool lu_qmp_handshake(struct lu_qmp *qmp, const struct lu_waiter *waiter, int64_t deadline_ns,
		      GError **error)
{
	if (!lu_wait_for(waiter, has_greeted, qmp, deadline_ns, "greeting from QMP", error))
		return false;
	if (!qmp->version)
		return hung_up(waiter, "the greeting", error);
	return lu_qmp_execute(qmp, waiter, "qmp_capabilities", NULL, deadline_ns, NULL, error);
}

/* The command as a line; its answer is awaited from here on. g_free. */
static char *begin_command(struct lu_qmp *qmp, const char *command, json_t *args)
{
	json_t *message = json_pack("{s:s, s:I}", "execute", command, "id", ++qmp->last_id);
	char *text, *line;

	if (args)
		json_object_set_new(message, "arguments", args);
	text = json_dumps(message, JSON_COMPACT);
	line = g_strdup_printf("%s\n", text);
	free(text);
	json_decref(message);
	qmp->awaited_id = qmp->last_id;
	return line;
}

static bool judge_answer(json_t *answer, const char *command, json_t **ret, GError **error)
{
	json_t *failure = json_object_get(answer, "error");

	if (!failure) {
		if (ret)
			*ret = json_incref(json_object_get(answer, "return"));
		return true;
	}
	const char *class = json_string_value(json_object_get(failure, "class"));
	const char *desc = json_string_value(json_object_get(failure, "desc"));

	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "QMP %s: %s: %s", command, class ?: "error",
		    desc ?: "no description");
	return false;
}

static bool await_answer(struct lu_qmp *qmp, const struct lu_waiter *waiter, const char *command,
			 int64_t deadline_ns, json_t **ret, GError **error)
{
	g_autofree char *what = g_strdup_printf("answer to QMP %s", command);
	json_t *answer;
	bool ok;

	ok = lu_wait_for(waiter, has_answered, qmp, deadline_ns, what, error);
	qmp->awaited_id = 0;
	answer = g_steal_pointer(&qmp->answer);
	if (ok && !answer)
		ok = hung_up(waiter, command, error);
	if (ok)
		ok = judge_answer(answer, command, ret, error);
	json_decref(answer);
	return ok;
}

bool lu_qmp_execute(struct lu_qmp *qmp, const struct lu_waiter *waiter, const char *command,
		    json_t *args, int64_t deadline_ns, json_t **ret, GError **error)
{
	g_autofree char *line = begin_command(qmp, command, args);

	lu_lines_send(qmp->lines, line, strlen(line));
	return await_answer(qmp, waiter, command, deadline_ns, ret, error);
}

bool lu_qmp_pass_fd(struct lu_qmp *qmp, const struct lu_waiter *waiter, const char *name, int fd,
		    int64_t deadline_ns, GError **error)
{
	g_autofree char *line = begin_command(qmp, "getfd", json_pack("{s:s}", "fdname", name));

	if (lu_lines_send_fd(qmp->lines, line, strlen(line), fd))
		return await_answer(qmp, waiter, "getfd", deadline_ns, NULL, error);
	qmp->awaited_id = 0;
	return hung_up(waiter, "getfd", error);
}

const char *lu_qmp_version(const struct lu_qmp *qmp)
{
	return qmp->version;
}

unsigned lu_qmp_garbage(const struct lu_qmp *qmp)
{
	return qmp->garbage;
}

bool lu_qmp_closed(const struct lu_qmp *qmp)
{
	return qmp->closed;
}
