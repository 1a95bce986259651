/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/workloads/kit/service.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
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

void service_replaced(pid_t pid)
{
	service.pid = pid;
}

static int try_connect(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(service.port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A port tells nobody that it begins to listen, so it is tried, with a deadline. */
int service_connect(void)
{
	gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
	int fd;

	while ((fd = try_connect()) < 0 && g_get_monotonic_time() < end)
		poll(NULL, 0, 2);
	assert_true(fd >= 0);
	return fd;
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
