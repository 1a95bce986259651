/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A workload: the service in the guest, the client's protocol (bytes in, bytes out; sockets and
 * clocks are the engine's), the oracles that judge, and a model of the service for the simulated
 * guest. Client callbacks of one run are never called from two threads at once.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "model/component.h"
#include "model/exchange.h"
#include "model/param.h"
#include "model/program.h"
#include "model/result.h"

struct lu_reply {
	bool ok; /* contents are right */
	/* interned kernel release the reply carries, or NULL: inferred from the time of the jump */
	const char *version;
	const char *app; /* interned version of the application, one of the workload's, or NULL */
	/* Interned versions of the kernel component's instances as the reply
	 * carries them, or NULL. */
	const char *module[LU_COMPONENT_INSTANCES];
	const char *why; /* static or interned, when !ok */
	/* The service works beside its requests, and this many units of work are done. */
	bool works;
	uint64_t units;
};

struct lu_oracle {
	const char *name;
	const char *help;
	bool needs_state; /* waived for a strategy that says it does not keep state */
	/* *evidence is one line, allocated; always set. */
	enum lu_verdict (*judge)(void *client, char **evidence);
};

/* The service as the simulated guest runs it. */
struct lu_service_model {
	void *(*new)(const json_t *params, uint64_t seed);
	void (*free)(void *service);
	/* Optional. The service has been running up to this time on the guest's clock: model what
	 * it does besides requests. Not called for times at which it was paused. */
	void (*run)(void *service, int64_t now_ns);
	/* Serve one whole request at the head of buf: appends the reply, returns bytes consumed, 0:
	 * more needed. release is the kernel that runs. */
	size_t (*serve)(void *service, const uint8_t *buf, size_t len, unsigned conn,
			const char *release, GByteArray *reply);
	/* Required with versions: it runs as that one from here on. */
	void (*become)(void *service, const char *version);
	/* Damage the state, to test that the oracles detect it: "lose-write", "corrupt", …;
	 * false: unknown kind. */
	bool (*damage)(void *service, const char *kind);
	/* Optional. An instance of the kernel component
	 * that it uses has been swapped to that version. */
	void (*swapped)(void *service, unsigned instance, const char *version);
	/* Required with a disk: the service was ended, or lost power, and starts again with
	 * what is on its disk. */
	void (*restart)(void *service);
};

struct lu_needs;

/* A text file that guests are given. */
struct lu_guest_file {
	const char *path, *text;
};

struct lu_workload {
	const char *name, *summary;
	const struct lu_param *params;
	/* The service's program: one of ours (workloads/PROGRAM/guest), or packaged's name. */
	const char *program;
	const struct lu_program *packaged; /* the distribution's; NULL: it is one of ours */
	const char *helper; /* another program that the command line names, or NULL */
	const struct lu_guest_file *files; /* of both releases: ends with .path NULL, or NULL */
	uint16_t port;			   /* in the guest; 0: port_of says it */
	uint16_t (*port_of)(const json_t *params);
	/* Optional. What guests are made with for it, beside what is said here; with it, program may
	 * be NULL. */
	void (*needs)(const json_t *params, struct lu_needs *needs);
	/* Optional. Why it cannot run so: asked once, when the plan is made, with its strategy.
	 * LU_ERROR_UNSUPPORTED or LU_ERROR_REFUSED. */
	bool (*check)(const json_t *params, bool simulated, GError **error);
	/* Optional. Adds to the arguments of the agent's verb service.start. */
	void (*start)(const json_t *params, json_t *args);
	/* The service's command line in the guest; g_strfreev. argv[0] is an
	 * absolute guest path. */
	char **(*argv)(const json_t *params);
	/* Optional. Versions of the application, oldest first, at most nine, as its replies carry
	 * them (struct lu_reply.app); NULL-terminated; NULL: there is only one, and no update of
	 * kind "app". Such a program understands `--app N` (run as the N-th, from 1),
	 * `--state-file` and `--takeover` as docs/reference/handover-protocol.md says. */
	const char *const *versions;
	/* Optional. Size of the disk that the service keeps its files on, mounted at /data, MB;
	 * 0 or NULL: it has none. What is on it outlives kernels, machines and power. */
	unsigned (*disk_mb)(const json_t *params);
	/* Optional. Features of the machine (keys of its "features") that it uses, loaded before
	 * kmods; what a machine does not list is built in. */
	const char *const *features;
	/* Optional. Our own kernel modules that the service uses (kmod), in load order, loaded
	 * before it starts; kmod_params (optional) returns the parameters of one, to g_free, or
	 * NULL. With them the service has state in the kernel, which is lost with that kernel. */
	const char *const *kmods;
	char *(*kmod_params)(const json_t *params, const char *kmod);
	/* Optional. The component of the kernel that it uses, one of those modules (lu_NAME and its
	 * first version, lu_NAME_VERSION, are among them): what can be swapped. Replies carry the
	 * versions of its instances (lu_reply.module). */
	const struct lu_component *component;
	/* Optional, with a component of many updates: the one that these parameters choose. Borrowed
	 * from them. */
	const char *(*update)(const json_t *params);
	/* On SIGTERM the service saves its state to a file and ends with status 0; the next one
	 * starts from that file. (With versions it does so anyway.) */
	bool saves;
	/* Optional. Words after the command line with which it does so with this file (absolute);
	 * g_strfreev. NULL: it cannot be told where. */
	char **(*saving)(const char *file);
	/* Started with these words it listens before it has its state, and says READY=1 to
	 * $NOTIFY_SOCKET when it has (sd_notify(3)). */
	bool tells_ready;
	/* Expected resident size: determines the sizes of guest memory and checkpoint store. */
	uint64_t (*state_bytes)(const json_t *params);
	/* Optional. Its writes without requests: bytes per second, and the size of the set that
	 * they go to. */
	void (*writes)(const json_t *params, double *bytes_s, double *set_bytes);

