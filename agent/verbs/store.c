/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checkpoint store, mounted at /store: "pmem" is RAM that the kernel does not use
 * (memmap=SIZE!OFFSET, so it keeps its contents over a kexec), ext4 with DAX; "disk" is the virtio
 * disk with serial "store"; "ram" is a tmpfs, for CRIU images that need not outlive this kernel.
 * Documentation/filesystems/dax.rst
 *
 * store.open {kind: "pmem"|"disk"|"ram", format: bool} → total_bytes. Undone by store.close.
 * store.close {} → {}
 * store.room {} → total_bytes, free_bytes (of a store in memory no more than the kernel has to give)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "agent/block.h"
#include "agent/child.h"
#include "agent/criu/probe.h"
#include "agent/store.h"
#include "agent/verb.h"

#define PMEM	   "/dev/pmem0"
#define APPEARS_MS 3000

struct store_args {
	bool pmem;
	char device[64];
	struct request *request;
};
static struct store_args opening;

static void opened(void)
{
	struct request *request = opening.request;

	opening.request = NULL;
	reply_ok(request, json_pack("{s:I}", "total_bytes", (json_int_t)store_size()));
}

static void probed(void *data, int status, const char *output)
{
	opened();
}

/*
 * A new store means that a dump will follow. CRIU probes a hundred features of the kernel before
 * its first use and caches them (/run/criu.kdat); done now, it does not lengthen the blackout (by
 * some 0.15 s under TCG). Missing features are ignored here: the dump reports them.
 */
static void probe_for_criu(void)
{
	if (!criu_probe(probed, NULL))
		opened();
}

static void mount_store(bool fresh)
{
	struct request *request = opening.request;
	const char *why = store_mount(opening.device, "ext4", opening.pmem ? "dax" : "");

	if (why) {
		reply_error(request, "failed", "store.open: mount %s: %s", opening.device, why);
		opening.request = NULL;
		return;
	}
	if (fresh)
		probe_for_criu();
	else
		opened();
}

/* Up to nine tenths of memory: a machine whose images do not fit is out of memory anyway. */
static void mount_ram(struct request *request)
{
	const char *why = store_mount("tmpfs", "tmpfs", "size=90%,mode=0700");

	if (why) {
		reply_error(request, "failed", "store.open: mount a tmpfs: %s", why);
		return;
	}
	opening.request = request;
	probe_for_criu();
}

static void formatted(void *data, int status, const char *output)
{
	struct request *request = opening.request;

	if (status_ok(status)) {
		mount_store(true);
		return;
	}
	opening.request = NULL;
	reply_error(request, "failed", "store.open: mke2fs: %s", output);
}

/* No journal: the store is either complete or discarded, and a journal would write everything
 * twice. Inode tables are left to be zeroed lazily. */
static void format_store(void)
{
	const char *const argv[] = {"/usr/sbin/mke2fs",
				    "-q",
				    "-F",
				    "-t",
				    "ext4",
				    "-b",
				    "4096",
				    "-m",
				    "0",
				    "-O",
				    "^has_journal,^metadata_csum,^resize_inode,^64bit",
				    "-E",
				    "lazy_itable_init=1,nodiscard",
				    opening.device,
				    NULL};

	if (child_spawn(argv, formatted, NULL) < 0)
		formatted(NULL, 1, "cannot fork");
}

/* libnvdimm registers its devices by themselves, after the load of its modules has returned: on a
 * busy host that takes a while. */
static bool appears(const char *device)
{
	for (unsigned ms = 0; access(device, F_OK); ms++) {
		if (ms == APPEARS_MS)
			return false;
		usleep(1000);
	}
	return true;
}

static void store_open(struct request *request)
{
	const char *kind = arg_str(request, "kind", "");
	bool pmem = !strcmp(kind, "pmem");

	bool ram = !strcmp(kind, "ram");

	if (!pmem && !ram && strcmp(kind, "disk")) {
		reply_error(request, "usage", "store.open: \"kind\" must be pmem, disk or ram");
	} else if (store_is_open() || opening.request) {
		reply_error(request, "usage", "store.open: it is open already");
	} else if (ram) {
		mount_ram(request);
	} else if (pmem ? !appears(PMEM)
			: !block_by_serial("store", opening.device, sizeof(opening.device))) {
		reply_error(request, "unsupported", "store.open: this guest has no %s",
			    pmem ? "/dev/pmem0 (memmap=SIZE!OFFSET, nd_pmem)"
				 : "disk with serial \"store\"");
	} else {
		if (pmem)
			strcpy(opening.device, PMEM);
		opening.pmem = pmem;
		opening.request = request;
		if (arg_bool(request, "format", false))
			format_store();
		else
			mount_store(false);
	}
}

static void store_close(struct request *request)
{
	const char *why = store_unmount();

	if (why)
		reply_error(request, "failed", "store.close: %s", why);
	else
		reply_ok(request, NULL);
}

static void store_room(struct request *request)
{
	if (!store_size())
		reply_error(request, "refused", "store.room: the store is not open");
	else
		reply_ok(request, json_pack("{s:I, s:I}", "total_bytes", (json_int_t)store_size(),
					    "free_bytes", (json_int_t)store_free()));
}

const struct lu_agent_verbs lu_agent_verbs_store = {
	"store",
	{
		{"store.open", store_open},
		{"store.close", store_close},
		{"store.room", store_room},
		{},
	},
};
