/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open files: open(2), unlink(2), fcntl(2), flock(2), on a disk that outlives the kernel and, where
 * said, in memory, which does not. Landley's list has file handles and unlinked files first; CRIU
 * keeps a file by its path, position and flags (reg-files image), and the contents of one without a
 * path as a "ghost". It compares the size at restore (criu(8): --file-validation).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define SIZE 10000
#define AT   1234

static int fd, other;
static char bytes[SIZE];
static pid_t child;

/* The path of a file of this probe's own. */
static const char *path_of(const struct lu_probe *probe)
{
	return probe_disk(probe->name);
}

/* In memory: the next kernel does not have it. */
static const char *in_memory(const struct lu_probe *probe)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.file", probe->name);
	return probe_scratch(name);
}

static int make(const char *path, int flags)
{
	int file;

	unlink(path);
	file = (int)probe_must(open(path, O_CREAT | O_EXCL | O_RDWR | flags, 0600), "open");
	probe_fill(bytes, SIZE, 1);
	probe_same("bytes written", write(file, bytes, SIZE), SIZE);
	return file;
}

static void whole(int file)
{
	probe_same("bytes of the file", pread(file, bytes, SIZE, 0), SIZE);
	probe_filled("the file", bytes, SIZE, 1);
}

/* The open file is the one that has that name. */
static void named(int file, const char *path)
{
	struct stat a, b;

	probe_must(fstat(file, &a), "fstat");
	probe_must(stat(path, &b), path);
	probe_same("its inode", (long long)a.st_ino, (long long)b.st_ino);
}

static void offset_set_up(const struct lu_probe *probe)
{
	fd = make(path_of(probe), (int)probe->arg);
	probe_must(lseek(fd, AT, SEEK_SET), "lseek");
	other = (int)probe_must(dup(fd), "dup");
}

static void offset_verify(const struct lu_probe *probe)
{
	probe_same("its offset", lseek(fd, 0, SEEK_CUR), AT);
	probe_must(lseek(other, 99, SEEK_SET), "lseek");
	probe_same("the offset that its duplicate shares", lseek(fd, 0, SEEK_CUR), 99);
	whole(fd);
	named(fd, path_of(probe));
}

static void offset_spoil(const struct lu_probe *probe)
{
	probe_must(lseek(fd, AT + 1, SEEK_SET), "lseek");
}

static void append_set_up(const struct lu_probe *probe)
{
	fd = make(path_of(probe), O_APPEND);
}

static void append_verify(const struct lu_probe *probe)
{
	struct stat st;

	probe_must(lseek(fd, 0, SEEK_SET), "lseek");
	probe_must(write(fd, "end", 3), "write");
	probe_must(fstat(fd, &st), "fstat");
	probe_same("its size after 3 bytes more", st.st_size, SIZE + 3);
	whole(fd);
}

static void append_spoil(const struct lu_probe *probe)
{
	probe_must(fcntl(fd, F_SETFL, 0), "F_SETFL");
}

static void unlinked_set_up(const struct lu_probe *probe)
{
	const char *path = probe->word ? in_memory(probe) : path_of(probe);

	fd = make(path, 0);
	probe_must(unlink(path), "unlink");
}

static void unlinked_verify(const struct lu_probe *probe)
{
	struct stat st;

	whole(fd);
	probe_must(fstat(fd, &st), "fstat");
	probe_same("its links", (long long)st.st_nlink, 0);
}

static void spoil_bytes(const struct lu_probe *probe)
{
	probe_must(pwrite(fd, "?", 1, SIZE / 2), "pwrite");
}

static void tmpfile_set_up(const struct lu_probe *probe)
{
	fd = (int)probe_must(open(probe_disk(""), O_TMPFILE | O_RDWR, 0600), "O_TMPFILE");
	probe_fill(bytes, SIZE, 1);
	probe_same("bytes written", write(fd, bytes, SIZE), SIZE);
}

static void hardlink_set_up(const struct lu_probe *probe)
{
	unlink(probe_disk("hardlink"));
	fd = make(path_of(probe), 0);
	probe_must(link(path_of(probe), probe_disk("hardlink")), "link");
	probe_must(unlink(path_of(probe)), "unlink");
}

static void hardlink_verify(const struct lu_probe *probe)
{
	named(fd, probe_disk("hardlink"));
	whole(fd);
	probe_check(access(path_of(probe), F_OK) < 0, "the name that was unlinked is there");
}

