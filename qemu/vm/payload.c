/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include "qemu/vm/payload.h"

static void add(GPtrArray *args, const char *option, char *value)
{
	g_ptr_array_add(args, g_strdup(option));
	g_ptr_array_add(args, value);
}

static void add_linux(const struct lu_payload *payload, GPtrArray *args)
{
	add(args, "-kernel", g_strdup(payload->image));
	if (payload->initrd >= 0)
		add(args, "-initrd", g_strdup_printf("/dev/fd/%d", payload->initrd));
	add(args, "-append", g_strdup(payload->cmdline));
}

/* Commas in a list of properties are doubled. */
static char *as_property(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, ",", -1);

	return g_strjoinv(",,", parts);
}

/* QEMU's loader device puts any file at any address and starts the first CPU there; ELF files are
 * left to the machine, which may have to set up the CPU first. */
static void add_freestanding(const struct lu_payload *payload, GPtrArray *args)
{
	g_autofree char *path = as_property(payload->image);

	if (payload->flat)
		add(args, "-device",
		    g_strdup_printf("loader,file=%s,addr=0x%" PRIx64 ",force-raw=on,cpu-num=0",
				    path, payload->load_at));
	else
		add(args, "-kernel", g_strdup(payload->image));
}

void lu_payload_add_args(const struct lu_payload *payload, GPtrArray *args)
{
	switch (payload->kind) {
	case LU_PAYLOAD_LINUX:
		add_linux(payload, args);
		break;
	case LU_PAYLOAD_FREESTANDING:
		add_freestanding(payload, args);
		break;
	}
}
