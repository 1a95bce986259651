/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One version of tick takes over from another on the host: nothing is lost when it does, nothing is
 * changed when it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/workloads/kit/service.h"
#include "tests/workloads/tick/tick-model.h"

#define PROGRAM LU_BUILD_DIR "/tick-x86_64"
#define TURNS	20

static struct tick_model model;
static char *folder, *socket_path, *file_path;
static pid_t old;

struct next {
	pid_t pid;
	int control;
	char line[300]; /* the last it said */
};

static void start_version(const char *number)
{
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	static char **all; /* service_restart would use it again */
	g_autofree char *version = g_strconcat("tick-", number, NULL);

	g_strv_builder_addv(words, (const char **)tick_model_words);
	g_strv_builder_add_many(words, "--app", number, "--handover", socket_path, "--state-file",
				file_path, NULL);
	g_strfreev(all);
	all = g_strv_builder_end(words);
	old = service_start("tick-x86_64", (const char *const *)all);
	tick_model_begin(&model, g_intern_string(version));
}

static int start(void **state)
{
	folder = g_dir_make_tmp("lubench-handover-XXXXXX", NULL);
	socket_path = g_build_filename(folder, "socket", NULL);
	file_path = g_build_filename(folder, "state", NULL);
	start_version("1");
	return 0;
}

static int stop(void **state)
{
	service_stop();
	g_remove(file_path);
	g_remove(socket_path);
	assert_int_equal(g_rmdir(folder), 0); /* nothing else was left there */
	g_free(socket_path);
	g_free(file_path);
	g_free(folder);
	return 0;
}

static void run_next(const char *number, const char *extra, int control)
{
	g_autofree char *fd = g_strdup_printf("%d", control);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl(PROGRAM, PROGRAM, "--app", number, "--takeover", fd, "--handover", socket_path, extra,
	      NULL);
	_exit(127);
}

static void told(struct next *next, const char *words)
{
	service_read_line(next->control, next->line, sizeof(next->line));
	if (strncmp(next->line, words, strlen(words)) != 0)
		fail_msg("'%s' does not begin with '%s'", next->line, words);
}

static void ask(struct next *next, const char *command, const char *words)
{
	assert_int_equal(write(next->control, command, strlen(command)), strlen(command));
	told(next, words);
}

/* It went well; what was said. */
static const char *ask_for(struct next *next, const char *command)
{
	ask(next, command, "ok");
	return next->line;
}

/* The new version, which has met the old one. */
static struct next join(const char *number, const char *extra)
{
	struct next next;
	int pair[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	next.control = pair[0];
	next.pid = fork();
	if (next.pid == 0)
		run_next(number, extra, pair[1]);
	close(pair[1]);
	told(&next, "ready");
	kill(old, SIGUSR2);
	told(&next, "ok from ");
	return next;
}

static void end(struct next *next)
{
	kill(next->pid, SIGKILL);
	waitpid(next->pid, NULL, 0);
	close(next->control);
}

/* It has the service now, and the old one has ended as it should. */
static void taken(struct next *next, const char *version)
{
	int status;

	ask(next, "take\n", "ok");
	assert_int_equal(waitpid(old, &status, 0), old);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	service_replaced(next->pid);
	old = next->pid;
	close(next->control);
	model.version = version;
}

static void send_text(int fd, const char *text, size_t len)
{
	assert_int_equal(write(fd, text, len), len);
}

static void read_expected(int fd, const char *expected)
{
	char line[500];

	service_read_line(fd, line, sizeof(line));
	assert_string_equal(line, expected);
}

/* Requests between the steps dirty what was sent already. */
static void carry(const char *number, const char *version, const char *rounds, int fd,
		  uint64_t *hash)
{
	struct next next = join(number, NULL);
	g_autofree char *copy = g_strdup_printf("copy %s\n", rounds);

	for (int i = 0; i < 50; i++)
		tick_model_ask(&model, fd, hash);
	ask(&next, copy, "ok rounds ");
	for (int i = 0; i < 50; i++)
		tick_model_ask(&model, fd, hash);
	ask(&next, "stand\n", "ok");
	ask(&next, "rest\n", "ok bytes ");
	taken(&next, version);
	for (int i = 0; i < 50; i++)
		tick_model_ask(&model, fd, hash);
	tick_model_audit(&model, fd);
}

/* The layout changes there and back, with rounds and without. */
static void versions_follow_each_other(void **state)
{
	uint64_t hash = TICK_MODEL_BASIS, fresh = TICK_MODEL_BASIS;
	int fd = service_connect(), another;

	tick_model_ask(&model, fd, &hash);
	carry("2", "tick-2", "3", fd, &hash);
	carry("2", "tick-2", "0", fd, &hash);
	carry("1", "tick-1", "1", fd, &hash);
	carry("2", "tick-2", "8", fd, &hash);
	another = service_connect();
	tick_model_ask(&model, another, &fresh);
	close(another);
	close(fd);
}

/* What a connection had half sent, what it had half been answered, and what nobody had accepted:
 * all goes on where it was. */
static void half_done_goes_on(void **state)
{
	uint64_t hash = TICK_MODEL_BASIS, waiting_hash = TICK_MODEL_BASIS;
	int fd = service_connect(), waiting;
	struct next next;
	g_autofree char *request = tick_model_request(&model, &hash), *reply = NULL;

	send_text(fd, request, 5);
	next = join("2", NULL);
	ask(&next, "copy 1\n", "ok rounds 1");
	ask(&next, "stand\n", "ok");
	waiting = service_connect();
	assert_non_null(strstr(ask_for(&next, "rest\n"), " half_read 1 "));
	send_text(fd, request + 5, strlen(request) - 5);
	taken(&next, "tick-2");
	reply = tick_model_reply(&model, hash);
	read_expected(fd, reply);
	tick_model_ask(&model, waiting, &waiting_hash);
	tick_model_audit(&model, waiting);
	close(waiting);
	close(fd);
}

/* The service is given some turns of its loop, in each of which it looks at every connection. */
static bool takes_more(int fd, int other)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	char line[500];

