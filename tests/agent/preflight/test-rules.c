/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each rule holds of a process of this host that has what it is about, and of none that has not. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/rtnetlink.h>
#include "agent/file.h"
#include "agent/preflight/preflight.h"
#include "agent/preflight/rules.h"
#include "tests/agent/preflight/held.h"

#define LARGE (2 << 20)

static bool pidfd(long data)
{
	return syscall(SYS_pidfd_open, getpid(), 0) >= 0;
}

static bool device(long data)
{
	return open("/dev/fuse", O_RDWR) >= 0 || open("/dev/loop-control", O_RDWR) >= 0 ||
	       open("/dev/kvm", O_RDWR) >= 0;
}

/* Where files of these processes lie; removed in the end. */
static char on_disk[] = LU_BUILD_DIR "/preflight-XXXXXX", in_ram[] = "/dev/shm/preflight-XXXXXX";

static int file_of(const char *dir, char *name, size_t size)
{
	snprintf(name, size, "%s/%d", dir, (int)getpid());
	return open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static bool queued(long data)
{
	char name[PATH_MAX];
	int fd = inotify_init1(0), file = file_of(on_disk, name, sizeof(name));

	inotify_add_watch(fd, name, IN_ATTRIB);
	return fd >= 0 && !fchmod(file, 0640) && !close(file);
}

static bool eventfd_of(long flags)
{
	uint64_t count = flags ? 3 : UINT64_C(0x100000000);
	int fd = eventfd(0, (int)flags);

	return write(fd, &count, sizeof(count)) == sizeof(count);
}

static bool unlinked_large(long data)
{
	char name[PATH_MAX];
	int fd = file_of(on_disk, name, sizeof(name));

	unlink(name);
	return fd >= 0 && ftruncate(fd, LARGE) == 0;
}

static bool mapped_large(long data)
{
	char name[PATH_MAX];
	int fd = file_of(on_disk, name, sizeof(name));
	bool ok = fd >= 0 && ftruncate(fd, LARGE) == 0 &&
		  mmap(NULL, LARGE, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED;

	unlink(name);
	close(fd);
	return ok && geteuid() == 0; /* proc(5): map_files */
}

static bool other_name(long data)
{
	char name[PATH_MAX], other[PATH_MAX + 8];
	int fd = file_of(on_disk, name, sizeof(name));

	snprintf(other, sizeof(other), "%s.too", name);
	if (fd < 0 || link(name, other) || unlink(name))
		return false;
	return true;
}

/* Mounts of its own, which go with the process. */
static bool own_mounts(void)
{
	return !unshare(CLONE_NEWNS) && !mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static bool replaced(long data)
{
	bool own = own_mounts();
	char name[PATH_MAX], other[PATH_MAX + 8];
	int fd = file_of(on_disk, name, sizeof(name)), file;

	snprintf(other, sizeof(other), "%s.over", name);
	file = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return own && fd >= 0 && file >= 0 && !mount(other, name, NULL, MS_BIND, NULL) &&
	       !close(file);
}

static bool unseen(long data)
{
	char name[PATH_MAX];

	return own_mounts() && !mount("none", on_disk, "tmpfs", 0, NULL) &&
	       file_of(on_disk, name, sizeof(name)) >= 0 && !umount2(on_disk, MNT_DETACH);
}

/* After the start by more than the kernel's clock for files is behind. */
static bool in_memory(long data)
{
	struct statx born;
	char name[PATH_MAX];
	int fd;

	usleep(50000);
	fd = file_of(in_ram, name, sizeof(name));
	return fd >= 0 && !statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &born) &&
	       (born.stx_mask & STATX_BTIME);
}

static bool family(long data)
{
	return socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 || socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0;
}

static bool protocol(long data)
{
	return socket(AF_INET, SOCK_STREAM, 262 /* MPTCP */) >= 0 ||
	       socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP) >= 0;
}

static int loopback(int type, struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, type, 0);

	*at = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(fd, (struct sockaddr *)at, sizeof(*at)) ||
	    getsockname(fd, (struct sockaddr *)at, &len))
		return -1;
	return fd;
}

static bool corked(long data)
{
	struct sockaddr_in at;
	int fd = loopback(SOCK_DGRAM, &at), on = 1;

	return !setsockopt(fd, SOL_UDP, UDP_CORK, &on, sizeof(on));
}

static bool datagram(long data)
{
	struct sockaddr_in at;
	int fd = loopback(SOCK_DGRAM, &at);

	return sendto(fd, "one", 3, 0, (struct sockaddr *)&at, sizeof(at)) == 3;
}

static bool urgent(long data)
{
	struct sockaddr_in at;
	int listener = loopback(SOCK_STREAM, &at), from = socket(AF_INET, SOCK_STREAM, 0);

	return !listen(listener, 1) && !connect(from, (struct sockaddr *)&at, sizeof(at)) &&
	       accept(listener, NULL, NULL) >= 0 && send(from, "!", 1, MSG_OOB) == 1;
}

