/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces and mounts: namespaces(7), mount(2), loop(4), fuse(4). A child lives in a namespace of
 * its own of one kind; what is in it has to be there. CRIU has images of those that the tree of
 * processes has and its root task has not.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static pid_t part;
static const struct lu_probe *which;

static void enter(int kind)
{
	probe_must(unshare(kind), "unshare");
}

static void uts_take(void)
{
	enter(CLONE_NEWUTS);
	probe_must(sethostname("probed", 6), "sethostname");
}

static void uts_look(void)
{
	struct utsname is;

	uname(&is);
	probe_check(!strcmp(is.nodename, "probed"), "the host is called %s", is.nodename);
}

static void net_take(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;

	enter(CLONE_NEWNET);
	fd = (int)probe_must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	probe_must(ioctl(fd, SIOCSIFFLAGS, &lo), "SIOCSIFFLAGS");
	close(fd);
}

static void net_look(void)
{
	char text[4096];

	probe_read_file("/proc/self/net/dev", text, sizeof(text));
	probe_check(strstr(text, "lo:") != NULL, "it has no loopback interface");
	probe_check(!strstr(text, "eth0:"), "it has the machine's interface");
}

static void ipc_take(void)
{
	enter(CLONE_NEWIPC);
}

static void mount_take(void)
{
	enter(CLONE_NEWNS);
	probe_must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "MS_PRIVATE");
	probe_must(mount("probe", "/mnt", "tmpfs", 0, NULL), "mount");
	close((int)probe_must(open("/mnt/inside", O_CREAT | O_WRONLY, 0600), "open"));
}

static void mount_look(void)
{
	probe_must(access("/mnt/inside", F_OK), "a file of its own mount");
}

static void user_take(void)
{
	probe_must(setuid(1000), "setuid");
	probe_must(prctl(PR_SET_DUMPABLE, 1),
		   "PR_SET_DUMPABLE"); /* its files in /proc are its own */
	enter(CLONE_NEWUSER);
	probe_write_file("/proc/self/uid_map", "0 1000 1");
}

static void user_look(void)
{
	probe_same("its user", getuid(), 0);
	probe_check(!probe_file_has("/proc/self/uid_map", "4294967295"), "it is the machine's");
}

static void cgroup_take(void)
{
	enter(CLONE_NEWCGROUP);
}

static void differs(const char *kind)
{
	char path[64], inner[64] = "", outer[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	probe_must(readlink(path, inner, 63), path);
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)getppid(), kind);
	probe_must(readlink(path, outer, 63), path);
	probe_check(strcmp(inner, outer) != 0, "it is the machine's");
}

static void differs_look(void)
{
	differs(which->word);
}

static const struct {
	const char *word;
	void (*take)(void), (*look)(void);
} kinds[] = {
	{"uts", uts_take, uts_look},	 {"net", net_take, net_look},
	{"ipc", ipc_take, differs_look}, {"mnt", mount_take, mount_look},
	{"user", user_take, user_look},	 {"cgroup", cgroup_take, differs_look},
};

static void space_set_up(const struct lu_probe *probe)
{
	which = probe;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].word, probe->word))
			part = probe_part_begin(kinds[i].take, kinds[i].look);
}

static void space_verify(const struct lu_probe *probe)
{
	probe_part_end(part);
}

static void kill_part(const struct lu_probe *probe)
{
	probe_kill(part);
}

/* Child of a namespace of processes, in which it is the first, or of one of time, whose clock is
 * ahead. */
static int *shared;

static _Noreturn void be_first(void)
{
	for (;;) {
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		shared[1] = (int)now.tv_sec;
		shared[0] = getpid();
		shared[2]++;
		probe_sleep_ms(20);
	}
}

static _Noreturn void unshare_first(void)
{
	int status;

	if (unshare((int)which->arg) < 0)
		_exit(errno);
	if (which->arg == CLONE_NEWTIME)
		probe_write_file("/proc/self/timens_offsets", "monotonic 1000000 0");
	shared[3] = probe_child(be_first);
	status = probe_reap(shared[3]);
	_exit(status ? 1 : 0);
}

static bool beats(void *data)
{
	return shared[2] > *(int *)data;
}

static void first_set_up(const struct lu_probe *probe)
{
	int none = 0;

	which = probe;
	shared = probe_shared(4 * sizeof(*shared));
	part = probe_child(unshare_first);
	probe_check(probe_until(beats, &none), "the kernel has no such namespace");
}

static void first_spoil(const struct lu_probe *probe)
{
	kill(shared[3], SIGKILL);
	probe_reap(part);
}

static void first_verify(const struct lu_probe *probe)
{
	int before = shared[2];

	probe_check(probe_until(beats, &before), "who is in it does not go on");
	if (probe->arg == CLONE_NEWPID)
		probe_same("its pid there", shared[0], 1);
	if (probe->arg == CLONE_NEWTIME)
		probe_check(shared[1] > 1000000, "its clock says %d s, and was ahead by 1000000",
			    shared[1]);
}

/* Mounts that all processes of the machine see, and a file open there. */
static int fd;
static char path[128], source[128];

static void open_there(void)
{
	char file[160];

	snprintf(file, sizeof(file), "%s/file", path);
	fd = (int)probe_must(open(file, O_CREAT | O_RDWR, 0600), "open");
	probe_must(write(fd, "mounted", 7), "write");
}

static void place(const struct lu_probe *probe)
{
	snprintf(path, sizeof(path), "/mnt/%s", probe->name);
	mkdir("/mnt", 0755);
	mkdir(path, 0755);
}