	for (int i = 0; i < TURNS && poll(&room, 1, 0) == 0; i++)
		service_ask(other, "H\n", line, sizeof(line));
	return room.revents & POLLOUT;
}

/* Sends until nobody takes any more; the end of the last request that was not taken. Replies are
 * added as they are due. */
static char *send_until_stuck(int fd, int other, uint64_t *hash, GPtrArray *replies)
{
	g_autofree char *request = NULL;
	size_t done = 0;

	do {
		ssize_t n;

		if (!request || !request[done]) {
			g_free(request);
			request = tick_model_request(&model, hash);
			g_ptr_array_add(replies, tick_model_reply(&model, *hash));
			done = 0;
		}
		n = send(fd, request + done, strlen(request + done), MSG_DONTWAIT);
		done += n > 0 ? n : 0;
	} while (takes_more(fd, other));
	return g_strdup(request + done);
}

/* A client that does not read: its replies fill the socket, then the service's memory. Which
 * version a reply comes from depends on the sockets' sizes. */
static void unsent_replies_go_on(void **state)
{
	uint64_t hash = TICK_MODEL_BASIS;
	g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func(g_free);
	int fd = service_connect_narrow(), other = service_connect();
	g_autofree char *rest = send_until_stuck(fd, other, &hash, replies);
	struct next next = join("2", NULL);
	unsigned of_new = 0;

	ask(&next, "stand\n", "ok");
	assert_non_null(strstr(ask_for(&next, "rest\n"), " connections 2 "));
	assert_non_null(strstr(next.line, " unsent 1"));
	taken(&next, "tick-2");
	for (guint i = 0; i < replies->len; i++) {
		char line[500], *version;

		if (i == replies->len - 1)
			send_text(fd, rest, strlen(rest));
		service_read_line(fd, line, sizeof(line));
		version = strrchr(line, ' ');
		assert_non_null(version);
		assert_int_equal(strncmp(line, replies->pdata[i], version - line), 0);
		of_new += !strcmp(version, " tick-2\n");
	}
	assert_true(of_new > 0 && of_new < replies->len);
	tick_model_audit(&model, fd);
	close(fd);
}

/* The new version ends after this many steps: the old one never notices. */
static void check_broken_off(unsigned steps, int fd, uint64_t *hash)
{
	static const char *const commands[] = {"copy 1\n", "stand\n", "rest\n"};
	struct next next = join("2", NULL);
	g_autofree char *request = tick_model_request(&model, hash);
	g_autofree char *reply = tick_model_reply(&model, *hash);

	send_text(fd, request, 3);
	for (unsigned i = 0; i < steps; i++)
		ask(&next, commands[i], "ok");
	send_text(fd, request + 3, strlen(request) - 3);
	end(&next);
	read_expected(fd, reply);
	tick_model_audit(&model, fd);
}

static void broken_off_changes_nothing(void **state)
{
	uint64_t hash = TICK_MODEL_BASIS;
	int fd = service_connect();

	for (unsigned steps = 0; steps <= 3; steps++)
		check_broken_off(steps, fd, &hash);
	assert_int_equal(waitpid(old, NULL, WNOHANG), 0);
	carry("2", "tick-2", "1", fd, &hash);
	close(fd);
}

/* A transformer that gets one bit wrong is found out before anything is taken. */
static void wrong_transformer_is_noticed(void **state)
{
	uint64_t hash = TICK_MODEL_BASIS;
	int fd = service_connect();
	struct next next = join("2", "--spoil");

	tick_model_ask(&model, fd, &hash);
	ask(&next, "copy 1\n", "ok");
	ask(&next, "stand\n", "ok");
	ask(&next, "rest\n", "failed the state's checksum is ");
	end(&next);
	tick_model_ask(&model, fd, &hash);
	tick_model_audit(&model, fd);
	close(fd);
}

/* Steps that come too early end the attempt, not the service. */
static void out_of_order_is_refused(void **state)
{
	static const char *const commands[] = {"take\n", "rest\n", "dance\n"};
	uint64_t hash = TICK_MODEL_BASIS;
	int fd = service_connect();

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct next next = join("2", NULL);

		ask(&next, commands[i], "failed ");
		end(&next);
		tick_model_ask(&model, fd, &hash);
	}
	close(fd);
}

/* What a restart keeps: the state, not the connections. */
static void file_carries_the_state(void **state)
{
	uint64_t hash = TICK_MODEL_BASIS, fresh = TICK_MODEL_BASIS;
	struct tick_model before;
	int fd = service_connect();
	char line[10];

	tick_model_ask(&model, fd, &hash);
	kill(old, SIGTERM);
	waitpid(old, NULL, 0);
	service_read_line(fd, line, sizeof(line));
	assert_string_equal(line, "");
	close(fd);
	before = model;
	start_version("2");
	model = before;
	model.version = "tick-2";
	fd = service_connect();
	tick_model_ask(&model, fd, &fresh);
	tick_model_audit(&model, fd);
	close(fd);
}

#define with_service(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_service(versions_follow_each_other),
		with_service(half_done_goes_on),
		with_service(unsent_replies_go_on),
		with_service(broken_off_changes_nothing),
		with_service(wrong_transformer_is_noticed),
		with_service(out_of_order_is_refused),
		with_service(file_carries_the_state),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
