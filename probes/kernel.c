/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that live in the kernel and work there: io_uring(7), userfaultfd(2), perf_event_open(2),
 * bpf(2), drm(7), framebuffers. CRIU has images of none of them; Molnar (2015) names graphics state
 * as what nobody serialises.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/fb.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define ENTRIES 8
#define SIZE	16384

static int fd;
static char *rings, *map;
static struct io_uring_params params;
static struct io_uring_sqe *requests;

static void *map_of(size_t n, off_t at)
{
	void *got = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);

	probe_must(got == MAP_FAILED ? -1 : 0, "mmap");
	return got;
}

static void ring_set_up(const struct lu_probe *probe)
{
	size_t n;

	fd = (int)probe_must(syscall(SYS_io_uring_setup, ENTRIES, &params), "io_uring_setup");
	n = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (n < params.sq_off.array + params.sq_entries * sizeof(uint32_t))
		n = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	rings = map_of(n, IORING_OFF_SQ_RING);
	requests = map_of(params.sq_entries * sizeof(*requests), IORING_OFF_SQES);
}

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(rings + offset);
}

/* A request that does nothing is completed. */
static void ring_verify(const struct lu_probe *probe)
{
	uint32_t tail = *word(params.sq_off.tail), done = *word(params.cq_off.tail);
	uint32_t slot = tail & *word(params.sq_off.ring_mask);

	memset(&requests[slot], 0, sizeof(*requests));
	requests[slot].opcode = IORING_OP_NOP;
	word(params.sq_off.array)[slot] = slot;
	__atomic_store_n(word(params.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	probe_must(syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0),
		   "io_uring_enter");
	probe_same("requests completed",
		   __atomic_load_n(word(params.cq_off.tail), __ATOMIC_ACQUIRE), done + 1);
}

static void fault_set_up(const struct lu_probe *probe)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register area = {.mode = UFFDIO_REGISTER_MODE_MISSING};

	fd = (int)probe_must(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK), "userfaultfd");
	probe_must(ioctl(fd, UFFDIO_API, &api), "UFFDIO_API");
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	area.range.start = (unsigned long)map;
	area.range.len = SIZE;
	probe_must(ioctl(fd, UFFDIO_REGISTER, &area), "UFFDIO_REGISTER");
}

static void fault_verify(const struct lu_probe *probe)
{
	struct uffdio_zeropage zero = {.range = {(unsigned long)map, SIZE}};

	probe_must(ioctl(fd, UFFDIO_ZEROPAGE, &zero), "UFFDIO_ZEROPAGE");
	probe_same("the page", map[0], 0);
}

static void perf_set_up(const struct lu_probe *probe)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = PERF_COUNT_SW_PAGE_FAULTS};

	fd = (int)probe_must(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0), "perf_event_open");
}

static void perf_verify(const struct lu_probe *probe)
{
	uint64_t before = 0, after = 0;
	char *page;

	probe_must(read(fd, &before, sizeof(before)), "read");
	page = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	probe_must(page == MAP_FAILED ? -1 : 0, "mmap");
	page[0] = 1;
	probe_must(read(fd, &after, sizeof(after)), "read");
	probe_check(after > before, "it counts no page fault");
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static uint32_t key = 7;
static uint64_t value = 0x1234567890abcdefULL;

static void map_set_up(const struct lu_probe *probe)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_HASH,
			       .key_size = sizeof(key),
			       .value_size = sizeof(value),
			       .max_entries = 16};
	union bpf_attr pair = {.key = (uintptr_t)&key, .value = (uintptr_t)&value};

	fd = (int)probe_must(bpf(BPF_MAP_CREATE, &attr), "BPF_MAP_CREATE");
	pair.map_fd = (unsigned)fd;
	probe_must(bpf(BPF_MAP_UPDATE_ELEM, &pair), "BPF_MAP_UPDATE_ELEM");
}

static void map_verify(const struct lu_probe *probe)
{
	uint64_t is = 0;
	union bpf_attr pair = {.key = (uintptr_t)&key, .value = (uintptr_t)&is};

	pair.map_fd = (unsigned)fd;
	probe_must(bpf(BPF_MAP_LOOKUP_ELEM, &pair), "BPF_MAP_LOOKUP_ELEM");
	probe_check(is == value, "the key has another value");
}

static void program_set_up(const struct lu_probe *probe)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
			       .insns = (uintptr_t)code,
			       .insn_cnt = 2,
			       .license = (uintptr_t) "GPL"};

	fd = (int)probe_must(bpf(BPF_PROG_LOAD, &attr), "BPF_PROG_LOAD");
}

static void program_verify(const struct lu_probe *probe)
{
	char packet[64] = {0}, out[64];
	union bpf_attr attr = {.test = {.prog_fd = (unsigned)fd,
					.data_size_in = sizeof(packet),
					.data_in = (uintptr_t)packet,
					.data_size_out = sizeof(out),
					.data_out = (uintptr_t)out}};

	probe_must(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
	probe_same("what it returns", attr.test.retval, 1);
}

/* Whatever the machine has: a card of the direct rendering manager, or a framebuffer. */
static void device_set_up(const struct lu_probe *probe)
{
	fd = (int)probe_must(open(probe->word, O_RDWR), probe->word);
}

static void screen_verify(const struct lu_probe *probe)
{
	struct fb_var_screeninfo screen;

	probe_must(ioctl(fd, FBIOGET_VSCREENINFO, &screen), "FBIOGET_VSCREENINFO");
}

static void card_verify(const struct lu_probe *probe)
{
	struct {
		int major, minor, patch;
		size_t lengths[3];
		char *texts[3];
	} version = {0};

	probe_must(ioctl(fd, _IOWR('d', 0, version), &version), "DRM_IOCTL_VERSION");
}

/* A character device without state is open by its path alone. */
static void null_verify(const struct lu_probe *probe)
{
	char bytes[4] = "xyz";

	probe_same("bytes of it", read(fd, bytes, 4), 4);
	probe_same("one", bytes[0], 0);
}

const struct lu_probes lu_probes_kernel = {
	"Objects that work in the kernel",
	{
		{"io-uring", "io_uring", "io_uring(7)", 0, ring_set_up, ring_verify,
		 .lacks = "CONFIG_IO_URING; sysctl kernel.io_uring_disabled=0"},
		{"userfaultfd", "userfaultfd", "userfaultfd(2)", 0, fault_set_up, fault_verify,
		 .lacks = "CONFIG_USERFAULTFD"},
		{"perf-event", "perf event", "perf_event_open(2)", 0, perf_set_up, perf_verify,
		 .lacks = "CONFIG_PERF_EVENTS"},
		{"bpf-map", "BPF map with an entry", "bpf(2)", 0, map_set_up, map_verify,
		 .lacks = "CONFIG_BPF_SYSCALL"},
		{"bpf-program", "BPF program", "bpf(2)", 0, program_set_up, program_verify,
		 .lacks = "CONFIG_BPF_SYSCALL"},
		{"device", "character device without state", "zero(4)", 0, device_set_up,
		 null_verify, .word = "/dev/zero"},
		{"framebuffer", "framebuffer", "Molnar 2015: graphics state", 0, device_set_up,
		 screen_verify, .word = "/dev/fb0", .lacks = "a framebuffer"},
		{"drm", "card of the direct rendering manager",
		 "drm(7); Molnar 2015: graphics state", 0, device_set_up, card_verify,
		 .word = "/dev/dri/card0", .lacks = "a graphics card and its driver"},
		{},
	},
};
