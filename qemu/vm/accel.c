/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe for KVM: a child makes a small VM, runs a loop of 64-bit code in it and tells by its
 * exit status. */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <linux/kvm.h>
#include "record/error.h"
#include "qemu/vm/accel.h"
#include "host/isolated.h"

enum {
	PROBE_DEADLINE_MS = 1000,
	PROBE_PORT = 0x80,
	PROBE_BYTE = 0x2a,
	PAGE = 4096,
	/* guest-physical pages */
	CODE_AT = 0x1000,
	PML4_AT = 0x2000,
	PDPT_AT = 0x3000,
	PD_AT = 0x4000,
	MEMORY = 0x5000,
};

/* How far the probe came: its exit status. */
enum probe { WORKS, NO_DEVICE, NO_VM, NO_VCPU, NO_RUN, WRONG_EXIT, NO_PROBE, PROBE_ENDS };

static const char *const probe_words[PROBE_ENDS] = {
	[WORKS] = "KVM ran guest instructions",
	[NO_DEVICE] = "/dev/kvm is absent or may not be opened",
	[NO_VM] = "/dev/kvm makes no virtual machine",
	[NO_VCPU] = "KVM makes no virtual CPU",
	[NO_RUN] = "KVM does not run a virtual CPU",
	[WRONG_EXIT] = "KVM ran a virtual CPU, but not the instructions given to it",
	[NO_PROBE] = "there is no probe for KVM on this host's architecture",
};

#if defined(__x86_64__)
/*
 * 64-bit code, as all of Linux is. The loop of 2^25 rounds is over in some 20 ms on a processor and
 * never in time where KVM interprets instruction by instruction (seen: KVM nested in a hypervisor
 * without hardware help, which runs firmware at a crawl and no kernel at all).
 */
static const unsigned char code[] = {
	0xb9, 0x00,	  0x00, 0x00, 0x02, /* mov $0x2000000, %ecx */
	0xff, 0xc9,			    /* dec %ecx */
	0x75, 0xfc,			    /* jnz to the dec */
	0xb0, PROBE_BYTE,		    /* mov $0x2a, %al */
	0xe6, PROBE_PORT,		    /* out %al, $0x80 */
	0xf4,				    /* hlt */
};

/* One table each, and the first 2 MB mapped onto themselves. */
static void make_page_tables(char *memory)
{
	uint64_t present = 3, large = 0x80;

	*(uint64_t *)(memory + PML4_AT) = PDPT_AT | present;
	*(uint64_t *)(memory + PDPT_AT) = PD_AT | present;
	*(uint64_t *)(memory + PD_AT) = large | present;
}

static int give_memory(int vm)
{
	char *memory =
		mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.memory_size = MEMORY,
		.userspace_addr = (uintptr_t)memory,
	};

	if (memory == MAP_FAILED)
		return -1;
	memcpy(memory + CODE_AT, code, sizeof(code));
	make_page_tables(memory);
	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Flat segments of long mode. */
static void set_long_mode(struct kvm_sregs *sregs)
{
	struct kvm_segment flat = {
		.limit = 0xffffffff, .selector = 8, .present = 1, .s = 1, .g = 1};

	sregs->cr3 = PML4_AT;
	sregs->cr4 = 0x20;	 /* PAE */
	sregs->cr0 = 0x80000011; /* PG, ET, PE */
	sregs->efer = 0x500;	 /* LMA, LME */
	sregs->cs = flat;
	sregs->cs.type = 11; /* code, read, accessed */
	sregs->cs.l = 1;
	flat.type = 3; /* data, written, accessed */
	flat.selector = 16;
	flat.db = 1;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = flat;
}

static int point_at_code(int vcpu)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs = {.rip = CODE_AT, .rflags = 2};

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		return -1;
	set_long_mode(&sregs);
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0)
		return -1;
	return ioctl(vcpu, KVM_SET_REGS, &regs);
}

/* The byte must come out of the port: an exit for any other reason shows
 * that something else ran. */
static enum probe run(int kvm, int vcpu)
{
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *state;

	if (size < (int)sizeof(*state))
		return NO_VCPU;
	state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (state == MAP_FAILED || point_at_code(vcpu) < 0)
		return NO_VCPU;
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return NO_RUN;
	if (state->exit_reason != KVM_EXIT_IO || state->io.port != PROBE_PORT ||
	    *((unsigned char *)state + state->io.data_offset) != PROBE_BYTE)
		return WRONG_EXIT;
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return NO_RUN;
	return state->exit_reason == KVM_EXIT_HLT ? WORKS : WRONG_EXIT;
}

/* In the child: system calls only; the exit closes everything. */
static int probe(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm, vcpu;

	if (kvm < 0)
		return NO_DEVICE;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0 || give_memory(vm) < 0)
		return NO_VM;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0)
		return NO_VCPU;
	return run(kvm, vcpu);
}
#else
static int probe(void)
{
	return NO_PROBE;
}
#endif

static const char *try_it(void)
{
	int end = lu_trial(probe, PROBE_DEADLINE_MS);

	if (end == LU_TRIAL_NO_PROCESS)
		return "KVM could not be probed: no process for it";
	if (end < 0 || end >= PROBE_ENDS)
		return "KVM makes virtual machines here but did not run a short loop in one "
		       "within a second";
	return probe_words[end];
}

bool lu_accel_kvm_works(const char **why)
{
	static const char *words;

	if (g_once_init_enter(&words))
		g_once_init_leave(&words, try_it());
	if (why)
		*why = words;
	return words == probe_words[WORKS];
}

const char *lu_accel_choose(const char *wanted, const char *guest_arch, char **why, GError **error)
{
	struct utsname host;
	const char *words;
	bool works;

	uname(&host);
	if (g_str_equal(wanted, "tcg")) {
		*why = g_strdup("tcg was asked for");
		return "tcg";
	}
	if (g_str_equal(wanted, "icount")) {
		*why = g_strdup("tcg that counts instructions was asked for");
		return "icount";
	}
	if (!g_str_equal(host.machine, guest_arch)) {
		*why = g_strdup_printf("KVM cannot run a guest of %s on a host of %s", guest_arch,
				       host.machine);
		works = false;
	} else {
		works = lu_accel_kvm_works(&words);
		*why = g_strdup(words);
	}
	if (works)
		return "kvm";
	if (g_str_equal(wanted, "auto"))
		return "tcg";
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "accel=kvm: %s", *why);
	return NULL;
}
