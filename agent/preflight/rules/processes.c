/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes themselves: what ties them to others, and attributes. CRIU: criu/seize.c (one tree, no
 * zombies with threads), namespaces.c (generate_ns_id, dump_task_ns_ids); no source of it names
 * timer slack, I/O priority, affinity or PR_SET_THP_DISABLE, and what get_task_personality() reads
 * is not restored.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/preflight/rules.h"

#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_CLASS_SHIFT 13
#define DEFAULT_SLACK_NS   50000

static bool is_traced(const struct preflight_process *process)
{
	return strtol(preflight_status(process, "TracerPid"), NULL, 10) != 0;
}

static bool is_dead_with_threads(const struct preflight_process *process)
{
	return process->state == 'Z' && strtol(preflight_status(process, "Threads"), NULL, 10) > 1;
}

static bool is_beside_the_tree(const struct preflight_process *process)
{
	return !process->descends && process->state != 'Z';
}

static bool was_stopped(const struct preflight_process *process)
{
	return process->state == 'T';
}

/* Two namespaces that CRIU keeps apart: its own, which is ours, and the first process's. */
static bool is_nested(const struct preflight_process *process, const char *space)
{
	char own[64];

	snprintf(own, sizeof(own), "%s", preflight_link(process->pid, space));
	return *own && strcmp(own, preflight_link(getpid(), space)) &&
	       strcmp(own, preflight_link(process->leader, space));
}

static bool has_nested_namespace(const struct preflight_process *process)
{
	static const char *const spaces[] = {"ns/ipc",	"ns/uts",  "ns/pid",
					     "ns/user", "ns/time", "ns/cgroup"};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (is_nested(process, spaces[i]))
			return true;
	return strcmp(preflight_link(process->pid, "ns/time"),
		      preflight_link(process->pid, "ns/time_for_children"));
}

/* A number in its folder of /proc, with that base; 0: no such file. */
static unsigned long number_of(const struct preflight_process *process, const char *name, int base)
{
	char path[64], *text;
	unsigned long value;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)process->pid, name);
	text = file_read(path, NULL);
	value = text ? strtoul(text, NULL, base) : 0;
	free(text);
	return value;
}

static bool has_own_slack(const struct preflight_process *process)
{
	unsigned long slack = number_of(process, "timerslack_ns", 10);

	return slack && slack != DEFAULT_SLACK_NS;
}

static bool has_own_affinity(const struct preflight_process *process)
{
	cpu_set_t its, ours;

	return !sched_getaffinity(process->pid, sizeof(its), &its) &&
	       !sched_getaffinity(0, sizeof(ours), &ours) && !CPU_EQUAL(&its, &ours);
}

static bool has_io_priority(const struct preflight_process *process)
{
	long priority = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, process->pid);

	return priority > 0 && priority >> IOPRIO_CLASS_SHIFT;
}

static bool wants_no_huge_pages(const struct preflight_process *process)
{
	return !strcmp(preflight_status(process, "THP_enabled"), "0");
}

static bool has_personality(const struct preflight_process *process)
{
	return number_of(process, "personality", 16) != 0;
}

const struct lu_preflight_rules lu_preflight_rules_processes = {
	.title = "Processes",
	.rules =
		{
			{"traced", "another process traces it, and only one can", PREFLIGHT_REFUSED,
			 .of_process = is_traced},
			{"dead-with-threads",
			 "CRIU does not dump threads of a process that has "
			 "ended",
			 PREFLIGHT_REFUSED, .of_process = is_dead_with_threads},
			{"namespace-nested", "CRIU does not dump namespaces in namespaces",
			 PREFLIGHT_REFUSED, .of_process = has_nested_namespace},
			{"beside-the-tree",
			 "CRIU dumps what descends from the service's first "
			 "process, and this does not",
			 PREFLIGHT_LOST, .of_process = is_beside_the_tree},
			{"stopped", "it is stopped, and would go on with the others",
			 PREFLIGHT_LOST, .of_process = was_stopped},
			{"timer-slack", "CRIU does not restore its timer slack", PREFLIGHT_CHANGED,
			 .of_process = has_own_slack},
			{"affinity", "CRIU does not restore on which processors it may run",
			 PREFLIGHT_CHANGED, .of_process = has_own_affinity},
			{"io-priority", "CRIU does not restore its I/O priority", PREFLIGHT_CHANGED,
			 .of_process = has_io_priority},
			{"thp-disabled", "CRIU does not restore PR_SET_THP_DISABLE",
			 PREFLIGHT_CHANGED, .of_process = wants_no_huge_pages},
			{"personality", "CRIU does not restore its personality", PREFLIGHT_CHANGED,
			 .of_process = has_personality},
			{},
		},
};
