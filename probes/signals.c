/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals and a process' own timers: sigaction(2), sigprocmask(2), sigqueue(3), sigaltstack(2),
 * timer_create(2), setitimer(2). "Signal handlers" are on Landley's list; CRIU has sigacts,
 * pending signals and posix-timers in the core image.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define FAR_S 4000

static volatile sig_atomic_t caught[64], values[64], on_stack;
static char stack[1 << 16];
static volatile sig_atomic_t count;

static void on_signal(int number, siginfo_t *info, void *context)
{
	char here;

	if (count < 64) {
		caught[count] = number;
		values[count] = info->si_value.sival_int;
		count++;
	}
	on_stack = &here >= stack && &here < stack + sizeof(stack);
}

static void handle(int number, int flags)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags};

	sigaddset(&action.sa_mask, SIGHUP);
	probe_must(sigaction(number, &action, NULL), "sigaction");
}

static void mask(int how, int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	probe_must(sigprocmask(how, &set, NULL), "sigprocmask");
}

static void handlers_set_up(const struct lu_probe *probe)
{
	const stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};

	probe_must(sigaltstack(&other, NULL), "sigaltstack");
	handle(SIGUSR1, SA_ONSTACK | SA_RESTART);
	signal(SIGUSR2, SIG_IGN);
	mask(SIG_BLOCK, SIGQUIT);
}

static void handlers_verify(const struct lu_probe *probe)
{
	struct sigaction is;
	sigset_t blocked;

	probe_must(sigaction(SIGUSR1, NULL, &is), "sigaction");
	probe_check(is.sa_sigaction == on_signal, "another handler");
	probe_same("its flags", is.sa_flags & (SA_ONSTACK | SA_RESTART | SA_SIGINFO),
		   SA_ONSTACK | SA_RESTART | SA_SIGINFO);
	probe_same("SIGHUP in its mask", sigismember(&is.sa_mask, SIGHUP), 1);
	probe_must(sigaction(SIGUSR2, NULL, &is), "sigaction");
	probe_check(is.sa_handler == SIG_IGN, "SIGUSR2 is not ignored any more");
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	probe_same("SIGQUIT blocked", sigismember(&blocked, SIGQUIT), 1);
	kill(getpid(), SIGUSR1);
	probe_same("signals caught", count, 1);
	probe_same("on the alternate stack", on_stack, 1);
}

static void handlers_spoil(const struct lu_probe *probe)
{
	handle(SIGUSR1, SA_RESTART);
}

/* Standard signals are pending once, realtime ones as often as they were sent, in their order. */
static void pending_set_up(const struct lu_probe *probe)
{
	handle(SIGUSR1, 0);
	handle(SIGRTMIN + 1, 0);
	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGRTMIN + 1);
	for (int i = 0; i < 5; i++)
		probe_must(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 100 + i}),
			   "sigqueue");
	kill(getpid(), SIGUSR1);
}

static void pending_verify(const struct lu_probe *probe)
{
	mask(SIG_UNBLOCK, SIGRTMIN + 1);
	probe_same("queued realtime signals", count, 5);
	for (int i = 0; i < 5; i++)
		probe_same("the value of one", values[i], 100 + i);
	mask(SIG_UNBLOCK, SIGUSR1);
	probe_same("signals with the standard one", count, 6);
	probe_same("its number", caught[5], SIGUSR1);
}

static void pending_spoil(const struct lu_probe *probe)
{
	const struct timespec now = {0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	probe_must(sigtimedwait(&set, NULL, &now), "sigtimedwait");
}

static timer_t timer;

static void timer_set_up(const struct lu_probe *probe)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGRTMIN + 2,
				 .sigev_value.sival_int = 77};
	const struct itimerspec when = {.it_value = {FAR_S, 0}, .it_interval = {11, 13}};

	handle(SIGRTMIN + 2, 0);
	probe_must(timer_create((clockid_t)probe->arg, &event, &timer), "timer_create");
	probe_must(timer_settime(timer, 0, &when, NULL), "timer_settime");
}

static void near(const char *what, long left_s)
{
	probe_check(left_s <= FAR_S && left_s > FAR_S - 600, "%s is %ld s away, was %d s", what,
		    left_s, FAR_S);
}

static bool came(void *data)
{
	return count > 0;
}

