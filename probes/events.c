/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that tell of events: eventfd(2), signalfd(2), timerfd_create(2), epoll(7), inotify(7),
 * fanotify(7), pidfd_open(2). CRIU has an image of each but the last two: what is queued in an
 * inotify descriptor is documented as not dumped.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define COUNT 12345
#define LARGE 0x123456789abcLL /* beyond 32 bits */
#define FAR_S 4000	       /* a timer's time, beyond any run */

static int fd, pipes[2], inner;
static pid_t child;
static int64_t begun_ns;

static void eventfd_set_up(const struct lu_probe *probe)
{
	fd = (int)probe_must(eventfd(0, (int)probe->arg), "eventfd");
	probe_must(eventfd_write(fd, (eventfd_t)probe->other), "eventfd_write");
}

static void eventfd_verify(const struct lu_probe *probe)
{
	eventfd_t value;

	if (probe->arg & EFD_SEMAPHORE) {
		probe_must(eventfd_read(fd, &value), "eventfd_read");
		probe_same("what a semaphore gives", (long long)value, 1);
		return;
	}
	probe_must(eventfd_read(fd, &value), "eventfd_read");
	probe_same("its counter", (long long)value, probe->other);
	probe_check(eventfd_read(fd, &value) < 0 && errno == EAGAIN, "it blocks no more");
}

static void signalfd_set_up(const struct lu_probe *probe)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = (int)probe_must(signalfd(-1, &set, SFD_NONBLOCK), "signalfd");
	probe_must(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 4711}), "sigqueue");
}

static void signalfd_verify(const struct lu_probe *probe)
{
	struct signalfd_siginfo info;

	probe_same("bytes of the queued signal", read(fd, &info, sizeof(info)), sizeof(info));
	probe_same("its number", info.ssi_signo, SIGRTMIN + 3);
	probe_same("its value", info.ssi_int, 4711);
	kill(getpid(), SIGUSR1);
	probe_same("bytes of a new signal", read(fd, &info, sizeof(info)), sizeof(info));
	probe_same("its number", info.ssi_signo, SIGUSR1);
}

static int64_t now_on(clockid_t clock)
{
	struct timespec ts;

	probe_must(clock_gettime(clock, &ts), "clock_gettime");
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Relative to now, or to a time of its clock. */
static void timerfd_set_up(const struct lu_probe *probe)
{
	struct itimerspec when = {.it_value = {FAR_S, 0}, .it_interval = {7, 5}};

	fd = (int)probe_must(timerfd_create((clockid_t)probe->arg, 0), "timerfd_create");
	if (probe->other & TFD_TIMER_ABSTIME)
		when.it_value.tv_sec += now_on((clockid_t)probe->arg) / 1000000000;
	begun_ns = now_on(CLOCK_REALTIME);
	probe_must(timerfd_settime(fd, (int)probe->other, &when, NULL), "timerfd_settime");
}

/* What is left of it is less by the time that has passed on the wall, or by the time in which the
 * process was there: both are a timer that goes on. */
static void timerfd_verify(const struct lu_probe *probe)
{
	int64_t passed_s = (now_on(CLOCK_REALTIME) - begun_ns) / 1000000000;
	struct itimerspec left;

	probe_must(timerfd_gettime(fd, &left), "timerfd_gettime");
	probe_same("its interval, s", left.it_interval.tv_sec, 7);
	probe_same("its interval, ns", left.it_interval.tv_nsec, 5);
	probe_check(left.it_value.tv_sec <= FAR_S, "it is %lld s away, was %d s",
		    (long long)left.it_value.tv_sec, FAR_S);
	probe_check(left.it_value.tv_sec >= FAR_S - passed_s - 2,
		    "it is %lld s away after %lld s, was %d s", (long long)left.it_value.tv_sec,
		    (long long)passed_s, FAR_S);
}

/* It has expired, and nobody has read how often. */
static void expired_set_up(const struct lu_probe *probe)
{
	const struct itimerspec when = {.it_value = {0, 1000000}};

	fd = (int)probe_must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
	probe_must(timerfd_settime(fd, 0, &when, NULL), "timerfd_settime");
	probe_sleep_ms(20);
}

static void expired_verify(const struct lu_probe *probe)
{
	uint64_t times;

	probe_same("bytes of the expiry", read(fd, &times, sizeof(times)), sizeof(times));
	probe_same("expiries", (long long)times, 1);
}

static void add(int to, int what, uint32_t events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	probe_must(epoll_ctl(to, EPOLL_CTL_ADD, what, &event), "epoll_ctl");
}

static void take_event(int from, uint64_t data)
{
	struct epoll_event event = {0};

	probe_same("events", epoll_wait(from, &event, 1, probe_wait_ms()), 1);
	probe_same("its data", (long long)event.data.u64, (long long)data);
}

static void epoll_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(pipes), "pipe");
	fd = (int)probe_must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	add(fd, pipes[0], EPOLLIN, 0x1122334455667788);
	probe_must(write(pipes[1], "x", 1), "write");
}

