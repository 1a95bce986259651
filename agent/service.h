/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service under test: a child that leads a session of its own, or a process that was adopted
 * after a restore. There is one at a time. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* What becomes of it, to whoever waits for that (service_watch). */
struct service_watch {
	/* Its first process has stopped. */
	void (*stopped)(void);
	/* It has ended and is the service no more; status as of wait(2). true: that was expected,
	 * false: the harness is told by an event. */
	bool (*gone)(pid_t pid, int status);
};

/* 0: there is none. */
pid_t service_pid(void);
bool service_stopped(void);
/* Tell these from now on. */
void service_watch(const struct service_watch *watch);
/* Starts a program as the service; false with errno. */
bool service_spawn(char *const argv[]);
/* That process is the service from here on. stopped: its state. */
void service_adopt(pid_t pid, bool stopped);
/* Let it go on; fine when it does or there is none. false with errno. */
bool service_wake(void);
/* The service's program in a forked process: does not return. */
void service_become(char *const argv[]) __attribute__((noreturn));
/* From the reaper (agent/child.h): true when it was the service. */
bool service_child_event(pid_t pid, int code, int status);