/* An answer to a request, which nobody reads. */
static bool netlink(long data)
{
	struct {
		struct nlmsghdr head;
		struct rtgenmsg body;
	} ask = {
		.head = {.nlmsg_len = sizeof(ask),
			 .nlmsg_type = RTM_GETLINK,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body.rtgen_family = AF_UNSPEC,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	return send(fd, &ask, sizeof(ask), 0) == sizeof(ask);
}

static bool member(long data)
{
	struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(0xef010203),
				 .imr_address.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in at;
	int fd = loopback(SOCK_DGRAM, &at);

	return !setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group));
}

static bool options(long data)
{
	struct sockaddr_in at;
	int fd = loopback(SOCK_STREAM, &at), ms = 1234;

	return !setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

static bool traced(long data)
{
	pid_t child = fork();

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	return waitpid(child, NULL, WUNTRACED) == child && !ptrace(PTRACE_CONT, child, 0, 0);
}

static bool nested(long data)
{
	int ends[2];
	char byte;

	if (pipe(ends))
		return false;
	if (fork() == 0) {
		byte = unshare(CLONE_NEWUTS) == 0;
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	return read(ends[0], &byte, 1) == 1 && byte;
}

/* Its parent ends, so that it is in the session and in the tree no more. */
static bool beside(long data)
{
	pid_t child = fork();

	if (child == 0) {
		if (fork() == 0)
			for (;;)
				pause();
		_exit(0);
	}
	return waitpid(child, NULL, 0) == child;
}

static bool stopped(long data)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	kill(child, SIGSTOP);
	return waitpid(child, NULL, WUNTRACED) == child;
}

static bool slack(long ns)
{
	return !prctl(PR_SET_TIMERSLACK, ns, 0, 0, 0);
}

static bool affinity(long data)
{
	cpu_set_t now, one;

	sched_getaffinity(0, sizeof(now), &now);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++)
		if (CPU_ISSET(cpu, &now))
			CPU_SET(cpu, &one);
	return CPU_COUNT(&now) > 1 && !sched_setaffinity(0, sizeof(one), &one);
}

static bool io_priority(long data)
{
	return !syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 7);
}

static bool no_huge_pages(long data)
{
	return !prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

static _Noreturn void *wait_on(void *data)
{
	for (;;)
		pause();
}

static bool is_zombie(pid_t pid)
{
	siginfo_t info;
	char path[64], *text;
	bool dead;

	/* with a thread left it is none yet for wait(2) */
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	text = file_read(path, NULL);
	dead = text && strstr(text, "State:\tZ");
	free(text);
	return dead;
}

/* The first thread of a child has ended, the other goes on. */
static bool headless(long data)
{
	pthread_t thread;
	pid_t child = fork();

	if (child == 0) {
		if (pthread_create(&thread, NULL, wait_on, NULL))
			_exit(1);
		pthread_exit(NULL);
	}
	for (int i = 0; i < 6000 && !is_zombie(child); i++)
		usleep(10000);
	return child > 0 && is_zombie(child);
}

/* Only the mapping is left of it. */
static bool mapped_kind(long data)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd >= 0 &&
	       mmap(NULL, (size_t)2 * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0) != MAP_FAILED &&
	       !close(fd);
}

static bool special(long data)
{
	return personality(ADDR_NO_RANDOMIZE) >= 0;
}

static bool sysv_memory(long data)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	bool attached = id >= 0 && (intptr_t)shmat(id, NULL, 0) != -1;

	return attached && !shmctl(id, IPC_RMID, NULL);
}

static int semaphore = -1;

static bool sysv_semaphore(long data)
{
	struct sembuf up = {.sem_op = 1};

	return !semop(semaphore, &up, 1);
}

struct case_of {
	const char *rule;
	bool (*set_up)(long data);
	long data;
	const char *too; /* a rule that holds, too, then */
};

static const struct case_of cases[] = {
	{"file-kind", pidfd},
	{"device", device},
	{"events-queued", queued},
	{"eventfd-large", eventfd_of},
	{"eventfd-semaphore", eventfd_of, EFD_SEMAPHORE},
	{"file-unlinked-large", unlinked_large},
	{"file-unlinked-large", mapped_large},
	{"file-other-name", other_name},
	{"file-in-memory", in_memory},
	{"file-replaced", replaced},
	{"file-unseen", unseen, .too = "file-other-name"},
	{"file-kind-mapped", mapped_kind},
	{"dead-with-threads", headless},
	{"socket-family", family},
	{"socket-protocol", protocol},
	{"socket-corked", corked},
	{"socket-urgent", urgent},
	{"netlink-unread", netlink},
	{"datagram-unread", datagram},
	{"multicast", member},
	{"socket-options", options},
	{"traced", traced},
	{"namespace-nested", nested},
	{"beside-the-tree", beside},
	{"stopped", stopped},
	{"timer-slack", slack, 77777},
	{"affinity", affinity},
	{"io-priority", io_priority},
	{"thp-disabled", no_huge_pages},
	{"personality", special},
	{"sysv-memory", sysv_memory},
	{"sysv-objects", sysv_semaphore},
};

