/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The course of a probe: set up, ready, wait, verify, verdict; and those of its parts. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "probes/kit/say.h"

#define PART_MS	      (PROBE_WAIT_MS + 10000)
#define FIRST_OF_OURS 3

static const char *part_probe; /* name of the probe that this process has a part of */

const struct lu_probe *lu_probe_find(const char *name, const struct lu_probes **family)
{
	for (size_t f = 0; lu_probes[f]; f++)
		for (const struct lu_probe *probe = lu_probes[f]->probes; probe->name; probe++)
			if (!strcmp(probe->name, name)) {
				if (family)
					*family = lu_probes[f];
				return probe;
			}
	return NULL;
}

static void spoil(const struct lu_probe *probe)
{
	if (probe->spoil)
		probe->spoil(probe);
	else
		close_range(FIRST_OF_OURS, ~0U, 0);
}

/* What it was started with is nobody's resource; in a guest it is this already. */
static void leave_outputs(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < FIRST_OF_OURS; i++)
		dup2(null, i);
	if (null >= FIRST_OF_OURS)
		close(null);
}

static _Noreturn void be_probe(const struct lu_probe *probe, const struct probe_run *run)
{
	say_begin(run, probe->name);
	part_probe = probe->name;
	if (!run->guest)
		leave_outputs();
	if (probe->needs & PROBE_GUEST)
		probe_needs_guest();
	probe->set_up(probe);
	say("ready", "");
	say_wait_go();
	if (run->spoil)
		spoil(probe);
	say_verifying();
	probe->verify(probe);
	say("same", "");
	_exit(0);
}

pid_t probe_start(const struct lu_probe *probe, const struct probe_run *run)
{
	pid_t pid;

	if (mkdir(run->dir, 0777) < 0 && errno != EEXIST)
		return -1;
	chmod(run->dir, 01777); /* NOLINT: a probe may no longer be root when it speaks */
	pid = fork();
	if (pid == 0)
		be_probe(probe, run);
	return pid;
}

bool probe_go(const struct probe_run *run)
{
	char path[256];
	int fd;

	/* the next kernel does not have the folder */
	if (mkdir(run->dir, 0777) < 0 && errno != EEXIST)
		return false;
	chmod(run->dir, 01777);
	say_path(run, "go", "", path, sizeof(path));
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	return fd >= 0 && close(fd) == 0;
}

bool probe_state(const struct lu_probe *probe, const struct probe_run *run, char *text, size_t n)
{
	return say_read(run, probe->name, "", text, n);
}

static bool part_said(void *text)
{
	return say_read(say_run(), part_probe, ".part", text, 320);
}

struct part {
	pid_t pid;
	char text[320];
};

/* What comes after the word, or the word alone. */
static const char *why_of(const char *text)
{
	const char *space = strchr(text, ' ');

	return space ? space + 1 : text;
}

static bool part_ended(const struct part *part)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)part->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == part->pid;
}

static bool part_begun(void *data)
{
	struct part *part = data;
	bool ended = part_ended(part);

	return part_said(part->text) || ended;
}

/* One that ends has said why before, unless it was killed. */
static bool part_decided(void *data)
{
	struct part *part = data;
	bool ended = part_ended(part);

	return (part_said(part->text) && strncmp(part->text, "ready", 5)) || ended;
}

static _Noreturn void be_part(void (*set_up)(void), void (*verify)(void))
{
	say_part();
	set_up();
	say("ready", "");
	say_wait_go();
	say_verifying();
	verify();
	say("same", "");
	_exit(0);
}

pid_t probe_part_begin(void (*set_up)(void), void (*verify)(void))
{
	struct part part = {fork(), ""};

	if (part.pid == 0)
		be_part(set_up, verify);
	probe_must(part.pid, "fork");
	probe_check(probe_within(PART_MS, part_begun, &part) && *part.text,
		    "its process says nothing");
	if (strncmp(part.text, "ready", 5))
		probe_lost("%s", why_of(part.text));
	return part.pid;
}

void probe_part_end(pid_t pid)
{
	struct part part = {pid, ""};

	if (!probe_within(PART_MS, part_decided, &part))
		probe_lost("its process says nothing");
	if (!strncmp(part.text, "ready", 5))
		probe_lost("its process is gone");
	if (strcmp(part.text, "same"))
		probe_lost("%s", why_of(part.text));
	probe_same("status of its process", probe_reap(pid), 0);
}

pid_t probe_child(void (*run)(void))
{
	pid_t child = fork();

	if (child == 0) {
		run();
		_exit(0);
	}
	return (pid_t)probe_must(child, "fork");
}

void *probe_shared(size_t n)
{
	void *shared = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	probe_must(shared == MAP_FAILED ? -1 : 0, "mmap");
	return shared;
}

int probe_reap(pid_t child)
{
	int status = 0;

	probe_must(waitpid(child, &status, 0), "waitpid");
	return status;
}

void probe_kill(pid_t child)
{
	kill(child, SIGKILL);
	probe_reap(child);
}
