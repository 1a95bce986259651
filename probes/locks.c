/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks of files: flock(2), fcntl_locking(2), leases. A lock is only one if another opener is kept
 * out, which is tried from a fresh process. criu(8): --file-locks.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static int fd;

static void open_file(const struct lu_probe *probe)
{
	fd = (int)probe_must(open(probe_disk(probe->name), O_CREAT | O_RDWR, 0600), "open");
	probe_must(ftruncate(fd, 100), "ftruncate");
}

/* Status of a process that opens the file and tries: 0: it got the lock, 1: it did not. */
static int try_from_outside(const struct lu_probe *probe, int (*get)(int file))
{
	int status;
	pid_t child = (pid_t)probe_must(fork(), "fork");

	if (child == 0) {
		int file = open(probe_disk(probe->name), O_RDWR);

		_exit(file < 0	      ? 2
		      : get(file) < 0 ? (errno == EAGAIN || errno == EACCES ? 1 : 3)
				      : 0);
	}
	status = probe_reap(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

static int get_flock(int file)
{
	return flock(file, LOCK_EX | LOCK_NB);
}

static int set_range(int file, int command, off_t from)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = from, .l_len = 10};

	return fcntl(file, command, &lock);
}

static int get_posix(int file)
{
	return set_range(file, F_SETLK, 15);
}

static int get_posix_beside(int file)
{
	return set_range(file, F_SETLK, 40);
}

static void flock_set_up(const struct lu_probe *probe)
{
	open_file(probe);
	probe_must(flock(fd, LOCK_EX | LOCK_NB), "flock");
}

static void flock_verify(const struct lu_probe *probe)
{
	probe_same("another process kept out", try_from_outside(probe, get_flock), 1);
	probe_must(flock(fd, LOCK_UN), "LOCK_UN");
	probe_same("another process let in", try_from_outside(probe, get_flock), 0);
}

static void range_set_up(const struct lu_probe *probe)
{
	open_file(probe);
	probe_must(set_range(fd, (int)probe->arg, 10), "fcntl");
}

static void range_verify(const struct lu_probe *probe)
{
	probe_same("another process kept out", try_from_outside(probe, get_posix), 1);
	probe_same("another process beside it", try_from_outside(probe, get_posix_beside), 0);
}

static void lease_set_up(const struct lu_probe *probe)
{
	open_file(probe);
	signal(SIGIO, SIG_IGN);
	probe_must(fcntl(fd, F_SETLEASE, F_WRLCK), "F_SETLEASE");
}

static void lease_verify(const struct lu_probe *probe)
{
	probe_same("its lease", fcntl(fd, F_GETLEASE), F_WRLCK);
}

const struct lu_probes lu_probes_locks = {
	"Locks of files",
	{
		{"lock-flock", "flock", "flock(2); criu(8): --file-locks", PROBE_DISK, flock_set_up,
		 flock_verify},
		{"lock-posix", "POSIX lock of a range", "fcntl_locking(2)", PROBE_DISK,
		 range_set_up, range_verify, .arg = F_SETLK},
		{"lock-ofd", "lock of an open file description", "fcntl_locking(2): F_OFD_SETLK",
		 PROBE_DISK, range_set_up, range_verify, .arg = F_OFD_SETLK},
		{"lock-lease", "lease", "fcntl(2): F_SETLEASE", PROBE_DISK, lease_set_up,
		 lease_verify},
		{},
	},
};
