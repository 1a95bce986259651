/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in for QEMU in tests: takes the same descriptors from its command line, and misbehaves as
 * its first argument says. It ignores SIGTERM, as a hung QEMU may.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find_fd(char **argv, const char *prefix)
{
	for (; *argv; argv++)
		if (!strncmp(*argv, prefix, strlen(prefix)))
			return atoi(*argv + strlen(prefix));
	return -1;
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		exit(3);
}

static void read_line(int fd)
{
	char c = 0;

	while (c != '\n')
		if (read(fd, &c, 1) != 1)
			exit(4);
}

static void shake_hands(int qmp)
{
	say(qmp, "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 0, \"minor\": 0, \"micro\": 1}, "
		 "\"package\": \"fake\"}}}\n");
	read_line(qmp);
	say(qmp, "{\"return\": {}, \"id\": 1}\n");
}

static void say_hello(int agent)
{
	say(agent, "{\"event\":\"hello\",\"kernel\":\"fake\",\"arch\":\"none\"}\n");
}

/* "-plugin /lib/fake-plugin.so,fd=N" is told the whole command line. */
static void serve_plugin(char **argv)
{
	int fd = find_fd(argv, "/lib/fake-plugin.so,fd=");

	for (; fd >= 0 && *argv; argv++) {
		say(fd, *argv);
		say(fd, " ");
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int qmp = find_fd(argv, "socket,id=qmp,fd=");
	int console = find_fd(argv, "socket,id=console,fd=");
	int agent = find_fd(argv, "socket,id=agent,fd=");

	signal(SIGTERM, SIG_IGN);
	serve_plugin(argv);
	if (!strcmp(mode, "die")) {
		fprintf(stderr, "fake-qemu: unsupported machine type\n");
		return 1;
	}
	if (strcmp(mode, "silent"))
		shake_hands(qmp);
	if (!strcmp(mode, "breakpoint"))
		say(console, "[    1.0] int3: 0000 [#1] PREEMPT SMP\n[    1.0] trace\n"
			     "[    1.0] Kernel panic - not syncing: Fatal exception\n[    1.1] a\n"
			     "[    1.1] b\n[    1.1] c\n");
	if (!strcmp(mode, "panic"))
		say(console, "[    1.0] Kernel panic - not syncing: no init\n[    1.1] trace\n");
	if (!strcmp(mode, "vanish")) {
		say_hello(agent);
		read_line(agent);
		say(console, "half a word\nand then\n");
		raise(SIGKILL);
	}
	while (!strcmp(mode, "flood"))
		say(agent, "{\"event\":\"exit\",\"pid\":1,\"status\":0}\n"
			   "{\"event\":\"memory\",\"used_bytes\":1}\n");
	if (!strcmp(mode, "hang-up"))
		close(qmp);
	for (;;)
		pause();
}
