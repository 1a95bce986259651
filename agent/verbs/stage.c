/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bring the next release's kernel and initramfs from its medium (virtio disk, serial "next") into
 * RAM.
 *
 * stage {at?, kernel_bytes, initrd_bytes} (both on the medium, in that order, from that byte on,
 *     each at a 4096-byte boundary) → stage_ns. Undone by unstage.
 * unstage {} → {}
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/block.h"
#include "agent/child.h"
#include "agent/loop.h"
#include "agent/stage.h"
#include "agent/verb.h"

struct stage {
	struct request *request;
	char device[64];
	json_int_t at, kernel, initrd;
	int64_t begin_ns;
};

static bool copy_out(int medium, off_t at, json_int_t bytes, const char *path)
{
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = out < 0 ? -1 : 1;

	while (n > 0 && bytes > 0) {
		n = sendfile(out, medium, &at, bytes);
		bytes -= n > 0 ? n : 0;
	}
	if (n == 0)
		fprintf(stderr, "the medium ends %lld bytes early\n", (long long)bytes);
	else if (n < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return out >= 0 && close(out) == 0 && bytes == 0 && n > 0;
}

static int stage_body(void *data)
{
	struct stage *stage = data;
	int medium = open(stage->device, O_RDONLY | O_CLOEXEC);
	off_t second = stage->at + ((stage->kernel + 4095) & ~4095LL);

	posix_fadvise(medium, 0, 0, POSIX_FADV_SEQUENTIAL);
	mkdir("/run/next", 0700);
	return copy_out(medium, stage->at, stage->kernel, STAGE_KERNEL) &&
			       copy_out(medium, second, stage->initrd, STAGE_INITRD)
		       ? 0
		       : 1;
}

static void stage_remove(void)
{
	unlink(STAGE_KERNEL);
	unlink(STAGE_INITRD);
}

static void staged(void *data, int status, const char *output)
{
	struct stage *stage = data;

	if (status_ok(status)) {
		reply_ok(stage->request,
			 json_pack("{s:I}", "stage_ns", (json_int_t)(now_ns() - stage->begin_ns)));
	} else {
		stage_remove();
		reply_error(stage->request, "failed", "stage: %s", output);
	}
	free(stage);
}

static void stage(struct request *request)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	stage->request = request;
	stage->begin_ns = now_ns();
	stage->at = arg_int(request, "at", 0);
	stage->kernel = arg_int(request, "kernel_bytes", 0);
	stage->initrd = arg_int(request, "initrd_bytes", 0);
	if (stage->at < 0 || stage->kernel <= 0 || stage->initrd <= 0) {
		reply_error(
			request, "usage",
			"stage: \"kernel_bytes\" and \"initrd_bytes\" must be above 0, \"at\" at "
			"least 0");
	} else if (!block_by_serial("next", stage->device, sizeof(stage->device))) {
		reply_error(request, "unsupported",
			    "stage: this guest has no disk with serial \"next\"");
	} else if (child_call(stage_body, stage, staged, stage) < 0) {
		reply_error(request, "failed", "stage: cannot fork");
	} else {
		return;
	}
	free(stage);
}

static void unstage(struct request *request)
{
	stage_remove();
	reply_ok(request, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_stage = {
	"stage",
	{
		{"stage", stage},
		{"unstage", unstage},
		{},
	},
};
