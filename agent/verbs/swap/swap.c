/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves of swappable instances (kmod/swap/sysfs.c) from one version to another. A move waits in the
 * kernel, so a child does it.
 *
 * swap {instance, to: ["v2", "v1"] (gone through in turn), quiescence:
 *     "counter"|"rcu"|"stack"|"none", limit_ms, times, every_ms, fail_transfers} → moves, move_ns,
 *     begun, the longest of all moves trace_ns, quiesce_ns, transfer_ns, closed_ns, wait_ns, the
 *     medians trace_median_ns, quiesce_median_ns, closed_median_ns, until_quiet_ns of the last,
 *     and waited, looks. refused: never quiet within the limit. Undone by swap.back.
 * swap.back as swap → as swap, or {} when it has that version
 * swap.state {} → versions: {"lublk0": "v1"}, warned (the kernel has warned, oopsed, found a bad
 *     access, or lockdep has found something), said (its words, "" for none)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/file.h"
#include "agent/loop.h"
#include "agent/verb.h"
#include "agent/verbs/swap/complaint.h"
#include "agent/verbs/swap/figures.h"

#define SWAP_DIR "/sys/kernel/lu_swap"
#define VERSIONS 8

struct moves {
	struct request *request;
	char instance[64], to[VERSIONS][16], how[16];
	size_t versions;
	json_int_t limit_ms, every_ms, fail_transfers;
	json_int_t times; /* times: through the versions in turn */
	int64_t begin_ns;
};

static void path_of(char *path, size_t size, const char *instance, const char *file)
{
	snprintf(path, size, SWAP_DIR "/%s/%s", instance, file);
}

/* 0 or an errno. */
static int order(const struct moves *moves, const char *file, const char *words)
{
	char path[200];
	int fd, error = 0;

	path_of(path, sizeof(path), moves->instance, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, words, strlen(words)) != (ssize_t)strlen(words))
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static int move(const struct moves *moves, const char *to)
{
	char words[100];

	snprintf(words, sizeof(words), "%s %s %lld", to, moves->how, (long long)moves->limit_ms);
	return order(moves, "move", words);
}

static int set_failures(const struct moves *moves)
{
	char words[32];

	snprintf(words, sizeof(words), "%lld", (long long)moves->fail_transfers);
	return moves->fail_transfers ? order(moves, "fail_transfer", words) : 0;
}