static void bind_set_up(const struct lu_probe *probe)
{
	place(probe);
	snprintf(source, sizeof(source), "%s", probe_disk("bound"));
	mkdir(source, 0755);
	probe_must(mount(source, path, NULL, MS_BIND, NULL), "MS_BIND");
	open_there();
}

static void tmpfs_set_up(const struct lu_probe *probe)
{
	place(probe);
	probe_must(mount("probe", path, "tmpfs", 0, NULL), "mount");
	open_there();
}

static void there_verify(const struct lu_probe *probe)
{
	char bytes[16], file[160];

	probe_same("bytes of the file", pread(fd, bytes, sizeof(bytes), 0), 7);
	snprintf(file, sizeof(file), "%s/file", path);
	probe_must(access(file, F_OK), file);
}

static void contents_set_up(const struct lu_probe *probe)
{
	tmpfs_set_up(probe);
	close(fd);
}

static void contents_verify(const struct lu_probe *probe)
{
	char file[160];

	snprintf(file, sizeof(file), "%s/file", path);
	probe_must(access(file, F_OK), file);
}

static void contents_spoil(const struct lu_probe *probe)
{
	umount(path);
}

/* /dev/loopN over a file, held by whoever has it open. */
static void loop_set_up(const struct lu_probe *probe)
{
	struct loop_info64 info = {.lo_flags = LO_FLAGS_AUTOCLEAR};
	char name[32];
	int control, file;

	control = (int)probe_must(open("/dev/loop-control", O_RDWR), "/dev/loop-control");
	snprintf(name, sizeof(name), "/dev/loop%ld",
		 probe_must(ioctl(control, LOOP_CTL_GET_FREE), "LOOP_CTL_GET_FREE"));
	close(control);
	file = (int)probe_must(open(probe_disk("loop"), O_CREAT | O_RDWR, 0600), "open");
	probe_must(ftruncate(file, 1 << 20), "ftruncate");
	fd = (int)probe_must(open(name, O_RDWR), name);
	probe_must(ioctl(fd, LOOP_SET_FD, file), "LOOP_SET_FD");
	ioctl(fd, LOOP_SET_STATUS64, &info);
	close(file);
	probe_must(write(fd, "looped", 6), "write");
	probe_must(fsync(fd), "fsync");
}

static void loop_verify(const struct lu_probe *probe)
{
	char bytes[8];

	probe_same("bytes of the device", pread(fd, bytes, 6, 0), 6);
	probe_same_bytes("the device", bytes, "looped", 6);
}

/* A file system that a process serves: here not even its first request is answered. */
static void fuse_set_up(const struct lu_probe *probe)
{
	char options[96];

	place(probe);
	fd = (int)probe_must(open("/dev/fuse", O_RDWR), "/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	probe_must(mount("probe", path, "fuse", 0, options), "mount");
}

static void fuse_verify(const struct lu_probe *probe)
{
	char bytes[1 << 14];

	probe_check(read(fd, bytes, sizeof(bytes)) > 0, "no request comes: %s", strerror(errno));
	probe_check(probe_file_has("/proc/self/mountinfo", "fuse"), "it is not mounted any more");
}

const struct lu_probes lu_probes_namespaces = {
	"Namespaces and mounts",
	{
		{"ns-pid", "namespace of processes", "pid_namespaces(7)", 0, first_set_up,
		 first_verify, first_spoil, .arg = CLONE_NEWPID, .lacks = "CONFIG_PID_NS"},
		{"ns-time", "namespace of time", "time_namespaces(7)", 0, first_set_up,
		 first_verify, first_spoil, .arg = CLONE_NEWTIME, .lacks = "CONFIG_TIME_NS"},
		{"ns-uts", "namespace of names", "uts_namespaces(7)", 0, space_set_up, space_verify,
		 kill_part, .word = "uts", .lacks = "CONFIG_UTS_NS"},
		{"ns-net", "namespace of networks", "network_namespaces(7)", 0, space_set_up,
		 space_verify, kill_part, .word = "net", .lacks = "CONFIG_NET_NS"},
		{"ns-ipc", "namespace of IPC objects", "ipc_namespaces(7)", 0, space_set_up,
		 space_verify, kill_part, .word = "ipc", .lacks = "CONFIG_IPC_NS"},
		{"ns-mount", "namespace of mounts", "mount_namespaces(7)", 0, space_set_up,
		 space_verify, kill_part, .word = "mnt"},
		{"ns-user", "namespace of users", "user_namespaces(7)", 0, space_set_up,
		 space_verify, kill_part, .word = "user", .lacks = "CONFIG_USER_NS"},
		{"ns-cgroup", "namespace of cgroups", "cgroup_namespaces(7)", 0, space_set_up,
		 space_verify, kill_part, .word = "cgroup", .lacks = "CONFIG_CGROUPS"},
		{"mount-bind", "file open in a bind mount", "mount(2): MS_BIND",
		 PROBE_DISK | PROBE_GUEST, bind_set_up, there_verify},
		{"mount-tmpfs", "file open in a tmpfs of one's own", "tmpfs(5)", PROBE_GUEST,
		 tmpfs_set_up, there_verify},
		{"mount-contents", "contents of a tmpfs", "tmpfs(5)", PROBE_GUEST, contents_set_up,
		 contents_verify, contents_spoil},
		{"loop", "loop device", "loop(4)", PROBE_DISK | PROBE_GUEST, loop_set_up,
		 loop_verify, .lacks = "CONFIG_BLK_DEV_LOOP, or its module"},
		{"fuse", "FUSE mount that this process serves", "fuse(4)", PROBE_GUEST, fuse_set_up,
		 fuse_verify, .lacks = "CONFIG_FUSE_FS, or its module"},
		{},
	},
};
