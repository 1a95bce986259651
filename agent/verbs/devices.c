/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contents of block devices, copied to files and back: state transfer over the reload of a driver
 * whose devices keep their contents in memory, or, with the files on a disk, over a reboot. Copying
 * waits for the driver, so a child does it.
 *
 * devices.save {names: ["lublk0"], dir: "/run/lubench"?} (of /dev) → save_ns, bytes: their contents
 *     are in files there
 * devices.load {names, dir?} → load_ns, bytes: the same in reverse; the files are removed
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/loop.h"
#include "agent/verb.h"

#define DEVICES_MAX 8
#define CHUNK	    (1 << 20)

struct copying {
	struct request *request;
	bool out; /* from the devices into files */
	unsigned count;
	char names[DEVICES_MAX][32];
	char dir[32];
	int64_t begin_ns;
};

static void path_of(char *path, size_t size, const char *dir, const char *name)
{
	if (dir)
		snprintf(path, size, "%s/%s.saved", dir, name);
	else
		snprintf(path, size, "/dev/%s", name);
}

/* Bytes copied, or -1 with errno. */
static long long copy_all(int from, int to)
{
	char *chunk = malloc(CHUNK);
	long long copied = 0;
	ssize_t n = -1, done = 0;

	while (chunk && (n = read(from, chunk, CHUNK)) > 0 && (done = write(to, chunk, n)) == n)
		copied += n;
	free(chunk);
	if (n > 0 && done >= 0)
		errno = ENOSPC;
	return n == 0 && fsync(to) == 0 ? copied : -1;
}

/* Drop cached pages: those of a removed device would be
 * taken for pages of the next device with its number. */
static long long copy_device(const struct copying *copying, const char *name)
{
	char device[64], file[80];
	int from, to, error;
	long long copied = -1;

	path_of(device, sizeof(device), NULL, name);
	path_of(file, sizeof(file), copying->dir, name);
	from = open(copying->out ? device : file, O_RDONLY | O_CLOEXEC);
	to = copying->out ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
			  : open(device, O_WRONLY | O_CLOEXEC);
	if (from >= 0 && to >= 0)
		copied = copy_all(from, to);
	error = errno;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (!copying->out && copied >= 0)
		unlink(file);
	errno = error;
	return copied;
}

/* In a child; prints the bytes copied, or the device and its error. */
static int copy_body(void *data)
{
	const struct copying *copying = data;
	long long total = 0, copied;

	for (unsigned i = 0; i < copying->count; i++) {
		copied = copy_device(copying, copying->names[i]);
		if (copied < 0) {
			printf("%s: %s", copying->names[i], strerror(errno));
			fflush(stdout);
			return 1;
		}
		total += copied;
	}
	printf("%lld", total);
	fflush(stdout);
	return 0;
}

static void copied(void *data, int status, const char *output)
{
	struct copying *copying = data;

	if (status_ok(status))
		reply_ok(copying->request,
			 json_pack("{s:I, s:I}", "bytes", (json_int_t)strtoll(output, NULL, 10),
				   copying->out ? "save_ns" : "load_ns",
				   (json_int_t)(now_ns() - copying->begin_ns)));
	else
		reply_error(copying->request, "failed", "devices.%s: %s",
			    copying->out ? "save" : "load", output);
	free(copying);
}

static bool take_names(struct copying *copying, struct request *request)
{
	json_t *names = json_object_get(request->args, "names"), *word;
	size_t i;

	json_array_foreach(names, i, word)
	{
		const char *name = json_string_value(word);

		if (i >= DEVICES_MAX || !name || !*name || strchr(name, '/') ||
		    strlen(name) >= sizeof(copying->names[i]))
			return false;
		memcpy(copying->names[i], name, strlen(name) + 1);
	}
	copying->count = json_array_size(names);
	return copying->count;
}

static bool take_dir(struct copying *copying, struct request *request)
{
	const char *dir = arg_str(request, "dir", "/run/lubench");

	if (*dir != '/' || strlen(dir) >= sizeof(copying->dir))
		return false;
	memcpy(copying->dir, dir, strlen(dir) + 1);
	return true;
}

static void begin(struct request *request, bool out)
{
	struct copying *copying = calloc(1, sizeof(*copying));

	copying->request = request;
	copying->out = out;
	copying->begin_ns = now_ns();
	if (!take_names(copying, request) || !take_dir(copying, request)) {
		reply_error(request, "usage",
			    "devices: \"names\" of up to %d devices, and an absolute \"dir\" of up "
			    "to %zu bytes, are needed",
			    DEVICES_MAX, sizeof(copying->dir) - 1);
		free(copying);
	} else if (child_call(copy_body, copying, copied, copying) < 0) {
		reply_error(request, "failed", "devices: cannot fork");
		free(copying);
	}
}

static void devices_save(struct request *request)
{
	begin(request, true);
}

static void devices_load(struct request *request)
{
	begin(request, false);
}

const struct lu_agent_verbs lu_agent_verbs_devices = {
	"devices",
	{
		{"devices.save", devices_save},
		{"devices.load", devices_load},
		{},
	},
};
