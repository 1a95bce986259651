/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Terminals: pty(7), tty_ioctl(4), termios(3), job control in credentials(7). A session with a
 * controlling terminal is what a shell lives in; criu(8): --shell-job is for one whose other end is
 * outside. Here both ends are in the tree.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static int master, slave, *shared;
static pid_t part;

/* A guest's init mounts what services need, and none needs this. */
static void find_terminals(void)
{
	if (!access("/dev/pts/ptmx", F_OK))
		return;
	probe_needs_guest();
	mkdir("/dev/pts", 0755);
	probe_must(mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=0666"), "devpts");
}

static void open_pair(void)
{
	find_terminals();
	master = (int)probe_must(posix_openpt(O_RDWR | O_NOCTTY), "/dev/ptmx");
	probe_must(grantpt(master), "grantpt");
	probe_must(unlockpt(master), "unlockpt");
	slave = (int)probe_must(open(ptsname(master), O_RDWR | O_NOCTTY), "its slave");
}

static void settings(struct termios *how)
{
	cfmakeraw(how);
	how->c_cc[VMIN] = 3;
	how->c_oflag |= ONLCR;
	how->c_cc[VINTR] = 'i';
}

static void pair_set_up(const struct lu_probe *probe)
{
	const struct winsize size = {33, 77, 0, 0};
	struct termios how;

	open_pair();
	probe_must(tcgetattr(slave, &how), "tcgetattr");
	settings(&how);
	probe_must(tcsetattr(slave, TCSANOW, &how), "tcsetattr");
	probe_must(ioctl(master, TIOCSWINSZ, &size), "TIOCSWINSZ");
}

static void pair_verify(const struct lu_probe *probe)
{
	struct winsize size;
	struct termios is;
	char bytes[8] = "";

	probe_must(ioctl(slave, TIOCGWINSZ, &size), "TIOCGWINSZ");
	probe_same("its rows", size.ws_row, 33);
	probe_same("its columns", size.ws_col, 77);
	probe_must(tcgetattr(slave, &is), "tcgetattr");
	probe_same("VINTR", is.c_cc[VINTR], 'i');
	probe_same("VMIN", is.c_cc[VMIN], 3);
	probe_same("ICANON", is.c_lflag & ICANON, 0);
	probe_must(write(master, "abc", 3), "write");
	probe_same("bytes typed", read(slave, bytes, 3), 3);
	probe_same_bytes("them", bytes, "abc", 3);
}

static void pair_spoil(const struct lu_probe *probe)
{
	const struct winsize size = {1, 1, 0, 0};

	ioctl(master, TIOCSWINSZ, &size);
}

/* Typed and printed, and read by nobody yet. */
static void unread_set_up(const struct lu_probe *probe)
{
	pair_set_up(probe);
	probe_must(write(master, "typed", 5), "write");
	probe_must(write(slave, "printed", 7), "write");
	probe_sleep_ms(20);
}

static void unread_verify(const struct lu_probe *probe)
{
	struct pollfd ends[] = {{.fd = slave, .events = POLLIN}, {.fd = master, .events = POLLIN}};
	char bytes[16];

	probe_same("ends with something to read", poll(ends, 2, 500), 2);
	probe_same("bytes typed", read(slave, bytes, sizeof(bytes)), 5);
	probe_same_bytes("them", bytes, "typed", 5);
	probe_same("bytes printed", read(master, bytes, sizeof(bytes)), 7);
	probe_same_bytes("them", bytes, "printed", 7);
}

static void unread_spoil(const struct lu_probe *probe)
{
	char bytes[16];

	probe_must(read(slave, bytes, 3), "read");
}

/* A session with that terminal, and a job in its background: a signal typed reaches the foreground
 * only. */
static _Noreturn void lead(void)
{
	pid_t job;

	probe_must(setsid(), "setsid");
	probe_must(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
	signal(SIGTTOU, SIG_IGN);
	job = probe_child(probe_sleep_on);
	probe_must(setpgid(job, job), "setpgid");
	probe_must(tcsetpgrp(slave, job), "tcsetpgrp");
	shared[0] = job;
	shared[1] = probe_reap(job);
	shared[2] = 1;
	probe_sleep_on();
}

static bool leads(void *data)
{
	return shared[0] != 0;
}

static bool job_ended(void *data)
{
	return shared[2] != 0;
}

static void control_set_up(const struct lu_probe *probe)
{
	open_pair();
	shared = probe_shared(3 * sizeof(*shared));
	part = probe_child(lead);
	probe_check(probe_until(leads, NULL), "there is no session");
}

static void control_verify(const struct lu_probe *probe)
{
	char interrupt = 3;
	int is = 0;

	probe_must(ioctl(master, TIOCGPGRP, &is), "TIOCGPGRP");
	probe_same("the foreground", is, shared[0]);
	probe_must(ioctl(master, TIOCGSID, &is), "TIOCGSID");
	probe_same("its session", is, part);
	probe_must(write(master, &interrupt, 1), "write");
	probe_check(probe_until(job_ended, NULL), "the foreground job is not interrupted");
	probe_same("how the job ended", shared[1], SIGINT);
}

static void control_spoil(const struct lu_probe *probe)
{
	kill(shared[0], SIGKILL);
	probe_sleep_ms(50);
}

const struct lu_probes lu_probes_terminals = {
	"Terminals",
	{
		{"pty", "pseudoterminal with settings and size", "pty(7), termios(3)", 0,
		 pair_set_up, pair_verify, pair_spoil, .lacks = "/dev/pts"},
		{"pty-unread", "pseudoterminal with bytes that nobody has read", "pty(7)", 0,
		 unread_set_up, unread_verify, unread_spoil, .lacks = "/dev/pts"},
		{"pty-session", "session with a controlling terminal and a foreground job",
		 "credentials(7), tty_ioctl(4); criu(8): --shell-job", 0, control_set_up,
		 control_verify, control_spoil, .lacks = "/dev/pts"},
		{},
	},
};
