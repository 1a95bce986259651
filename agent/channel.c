/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/channel.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>
#include "agent/kernel.h"
#include "agent/loop.h"
#include "agent/machine.h"
#include "agent/verb.h"

#define HELLO_INTERVAL_NS 500000000

static int channel_fd = -1;
static struct line_buffer input;
static void (*run)(struct request *request);
static unsigned hello_timer;
static int64_t init_ns;
static uint64_t init_ticks;

/* Blocking: a UART always drains, and a truncated reply would be worse than waiting. */
static void say(char *line)
{
	size_t len = line ? strlen(line) : 0;

	for (size_t done = 0; done < len;) {
		ssize_t n = write(channel_fd, line + done, len - done);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = channel_fd, .events = POLLOUT}, 1, -1);
		else if (n < 0 && errno != EINTR)
			break;
		else if (n > 0)
			done += n;
	}
	free(line);
}

void push_event(json_t *event)
{
	say(event_line(event));
}

void reply_ok(struct request *request, json_t *result)
{
	say(reply_ok_line(request->id, result));
	request_free(request);
}

void reply_error(struct request *request, const char *code, const char *format, ...)
{
	char *message = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	say(reply_error_line(request->id, code, message ? message : "out of memory"));
	free(message);
	request_free(request);
}

void channel_drain(void)
{
	tcdrain(channel_fd);
}

void tell_jump(void)
{
	push_event(json_pack("{s:s, s:I, s:I}", "event", "jump", "uptime_ns", (json_int_t)now_ns(),
			     "ticks", (json_int_t)ticks()));
	channel_drain();
}

static void hello(void *data)
{
	struct utsname name;

	uname(&name);
	push_event(json_pack("{s:s, s:s, s:s, s:I, s:i, s:{s:I, s:I}}", "event", "hello", "kernel",
			     name.release, "arch", name.machine, "uptime_ns", (json_int_t)now_ns(),
			     "generation", (int)generation(), "marks", "init_ns",
			     (json_int_t)init_ns, "init_ticks", (json_int_t)init_ticks));
	hello_timer = loop_at(now_ns() + HELLO_INTERVAL_NS, hello, NULL);
}

static void on_line(void *data, const char *line, size_t len, bool overlong)
{
	char why[300];
	struct request *request;

	if (overlong) {
		say(reply_error_line(-1, "usage", "a line is at most 65536 bytes"));
		return;
	}
	request = request_parse(line, len, why, sizeof(why));
	if (!request) {
		say(reply_error_line(-1, "usage", why));
		return;
	}
	loop_cancel(hello_timer);
	hello_timer = 0;
	run(request);
}

static void on_readable(void *data)
{
	char bytes[4096];
	ssize_t n = read(channel_fd, bytes, sizeof(bytes));

	if (n > 0)
		line_buffer_feed(&input, bytes, n, on_line, NULL);
}

bool channel_open(const char *device, void (*run_request)(struct request *request))
{
	run = run_request;
	struct termios tty;

	init_ns = now_ns();
	init_ticks = ticks();
	channel_fd = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (channel_fd < 0)
		return false;
	if (!tcgetattr(channel_fd, &tty)) {
		cfmakeraw(&tty);
		tty.c_cflag |= CLOCAL;
		cfsetspeed(&tty, B115200);
		tcsetattr(channel_fd, TCSANOW, &tty);
	}
	loop_watch(channel_fd, on_readable, NULL);
	hello(NULL);
	return true;
}
