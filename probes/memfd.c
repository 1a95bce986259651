/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are memory and have no name: memfd_create(2). CRIU has an image of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static int fd;

static void memfd_set_up(const struct lu_probe *probe)
{
	char bytes[5000], *map;

	fd = (int)probe_must(memfd_create("probe", MFD_ALLOW_SEALING | (unsigned)probe->arg),
			     "memfd_create");
	probe_fill(bytes, sizeof(bytes), 7);
	if (probe->arg) {
		probe_write_file("/proc/sys/vm/nr_hugepages", "8");
		probe_must(ftruncate(fd, 2 << 20), "ftruncate");
		map = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		probe_must(map == MAP_FAILED ? -1 : 0, "mmap");
		memcpy(map, bytes, sizeof(bytes));
		return;
	}
	probe_must(write(fd, bytes, sizeof(bytes)), "write");
	probe_must(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
		   "F_ADD_SEALS");
}

static void memfd_verify(const struct lu_probe *probe)
{
	char bytes[5000], path[64], name[64] = "";

	probe_same("its bytes", pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	probe_filled("its contents", bytes, sizeof(bytes), 7);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	probe_must(readlink(path, name, sizeof(name) - 1), "readlink");
	probe_check(!strcmp(name, "/memfd:probe (deleted)"), "it is called %s", name);
	if (probe->arg)
		return;
	probe_same("its seals", fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	probe_check(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM, "it can be written");
}

const struct lu_probes lu_probes_memfd = {
	"Files in memory",
	{
		{"memfd", "memfd with seals", "memfd_create(2)", 0, memfd_set_up, memfd_verify},
		{"memfd-hugetlb", "memfd of huge pages", "memfd_create(2): MFD_HUGETLB",
		 PROBE_GUEST, memfd_set_up, memfd_verify, .arg = MFD_HUGETLB,
		 .lacks = "CONFIG_HUGETLBFS, and huge pages of at most 2 MiB of which 8 are free"},
		{},
	},
};