static void renamed_set_up(const struct lu_probe *probe)
{
	fd = make(path_of(probe), 0);
	probe_must(rename(path_of(probe), probe_disk("new-name")), "rename");
}

static void renamed_verify(const struct lu_probe *probe)
{
	named(fd, probe_disk("new-name"));
	whole(fd);
}

static void replaced_set_up(const struct lu_probe *probe)
{
	fd = make(path_of(probe), 0);
	other = make(probe_disk("version-2"), 0);
	probe_must(pwrite(other, "2", 1, 0), "pwrite");
	close(other);
	probe_must(rename(probe_disk("version-2"), path_of(probe)), "rename");
}

static void replaced_verify(const struct lu_probe *probe)
{
	whole(fd);
}

static void missing_set_up(const struct lu_probe *probe)
{
	fd = make(in_memory(probe), 0);
}

static void missing_verify(const struct lu_probe *probe)
{
	whole(fd);
}

/* Another process, outside of the checkpoint, would grow it; this one is a child that goes on
 * writing until it is frozen with the rest. */
static _Noreturn void grow(void)
{
	for (;;) {
		probe_must(write(fd, "x", 1), "write");
		probe_sleep_ms(1);
	}
}

static void growing_set_up(const struct lu_probe *probe)
{
	fd = make(path_of(probe), O_APPEND);
	child = probe_child(grow);
}

static bool has_grown(void *before)
{
	struct stat now;

	probe_must(fstat(fd, &now), "fstat");
	return now.st_size > *(off_t *)before;
}

static void growing_verify(const struct lu_probe *probe)
{
	struct stat before;

	probe_must(fstat(fd, &before), "fstat");
	probe_check(probe_until(has_grown, &before.st_size), "it does not grow any more");
	whole(fd);
}

static void kill_child(const struct lu_probe *probe)
{
	probe_kill(child);
}

static int shared;

static _Noreturn void read_on(void)
{
	while (access(probe_scratch("file-shared.turn"), F_OK))
		probe_sleep_ms(10);
	_exit(read(shared, bytes, 10) == 10 ? 0 : 1);
}

static void shared_set_up(const struct lu_probe *probe)
{
	shared = fd = make(path_of(probe), 0);
	probe_must(lseek(fd, AT, SEEK_SET), "lseek");
	child = probe_child(read_on);
}

static void shared_verify(const struct lu_probe *probe)
{
	probe_same("its offset", lseek(fd, 0, SEEK_CUR), AT);
	close((int)probe_must(open(probe_scratch("file-shared.turn"), O_CREAT | O_WRONLY, 0600),
			      "open"));
	probe_same("status of the other process", probe_reap(child), 0);
	probe_same("the offset that both share", lseek(fd, 0, SEEK_CUR), AT + 10);
}

static void folder_set_up(const struct lu_probe *probe)
{
	struct dirent *entry;

	mkdir(path_of(probe), 0755);
	for (int i = 0; i < 10; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s/%d", probe->name, i);
		close((int)probe_must(open(probe_disk(name), O_CREAT | O_WRONLY, 0600), "open"));
	}
	fd = (int)probe_must(open(path_of(probe), O_RDONLY | O_DIRECTORY), "open");
	entry = readdir(fdopendir((int)probe_must(dup(fd), "dup")));
	probe_check(entry != NULL, "an empty folder");
}

static void folder_verify(const struct lu_probe *probe)
{
	named(fd, path_of(probe));
	probe_must(faccessat(fd, "7", F_OK, 0), "a file in it");
}

static void path_only_set_up(const struct lu_probe *probe)
{
	close(make(path_of(probe), 0));
	fd = (int)probe_must(open(path_of(probe), O_PATH), "O_PATH");
}

static void path_only_verify(const struct lu_probe *probe)
{
	named(fd, path_of(probe));
	probe_same("O_PATH", fcntl(fd, F_GETFL) & O_PATH, O_PATH);
	probe_check(read(fd, bytes, 1) < 0 && errno == EBADF, "it can be read");
}

static void flags_set_up(const struct lu_probe *probe)
{
	fd = make(path_of(probe), O_NOATIME | O_SYNC);
	probe_must(fcntl(fd, F_SETFD, FD_CLOEXEC), "F_SETFD");
	probe_must(fcntl(fd, F_SETFL, O_NONBLOCK | O_NOATIME), "F_SETFL");
	other = (int)probe_must(fcntl(fd, F_DUPFD, 500), "F_DUPFD");
}

