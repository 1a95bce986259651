/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/workloads/kit/service.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	const char *program;
	const char *const *words;
	pid_t pid;
	int port;
} service;

static int free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_return_code(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_return_code(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

void service_restart(void)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autofree char *path = g_strconcat(LU_BUILD_DIR "/", service.program, NULL);
	g_autofree char *number = NULL;
	g_auto(GStrv) argv = NULL;

	service.port = free_port();
	number = g_strdup_printf("%d", service.port);
	g_strv_builder_add_many(builder, path, "--port", number, NULL);
	g_strv_builder_addv(builder, (const char **)service.words);
	argv = g_strv_builder_end(builder);
	service.pid = fork();
	if (service.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(path, argv);
		_exit(127);
	}
}

pid_t service_start(const char *program, const char *const *words)
{
	service.program = program;
	service.words = words;
	service_restart();
	return service.pid;
}

void service_stop(void)
{
	kill(service.pid, SIGKILL);
	waitpid(service.pid, NULL, 0);
}

void service_pause(void)
{
	siginfo_t stopped;

	kill(service.pid, SIGSTOP);
	assert_return_code(waitid(P_PID, service.pid, &stopped, WSTOPPED), errno);
}

void service_go_on(void)
{
	kill(service.pid, SIGCONT);
}

void service_replaced(pid_t pid)
{
	service.pid = pid;
}

/* Before it connects, because the other side's buffers depend on the segments' size. */
static void make_narrow(int fd)
{
	const int bytes = 1, segment = 536;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
}

static int try_connect(bool narrow)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(service.port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (narrow)
		make_narrow(fd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A port tells nobody that it begins to listen, so it is tried, as long as the service runs. */
static int connect_as(bool narrow)
{
	siginfo_t ended = {0};
	int fd;

	while ((fd = try_connect(narrow)) < 0) {
		assert_return_code(waitid(P_PID, service.pid, &ended, WEXITED | WNOHANG | WNOWAIT),
				   errno);
		assert_int_equal(ended.si_pid, 0);
		poll(NULL, 0, 1);
	}
	return fd;
}

int service_connect(void)
{
	return connect_as(false);
}

int service_connect_narrow(void)
{
	return connect_as(true);
}

void service_read_line(int fd, char *line, size_t size)
{
	size_t fill = 0;

	while (fill < size - 1 && read(fd, line + fill, 1) == 1 && line[fill++] != '\n')
		;
	line[fill] = '\0';
}

void service_ask(int fd, const char *request, char *reply, size_t size)
{
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	service_read_line(fd, reply, size);
}

void service_expect(int fd, const char *request, const char *reply)
{
	char line[500];

	service_ask(fd, request, line, sizeof(line));
	assert_string_equal(line, reply);
}

void service_rejects(const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int fd = service_connect();
		char line[300];

		service_ask(fd, lines[i], line, sizeof(line));
		assert_int_equal(strncmp(line, "E ", 2), 0);
		service_read_line(fd, line, sizeof(line));
		assert_string_equal(line, "");
		close(fd);
	}
}
