/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An io_uring. */
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define ENTRIES 8

static struct io_uring_params params;
static int ring = -1;
static char *rings;
static struct io_uring_sqe *requests;

static const char *take(void)
{
	size_t size;

	ring = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (ring < 0)
		return "io_uring_setup fails";
	size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (size < params.sq_off.array + params.sq_entries * sizeof(uint32_t))
		size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
		     IORING_OFF_SQ_RING);
	requests = mmap(NULL, params.sq_entries * sizeof(*requests), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	return rings == MAP_FAILED || requests == MAP_FAILED ? "its rings cannot be mapped" : NULL;
}

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(rings + offset);
}

/* A request that does nothing has to be completed. */
static const char *check(void)
{
	uint32_t tail = *word(params.sq_off.tail), done = *word(params.cq_off.tail);
	uint32_t slot = tail & *word(params.sq_off.ring_mask);

	memset(&requests[slot], 0, sizeof(*requests));
	requests[slot].opcode = IORING_OP_NOP;
	word(params.sq_off.array)[slot] = slot;
	__atomic_store_n(word(params.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return "io_uring_enter takes no request";
	return __atomic_load_n(word(params.cq_off.tail), __ATOMIC_ACQUIRE) == done + 1
		       ? NULL
		       : "the request was not completed";
}

static struct resource io_uring = {"io-uring", take, check};
RESOURCE(io_uring)
