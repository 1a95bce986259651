/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The services under test: each a child that leads a session of its own, or a process adopted after
 * a restore. Several are told apart by names; where there is but one it has none, "". The functions
 * are about the one that the agent has turned to last, which is that of the request in hand
 * (agent/verb.c); what happens to another meanwhile is put down to that one.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

#define SERVICES_MAX	 9 /* with the one that has no name */
#define SERVICE_NAME_MAX 64

/* Callbacks on what happens to any of them (service_watch). */
struct service_watch {
	/* Its first process, that one, has stopped. */
	void (*stopped)(pid_t pid);
	/* It has ended and is no longer the service; status as of wait(2). true: that was expected;
	 * false: an event reports it to the harness. */
	bool (*gone)(pid_t pid, int status);
};

/* Everything below is about the service of that name, which need not run. false: there are too many,
 * or the name is too long. */
bool service_turn_to(const char *name);
const char *service_name(void);
/* What a folder is called that it has for itself: as given, or of a service with a name "NAME.what";
 * valid until the next call. */
const char *service_own(const char *what);
/* A number of its own, below SERVICES_MAX; 0: of the one without a name. */
unsigned service_number(void);
/* The port on which it answers; 0: unknown. */
void service_set_port(int port);
int service_port(void);
/* 0: there is none. */
pid_t service_pid(void);
bool service_stopped(void);
/* CRIU begins or has ended to read it; what: "pre-dump", static. */
void service_read_by_criu(const char *what, bool begins);
/* Why there is none: "no service runs" (of several: "service redis does not run"), and how and when
 * the last one ended, with its likely cause; valid until the next call. */
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
