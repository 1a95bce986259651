/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pipes: pipe(7). "Pipes that tie processes together" are on Landley's list (2002) of what a
 * process cannot be serialised without: both ends must come back as one object, in all processes
 * that hold it, with the bytes that were written and not yet read. CRIU keeps them as pipes and
 * pipe-data images.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define IN_FLIGHT 5000

static int ends[2], more[2];
static char bytes[1 << 17];

static void put(int fd, size_t n, uint64_t seed)
{
	probe_fill(bytes, n, seed);
	probe_same("bytes that the pipe takes", probe_must(write(fd, bytes, n), "write"),
		   (long long)n);
}

/* That many bytes come, as they were put. */
static void expect(int fd, size_t n, uint64_t seed)
{
	size_t fill = 0;
	int left = -1;

	probe_must(ioctl(fd, FIONREAD, &left), "FIONREAD");
	probe_check(left >= (int)n, "%d bytes are in it, were %zu", left, n);
	while (fill < n)
		fill += (size_t)probe_must(read(fd, bytes + fill, n - fill), "read");
	probe_filled("what was in it", bytes, n, seed);
}

static void still_works(int from, int to)
{
	put(to, 100, 77);
	expect(from, 100, 77);
}

static void data_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(ends), "pipe");
	put(ends[1], IN_FLIGHT, 1);
}

static void data_verify(const struct lu_probe *probe)
{
	expect(ends[0], IN_FLIGHT, 1);
	still_works(ends[0], ends[1]);
}

static void data_spoil(const struct lu_probe *probe)
{
	probe_must(read(ends[0], bytes, 1), "read");
	put(ends[1], 1, 9);
}

/* Full to the last byte, larger than the default, O_NONBLOCK on one end only. */
static void full_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(ends), "pipe");
	probe_must(fcntl(ends[1], F_SETPIPE_SZ, (int)sizeof(bytes)), "F_SETPIPE_SZ");
	probe_must(fcntl(ends[1], F_SETFL, O_NONBLOCK), "F_SETFL");
	put(ends[1], sizeof(bytes), 2);
}

static void full_verify(const struct lu_probe *probe)
{
	probe_same("its size", fcntl(ends[1], F_GETPIPE_SZ), sizeof(bytes));
	probe_same("O_NONBLOCK of the writer", fcntl(ends[1], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	probe_same("O_NONBLOCK of the reader", fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	probe_check(write(ends[1], "x", 1) < 0, "a full pipe takes a byte");
	expect(ends[0], sizeof(bytes), 2);
	still_works(ends[0], ends[1]);
}

/* Keeps the packets apart: O_DIRECT. */
static void packet_set_up(const struct lu_probe *probe)
{
	probe_must(pipe2(ends, O_DIRECT), "pipe2");
	put(ends[1], 100, 3);
	put(ends[1], 200, 4);
}

static void packet_verify(const struct lu_probe *probe)
{
	probe_same("first packet", read(ends[0], bytes, sizeof(bytes)), 100);
	probe_filled("first packet", bytes, 100, 3);
	probe_same("second packet", read(ends[0], bytes, sizeof(bytes)), 200);
	probe_filled("second packet", bytes, 200, 4);
}

static void packet_spoil(const struct lu_probe *probe)
{
	data_spoil(probe);
}

/* The reader's process ends when it has read what the other one wrote. */
static _Noreturn void reader(void)
{
	size_t fill = 0;
	ssize_t n;

	close(ends[1]);
	probe_read_file("/proc/self/comm", bytes, 32); /* something else first */
	while (access(probe_scratch("go"), F_OK))
		probe_sleep_ms(10);
	while ((n = read(ends[0], bytes + fill, sizeof(bytes) - fill)) > 0)
		fill += (size_t)n;
	_exit(fill == IN_FLIGHT + 100 ? 7 : 8);
}

static pid_t child;

static void between_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(ends), "pipe");
	child = probe_child(reader);
	close(ends[0]);
	put(ends[1], IN_FLIGHT, 1);
}

/* End of file comes only when no other process has the writing end. */
static void between_verify(const struct lu_probe *probe)
{
	int status;

	put(ends[1], 100, 2);
	probe_must(close(ends[1]), "close");
	status = probe_reap(child);
	probe_check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "the reader ended with %#x",
		    (unsigned)status);
}

static void kill_child(const struct lu_probe *probe)
{
	kill(child, SIGKILL);
}

/* a | b | c: each process is blocked in read(2) or has bytes in front of it. */
static int results;
static pid_t stages[3];

