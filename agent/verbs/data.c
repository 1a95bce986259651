/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service's own disk (virtio, serial "data"), mounted at /data. It is formatted once, when it
 * is blank, and outlives kernels and machines. Before another kernel mounts it this one holds it
 * (FIFREEZE): all data is written back, the journal is empty, and nothing is written any more,
 * though the service still has its files open.
 *
 * data.open {} → total_bytes, formatted, open_ns; formatted (ext4) only when it is blank. Undone by
 *     data.close.
 * data.hold {} → hold_ns. Undone by data.release.
 * data.release {} → {}
 * data.close {} → {}
 * data.room {} → total_bytes, free_bytes
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "agent/block.h"
#include "agent/child.h"
#include "agent/loop.h"
#include "agent/verb.h"

#define DATA_DIR "/data"
#define LOOK_AT                                                                                    \
	65536 /* bytes at the beginning of a disk, which every file system or label writes to */
#define MAGIC_AT  1080 /* Documentation/filesystems/ext4/super.rst: s_magic */
#define MAGIC_LOW 0x53
#define MAGIC_TOP 0xef

static struct {
	struct request *request; /* of the running data.open or data.hold */
	char device[64];
	bool mounted, fresh;
	int64_t begin_ns;
} data;

static void failed(const char *verb, const char *what, const char *why)
{
	struct request *request = data.request;

	data.request = NULL;
	reply_error(request, "failed", "%s: %s: %s", verb, what, why);
}

static void mount_data(void)
{
	struct request *request = data.request;
	struct statvfs fs;

	mkdir(DATA_DIR, 0755);
	if (mount(data.device, DATA_DIR, "ext4", MS_NOATIME, "") < 0 || statvfs(DATA_DIR, &fs)) {
		failed("data.open", data.device, strerror(errno));
		return;
	}
	data.mounted = true;
	data.request = NULL;
	reply_ok(request,
		 json_pack("{s:I, s:b, s:I}", "total_bytes",
			   (json_int_t)fs.f_blocks * (json_int_t)fs.f_frsize, "formatted",
			   (int)data.fresh, "open_ns", (json_int_t)(now_ns() - data.begin_ns)));
}

static void formatted(void *unused, int status, const char *output)
{
	if (status_ok(status))
		mount_data();
	else
		failed("data.open", "mke2fs", output);
}

/* With a journal, because power may be cut. */
static void format_data(void)
{
	const char *const argv[] = {"/usr/sbin/mke2fs",
				    "-q",
				    "-F",
				    "-t",
				    "ext4",
				    "-b",
				    "4096",
				    "-m",
				    "0",
				    "-E",
				    "lazy_itable_init=1,nodiscard",
				    data.device,
				    NULL};

	if (child_spawn(argv, formatted, NULL) < 0)
		failed("data.open", argv[0], strerror(errno));
}

enum contents { BLANK, EXT4, OTHER, UNREADABLE };

static enum contents look_at(const char *device)
{
	static unsigned char bytes[LOOK_AT];
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	if (n != sizeof(bytes))
		return UNREADABLE;
	if (bytes[MAGIC_AT] == MAGIC_LOW && bytes[MAGIC_AT + 1] == MAGIC_TOP)
		return EXT4;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i])
			return OTHER;
	return BLANK;
}

/* Never formats a disk that is not blank: that would hide a loss. */
static void data_open(struct request *request)
{
	enum contents contents;

	if (data.mounted || data.request) {
		reply_error(request, "usage", "data.open: it is open already");
		return;
	}
	if (!block_by_serial("data", data.device, sizeof(data.device))) {
		reply_error(request, "unsupported",
			    "data.open: this guest has no disk with serial \"data\"");
		return;
	}
	data.request = request;
	data.begin_ns = now_ns();
	contents = look_at(data.device);
	data.fresh = contents == BLANK;
	if (contents == BLANK)
		format_data();
	else if (contents == EXT4)
		mount_data();
	else
		failed("data.open", data.device,
		       contents == OTHER ? "neither blank nor ext4" : "cannot be read");
}

static int control(unsigned long command)
{
	int fd = open(DATA_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : ioctl(fd, command, 0);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return rc;
}

/* In a child, because it writes back all dirty data. EBUSY: held already. */
static int hold_body(void *unused)
{
	if (control(FIFREEZE) == 0 || errno == EBUSY)
		return 0;
	fprintf(stderr, "%s", strerror(errno));
	return 1;
}

static void held(void *unused, int status, const char *output)
{
	struct request *request = data.request;

	if (!status_ok(status)) {
		failed("data.hold", DATA_DIR, output);
		return;
	}
	data.request = NULL;
	reply_ok(request, json_pack("{s:I}", "hold_ns", (json_int_t)(now_ns() - data.begin_ns)));
}

static void data_hold(struct request *request)
{
	if (!data.mounted || data.request) {
		reply_error(request, "usage", "data.hold: it is not open");
		return;
	}
	data.request = request;
	data.begin_ns = now_ns();
	if (child_call(hold_body, NULL, held, NULL) < 0)
		failed("data.hold", "fork", strerror(errno));
}

/* EINVAL: it was not held. */
static bool release(void)
{
	return !data.mounted || control(FITHAW) == 0 || errno == EINVAL;
}

static void data_release(struct request *request)
{
	if (release())
		reply_ok(request, NULL);
	else
		reply_error(request, "failed", "data.release: %s", strerror(errno));
}

static void data_close(struct request *request)
{
	if (data.mounted && (!release() || umount(DATA_DIR) < 0)) {
		reply_error(request, "failed", "data.close: %s", strerror(errno));
		return;
	}
	data.mounted = false;
	reply_ok(request, NULL);
}

static void data_room(struct request *request)
{
	struct statvfs fs;

	if (!data.mounted)
		reply_error(request, "refused", "data.room: it is not open");
	else if (statvfs(DATA_DIR, &fs))
		reply_error(request, "failed", "data.room: %s", strerror(errno));
	else
		reply_ok(request,
			 json_pack("{s:I, s:I}", "total_bytes",
				   (json_int_t)fs.f_blocks * (json_int_t)fs.f_frsize, "free_bytes",
				   (json_int_t)fs.f_bavail * (json_int_t)fs.f_frsize));
}

const struct lu_agent_verbs lu_agent_verbs_data = {
	"data",
	{
		{"data.open", data_open},
		{"data.hold", data_hold},
		{"data.release", data_release},
		{"data.close", data_close},
		{"data.room", data_room},
		{},
	},
};