static bool found(const json_t *look, const char *rule)
{
	const json_t *findings = json_object_get(look, "findings");

	for (size_t i = 0; i < json_array_size(findings); i++)
		if (!strcmp(json_string_value(json_object_get(json_array_get(findings, i), "rule")),
			    rule))
			return true;
	return false;
}

static void try_case(const struct case_of *what)
{
	const struct preflight_how how = {.late = false};
	pid_t pid = held_start(what->set_up, what->data);
	json_auto_t *look = pid ? preflight_look(pid, &how) : NULL;

	if (!pid) {
		print_message("this host has nothing for rule %s\n", what->rule);
		return;
	}
	held_end(pid);
	if (!found(look, what->rule) || (what->too && !found(look, what->too)) ||
	    json_array_size(json_object_get(look, "findings")) != (what->too ? 2 : 1)) {
		g_autofree char *text = json_dumps(look, JSON_INDENT(1));

		fail_msg("%s alone was to be found, and not: %s", what->rule, text);
	}
}

static void test_each(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		try_case(&cases[i]);
}

/* Of an ordinary process there is nothing to say. */
static bool ordinary(long data)
{
	struct sockaddr_in at;
	int fd = loopback(SOCK_STREAM, &at), from = socket(AF_INET, SOCK_STREAM, 0), pair[2];

	return !listen(fd, 1) && !connect(from, (struct sockaddr *)&at, sizeof(at)) &&
	       accept(fd, NULL, NULL) >= 0 && !pipe(pair) && inotify_init1(0) >= 0 &&
	       eventfd(2, 0) >= 0 && loopback(SOCK_DGRAM, &at) >= 0 &&
	       open("/dev/urandom", O_RDONLY) >= 0 && open("/proc/self/maps", O_RDONLY) >= 0 &&
	       open("/etc/passwd", O_RDONLY) >= 0 && memfd_create("memory", 0) >= 0 && held_child();
}

static void test_nothing(void **state)
{
	const struct preflight_how how = {.late = false};
	pid_t pid = held_start(ordinary, 0);
	json_auto_t *look = preflight_look(pid, &how);
	g_autofree char *text = json_dumps(look, JSON_INDENT(1));

	held_end(pid);
	assert_true(pid > 0);
	if (json_array_size(json_object_get(look, "findings")))
		fail_msg("%s", text);
	assert_int_equal(json_integer_value(json_object_get(look, "processes")), 2);
}

/* Each rule is tried, but for one of which a test would need a device that can be mapped. */
static void test_all_are_tried(void **state)
{
	static const char *const not_here[] = {"device-mapped", NULL};

	for (size_t f = 0; lu_preflight_rules[f]; f++)
		for (const struct preflight_rule *rule = lu_preflight_rules[f]->rules; rule->name;
		     rule++) {
			bool tried = g_strv_contains(not_here, rule->name);

			for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
				tried |= !strcmp(cases[i].rule, rule->name);
			if (!tried)
				fail_msg("no case for rule %s", rule->name);
		}
}

/* When it is frozen only what can have come since is looked at. */
static void test_late(void **state)
{
	const struct preflight_how how = {.late = true, .frozen = true};
	pid_t early = held_start(slack, 77777), late = held_start(queued, 0);
	json_auto_t *none = preflight_look(early, &how), *some = preflight_look(late, &how);

	held_end(early);
	held_end(late);
	assert_int_equal(json_array_size(json_object_get(none, "findings")), 0);
	assert_true(found(some, "events-queued"));
	assert_null(json_object_get(some, "state_bytes"));
	assert_int_equal(json_integer_value(json_object_get(some, "passing")), 1);
}

/* Each rule is described where users read of them. */
static void test_documented(void **state)
{
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(LU_SOURCE_DIR "/docs/guide/survive.md", &text, NULL, NULL));
	for (size_t f = 0; lu_preflight_rules[f]; f++)
		for (const struct preflight_rule *rule = lu_preflight_rules[f]->rules; rule->name;
		     rule++) {
			g_autofree char *row = g_strdup_printf("| `%s` |", rule->name);

			if (!strstr(text, row))
				fail_msg("docs/guide/survive.md has no row of rule %s", rule->name);
		}
}

/* Objects of IPC that others of this host have are none of ours. */
static int set_up(void **state)
{
	struct sembuf up = {.sem_op = 1};

	(void)!unshare(CLONE_NEWIPC);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	return !mkdtemp(on_disk) || !mkdtemp(in_ram) || semop(semaphore, &up, 1);
}

static int tear_down(void **state)
{
	remove_tree(on_disk);
	remove_tree(in_ram);
	return semctl(semaphore, 0, IPC_RMID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),	      cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_all_are_tried), cmocka_unit_test(test_late),
		cmocka_unit_test(test_documented),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
