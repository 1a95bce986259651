/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /init of every guest: mounts the kernel's file systems, opens the
 * channel, answers verbs (docs/reference/agent-protocol.md). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/child.h"
#include "agent/criu/probe.h"
#include "agent/interface.h"
#include "agent/kernel.h"
#include "agent/loop.h"
#include "agent/store.h"
#include "agent/verb.h"

/* A release is at most 64 characters long (__NEW_UTS_LEN). */
#define RELEASE_WIDTH 71

static void mount_at(const char *type, const char *dir)
{
	mkdir(dir, 0755);
	if (mount(type, dir, type, 0, NULL) < 0 && errno != EBUSY)
		fprintf(stderr, "lubench-agent: mount %s: %s\n", dir, strerror(errno));
}

static void mount_all(void)
{
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("devtmpfs", "/dev");
	mount_at("tmpfs", "/run");
	mount_at("tmpfs", "/tmp");
	mkdir("/run/criu", 0755);
	criu_probe_brought();
	mkdir(STORE_DIR, 0755);
}

/* For services that cannot ask the kernel themselves. The file has the same size under every
 * kernel: CRIU refuses to restore an open file whose size differs. */
static void tell_release(void)
{
	struct utsname name;
	FILE *file;

	uname(&name);
	mkdir("/run/lubench", 0755);
	file = fopen("/run/lubench/release", "we");
	if (!file)
		return;
	fprintf(file, "%-*s\n", RELEASE_WIDTH, name.release);
	fclose(file);
}

static void console_open(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

int main(void)
{
	char *device;

	mount_all();
	console_open();
	tell_release();
	signal(SIGPIPE, SIG_IGN);
	reboot(RB_DISABLE_CAD);
	child_init();
	device = cmdline_get("lubench.agent");
	if (!device || !channel_open(device, verb_call))
		fprintf(stderr, "lubench-agent: cannot open the channel %s: %s\n",
			device ? device : "(no lubench.agent= on the kernel's command line)",
			strerror(errno));
	free(device);
	loopback_up();
	loop_run();
}