static void epoll_verify(const struct lu_probe *probe)
{
	char byte;

	take_event(fd, 0x1122334455667788);
	probe_must(read(pipes[0], &byte, 1), "read");
	probe_same("events of an empty pipe", epoll_wait(fd, &(struct epoll_event){0}, 1, 0), 0);
	probe_same("FD_CLOEXEC", fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void nested_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(pipes), "pipe");
	inner = (int)probe_must(epoll_create1(0), "epoll_create1");
	fd = (int)probe_must(epoll_create1(0), "epoll_create1");
	add(inner, pipes[0], EPOLLIN, 5);
	add(fd, inner, EPOLLIN, 6);
}

static void nested_verify(const struct lu_probe *probe)
{
	probe_must(write(pipes[1], "x", 1), "write");
	take_event(fd, 6);
	take_event(inner, 5);
}

/* Edge-triggered, and the edge was taken: it must not come again without new data. */
static void edge_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(pipes), "pipe");
	fd = (int)probe_must(epoll_create1(0), "epoll_create1");
	add(fd, pipes[0], EPOLLIN | EPOLLET, 7);
	probe_must(write(pipes[1], "x", 1), "write");
	take_event(fd, 7);
}

static void edge_verify(const struct lu_probe *probe)
{
	probe_same("edges that were taken already", epoll_wait(fd, &(struct epoll_event){0}, 1, 0),
		   0);
	probe_must(write(pipes[1], "x", 1), "write");
	take_event(fd, 7);
}

/* One shot, which was fired: it is silent until it is armed again. */
static void oneshot_set_up(const struct lu_probe *probe)
{
	probe_must(pipe(pipes), "pipe");
	fd = (int)probe_must(epoll_create1(0), "epoll_create1");
	add(fd, pipes[0], EPOLLIN | EPOLLONESHOT, 8);
	probe_must(write(pipes[1], "x", 1), "write");
	take_event(fd, 8);
}

static void oneshot_verify(const struct lu_probe *probe)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 9};

	probe_same("events of a shot that was fired", epoll_wait(fd, &event, 1, 0), 0);
	event = (struct epoll_event){.events = EPOLLIN, .data.u64 = 9};
	probe_must(epoll_ctl(fd, EPOLL_CTL_MOD, pipes[0], &event), "epoll_ctl");
	take_event(fd, 9);
}

/* The file is open under another number than the one that it was added by, which is closed. */
static void moved_set_up(const struct lu_probe *probe)
{
	int number;

	epoll_set_up(probe);
	number = (int)probe_must(fcntl(pipes[0], F_DUPFD, 100), "F_DUPFD");
	close(pipes[0]);
	pipes[0] = number;
}

static void moved_verify(const struct lu_probe *probe)
{
	take_event(fd, 0x1122334455667788);
}

static char folder[64]; /* that is watched */

static const char *in_folder(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return probe_disk(path);
}

static void make_folder(const struct lu_probe *probe)
{
	snprintf(folder, sizeof(folder), "%s.d", probe->name);
	mkdir(probe_disk(folder), 0755);
}

static void inotify_begin(const struct lu_probe *probe)
{
	make_folder(probe);
	fd = (int)probe_must(inotify_init1(IN_NONBLOCK), "inotify_init1");
	probe_must(inotify_add_watch(fd, probe_disk(folder), IN_CREATE), "inotify_add_watch");
}

static void create(const char *path)
{
	int file = (int)probe_must(open(path, O_CREAT | O_WRONLY, 0600), "open");

	close(file);
	unlink(path);
}

static void told(const char *name)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} queue = {0};

	probe_check(read(fd, &queue, sizeof(queue)) > 0, "it tells nothing of %s", name);
	probe_check(!strcmp(queue.event.name, name), "it tells of another file than %s", name);
}

static void inotify_set_up(const struct lu_probe *probe)
{
	inotify_begin(probe);
}

static void inotify_verify(const struct lu_probe *probe)
{
	create(in_folder("new"));
	told("new");
}

static void queued_set_up(const struct lu_probe *probe)
{
	inotify_begin(probe);
	create(in_folder("before"));
}

static void queued_verify(const struct lu_probe *probe)
{
	told("before");
}

