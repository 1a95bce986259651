/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device that is asked in words: a write, and a read of the answer. Each question is a child's,
 * since a driver may keep who asks it. One of them may be left inside.
 *
 * ask {device: "lucat0" (of /dev), text} → answer: what is read after the text has been written
 * ask.stay {device, text} → {}: a process asks, and may stay in the driver as long as that takes.
 *     Undone by ask.leave.
 * ask.leave {} → {}: it has been killed
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/verb.h"

struct question {
	struct request *request;
	char device[64], text[64];
};

static pid_t inside;
static struct request *leaving;

/* In a child; prints the answer, or why there is none. */
static int ask_body(void *data)
{
	const struct question *question = data;
	size_t size = strlen(question->text);
	char answer[256];
	ssize_t n = -1;
	int fd = open(question->device, O_RDWR | O_CLOEXEC);

	if (fd >= 0 && write(fd, question->text, size) == (ssize_t)size)
		n = pread(fd, answer, sizeof(answer) - 1, 0);
	answer[n > 0 ? n : 0] = '\0';
	fputs(n < 0 ? strerror(errno) : answer, stdout);
	fflush(stdout);
	return n < 0;
}

static void answered(void *data, int status, const char *output)
{
	struct question *question = data;

	if (status_ok(status))
		reply_ok(question->request, json_pack("{s:s}", "answer", output));
	else
		reply_error(question->request, "failed", "ask: %s: %s: %s", question->device,
			    question->text, output);
	free(question);
}

static struct question *take_question(struct request *request)
{
	const char *device = arg_str(request, "device", ""), *text = arg_str(request, "text", "");
	struct question *question;

	if (!*device || strchr(device, '/') || strlen(device) > 50 || !*text || strlen(text) > 60) {
		reply_error(request, "usage", "ask: \"device\" and \"text\" are needed");
		return NULL;
	}
	question = calloc(1, sizeof(*question));
	question->request = request;
	snprintf(question->device, sizeof(question->device), "/dev/%s", device);
	strcpy(question->text, text);
	return question;
}

static void ask(struct request *request)
{
	struct question *question = take_question(request);

	if (!question || child_call(ask_body, question, answered, question) >= 0)
		return;
	reply_error(request, "failed", "ask: cannot fork");
	free(question);
}

static void left(void *data, int status, const char *output)
{
	struct request *request = leaving;

	inside = 0;
	leaving = NULL;
	free(data);
	if (request)
		reply_ok(request, NULL);
}

/* Answered when the child has been started: that it is inside is not to be seen from here, but
 * nothing else keeps it from going there. */
static void ask_stay(struct request *request)
{
	struct question *question;

	if (inside) {
		reply_error(request, "usage", "ask.stay: somebody is inside already");
		return;
	}
	question = take_question(request);
	if (!question)
		return;
	inside = child_call(ask_body, question, left, question);
	if (inside < 0) {
		inside = 0;
		free(question);
		reply_error(request, "failed", "ask.stay: cannot fork");
		return;
	}
	reply_ok(request, NULL);
}

static void ask_leave(struct request *request)
{
	if (!inside || leaving) {
		reply_ok(request, NULL);
		return;
	}
	leaving = request;
	kill(inside, SIGKILL);
}

const struct lu_agent_verbs lu_agent_verbs_ask = {
	"ask",
	{
		{"ask", ask},
		{"ask.stay", ask_stay},
		{"ask.leave", ask_leave},
		{},
	},
};
