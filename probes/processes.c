/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes: credentials(7) (identifiers), wait(2), ptrace(2), vfork(2). CRIU restores a tree with its identifiers (pstree image), the children that
 * nobody has waited for included; what has left the tree is not in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static pid_t child, grandchild, pids[4];
static int *shared; /* with children */
static pid_t were[8];

#define STATE_SIZE 32

static void kill_child(const struct lu_probe *probe)
{
	probe_kill(child);
}

static void look(pid_t *ids)
{
	ids[0] = getpid();
	ids[1] = getppid();
	ids[2] = getpgrp();
	ids[3] = getsid(0);
	ids[4] = (pid_t)syscall(SYS_gettid);
	ids[5] = child;
	ids[6] = getpgid(child);
	ids[7] = getsid(child);
}

static void ids_set_up(const struct lu_probe *probe)
{
	child = probe_child(probe_sleep_on);
	probe_must(setpgid(child, child), "setpgid");
	look(were);
}

static void ids_verify(const struct lu_probe *probe)
{
	static const char *const names[] = {"its pid",		 "its parent",	       "its group",
					    "its session",	 "its thread",	       "its child",
					    "its child's group", "its child's session"};
	pid_t are[8];

	look(are);
	for (size_t i = 0; i < 8; i++)
		probe_same(names[i], are[i], were[i]);
	kill(child, SIGTERM);
	probe_same("how its child ended", probe_reap(child), SIGTERM);
}

static bool leads_session(void *data)
{
	return getsid(child) == child;
}

static void session_set_up(const struct lu_probe *probe)
{
	child = (pid_t)probe_must(fork(), "fork");
	if (child == 0) {
		setsid();
		probe_sleep_on();
	}
	probe_until(leads_session, NULL);
	probe_same("the child's session", getsid(child), child);
}

static void session_verify(const struct lu_probe *probe)
{
	probe_same("the child's session", getsid(child), child);
	probe_same("the child's group", getpgid(child), child);
	probe_same("its own session", getsid(0), getsid(getppid()));
}

static _Noreturn void end_with_7(void)
{
	_exit(7);
}

static void zombie_set_up(const struct lu_probe *probe)
{
	child = probe_child(end_with_7);
	probe_sleep_ms(50);
}

static void zombie_verify(const struct lu_probe *probe)
{
	int status = 0;

	probe_same("the child that is waited for", waitpid(child, &status, WNOHANG), child);
	probe_same("its status", status, 7 << 8);
}

static void zombie_spoil(const struct lu_probe *probe)
{
	probe_reap(child);
}

/* Who it is: two probes have one, at the same time. */
static const char *orphan_file(const struct lu_probe *probe)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.pid", probe->name);
	return probe_scratch(name);
}