	/* Optional. Size of the largest replies that are requested repeatedly on one connection,
	 * bytes; NULL: so small that any network carries them. */
	uint64_t (*reply_bytes)(const json_t *params);

	void *(*client_new)(const json_t *params, uint64_t seed, unsigned connections);
	void (*client_free)(void *client);
	/* Optional. Bring the service to its state before the baseline. false: nothing to do. */
	bool (*populate)(void *client, struct lu_exchange *exchange);
	/* Append request id on that connection. Called at the moment of sending, in order of id on
	 * each connection; each call is followed by exactly one reply() or lost() of that id, after
	 * lost() it may be asked for again (a retry). */
	void (*request)(void *client, uint64_t id, unsigned conn, GByteArray *out);
	/* Reply to request id at the head of buf: bytes consumed, 0: more needed, -1: broken. */
	ssize_t (*reply)(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			 struct lu_reply *reply);
	/* Optional. Request id will never be answered (it may or may not have been carried out). */
	void (*lost)(void *client, uint64_t id, unsigned conn);
	/* Optional. The connection was lost and reopened: per-connection state starts over. */
	void (*reconnected)(void *client, unsigned conn);
	/* Optional. Called before the first request: requests also come on `count` passing
	 * connections, whose numbers follow those given to client_new. Each is opened for one
	 * request (reconnected() comes before it) and closed. With it, churns (optional) says
	 * whether it can be with these parameters. */
	void (*churn)(void *client, unsigned count);
	bool (*churns)(const json_t *params);
	/* Optional. After the load has stopped, read back what must be there,
	 * on a new connection. */
	bool (*audit)(void *client, struct lu_exchange *exchange);
	/* Optional. What the client measured of the service besides verdicts, for the result's
	 * environment.workload: figures with their units in their names. New reference. */
	json_t *(*report)(void *client);
	const struct lu_oracle *oracles; /* ends with .name == NULL */
	const struct lu_service_model *model;
	/* Optional. Of which class request id on that connection is ("read", "write"), by which
	 * waits are told apart: a short static word, the same however often it is asked, before the
	 * request is made, too. NULL, or answering NULL: all are alike. */
	const char *(*class_of)(void *client, uint64_t id, unsigned conn);
};

/* The port in the guest on which it answers. */
uint16_t lu_workload_port(const struct lu_workload *workload, const json_t *params);
/* Size of the disk that it keeps its files on, MB; 0: it has none. */
unsigned lu_workload_disk_mb(const struct lu_workload *workload, const json_t *params);

/* Generated by CMake from workloads/: symbol lu_workload_<stem>. Ends with NULL. */
extern const struct lu_workload *const lu_workloads[];
const struct lu_workload *lu_workload_find(const char *name, GError **error);
