/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service under test: a child that leads a session of its own, or a process adopted after a
 * restore. There is at most one at a time. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Callbacks on what happens to the service (service_watch). */
struct service_watch {
	/* Its first process has stopped. */
	void (*stopped)(void);
	/* It has ended and is no longer the service; status as of wait(2). true: that was expected;
	 * false: an event reports it to the harness. */
	bool (*gone)(pid_t pid, int status);
};

/* 0: there is none. */
pid_t service_pid(void);
bool service_stopped(void);
/* CRIU begins or has ended to read it; what: "pre-dump", static. */
void service_read_by_criu(const char *what, bool begins);
/* Why there is none: "no service runs", and how and when the last one ended, with its likely cause;
 * valid until the next call. */
const char *service_none(void);
/* Register callbacks. */
void service_watch(const struct service_watch *watch);
/* Starts a program as the service; false with errno. */
bool service_spawn(char *const argv[]);
/* That process is the service from here on; stopped: is it stopped? */
void service_adopt(pid_t pid, bool stopped);
/* Let it continue; no error when it runs or there is none. false with errno. */
bool service_wake(void);
/* In a forked process, become the service's program: does not return. */
void service_become(char *const argv[]) __attribute__((noreturn));
/* From the reaper (agent/child.h): true when it was the service. */
bool service_child_event(pid_t pid, int code, int status);