/* Its parent ends, so that another process is its parent: PID 1, or a reaper above it. */
static void orphan_set_up(const struct lu_probe *probe)
{
	char text[32];
	FILE *file;

	if (probe->arg)
		probe_must(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
	child = (pid_t)probe_must(fork(), "fork");
	if (child == 0) {
		pid_t own = fork();

		if (own == 0)
			probe_sleep_on();
		file = fopen(orphan_file(probe), "we");
		if (!file || fprintf(file, "%d", (int)own) < 0 || fclose(file))
			_exit(1);
		_exit(0);
	}
	probe_same("status of the parent", probe_reap(child), 0);
	probe_read_file(orphan_file(probe), text, sizeof(text));
	grandchild = (pid_t)strtol(text, NULL, 10);
	probe_check(grandchild > 0, "who it is, is not known");
}

/* It wakes up now and then. */
static bool sleeps(void *state)
{
	probe_proc_line(grandchild, "status", "State:", state, STATE_SIZE);
	return *(char *)state == 'S';
}

static void orphan_verify(const struct lu_probe *probe)
{
	char state[STATE_SIZE];

	probe_must(kill(grandchild, 0), "the orphan");
	probe_check(probe_until(sleeps, state), "the orphan is %s", state);
	if (!probe->arg)
		return;
	kill(grandchild, SIGTERM);
	probe_same("how it ended", probe_reap(grandchild), SIGTERM);
}

static void orphan_spoil(const struct lu_probe *probe)
{
	kill(grandchild, SIGKILL);
	probe_sleep_ms(50);
	if (probe->arg)
		probe_reap(grandchild);
}

/* Stopped by a signal of its own, which must not become a running one. */
static void stopped_set_up(const struct lu_probe *probe)
{
	int status;

	child = probe_child(probe_sleep_on);
	kill(child, SIGSTOP);
	probe_must(waitpid(child, &status, WUNTRACED), "waitpid");
}

static void stopped_verify(const struct lu_probe *probe)
{
	char state[32];

	probe_proc_line(child, "status", "State:", state, sizeof(state));
	probe_check(*state == 'T', "the child is %s, was stopped", state);
}

static void stopped_spoil(const struct lu_probe *probe)
{
	kill(child, SIGCONT);
}

static void attributes_set_up(const struct lu_probe *probe)
{
	probe_must(prctl(PR_SET_NAME, "a (name) x"), "PR_SET_NAME");
	probe_must(prctl(PR_SET_PDEATHSIG, SIGWINCH), "PR_SET_PDEATHSIG");
	probe_must(prctl(PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE");
}

static void attributes_verify(const struct lu_probe *probe)
{
	char name[16] = "";
	int number = 0;

	prctl(PR_GET_NAME, name);
	probe_check(!strcmp(name, "a (name) x"), "it is called %s", name);
	prctl(PR_GET_PDEATHSIG, &number);
	probe_same("its signal at its parent's end", number, SIGWINCH);
	probe_same("whether it is dumpable", prctl(PR_GET_DUMPABLE), 0);
}

static void attributes_spoil(const struct lu_probe *probe)
{
	prctl(PR_SET_PDEATHSIG, 0);
}

static void reaper_set_up(const struct lu_probe *probe)
{
	probe_must(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
}

static void reaper_verify(const struct lu_probe *probe)
{
	int is = 0;

	prctl(PR_GET_CHILD_SUBREAPER, &is);
	probe_same("whether it is a subreaper", is, 1);
}

static void reaper_spoil(const struct lu_probe *probe)
{
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* ptrace(2): a tracer is what CRIU is itself. */
static void ptrace_set_up(const struct lu_probe *probe)
{
	int status;

	child = probe_child(probe_sleep_on);
	probe_must(ptrace(PTRACE_SEIZE, child, NULL, NULL), "PTRACE_SEIZE");
	probe_must(ptrace(PTRACE_INTERRUPT, child, NULL, NULL), "PTRACE_INTERRUPT");
	probe_must(waitpid(child, &status, 0), "waitpid");
}

static void ptrace_verify(const struct lu_probe *probe)
{
	char text[32];

	probe_proc_line(child, "status", "TracerPid:", text, sizeof(text));
	probe_same("the child's tracer", (long long)strtol(text, NULL, 10), getpid());
}

static void ptrace_spoil(const struct lu_probe *probe)
{
	ptrace(PTRACE_DETACH, child, NULL, NULL);
}

/* A child between vfork(2) and its end: its parent does not run until then. */
static void be_vforking(void)
{
	/* NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork): it is what is
	 * probed, and the child calls what the kernel alone carries out */
	pid_t inner = vfork();

	if (inner == 0) {
		while (access(probe_scratch("process-vfork.end"), F_OK))
			probe_sleep_ms(10);
		_exit(5);
	}
	/* NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork) */
	shared[0] = 1;
	_exit(probe_reap(inner) == 5 << 8 ? 0 : 1);
}

static void vfork_set_up(const struct lu_probe *probe)
{
	shared = probe_shared(sizeof(*shared));
	child = probe_child(be_vforking);
	probe_sleep_ms(100);
	probe_same("its parent runs", shared[0], 0);
}

static void vfork_verify(const struct lu_probe *probe)
{
	probe_same("its parent runs before", shared[0], 0);
	close((int)probe_must(open(probe_scratch("process-vfork.end"), O_CREAT | O_WRONLY, 0600),
			      "open"));
	probe_same("status of the parent", probe_reap(child), 0);
	probe_same("its parent runs", shared[0], 1);
}

static void vfork_spoil(const struct lu_probe *probe)
{
	kill(child, SIGKILL);
}

/* Several levels, one process the leader of a group of others. */
static void tree_set_up(const struct lu_probe *probe)
{
	for (int i = 0; i < 4; i++) {
		pids[i] = probe_child(probe_sleep_on);
		probe_must(setpgid(pids[i], pids[i & ~1]), "setpgid");
	}
}

static void tree_verify(const struct lu_probe *probe)
{
	for (int i = 0; i < 4; i++)
		probe_same("a child's group", getpgid(pids[i]), pids[i & ~1]);
	probe_must(kill(-pids[2], SIGTERM), "kill");
	probe_same("how one of the group ended", probe_reap(pids[3]), SIGTERM);
	probe_same("how its leader ended", probe_reap(pids[2]), SIGTERM);
	probe_must(kill(pids[0], 0), "one of another group");
}

static void tree_spoil(const struct lu_probe *probe)
{
	probe_must(setpgid(pids[1], 0), "setpgid");
}

const struct lu_probes lu_probes_processes = {
	"Processes",
	{
		{"process-ids", "pid, parent, group and session", "credentials(7)", 0, ids_set_up,
		 ids_verify, kill_child},
		{"process-groups", "groups of children", "setpgid(2)", 0, tree_set_up, tree_verify,
		 tree_spoil},
		{"process-session", "child with a session of its own", "setsid(2)", 0,
		 session_set_up, session_verify, kill_child},
		{"process-zombie", "child that has ended and was not waited for", "wait(2)", 0,
		 zombie_set_up, zombie_verify, zombie_spoil},
		{"process-orphan", "orphan, which is init's child by now", "_exit(2)", 0,
		 orphan_set_up, orphan_verify, orphan_spoil},
		{"process-orphan-subreaper", "orphan that a subreaper has got",
		 "prctl(2): PR_SET_CHILD_SUBREAPER", 0, orphan_set_up, orphan_verify, orphan_spoil,
		 .arg = 1},
		{"process-subreaper", "being a subreaper", "prctl(2): PR_SET_CHILD_SUBREAPER", 0,
		 reaper_set_up, reaper_verify, reaper_spoil},
		{"process-stopped", "child that was stopped", "kill(2): SIGSTOP", 0, stopped_set_up,
		 stopped_verify, stopped_spoil},
		{"process-attributes", "name, parent-death signal, not dumpable", "prctl(2)", 0,
		 attributes_set_up, attributes_verify, attributes_spoil},
		{"process-vfork", "vfork in progress", "vfork(2)", 0, vfork_set_up, vfork_verify,
		 vfork_spoil},
		{"process-ptrace", "child that is traced", "ptrace(2)", 0, ptrace_set_up,
		 ptrace_verify, ptrace_spoil},
		{},
	},
};
