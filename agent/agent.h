/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent's files share: the channel, replies, children, the service. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "agent/loop.h"
#include "agent/protocol.h"

/* A verb answers its request exactly once, now or later, with reply_ok or reply_error. */
struct verb {
	const char *name;
	void (*run)(struct request *request);
};
extern const struct verb verbs[]; /* ends with .name == NULL */

/* Both free the request; result is taken and may be NULL. */
void reply_ok(struct request *request, json_t *result);
void reply_error(struct request *request, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* event is taken. */
void push_event(json_t *event);
/* The processor's free-running counter (TSC, timebase): goes on over a kexec, so two kernels' times
 * can be compared. */
uint64_t ticks(void);
/* Wait until everything said has left the channel. */
void channel_drain(void);
/* Opens the device raw and starts to read. */
bool channel_open(const char *device);

/* Value of KEY=value in /proc/cmdline, malloc'd, or NULL; the last one counts, as in the kernel. */
char *cmdline_get(const char *key);
/* First bytes of a file as a string (malloc'd, *len may be NULL), or NULL with errno. */
char *file_read(const char *path, size_t *len);
bool file_write(const char *path, const char *text);
uint64_t meminfo_bytes(const char *key);
uint64_t memory_used(void);
unsigned generation(void);

/* A child: a program or a function in a forked process. */
struct child;
/* status as of wait(2); output: the last bytes of what it printed (stdout and stderr), valid during
 * the call. */
typedef void (*child_fn)(void *data, int status, const char *output);
/* argv[0] is an absolute path. Returns its pid, or -1 with errno. */
pid_t child_spawn(const char *const argv[], child_fn fn, void *data);
/* The same for a program that gets that descriptor as well. */
pid_t child_spawn_with(const char *const argv[], int inherit, child_fn fn, void *data);
/* body runs in a fork; what it returns is its exit status; what it prints is its output. */
pid_t child_call(int (*body)(void *data), void *body_data, child_fn fn, void *data);
/* Environment and standard input of a program of the guest; in the child between fork and exec. */
void child_prepare(void);
/* Start to reap; a child that is not ours (an orphan) is only reaped. */
void child_init(void);
bool status_ok(int status);

/* service.c */
pid_t service_pid(void);
/* A pid that became the service by a restore. stopped: its state. */
void service_adopt(pid_t pid, bool stopped);
/* From the reaper: true when it was the service. */
bool service_child_event(pid_t pid, int code, int status);
bool service_stopped(void);
/* Let it go on; fine when it does or there is none. false with errno. */
bool service_wake(void);

/* The service's program in a forked process: does not return. */
void service_become(char *const argv[]) __attribute__((noreturn));

/* verb-handover.c */
/* From the reaper: true when it was one of a handover's two versions. */
bool handover_child_event(pid_t pid, int code, int status);

/* The last line of a kernel's user space: sent and gone from here when it returns. */
void tell_jump(void);

/* store */
#define STORE_DIR "/store"
bool store_is_open(void);
uint64_t store_used(void);
/* NULL or why not (static). */
const char *store_unmount(void);

/* verb-criu.c */
#define CRIU	  "/usr/sbin/criu"
#define CRIU_WORK "/run/criu" /* its logs */
/* CRIU's own last words of error in a log, joined; malloc'd, "" when there are none. */
char *criu_errors(const char *log);
/* Remove a folder with all that is in it; fine when there is none. */
void remove_tree(const char *path);
/* Connections that CRIU restores must not scale their windows unless they did so before. */
void criu_scale_windows(bool on);
/* What `criu --display-stats` printed, by our names. */
json_t *criu_figures(const char *output);

/* criu-probe.c */
/* Let CRIU use the answers that the initramfs brought, if any. */
void criu_probe_brought(void);
/* Let CRIU ask the kernel and keep the answers; quick when it has them. false: no CRIU, ended is
 * not called. */
bool criu_probe(child_fn ended, void *data);

/* stage */
#define STAGE_KERNEL "/run/next/kernel"
#define STAGE_INITRD "/run/next/initrd"

/* net-lock.c */
bool net_locked(void);
/* NULL or why not (static buffer). */
const char *net_lock(const char *interface);
/* Do beforehand all of it that takes time; frames still pass. */
const char *net_lock_arm(const char *interface);
/* Frames pass from here on; fine when they do. */
void net_unlock(void);
/* The clients' interface that is up, or NULL. */
const char *net_interface(void);
/* This machine's address on the replication network, or NULL. */
const char *link_address(void);
