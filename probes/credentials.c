/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a process acts for and what it may: credentials(7), capabilities(7), seccomp(2), keyrings(7).
 * "uid and capabilities" and "I/O permissions" are on Landley's list; CRIU has them in the creds
 * image, and seccomp's filters in one of their own. A part with other rights is a process of its
 * own.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static pid_t part;

static void end_part(const struct lu_probe *probe)
{
	probe_part_end(part);
}

/* The part's end is what these parts cannot be without. */
static void kill_part(const struct lu_probe *probe)
{
	probe_kill(part);
}

static const gid_t groups[] = {7, 77, 777};

static void users_take(void)
{
	probe_must(setgroups(3, groups), "setgroups");
	probe_must(setresgid(11, 12, 13), "setresgid");
	probe_must(setresuid(21, 22, 23), "setresuid");
}

static void users_look(void)
{
	gid_t is[8];
	uid_t r, e, s;

	probe_must(getresuid(&r, &e, &s), "getresuid");
	probe_check(r == 21 && e == 22 && s == 23, "users %u %u %u, were 21 22 23", r, e, s);
	probe_must(getresgid(&r, &e, &s), "getresgid");
	probe_check(r == 11 && e == 12 && s == 13, "groups %u %u %u, were 11 12 13", r, e, s);
	probe_same("supplementary groups", getgroups(8, is), 3);
	probe_same_bytes("them", is, groups, sizeof(groups));
}

static void users_set_up(const struct lu_probe *probe)
{
	part = probe_part_begin(users_take, users_look);
}

static struct __user_cap_data_struct caps[2];

static void capabilities_of(struct __user_cap_data_struct *data)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};

	memset(data, 0, 2 * sizeof(*data));
	probe_must(syscall(SYS_capget, &head, data), "capget");
}

static void capabilities_take(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	const uint32_t some = 1U << CAP_CHOWN | 1U << CAP_NET_RAW | 1U << CAP_DAC_OVERRIDE;

	probe_must(prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0), "PR_CAPBSET_DROP");
	caps[0] = (struct __user_cap_data_struct){1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE, some,
						  1U << CAP_NET_RAW};
	caps[1] = (struct __user_cap_data_struct){0};
	probe_must(syscall(SYS_capset, &head, caps), "capset");
	probe_must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0),
		   "PR_CAP_AMBIENT");
}

static void capabilities_look(void)
{
	struct __user_cap_data_struct is[2];

	capabilities_of(is);
	probe_same_bytes("its capabilities", is, caps, sizeof(is));
	probe_same("one that was dropped", prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0), 0);
	probe_same("an ambient one",
		   prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_RAW, 0, 0), 1);
}

static void capabilities_set_up(const struct lu_probe *probe)
{
	part = probe_part_begin(capabilities_take, capabilities_look);
}

#define BITS (SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS)

static void bits_take(void)
{
	probe_must(prctl(PR_SET_SECUREBITS, BITS), "PR_SET_SECUREBITS");
}

static void bits_look(void)
{
	probe_same("its securebits", prctl(PR_GET_SECUREBITS), BITS);
}

static void bits_set_up(const struct lu_probe *probe)
{
	part = probe_part_begin(bits_take, bits_look);
}

static void no_new_take(void)
{
	probe_must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
}

static void no_new_look(void)
{
	probe_same("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

static void no_new_set_up(const struct lu_probe *probe)
{
	part = probe_part_begin(no_new_take, no_new_look);
}

/* acct(2) is refused with a number of its own, all else is let through. */
static void filter_take(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_acct, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 42),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	no_new_take();
	probe_must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "SECCOMP_MODE_FILTER");
}

static void filter_look(void)
{
	probe_check(syscall(SYS_acct, "/none") < 0 && errno == 42, "the filter is not there: %s",
		    strerror(errno));
}

static void filter_set_up(const struct lu_probe *probe)
{
	part = probe_part_begin(filter_take, filter_look);
}

static int down[2], up[2];

/* May only read, write and end. */
static _Noreturn void be_strict(void)
{
	char byte = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0 ? 'e' : 's';

	while (write(up[1], &byte, 1) == 1 && read(down[0], &byte, 1) == 1)
		;
	syscall(SYS_exit, 0);
	abort();
}

static void strict_set_up(const struct lu_probe *probe)
{
	char byte = 0;

	probe_must(pipe(down), "pipe");
	probe_must(pipe(up), "pipe");
	part = probe_child(be_strict);
	probe_must(read(up[0], &byte, 1), "read");
	probe_check(byte == 's', "seccomp is not to be had");
}

static void strict_verify(const struct lu_probe *probe)
{
	char text[16];

	probe_proc_line(part, "status", "Seccomp:", text, sizeof(text));
	probe_check(!strcmp(text, "1"), "Seccomp is %s, was 1", text);
}

/* Keys in the process' own keyring and in its session's. */
static long key, session;

static void keyring_set_up(const struct lu_probe *probe)
{
	session = probe_must(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "probe"),
			     "KEYCTL_JOIN_SESSION_KEYRING");
	key = probe_must(
		syscall(SYS_add_key, "user", "probe", "secret", 6, KEY_SPEC_SESSION_KEYRING),
		"add_key");
}

static void keyring_verify(const struct lu_probe *probe)
{
	char bytes[16];

	probe_same("bytes of its key", syscall(SYS_keyctl, KEYCTL_READ, key, bytes, sizeof(bytes)),
		   6);
	probe_same_bytes("its key", bytes, "secret", 6);
	probe_same("its session's keyring",
		   syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0),
		   session);
}

static void keyring_spoil(const struct lu_probe *probe)
{
	syscall(SYS_keyctl, KEYCTL_REVOKE, key);
}

/* Of the file system's user, which is another one than the process'. */
static void fsuid_take(void)
{
	setfsuid(99);
	probe_same("its user for files", setfsuid((uid_t)-1), 99);
}

static void fsuid_look(void)
{
	probe_same("its user for files", setfsuid((uid_t)-1), 99);
}

static void fsuid_set_up(const struct lu_probe *probe)
{
	part = probe_part_begin(fsuid_take, fsuid_look);
}

const struct lu_probes lu_probes_credentials = {
	"Users, capabilities and filters",
	{
		{"users", "users and groups, all of them different", "credentials(7); Landley: uid",
		 0, users_set_up, end_part, kill_part},
		{"user-files", "user for file accesses", "setfsuid(2)", 0, fsuid_set_up, end_part,
		 kill_part},
		{"capabilities", "capabilities, ambient and bounding sets",
		 "capabilities(7); Landley: capabilities", 0, capabilities_set_up, end_part,
		 kill_part},
		{"securebits", "securebits", "capabilities(7): securebits", 0, bits_set_up,
		 end_part, kill_part},
		{"no-new-privs", "no_new_privs", "prctl(2): PR_SET_NO_NEW_PRIVS", 0, no_new_set_up,
		 end_part, kill_part},
		{"seccomp-filter", "seccomp filter", "seccomp(2)", 0, filter_set_up, end_part,
		 kill_part, .lacks = "CONFIG_SECCOMP_FILTER"},
		{"seccomp-strict", "seccomp, strict", "seccomp(2)", 0, strict_set_up, strict_verify,
		 kill_part, .lacks = "CONFIG_SECCOMP"},
		{"keyring", "key in a session keyring", "keyrings(7)", 0, keyring_set_up,
		 keyring_verify, keyring_spoil, .lacks = "CONFIG_KEYS"},
		{},
	},
};