/* Moves keep to a schedule, so that their own length does not add to the interval. */
static void await_turn(const struct moves *moves, json_int_t i)
{
	int64_t at = moves->begin_ns + i * moves->every_ms * 1000000;
	struct timespec when = {at / 1000000000, at % 1000000000};

	if (i && moves->every_ms)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

/* In a child; what it prints is the answer's figures, its status the error. */
static int move_body(void *data)
{
	const struct moves *moves = data;
	struct swap_figures *figures = swap_figures_new();
	int error = set_failures(moves);
	char path[200];

	path_of(path, sizeof(path), moves->instance, "last");
	for (json_int_t i = 0; !error && i < moves->times; i++) {
		figures->begun++;
		await_turn(moves, i);
		error = move(moves, moves->to[i % moves->versions]);
		swap_figures_gather(figures, path);
	}
	swap_figures_print(figures);
	fflush(stdout);
	return error;
}

static json_t *answer(const struct moves *moves, const char *output)
{
	json_t *answer = swap_figures_parse(output);

	json_object_set_new(answer, "moves", json_integer(moves->times));
	json_object_set_new(answer, "move_ns", json_integer(now_ns() - moves->begin_ns));
	return answer;
}

static void tell_error(const struct moves *moves, int error, const char *output)
{
	json_t *figures = swap_figures_parse(output);
	json_int_t begun = json_integer_value(json_object_get(figures, "begun"));
	json_int_t waited_ns = json_integer_value(json_object_get(figures, "until_quiet_ns"));
	const char *to = moves->to[(begun ? begun - 1 : 0) % moves->versions];

	json_decref(figures);
	if (error == ETIMEDOUT)
		reply_error(
			moves->request, "refused",
			"swap: %s was never quiet within %lld ms (%s, waited %lld ms); it stays "
			"as it was",
			moves->instance, (long long)moves->limit_ms, moves->how,
			(long long)waited_ns / 1000000);
	else if (error == EOPNOTSUPP)
		reply_error(moves->request, "unsupported",
			    "swap: quiescence by %s is not to be had of %s in this kernel",
			    moves->how, moves->instance);
	else if (error == ENOENT)
		reply_error(moves->request, "unsupported",
			    "swap: there is no instance %s, or no version %s of it",
			    moves->instance, to);
	else
		reply_error(moves->request, "failed", "swap: %s to %s: %s; it stays as it was",
			    moves->instance, to, strerror(error));
}

static void moved(void *data, int status, const char *output)
{
	struct moves *moves = data;

	if (status_ok(status))
		reply_ok(moves->request, answer(moves, output));
	else
		tell_error(moves, WIFEXITED(status) ? WEXITSTATUS(status) : EIO, output);
	free(moves);
}

static bool take_versions(struct moves *moves, const json_t *versions)
{
	json_t *version;
	size_t i;

	json_array_foreach(versions, i, version)
	{
		const char *name = json_string_value(version);

		if (i == VERSIONS || !name || !*name || strlen(name) >= sizeof(moves->to[i]))
			return false;
		memcpy(moves->to[i], name, strlen(name) + 1);
		moves->versions++;
	}
	return moves->versions > 0;
}

static bool take_args(struct moves *moves, struct request *request)
{
	const char *instance = arg_str(request, "instance", "");

	snprintf(moves->instance, sizeof(moves->instance), "%s", instance);
	snprintf(moves->how, sizeof(moves->how), "%s", arg_str(request, "quiescence", "none"));
	moves->limit_ms = arg_int(request, "limit_ms", 1000);
	moves->every_ms = arg_int(request, "every_ms", 0);
	moves->fail_transfers = arg_int(request, "fail_transfers", 0);
	moves->times = arg_int(request, "times", 1);
	moves->begin_ns = now_ns();
	moves->request = request;
	return *instance && !strchr(instance, '/') && moves->limit_ms > 0 && moves->every_ms >= 0 &&
	       moves->fail_transfers >= 0 && moves->times > 0 &&
	       take_versions(moves, json_object_get(request->args, "to"));
}

static void start(struct request *request, struct moves *moves)
{
	if (child_call(move_body, moves, moved, moves) >= 0)
		return;
	reply_error(request, "failed", "swap: cannot fork");
	free(moves);
}

static void swap(struct request *request)
{
	struct moves *moves = calloc(1, sizeof(*moves));

	if (take_args(moves, request)) {
		start(request, moves);
		return;
	}
	reply_error(request, "usage",
		    "swap: \"instance\" and \"to\", a list of versions, are needed");
	free(moves);
}

static void version_of(const char *instance, char *version, size_t size)
{
	char path[200], *text;

	path_of(path, sizeof(path), instance, "version");
	text = file_read(path, NULL);
	snprintf(version, size, "%s", text ? text : "");
	version[strcspn(version, "\n")] = '\0';
	free(text);
}

/* Fine when it has that version already, or does not exist. */
static void swap_back(struct request *request)
{
	struct moves *moves = calloc(1, sizeof(*moves));
	char version[16];

	if (!take_args(moves, request)) {
		reply_error(
			request, "usage",
			"swap.back: \"instance\" and \"to\", a list of one version, are needed");
		free(moves);
		return;
	}
	version_of(moves->instance, version, sizeof(version));
	if (*version && strcmp(version, moves->to[0])) {
		start(request, moves);
		return;
	}
	reply_ok(request, NULL);
	free(moves);
}

static void swap_state(struct request *request)
{
	json_t *versions = json_object();
	DIR *dir = opendir(SWAP_DIR);
	struct dirent *entry;
	char version[16], said[200];
	bool warned;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		version_of(entry->d_name, version, sizeof(version));
		json_object_set_new(versions, entry->d_name, json_string(version));
	}
	if (dir)
		closedir(dir);
	warned = complaint_find(said, sizeof(said));
	reply_ok(request, json_pack("{s:o, s:b, s:s}", "versions", versions, "warned", (int)warned,
				    "said", said));
}

const struct lu_agent_verbs lu_agent_verbs_swap = {
	"swap",
	{
		{"swap", swap},
		{"swap.back", swap_back},
		{"swap.state", swap_state},
		{},
	},
};