static void timer_verify(const struct lu_probe *probe)
{
	const struct itimerspec soon = {.it_value = {0, 1000000}};
	struct itimerspec left;

	probe_must(timer_gettime(timer, &left), "timer_gettime");
	near("it", left.it_value.tv_sec);
	probe_same("its interval, s", left.it_interval.tv_sec, 11);
	probe_same("its interval, ns", left.it_interval.tv_nsec, 13);
	probe_must(timer_settime(timer, 0, &soon, NULL), "timer_settime");
	if (probe->arg == CLOCK_PROCESS_CPUTIME_ID)
		return;
	probe_check(probe_until(came, NULL), "it does not fire");
	probe_same("its signal's value", values[0], 77);
}

static void timer_spoil(const struct lu_probe *probe)
{
	timer_delete(timer);
}

/* It has fired four times, and the signal is pending once: the rest is its overrun. */
static void overrun_set_up(const struct lu_probe *probe)
{
	const struct itimerspec when = {.it_value = {0, 10000000}, .it_interval = {0, 10000000}};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2};

	mask(SIG_BLOCK, SIGRTMIN + 2);
	probe_must(timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
	probe_must(timer_settime(timer, 0, &when, NULL), "timer_settime");
	probe_sleep_ms(100);
}

static void overrun_verify(const struct lu_probe *probe)
{
	const struct timespec now = {0};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 2);
	probe_same("the pending signal", sigtimedwait(&set, &info, &now), SIGRTMIN + 2);
	probe_check(info.si_overrun >= 3, "its overrun is %d, was more than 3", info.si_overrun);
}

static void itimer_set_up(const struct lu_probe *probe)
{
	const struct itimerval when = {.it_value = {FAR_S, 0}, .it_interval = {3, 5000}};

	handle(SIGALRM, 0);
	handle(SIGPROF, 0);
	handle(SIGVTALRM, 0);
	probe_must(setitimer((__itimer_which_t)probe->arg, &when, NULL), "setitimer");
}

static void itimer_verify(const struct lu_probe *probe)
{
	struct itimerval left;

	probe_must(getitimer((__itimer_which_t)probe->arg, &left), "getitimer");
	near("it", left.it_value.tv_sec);
	probe_same("its interval, s", left.it_interval.tv_sec, 3);
	probe_check(labs((long)left.it_interval.tv_usec - 5000) <= 10000, "its interval is %ld us",
		    (long)left.it_interval.tv_usec);
}

static void itimer_spoil(const struct lu_probe *probe)
{
	const struct itimerval never = {0};

	setitimer((__itimer_which_t)probe->arg, &never, NULL);
}

const struct lu_probes lu_probes_signals = {
	"Signals and timers",
	{
		{"signal-handlers", "handlers, masks and alternate stack",
		 "sigaction(2), sigaltstack(2); Landley: signal handlers", 0, handlers_set_up,
		 handlers_verify, handlers_spoil},
		{"signal-pending", "pending signals, five queued realtime ones among them",
		 "signal(7)", 0, pending_set_up, pending_verify, pending_spoil},
		{"timer-monotonic", "POSIX timer", "timer_create(2)", 0, timer_set_up, timer_verify,
		 timer_spoil, .arg = CLOCK_MONOTONIC},
		{"timer-realtime", "POSIX timer on CLOCK_REALTIME", "timer_create(2)", 0,
		 timer_set_up, timer_verify, timer_spoil, .arg = CLOCK_REALTIME},
		{"timer-cpu", "POSIX timer on the CPU time used", "timer_create(2)", 0,
		 timer_set_up, timer_verify, timer_spoil, .arg = CLOCK_PROCESS_CPUTIME_ID},
		{"timer-overrun", "POSIX timer that was missed several times",
		 "timer_getoverrun(2)", 0, overrun_set_up, overrun_verify, timer_spoil},
		{"itimer-real", "interval timer; alarm", "setitimer(2), alarm(2)", 0, itimer_set_up,
		 itimer_verify, itimer_spoil, .arg = ITIMER_REAL},
		{"itimer-virtual", "interval timer on user time", "setitimer(2)", 0, itimer_set_up,
		 itimer_verify, itimer_spoil, .arg = ITIMER_VIRTUAL},
		{"itimer-prof", "interval timer on CPU time", "setitimer(2)", 0, itimer_set_up,
		 itimer_verify, itimer_spoil, .arg = ITIMER_PROF},
		{},
	},
};
