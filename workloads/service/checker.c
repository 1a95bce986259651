/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of a checker and its lines. */
#include "workloads/service/checker.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define US_PER_MS G_GINT64_CONSTANT(1000)

struct lu_checker {
	GPid pid; /* 0: it was not started */
	int fd;	  /* its standard input and output, -1: gone */
	GByteArray *in;
	size_t used; /* of in: the line given last, with its newline */
	char *gone;
};

/* Between fork and exec. */
static void set_up_child(gpointer parent)
{
	const struct rlimit none = {0, 0};

	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != GPOINTER_TO_INT(parent))
		_exit(127);
}

static void G_GNUC_PRINTF(2, 3) give_up(struct lu_checker *checker, const char *format, ...)
{
	va_list args;

	if (checker->gone)
		return;
	va_start(args, format);
	checker->gone = g_strdup_vprintf(format, args);
	va_end(args);
	if (checker->fd >= 0)
		close(checker->fd);
	checker->fd = -1;
	if (!checker->pid)
		return;
	kill(-checker->pid, SIGKILL);
	waitpid(checker->pid, NULL, 0);
	checker->pid = 0;
}

struct lu_checker *lu_checker_new(char **argv)
{
	struct lu_checker *checker = g_new0(struct lu_checker, 1);
	g_autoptr(GError) why = NULL;
	int pair[2];

	checker->in = g_byte_array_new();
	checker->fd = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		give_up(checker, "%s", g_strerror(errno));
		return checker;
	}
	checker->fd = pair[0];
	if (!g_spawn_async_with_fds(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, set_up_child,
				    GINT_TO_POINTER(getpid()), &checker->pid, pair[1], pair[1], -1,
				    &why)) {
		checker->pid = 0;
		give_up(checker, "%s", why->message);
	}
	close(pair[1]);
	return checker;
}

void lu_checker_free(struct lu_checker *checker)
{
	give_up(checker, "the run is over");
	g_byte_array_unref(checker->in);
	g_free(checker->gone);
	g_free(checker);
}

const char *lu_checker_gone(const struct lu_checker *checker)
{
	return checker->gone;
}

bool lu_checker_reject(struct lu_checker *checker, const char *said)
{
	g_autofree char *safe = g_strescape(said, NULL);

	give_up(checker, "it answered '%.80s'", safe);
	return false;
}

/* true: the socket is ready before the deadline. */
static bool ready(struct lu_checker *checker, short events, gint64 deadline_us)
{
	struct pollfd fd = {checker->fd, events, 0};
	gint64 left;
	int n;

	do {
		left = deadline_us - g_get_monotonic_time();
		n = poll(&fd, 1, left > 0 ? (int)((left + US_PER_MS - 1) / US_PER_MS) : 0);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return true;
	give_up(checker, "it did not %s within %d ms", events == POLLIN ? "answer" : "listen",
		LU_CHECKER_ANSWER_MS);
	return false;
}

static bool send_all(struct lu_checker *checker, const GString *text)
{
	gint64 deadline = g_get_monotonic_time() + LU_CHECKER_ANSWER_MS * US_PER_MS;

	for (gsize done = 0; done < text->len;) {
		ssize_t n;

		if (!ready(checker, POLLOUT, deadline))
			return false;
		n = send(checker->fd, text->str + done, text->len - done,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			give_up(checker, "it has ended");
			return false;
		}
		done += n > 0 ? (gsize)n : 0;
	}
	return true;
}

bool lu_checker_say(struct lu_checker *checker, const uint8_t *bytes, size_t len,
		    const char *format, ...)
{
	static const char digits[] = "0123456789abcdef";
	g_autoptr(GString) text = g_string_new(NULL);
	va_list args;

	if (checker->gone)
		return false;
	va_start(args, format);
	g_string_vprintf(text, format, args);
	va_end(args);
	if (bytes)
		g_string_append_c(text, ' ');
	for (size_t i = 0; bytes && i < len; i++) {
		g_string_append_c(text, digits[bytes[i] >> 4]);
		g_string_append_c(text, digits[bytes[i] & 15]);
	}
	g_string_append_c(text, '\n');
	return send_all(checker, text);
}

/* More of what it says; false: gone. */
static bool receive(struct lu_checker *checker, gint64 deadline_us)
{
	uint8_t bytes[65536];
	ssize_t n;

	if (checker->in->len >= LU_CHECKER_MAX_LINE) {
		give_up(checker, "it said a line of more than %u bytes", LU_CHECKER_MAX_LINE);
		return false;
	}
	if (!ready(checker, POLLIN, deadline_us))
		return false;
	n = recv(checker->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		give_up(checker, "it has ended");
		return false;
	}
	if (n > 0)
		g_byte_array_append(checker->in, bytes, (guint)n);
	return true;
}

char *lu_checker_answer(struct lu_checker *checker)
{
	gint64 deadline = g_get_monotonic_time() + LU_CHECKER_ANSWER_MS * US_PER_MS;
	uint8_t *end;

	if (checker->used)
		g_byte_array_remove_range(checker->in, 0, (guint)checker->used);
	checker->used = 0;
	if (checker->gone)
		return NULL;
	while (!checker->in->len || !(end = memchr(checker->in->data, '\n', checker->in->len)))
		if (!receive(checker, deadline))
			return NULL;
	*end = '\0';
	checker->used = (size_t)(end - checker->in->data) + 1;
	return (char *)checker->in->data;
}
