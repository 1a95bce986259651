/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Swaps of instances (kmod/swap/sysfs.c) from one version to another. A swap waits in the
 * kernel, so a child does it.
 *
 * swap {instance, to: ["v2", "v1"] (repeatedly, in this order), quiescence:
 *     "counter"|"rcu"|"stack"|"none", limit_ms, times, every_ms, fail_transfers} → moves, move_ns,
 *     begun, the longest of all swaps trace_ns, quiesce_ns, transfer_ns, closed_ns, wait_ns, the
 *     medians trace_median_ns, quiesce_median_ns, closed_median_ns, until_quiet_ns of the last,
 *     and waited, looks. refused: not quiescent within the limit. Undone by swap.back.
 * swap.back as swap → as swap, or {} when it has that version
 * swap.state {} → versions: {"lublk0": "v1"}, warned (the kernel has warned, oopsed, found a bad
 *     access, or lockdep has found something), said (its message, "" for none)
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

struct swaps {
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
static int order(const struct swaps *swaps, const char *file, const char *words)
{
	char path[200];
	int fd, error = 0;

	path_of(path, sizeof(path), swaps->instance, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, words, strlen(words)) != (ssize_t)strlen(words))
		error = errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static int swap_once(const struct swaps *swaps, const char *to)
{
	char words[100];

	snprintf(words, sizeof(words), "%s %s %lld", to, swaps->how, (long long)swaps->limit_ms);
	return order(swaps, "swap", words);
}

static int set_failures(const struct swaps *swaps)
{
	char words[32];

	snprintf(words, sizeof(words), "%lld", (long long)swaps->fail_transfers);
	return swaps->fail_transfers ? order(swaps, "fail_transfer", words) : 0;
}

/* Swaps follow a schedule, so that their own duration does not add to the interval. */
static void await_turn(const struct swaps *swaps, json_int_t i)
{
	int64_t at = swaps->begin_ns + i * swaps->every_ms * 1000000;
	struct timespec when = {at / 1000000000, at % 1000000000};

	if (i && swaps->every_ms)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

/* In a child; what it prints is the answer's figures, its status the error. */
static int swap_body(void *data)
{
	const struct swaps *swaps = data;
	struct swap_figures *figures = swap_figures_new();
	int error = set_failures(swaps);
	char path[200];

	path_of(path, sizeof(path), swaps->instance, "last");
	for (json_int_t i = 0; !error && i < swaps->times; i++) {
		figures->begun++;
		await_turn(swaps, i);
		error = swap_once(swaps, swaps->to[i % swaps->versions]);
		swap_figures_gather(figures, path);
	}
	swap_figures_print(figures);
	fflush(stdout);
	return error;
}

static json_t *answer(const struct swaps *swaps, const char *output)
{
	json_t *answer = swap_figures_parse(output);

	json_object_set_new(answer, "moves", json_integer(swaps->times));
	json_object_set_new(answer, "move_ns", json_integer(now_ns() - swaps->begin_ns));
	return answer;
}

static void tell_error(const struct swaps *swaps, int error, const char *output)
{
	json_t *figures = swap_figures_parse(output);
	json_int_t begun = json_integer_value(json_object_get(figures, "begun"));
	json_int_t waited_ns = json_integer_value(json_object_get(figures, "until_quiet_ns"));
	const char *to = swaps->to[(begun ? begun - 1 : 0) % swaps->versions];

	json_decref(figures);
	if (error == ETIMEDOUT)
		reply_error(swaps->request, "refused",
			    "swap: %s was not quiescent within %lld ms (%s, waited %lld ms); the "
			    "old version stays",
			    swaps->instance, (long long)swaps->limit_ms, swaps->how,
			    (long long)waited_ns / 1000000);
	else if (error == EOPNOTSUPP)
		reply_error(swaps->request, "unsupported",
			    "swap: this kernel does not support quiescence by %s for %s",
			    swaps->how, swaps->instance);
	else if (error == ENOENT)
		reply_error(swaps->request, "unsupported",
			    "swap: there is no instance %s, or no version %s of it",
			    swaps->instance, to);
	else
		reply_error(swaps->request, "failed", "swap: %s to %s: %s; the old version stays",
			    swaps->instance, to, strerror(error));
}

static void swapped(void *data, int status, const char *output)
{
	struct swaps *swaps = data;

	if (status_ok(status))
		reply_ok(swaps->request, answer(swaps, output));
	else
		tell_error(swaps, WIFEXITED(status) ? WEXITSTATUS(status) : EIO, output);
	free(swaps);
}

static bool take_versions(struct swaps *swaps, const json_t *versions)
{
	json_t *version;
	size_t i;

	json_array_foreach(versions, i, version)
	{
		const char *name = json_string_value(version);

		if (i == VERSIONS || !name || !*name || strlen(name) >= sizeof(swaps->to[i]))
			return false;
		memcpy(swaps->to[i], name, strlen(name) + 1);
		swaps->versions++;
	}
	return swaps->versions > 0;
}

static bool take_args(struct swaps *swaps, struct request *request)
{
	const char *instance = arg_str(request, "instance", "");

	snprintf(swaps->instance, sizeof(swaps->instance), "%s", instance);
	snprintf(swaps->how, sizeof(swaps->how), "%s", arg_str(request, "quiescence", "none"));
	swaps->limit_ms = arg_int(request, "limit_ms", 1000);
	swaps->every_ms = arg_int(request, "every_ms", 0);
	swaps->fail_transfers = arg_int(request, "fail_transfers", 0);
	swaps->times = arg_int(request, "times", 1);
	swaps->begin_ns = now_ns();
	swaps->request = request;
	return *instance && !strchr(instance, '/') && swaps->limit_ms > 0 && swaps->every_ms >= 0 &&
	       swaps->fail_transfers >= 0 && swaps->times > 0 &&
	       take_versions(swaps, json_object_get(request->args, "to"));
}

static void start(struct request *request, struct swaps *swaps)
{
	if (child_call(swap_body, swaps, swapped, swaps) >= 0)
		return;
	reply_error(request, "failed", "swap: cannot fork");
	free(swaps);
}

static void swap(struct request *request)
{
	struct swaps *swaps = calloc(1, sizeof(*swaps));

	if (take_args(swaps, request)) {
		start(request, swaps);
		return;
	}
	reply_error(request, "usage",
		    "swap: \"instance\" and \"to\", a list of versions, are needed");
	free(swaps);
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

/* No error when it has that version already, or does not exist. */
static void swap_back(struct request *request)
{
	struct swaps *swaps = calloc(1, sizeof(*swaps));
	char version[16];

	if (!take_args(swaps, request)) {
		reply_error(
			request, "usage",
			"swap.back: \"instance\" and \"to\", a list of one version, are needed");
		free(swaps);
		return;
	}
	version_of(swaps->instance, version, sizeof(version));
	if (*version && strcmp(version, swaps->to[0])) {
		start(request, swaps);
		return;
	}
	reply_ok(request, NULL);
	free(swaps);
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
