/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe for KVM: a short loop of 64-bit code. */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>
#include "qemu/vm/kvm-probe.h"

enum {
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
static enum lu_kvm_probe run(int kvm, int vcpu)
{
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_run *state;

	if (size < (int)sizeof(*state))
		return LU_KVM_NO_VCPU;
	state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (state == MAP_FAILED || point_at_code(vcpu) < 0)
		return LU_KVM_NO_VCPU;
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return LU_KVM_NO_RUN;
	if (state->exit_reason != KVM_EXIT_IO || state->io.port != PROBE_PORT ||
	    *((unsigned char *)state + state->io.data_offset) != PROBE_BYTE)
		return LU_KVM_WRONG_EXIT;
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		return LU_KVM_NO_RUN;
	return state->exit_reason == KVM_EXIT_HLT ? LU_KVM_WORKS : LU_KVM_WRONG_EXIT;
}

/* In the child: system calls only; the exit closes everything. */
int lu_kvm_probe(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm, vcpu;

	if (kvm < 0)
		return LU_KVM_NO_DEVICE;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0 || give_memory(vm) < 0)
		return LU_KVM_NO_VM;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0)
		return LU_KVM_NO_VCPU;
	return run(kvm, vcpu);
}
