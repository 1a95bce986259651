/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU writes each machine's memory to a file without a name; the two are compared here. */
#include "qemu/migration/memory-compare.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"
#include "host/wait.h"

#define PAGE	  4096
#define ONE_PIECE ((json_int_t)2 << 30) /* PCs with more may have a hole below 4 GiB */

static bool failed(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "compare: %s: %s", what, g_strerror(errno));
	return false;
}

static json_int_t size_of(struct lu_vm *vm, const struct lu_waiter *waiter, int64_t deadline_ns,
			  GError **error)
{
	json_t *summary = NULL;
	json_int_t size;

	if (!lu_qmp_execute(lu_vm_qmp(vm), waiter, "query-memory-size-summary", NULL, deadline_ns,
			    &summary, error))
		return -1;
	size = json_integer_value(json_object_get(summary, "base-memory"));
	json_decref(summary);
	if (size > 0 && size <= ONE_PIECE)
		return size;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "compare: the machine has %" JSON_INTEGER_FORMAT
		    " bytes of memory; allowed: up to 2 GiB",
		    size);
	return -1;
}

/* The file has no name: QEMU opens it through this process's /proc/PID/fd. */
static bool save(struct lu_vm *vm, int fd, json_int_t size, const struct lu_waiter *waiter,
		 int64_t deadline_ns, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), fd);

	return lu_qmp_execute(
		lu_vm_qmp(vm), waiter, "pmemsave",
		json_pack("{s:i, s:I, s:s}", "val", 0, "size", size, "filename", path), deadline_ns,
		NULL, error);
}

/* NULL with the error set. */
static const uint8_t *saved(struct lu_vm *vm, json_int_t size, const struct lu_waiter *waiter,
			    int64_t deadline_ns, GError **error)
{
	int fd = memfd_create("memory", MFD_CLOEXEC);
	void *bytes = MAP_FAILED;
	struct stat st;

	if (fd < 0) {
		failed(error, "memfd");
		return NULL;
	}
	if (save(vm, fd, size, waiter, deadline_ns, error)) {
		if (fstat(fd, &st) == 0 && st.st_size == size)
			bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
		if (bytes == MAP_FAILED)
			failed(error, "the saved memory");
	}
	close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static bool judge(const uint8_t *from, const uint8_t *to, json_int_t size, GError **error)
{
	uint64_t differ = 0, first = 0, pages = (uint64_t)size / PAGE;

	for (uint64_t page = 0; page < pages; page++) {
		if (memcmp(from + page * PAGE, to + page * PAGE, PAGE) == 0)
			continue;
		if (!differ++)
			first = page;
	}
	if (!differ)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "%" PRIu64 " of %" PRIu64 " pages of the machine's memory differ from before "
		    "the migration, the first at 0x%" PRIx64,
		    differ, pages, first * PAGE);
	return false;
}

bool lu_memory_compare(struct lu_vm *from, struct lu_vm *to, const struct lu_waiter *waiter,
		       int64_t deadline_ns, GError **error)
{
	json_int_t size = size_of(from, waiter, deadline_ns, error);
	const uint8_t *before, *after = NULL;
	bool same = false;

	if (size < 0)
		return false;
	before = saved(from, size, waiter, deadline_ns, error);
	if (before)
		after = saved(to, size, waiter, deadline_ns, error);
	if (after)
		same = judge(before, after, size, error);
	if (before)
		munmap((void *)before, (size_t)size);
	if (after)
		munmap((void *)after, (size_t)size);
	return same;
}