static void fanotify_set_up(const struct lu_probe *probe)
{
	make_folder(probe);
	fd = (int)probe_must(fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY),
			     "fanotify_init");
	probe_must(fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD,
				 probe_disk(folder)),
		   "fanotify_mark");
}

static void fanotify_verify(const struct lu_probe *probe)
{
	struct fanotify_event_metadata event;

	create(in_folder("new"));
	probe_check(read(fd, &event, sizeof(event)) >= (ssize_t)sizeof(event),
		    "it tells nothing of a new file");
	probe_check(event.mask & FAN_OPEN, "it tells of something else: %#llx",
		    (unsigned long long)event.mask);
}

static void pidfd_set_up(const struct lu_probe *probe)
{
	child = probe_child(probe_sleep_on);
	fd = (int)probe_must(syscall(SYS_pidfd_open, child, 0), "pidfd_open");
}

static void pidfd_verify(const struct lu_probe *probe)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};

	probe_same("events while it lives", poll(&one, 1, 0), 0);
	probe_must(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0), "pidfd_send_signal");
	probe_same("events once it has ended", poll(&one, 1, probe_wait_ms()), 1);
	probe_same("how it ended", probe_reap(child), SIGTERM);
}

#define TIMERFD(clock, flags) .arg = (clock), .other = (flags)

const struct lu_probes lu_probes_events = {
	"Events and timers as descriptors",
	{
		{"eventfd", "eventfd with a count", "eventfd(2)", 0, eventfd_set_up, eventfd_verify,
		 .arg = EFD_NONBLOCK, .other = COUNT},
		{"eventfd-large", "eventfd with a count beyond 32 bits", "eventfd(2)", 0,
		 eventfd_set_up, eventfd_verify, .arg = EFD_NONBLOCK, .other = LARGE},
		{"eventfd-semaphore", "eventfd that is a semaphore", "eventfd(2)", 0,
		 eventfd_set_up, eventfd_verify, .arg = EFD_SEMAPHORE | EFD_NONBLOCK,
		 .other = COUNT},
		{"signalfd", "signalfd with a queued realtime signal", "signalfd(2)", 0,
		 signalfd_set_up, signalfd_verify},
		{"timerfd-relative", "timerfd, relative, with an interval", "timerfd_create(2)", 0,
		 timerfd_set_up, timerfd_verify, TIMERFD(CLOCK_MONOTONIC, 0)},
		{"timerfd-absolute", "timerfd at a time of CLOCK_MONOTONIC", "timerfd_create(2)", 0,
		 timerfd_set_up, timerfd_verify, TIMERFD(CLOCK_MONOTONIC, TFD_TIMER_ABSTIME)},
		{"timerfd-realtime", "timerfd at a time of CLOCK_REALTIME", "timerfd_create(2)", 0,
		 timerfd_set_up, timerfd_verify, TIMERFD(CLOCK_REALTIME, TFD_TIMER_ABSTIME)},
		{"timerfd-boottime", "timerfd on CLOCK_BOOTTIME", "timerfd_create(2)", 0,
		 timerfd_set_up, timerfd_verify, TIMERFD(CLOCK_BOOTTIME, 0)},
		{"timerfd-expired", "timerfd that has expired unread", "timerfd_create(2)", 0,
		 expired_set_up, expired_verify},
		{"epoll", "epoll with a ready descriptor", "epoll(7)", 0, epoll_set_up,
		 epoll_verify},
		{"epoll-nested", "epoll in an epoll", "epoll(7)", 0, nested_set_up, nested_verify},
		{"epoll-edge", "epoll whose edge was taken", "epoll(7): EPOLLET", 0, edge_set_up,
		 edge_verify},
		{"epoll-oneshot", "epoll whose shot was fired", "epoll(7): EPOLLONESHOT", 0,
		 oneshot_set_up, oneshot_verify},
		{"epoll-moved", "epoll of a file whose number was closed", "epoll(7)", 0,
		 moved_set_up, moved_verify},
		{"inotify", "inotify watch", "inotify(7)", PROBE_DISK, inotify_set_up,
		 inotify_verify},
		{"inotify-queued", "inotify with an event that nobody has read",
		 "inotify(7); criu(8): fsnotify events are lost", PROBE_DISK, queued_set_up,
		 queued_verify},
		{"fanotify", "fanotify mark", "fanotify(7)", PROBE_DISK, fanotify_set_up,
		 fanotify_verify, .lacks = "CONFIG_FANOTIFY"},
		{"pidfd", "pidfd of a child", "pidfd_open(2)", 0, pidfd_set_up, pidfd_verify},
		{},
	},
};