static _Noreturn void stage(int from, int to, int add)
{
	char byte;

	while (read(from, &byte, 1) == 1) {
		byte = (char)(byte + add);
		if (write(to, &byte, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void pipeline_set_up(const struct lu_probe *probe)
{
	int links[4][2];

	for (int i = 0; i < 4; i++)
		probe_must(pipe(links[i]), "pipe");
	for (int i = 0; i < 3; i++) {
		stages[i] = (pid_t)probe_must(fork(), "fork");
		if (stages[i])
			continue;
		for (int k = 0; k < 4; k++) {
			if (k != i)
				close(links[k][0]);
			if (k != i + 1)
				close(links[k][1]);
		}
		stage(links[i][0], links[i + 1][1], i + 1);
	}
	for (int k = 0; k < 4; k++) {
		if (k)
			close(links[k][1]);
		if (k < 3)
			close(links[k][0]);
	}
	ends[1] = links[0][1];
	results = links[3][0];
	put(ends[1], 1000, 5);
}

static void pipeline_verify(const struct lu_probe *probe)
{
	char was[1000];
	ssize_t n;
	size_t fill = 0;

	close(ends[1]);
	while ((n = read(results, bytes + fill, sizeof(bytes) - fill)) > 0)
		fill += (size_t)n;
	probe_same("bytes that came through", (long long)fill, 1000);
	probe_fill(was, sizeof(was), 5);
	for (size_t i = 0; i < sizeof(was); i++)
		was[i] = (char)(was[i] + 6);
	probe_same_bytes("what came through", bytes, was, sizeof(was));
	for (int i = 0; i < 3; i++)
		probe_same("status of a stage", probe_reap(stages[i]), 0);
}

static void pipeline_spoil(const struct lu_probe *probe)
{
	kill(stages[1], SIGKILL);
}

/* Named: its file is on the disk, the bytes are not. */
static void fifo_set_up(const struct lu_probe *probe)
{
	unlink(probe_disk("fifo"));
	probe_must(mkfifo(probe_disk("fifo"), 0600), "mkfifo");
	ends[0] = (int)probe_must(open(probe_disk("fifo"), O_RDWR), "open");
	ends[1] = (int)probe_must(open(probe_disk("fifo"), O_WRONLY), "open");
	put(ends[1], IN_FLIGHT, 6);
}

static void fifo_verify(const struct lu_probe *probe)
{
	struct stat a, b;

	expect(ends[0], IN_FLIGHT, 6);
	still_works(ends[0], ends[1]);
	probe_must(fstat(ends[0], &a), "fstat");
	probe_must(stat(probe_disk("fifo"), &b), "stat");
	probe_same("the open fifo's inode", (long long)a.st_ino, (long long)b.st_ino);
}

/* The reading end is gone: writing is an error, not a wait. */
static void broken_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(ends), "pipe");
	probe_must(pipe(more), "pipe");
	signal(SIGPIPE, SIG_IGN);
	put(more[1], 10, 1);
	close(ends[0]);
	close(more[1]);
}

static void broken_verify(const struct lu_probe *probe)
{
	probe_check(write(ends[1], "x", 1) < 0, "a pipe that nobody reads takes a byte");
	expect(more[0], 10, 1);
	probe_same("end of file", read(more[0], bytes, 1), 0);
}

const struct lu_probes lu_probes_pipes = {
	"Pipes",
	{
		{"pipe-data", "pipe with bytes in flight", "pipe(7); Landley: pipes", 0,
		 data_set_up, data_verify, data_spoil},
		{"pipe-full", "full pipe of another size, one end non-blocking",
		 "pipe(7), fcntl(2)", 0, full_set_up, full_verify},
		{"pipe-packet", "pipe that keeps packets apart (O_DIRECT)", "pipe(2)", 0,
		 packet_set_up, packet_verify, packet_spoil},
		{"pipe-between", "pipe with bytes in flight between two processes",
		 "pipe(7); Landley: pipes that tie processes together", 0, between_set_up,
		 between_verify, kill_child},
		{"pipe-pipeline", "three-stage pipeline, as of a shell", "pipe(7); Landley", 0,
		 pipeline_set_up, pipeline_verify, pipeline_spoil},
		{"pipe-broken", "pipes of which one end is closed", "pipe(7)", 0, broken_set_up,
		 broken_verify},
		{"fifo", "fifo with bytes in flight", "fifo(7)", PROBE_DISK, fifo_set_up,
		 fifo_verify},
		{},
	},
};