static void flags_verify(const struct lu_probe *probe)
{
	probe_same("FD_CLOEXEC", fcntl(fd, F_GETFD), FD_CLOEXEC);
	probe_same("FD_CLOEXEC of its duplicate", fcntl(other, F_GETFD), 0);
	probe_same("its number", other, 500);
	probe_same("its flags", fcntl(fd, F_GETFL) & (O_NONBLOCK | O_NOATIME | O_SYNC | O_RDWR),
		   O_NONBLOCK | O_NOATIME | O_SYNC | O_RDWR);
	whole(other);
}

static void flags_spoil(const struct lu_probe *probe)
{
	probe_must(fcntl(fd, F_SETFL, 0), "F_SETFL");
}

/* SIGIO to this process when there is something to read. */
static void owner_set_up(const struct lu_probe *probe)
{
	int ends[2];

	probe_must(pipe(ends), "pipe");
	fd = ends[0];
	other = ends[1];
	probe_must(fcntl(fd, F_SETOWN, getpid()), "F_SETOWN");
	probe_must(fcntl(fd, F_SETSIG, SIGUSR2), "F_SETSIG");
	probe_must(fcntl(fd, F_SETFL, O_ASYNC), "F_SETFL");
}

static void owner_verify(const struct lu_probe *probe)
{
	probe_same("its owner", fcntl(fd, F_GETOWN), getpid());
	probe_same("its signal", fcntl(fd, F_GETSIG), SIGUSR2);
	probe_same("O_ASYNC", fcntl(fd, F_GETFL) & O_ASYNC, O_ASYNC);
}

#define FILE_PROBE(set_up, verify, spoil) PROBE_DISK, set_up, verify, spoil

const struct lu_probes lu_probes_files = {
	"Files",
	{
		{"file-offset", "file with an offset that two descriptors share",
		 "open(2), dup(2); Landley: file handles",
		 FILE_PROBE(offset_set_up, offset_verify, offset_spoil)},
		{"file-append", "file open for appending", "open(2): O_APPEND",
		 FILE_PROBE(append_set_up, append_verify, append_spoil)},
		{"file-flags", "flags of a file and of its descriptors", "fcntl(2)",
		 FILE_PROBE(flags_set_up, flags_verify, flags_spoil)},
		{"file-shared", "file whose offset two processes share", "fork(2)",
		 FILE_PROBE(shared_set_up, shared_verify, offset_spoil)},
		{"file-unlinked", "unlinked open file on a disk",
		 "unlink(2); Landley: unlinked files",
		 FILE_PROBE(unlinked_set_up, unlinked_verify, spoil_bytes)},
		{"file-unlinked-memory", "unlinked open file in tmpfs",
		 "unlink(2), tmpfs(5); Landley: unlinked files", 0, unlinked_set_up,
		 unlinked_verify, spoil_bytes, .word = "memory"},
		{"file-tmpfile", "file that never had a name", "open(2): O_TMPFILE",
		 FILE_PROBE(tmpfile_set_up, unlinked_verify, spoil_bytes),
		 .lacks = "a file system with O_TMPFILE"},
		{"file-hardlink", "unlinked file that has another name", "link(2)",
		 FILE_PROBE(hardlink_set_up, hardlink_verify, spoil_bytes)},
		{"file-renamed", "file renamed after it was opened", "rename(2)",
		 FILE_PROBE(renamed_set_up, renamed_verify, spoil_bytes)},
		{"file-replaced", "file whose name is another file's by now, as of an update",
		 "rename(2)", FILE_PROBE(replaced_set_up, replaced_verify, spoil_bytes)},
		{"file-missing", "file that the next kernel does not have", "tmpfs(5)", 0,
		 missing_set_up, missing_verify, spoil_bytes},
		{"file-growing", "file that a process writes to until it is frozen",
		 "criu(8): --file-validation",
		 FILE_PROBE(growing_set_up, growing_verify, kill_child)},
		{"file-folder", "open folder", "open(2): O_DIRECTORY",
		 FILE_PROBE(folder_set_up, folder_verify, NULL)},
		{"file-path", "descriptor of a path only", "open(2): O_PATH",
		 FILE_PROBE(path_only_set_up, path_only_verify, NULL)},
		{"file-owner", "owner and signal of a descriptor", "fcntl(2): F_SETOWN, F_SETSIG",
		 0, owner_set_up, owner_verify},
		{},
	},
};
