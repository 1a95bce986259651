/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog: questions to the two shelves of kmod/catalog, passed on to their devices, one at a time
 * (docs/guide/update-coverage.md). It knows no answers: who asks judges.
 *
 *     C ID              get an item that the ID names  →  C ID RELEASE VERSION VERSION ANSWER
 *     Q SHELF QUESTION  ask that shelf                 →  Q VERSION VERSION ANSWER
 *     S QUESTION        somebody asks shelf 0, and stays inside the driver  →  S VERSION VERSION
 *     K                 has the kernel warned or died  →  K VERSION VERSION yes|no
 *
 * A shelf's version is what the kernel says of it; version 1 by a live patch or under a new driver is
 * "v1+UPDATE".
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "workloads/kit/guest/instance.h"
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"

enum { SHELVES = 2, ITEMS = 3, TEXT = 64, VERSION = 32 };

static struct {
	long port, driver; /* driver: the update is one of the part that has the shelves */
	const char *update;
} options = {.port = 7012, .update = ""};

static struct shelf {
	char device[24];
	int version; /* descriptor */
} shelves[SHELVES];

static bool is_set(const char *path, char due)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char is = '\0';
	bool ok = fd >= 0 && read(fd, &is, 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok && is == due;
}

/* All tasks have come over. */
static bool patched(void)
{
	char enabled[100], transition[100];

	snprintf(enabled, sizeof(enabled), "/sys/kernel/livepatch/lu_catalog_lp_%s/enabled",
		 options.update);
	snprintf(transition, sizeof(transition),
		 "/sys/kernel/livepatch/lu_catalog_lp_%s/transition", options.update);
	return is_set(enabled, '1') && is_set(transition, '0');
}

static bool under_new_driver(void)
{
	char module[100];

	snprintf(module, sizeof(module), "/sys/module/lu_catalog_%s", options.update);
	return options.driver && access(module, F_OK) == 0;
}

static void version_of(const struct shelf *shelf, char version[VERSION])
{
	char name[INSTANCE_VERSION];

	instance_version(shelf->version, name);
	if (!strcmp(name, "v1") && (patched() || under_new_driver()))
		snprintf(version, VERSION, "%s+%.15s", name, options.update);
	else
		snprintf(version, VERSION, "%s", name);
}

/* "VERSION VERSION", of both shelves. */
static const char *versions(void)
{
	static char text[SHELVES * VERSION];
	char each[SHELVES][VERSION];

	for (int i = 0; i < SHELVES; i++)
		version_of(&shelves[i], each[i]);
	snprintf(text, sizeof(text), "%s %s", each[0], each[1]);
	return text;
}

/* What the device answers, or what its driver's functions return as an error. */
static void ask(const struct shelf *shelf, const char *question, char answer[TEXT])
{
	int fd = open(shelf->device, O_RDWR | O_CLOEXEC);
	ssize_t size = (ssize_t)strlen(question), n = -1;

	if (fd >= 0 && write(fd, question, size) == size)
		n = pread(fd, answer, TEXT - 1, 0);
	if (n < 0)
		n = snprintf(answer, TEXT, "! %s", strerror(errno));
	answer[n] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Items have the keys 1 to 3; each shelf in turn. */
static void serve_get(struct line_conn *conn, const char *id, int len)
{
	unsigned long long n = strtoull(id, NULL, 10);
	char question[TEXT], answer[TEXT];
	struct utsname name;

	uname(&name);
	snprintf(question, sizeof(question), "get %llu", 1 + n / SHELVES % ITEMS);
	ask(&shelves[n % SHELVES], question, answer);
	line_reply(conn, "C %.*s %s %s %s\n", len, id, name.release, versions(), answer);
}

static void serve_question(struct line_conn *conn, const char *line, size_t len)
{
	char question[TEXT], answer[TEXT];

	snprintf(question, sizeof(question), "%.*s", (int)len - 4, line + 4);
	ask(&shelves[line[2] - '0'], question, answer);
	line_reply(conn, "Q %s %s\n", versions(), answer);
}

static void *stay(void *question)
{
	char answer[TEXT];

	ask(&shelves[0], question, answer);
	free(question);
	return NULL;
}

/* It stays until it is answered, or this process ends. A thread and not a process: that would have
 * the connections, too, of which the loop would then hear after they are closed. */
static void serve_stay(struct line_conn *conn, const char *line, size_t len)
{
	char *question = strndup(line + 2, len - 2);
	pthread_t thread;

	if (!question || pthread_create(&thread, NULL, stay, question)) {
		line_fail(conn, "there is no thread for it");
		return;
	}
	pthread_detach(thread);
	line_reply(conn, "S %s\n", versions());
}

/* Taint bits of Documentation/admin-guide/tainted-kernels.rst: a bad page, died, warned. */
static bool kernel_warned(void)
{
	int fd = open("/proc/sys/kernel/tainted", O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	return n <= 0 || strtoul(text, NULL, 10) & (1 << 5 | 1 << 7 | 1 << 9);
}

static bool is_question(const char *line, size_t len)
{
	return len > 4 && len < TEXT && line[0] == 'Q' && line[1] == ' ' && line[2] >= '0' &&
	       line[2] < '0' + SHELVES && line[3] == ' ';
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (line_is_number(line, len, 'C'))
		serve_get(conn, line + 2, (int)len - 2);
	else if (is_question(line, len))
		serve_question(conn, line, len);
	else if (len > 2 && len < TEXT && line[0] == 'S' && line[1] == ' ')
		serve_stay(conn, line, len);
	else if (len == 1 && line[0] == 'K')
		line_reply(conn, "K %s %s\n", versions(), kernel_warned() ? "yes" : "no");
	else
		line_fail(conn, "a request is C <id>, Q <shelf> <question>, S <question> or K");
}

static void open_shelves(void)
{
	for (int i = 0; i < SHELVES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "lucat%d", i % SHELVES);
		snprintf(shelves[i].device, sizeof(shelves[i].device), "/dev/%s", name);
		shelves[i].version = instance_open(name);
		if (shelves[i].version >= 0 && access(shelves[i].device, R_OK | W_OK) == 0)
			continue;
		fprintf(stderr, "catalog: %s: %s\n", name, strerror(errno));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct line_service service = {"catalog", .serve = serve_line};
	const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"driver", &options.driver, 0, 1},
		{"update", .word = &options.update},
		{0},
	};

	line_options("catalog", known, argc, argv);
	open_shelves();
	service.port = options.port;
	line_serve(&service);
}
