/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tick service on the host, against sums computed here from docs/tick-protocol.md. */
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM LU_BUILD_DIR "/tick-x86_64"
#define WORDS	(1 << 17) /* of 1 MiB */
#define SEED	77

static pid_t pid;
static int port;
static uint64_t words[WORDS], state_hash;

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static uint64_t fnv(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 1099511628211ULL;
	return hash;
}

static void touch(uint64_t counter)
{
	for (unsigned k = 0; k < 3; k++) { /* --dirty-bytes 20 is three words */
		uint64_t *word = &words[(mix(counter) + k) % WORDS];

		*word = mix(*word ^ counter);
		state_hash = mix(state_hash ^ *word);
	}
}

static int try_connect(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A port tells nobody that it begins to listen, so it is tried, with a deadline. */
static int connect_service(void)
{
	gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
	int fd;

	while ((fd = try_connect()) < 0 && g_get_monotonic_time() < end)
		poll(NULL, 0, 2);
	assert_true(fd >= 0);
	return fd;
}

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

static int start(void **state)
{
	char number[16];

	port = free_port();
	snprintf(number, sizeof(number), "%d", port);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(PROGRAM, "tick", "--port", number, "--state-mb", "1", "--seed", "77",
		      "--dirty-bytes", "20", NULL);
		_exit(127);
	}
	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = mix(SEED + i);
	state_hash = mix(SEED);
	return 0;
}

static int stop(void **state)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

static void read_line(int fd, char *line, size_t size)
{
	size_t fill = 0;

	while (fill < size - 1 && read(fd, line + fill, 1) == 1 && line[fill++] != '\n')
		;
	line[fill] = '\0';
}

static void expect(int fd, const char *request, const char *reply)
{
	char line[300];

	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	read_line(fd, line, sizeof(line));
	assert_string_equal(line, reply);
}

/* One T request on fd, whose connection's sum so far is *hash. */
static void tick(int fd, uint64_t counter, uint64_t *hash)
{
	g_autofree char *request = g_strdup_printf("T %lu pay%lu\n", 1000 + counter, counter);
	g_autofree char *reply = NULL;
	struct utsname name;

	uname(&name);
	*hash = fnv(*hash, request);
	touch(counter);
	reply = g_strdup_printf("R %lu %lu %s %016lx %016lx\n", 1000 + counter, counter,
				name.release, *hash, state_hash);
	expect(fd, request, reply);
}

static void replies_carry_the_sums(void **state)
{
	uint64_t a_hash = 14695981039346656037ULL, b_hash = a_hash, full = a_hash;
	int a = connect_service(), b = connect_service();
	g_autofree char *reply = NULL;

	for (uint64_t counter = 1; counter <= 200; counter++) {
		if (counter % 3)
			tick(a, counter, &a_hash);
		else
			tick(b, counter, &b_hash);
	}
	for (unsigned i = 0; i < WORDS; i++)
		full = (full ^ words[i]) * 1099511628211ULL;
	reply = g_strdup_printf("H 200 %016lx %016lx\n", state_hash, full);
	expect(b, "H\n", reply);
	close(a);
	close(b);
}

static void bad_lines_end_the_connection(void **state)
{
	static const char *const lines[] = {"T 1 \n", "T x y\n", "Q\n", "T 1 a b\n"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int fd = connect_service();
		char line[300];

		assert_true(write(fd, lines[i], strlen(lines[i])) > 0);
		read_line(fd, line, sizeof(line));
		assert_int_equal(strncmp(line, "E ", 2), 0);
		read_line(fd, line, sizeof(line));
		assert_string_equal(line, "");
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replies_carry_the_sums, start, stop),
		cmocka_unit_test_setup_teardown(bad_lines_end_the_connection, start, stop),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
