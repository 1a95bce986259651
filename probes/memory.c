/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings: mmap(2), mprotect(2), madvise(2), mlock(2), brk(2). "Mappings" are first on Landley's
 * list; CRIU has them in mm and pages images, and restores each at its address.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define SIZE (1UL << 20)

static char *map, *at_set_up;
static size_t page, size;
static int fd;
static pid_t child;

static char *get(size_t bytes, int protection, int flags, int file)
{
	void *got = mmap(NULL, bytes, protection, flags, file, 0);

	page = (size_t)sysconf(_SC_PAGESIZE);
	if (got == MAP_FAILED)
		probe_lost("mmap: %s", strerror(errno));
	at_set_up = got;
	size = bytes;
	return got;
}

static void spoil_map(const struct lu_probe *probe)
{
	map[size / 2] ^= 1;
}

static void private_set_up(const struct lu_probe *probe)
{
	map = get(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	probe_fill(map, SIZE, 1);
}

static void private_verify(const struct lu_probe *probe)
{
	probe_filled("the mapping", map, SIZE, 1);
}

/* Shared with a child, which writes into it afterwards. */
static _Noreturn void write_later(void)
{
	while (access(probe_scratch("go"), F_OK))
		probe_sleep_ms(10);
	map[0] = 'c';
	_exit(0);
}

static void shared_set_up(const struct lu_probe *probe)
{
	map = get(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	probe_fill(map, SIZE, 2);
	map[0] = 'p';
	child = probe_child(write_later);
}

static void shared_verify(const struct lu_probe *probe)
{
	probe_same("status of the child", probe_reap(child), 0);
	probe_same("what the child wrote", map[0], 'c');
	probe_fill(map, 1, 2); /* as it was filled */
	probe_filled("the mapping", map, SIZE, 2);
}

/* A page that a child has not written since is the same page: CRIU keeps copy-on-write. */
static size_t shared_pages(void)
{
	char text[64];

	probe_proc_line(getpid(), "smaps_rollup", "Shared_Dirty:", text, sizeof(text));
	return strtoul(text, NULL, 10);
}

static size_t shared_kb;

static void cow_set_up(const struct lu_probe *probe)
{
	map = get(4 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	probe_fill(map, 4 * SIZE, 3);
	child = probe_child(probe_sleep_on);
	shared_kb = shared_pages();
	probe_check(shared_kb >= 4096, "only %zu KB are shared with the child", shared_kb);
}

static void cow_verify(const struct lu_probe *probe)
{
	size_t is = shared_pages();

	probe_filled("the mapping", map, 4 * SIZE, 3);
	probe_check(is >= 4096, "%zu KB are shared with the child, were %zu", is, shared_kb);
	probe_kill(child);
}

static void cow_spoil(const struct lu_probe *probe)
{
	probe_kill(child);
}

static void file_set_up(const struct lu_probe *probe)
{
	fd = (int)probe_must(open(probe_disk(probe->name), O_CREAT | O_TRUNC | O_RDWR, 0600),
			     "open");
	probe_must(ftruncate(fd, (off_t)SIZE), "ftruncate");
	map = get(SIZE, PROT_READ | PROT_WRITE, (int)probe->arg, fd);
	probe_fill(map, SIZE, 4);
}

/* A shared one writes through, a private one does not. */
static void file_verify(const struct lu_probe *probe)
{
	char byte;

	probe_filled("the mapping", map, SIZE, 4);
	map[0] = 'x';
	probe_same("a byte of the file", pread(fd, &byte, 1, 0), 1);
	probe_same("it", byte, probe->arg == MAP_SHARED ? 'x' : 0);
}

static void unlinked_set_up(const struct lu_probe *probe)
{
	file_set_up(probe);
	probe_must(unlink(probe_disk(probe->name)), "unlink");
	close(fd);
}

static void unlinked_verify(const struct lu_probe *probe)
{
	probe_filled("the mapping", map, SIZE, 4);
}

/* What the kernel says of the mapping at that address: permissions and flags. */
static void describe(char *permissions, char *flags, size_t n)
{
	static char all[1 << 20];
	char *line = all, *end, *mine = NULL;

	probe_read_file("/proc/self/smaps", all, sizeof(all));
	*flags = *permissions = '\0';
	for (; line && *line; line = end ? end + 1 : NULL) {
		unsigned long from, to;
		char word[8];

		end = strchr(line, '\n');
		/* NOLINTNEXTLINE(cert-err34-c): addresses, as the kernel prints them */
		if (sscanf(line, "%lx-%lx %7s", &from, &to, word) == 3) {
			mine = (unsigned long)map >= from && (unsigned long)map < to ? line : NULL;
			if (mine)
				snprintf(permissions, n, "%s", word);
		} else if (mine && !strncmp(line, "VmFlags:", 8)) {
			snprintf(flags, n, "%.*s", (int)strcspn(line + 8, "\n"), line + 8);
		}
	}
}

static char permissions_were[64], flags_were[256];

static void flag_set_up(const struct lu_probe *probe)
{
	map = get(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	probe_fill(map, SIZE, 5);
	probe_must(madvise(map, SIZE, (int)probe->arg), "madvise");
	describe(permissions_were, flags_were, sizeof(permissions_were));
	probe_check(strstr(flags_were, probe->word) != NULL, "VmFlags:%s has no %s", flags_were,
		    probe->word);
}

static void flag_verify(const struct lu_probe *probe)
{
	char permissions[64], flags[256];

	describe(permissions, flags, sizeof(permissions));
	probe_check(strstr(flags, probe->word) != NULL, "VmFlags:%s, were%s", flags, flags_were);
	probe_filled("the mapping", map, SIZE, 5);
}

static void flag_spoil(const struct lu_probe *probe)
{
	munmap(map, SIZE);
	map = get(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void protect_set_up(const struct lu_probe *probe)
{
	map = get(4 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	probe_fill(map, 4 * SIZE, 6);
	probe_must(mprotect(map + SIZE, SIZE, PROT_READ), "mprotect");
	probe_must(mprotect(map + 2 * SIZE, SIZE, PROT_NONE), "mprotect");
	probe_must(mprotect(map + 3 * SIZE, SIZE, PROT_READ | PROT_EXEC), "mprotect");
}

static void protect_verify(const struct lu_probe *probe)
{
	static const char *const were[] = {"rw-p", "r--p", "---p", "r-xp"};
	char permissions[64], flags[256], *first = map;

	for (size_t i = 0; i < 4; i++) {
		map = first + i * SIZE;
		describe(permissions, flags, sizeof(permissions));
		probe_check(!strcmp(permissions, were[i]), "part %zu is %s, was %s", i, permissions,
			    were[i]);
	}
	probe_must(mprotect(first, 4 * SIZE, PROT_READ), "mprotect");
	probe_filled("the mapping", first, 4 * SIZE, 6);
}

static void protect_spoil(const struct lu_probe *probe)
{
	probe_must(mprotect(map + SIZE, SIZE, PROT_READ | PROT_WRITE), "mprotect");
}

static void mlock_set_up(const struct lu_probe *probe)
{
	map = get(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	probe_fill(map, SIZE, 5);
	/* AddressSanitizer leaves mlock() out, and what it does not know of alone */
	probe_must(syscall(SYS_mlock, map, SIZE), "mlock");
}

static void mlock_verify(const struct lu_probe *probe)
{
	char text[64];

	probe_proc_line(getpid(), "status", "VmLck:", text, sizeof(text));
	probe_same("locked memory, KB", (long long)strtoul(text, NULL, 10), (long long)SIZE / 1024);
	probe_filled("the mapping", map, SIZE, 5);
}

static void mlock_spoil(const struct lu_probe *probe)
{
	syscall(SYS_munlock, map, page);
}

static void hugetlb_set_up(const struct lu_probe *probe)
{
	probe_write_file("/proc/sys/vm/nr_hugepages", "8");
	map = get(4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);
	probe_fill(map, size, 8);
}

static void hugetlb_verify(const struct lu_probe *probe)
{
	char permissions[64], flags[256];

	probe_filled("the mapping", map, size, 8);
	describe(permissions, flags, sizeof(permissions));
	probe_check(strstr(flags, " ht") != NULL, "VmFlags:%s: no huge pages", flags);
}

/* The heap's end, and a stack that has grown and grows on. */
static char *heap;

static void use_stack(size_t depth)
{
	volatile char frame[8192];

	memset((char *)frame, (int)depth, sizeof(frame));
	if (depth)
		use_stack(depth - 1);
	if (frame[100] != (char)depth)
		probe_lost("a frame of the stack has other contents");
}

static void grow_set_up(const struct lu_probe *probe)
{
	use_stack(64);
	heap = sbrk(0);
	probe_check((intptr_t)sbrk(SIZE) != -1, "sbrk: %s", strerror(errno));
	probe_fill(heap, SIZE, 9);
}

static void grow_verify(const struct lu_probe *probe)
{
	char *end = sbrk(0);

	probe_check(end == heap + SIZE, "the heap ends at %p, ended at %p", (void *)end,
		    (void *)(heap + SIZE));
	probe_filled("the heap", heap, SIZE, 9);
	probe_check((intptr_t)sbrk(SIZE) != -1, "sbrk: %s", strerror(errno));
	probe_fill(heap + SIZE, SIZE, 10);
	use_stack(700);
}

static void grow_spoil(const struct lu_probe *probe)
{
	heap[5] ^= 1;
}

/* Addresses that a process may have written down. */
static void address_set_up(const struct lu_probe *probe)
{
	map = get(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	*(void **)map = map;
	probe_must(prctl(PR_SET_NAME, "probe-name"), "PR_SET_NAME");
	describe(permissions_were, flags_were, sizeof(permissions_were));
}

static size_t count_mappings(void)
{
	static char all[1 << 18];
	size_t n = 0;

	probe_read_file("/proc/self/maps", all, sizeof(all));
	for (char *at = all; (at = strchr(at, '\n')); at++)
		n++;
	return n;
}

static size_t mappings;

static void layout_set_up(const struct lu_probe *probe)
{
	address_set_up(probe);
	mappings = count_mappings();
	mappings = count_mappings();
}

static void layout_verify(const struct lu_probe *probe)
{
	probe_check(*(void **)map == map, "an address is not what it was");
	probe_same("mappings in /proc/self/maps", (long long)count_mappings(), (long long)mappings);
}

static void layout_spoil(const struct lu_probe *probe)
{
	get(page, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

#define HUGE "CONFIG_HUGETLBFS, and huge pages of at most 4 MiB of which 8 are free"
#define ADVICE(advice, flag)                                                                       \
	0, flag_set_up, flag_verify, flag_spoil, .arg = (advice), .word = (flag)

const struct lu_probes lu_probes_memory = {
	"Memory",
	{
		{"memory-private", "private anonymous mapping", "mmap(2); Landley: mappings", 0,
		 private_set_up, private_verify, spoil_map},
		{"memory-shared", "anonymous mapping shared with a child", "mmap(2): MAP_SHARED", 0,
		 shared_set_up, shared_verify, spoil_map},
		{"memory-cow", "pages that a child shares until one writes", "fork(2)", 0,
		 cow_set_up, cow_verify, cow_spoil},
		{"memory-file-private", "private mapping of a file", "mmap(2)", PROBE_DISK,
		 file_set_up, file_verify, spoil_map, .arg = MAP_PRIVATE},
		{"memory-file-shared", "shared mapping of a file", "mmap(2)", PROBE_DISK,
		 file_set_up, file_verify, spoil_map, .arg = MAP_SHARED},
		{"memory-file-unlinked", "mapping of a file that was unlinked and closed",
		 "mmap(2), unlink(2)", PROBE_DISK, unlinked_set_up, unlinked_verify, spoil_map,
		 .arg = MAP_SHARED},
		{"memory-protect", "mapping of parts with other permissions", "mprotect(2)", 0,
		 protect_set_up, protect_verify, protect_spoil},
		{"memory-dontdump", "MADV_DONTDUMP", "madvise(2)", ADVICE(MADV_DONTDUMP, " dd")},
		{"memory-wipeonfork", "MADV_WIPEONFORK", "madvise(2)",
		 ADVICE(MADV_WIPEONFORK, " wf")},
		{"memory-dontfork", "MADV_DONTFORK", "madvise(2)", ADVICE(MADV_DONTFORK, " dc")},
		{"memory-hugepage", "MADV_HUGEPAGE", "madvise(2)", ADVICE(MADV_HUGEPAGE, " hg"),
		 .lacks = "CONFIG_TRANSPARENT_HUGEPAGE"},
		{"memory-mergeable", "MADV_MERGEABLE", "madvise(2)", ADVICE(MADV_MERGEABLE, " mg"),
		 .lacks = "CONFIG_KSM"},
		{"memory-lock", "locked memory", "mlock(2)", 0, mlock_set_up, mlock_verify,
		 mlock_spoil, .lacks = "RLIMIT_MEMLOCK of 1 MiB"},
		{"memory-hugetlb", "huge pages", "mmap(2): MAP_HUGETLB", PROBE_GUEST,
		 hugetlb_set_up, hugetlb_verify, spoil_map, .lacks = HUGE},
		{"memory-growth", "stack and heap that grow on", "brk(2), setrlimit(2)", 0,
		 grow_set_up, grow_verify, grow_spoil},
		{"memory-layout", "addresses and number of mappings", "proc(5): maps", 0,
		 layout_set_up, layout_verify, layout_spoil},
		{},
	},
};
