/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "qemu/vm/args.h"

static G_GNUC_PRINTF(2, 3) void add(GPtrArray *args, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	g_ptr_array_add(args, g_strdup_vprintf(format, list));
	va_end(list);
}

static void add_words(GPtrArray *args, char **words)
{
	for (char **word = words; word && *word; word++)
		add(args, "%s", *word);
}

/* An alias means another machine type in another version of QEMU, so a versioned type replaces it
 * where one is given. Options after it ("ALIAS,usb=off") stay. */
static void add_machine(GPtrArray *args, const struct lu_vm_spec *spec)
{
	for (char **word = spec->machine->qemu_args; word && *word; word++) {
		bool is_type = word > spec->machine->qemu_args && g_str_equal(word[-1], "-M");
		const char *options = strchr(*word, ',');

		if (is_type && spec->machine_type)
			add(args, "%s%s", spec->machine_type, options ? options : "");
		else
			add(args, "%s", *word);
	}
}

static void add_chardev(GPtrArray *args, const char *id, int fd)
{
	add(args, "-chardev");
	add(args, "socket,id=%s,fd=%d", id, fd);
}

/* /dev/fd/N opens the memory file again, with the access mode that this disk needs. */
static void add_disk(GPtrArray *args, const struct lu_machine *machine, const char *serial, int fd,
		     bool read_only)
{
	if (fd < 0)
		return;
	add(args, "-blockdev");
	add(args, "driver=file,node-name=%s,filename=/dev/fd/%d,read-only=%s,discard=unmap", serial,
	    fd, read_only ? "on" : "off");
	add(args, "-device");
	add(args, "%s,drive=%s,serial=%s", machine->block_device, serial, serial);
}

/* Both machines of a guest have it. The strategy sees to it that only one writes at a time; QEMU
 * does not know that, and its lock would keep the second machine from starting. */
static void add_shared_disk(GPtrArray *args, const struct lu_machine *machine, const char *serial,
			    int fd)
{
	if (fd < 0)
		return;
	add(args, "-blockdev");
	add(args,
	    "driver=file,node-name=%s,filename=/dev/fd/%d,read-only=off,discard=unmap,locking=off",
	    serial, fd);
	add(args, "-device");
	add(args, "%s,drive=%s,serial=%s,share-rw=on", machine->block_device, serial, serial);
}

/* The address is the same in each life of the machine, so peers' ARP entries stay valid. */
static void add_network(GPtrArray *args, const struct lu_vm_spec *spec)
{
	if (spec->net < 0)
		return;
	add(args, "-netdev");
	add(args, "dgram,id=net0,local.type=fd,local.str=%d", spec->net);
	add(args, "-device");
	add(args, "%s,netdev=net0,mac=" LU_VM_MAC_TEXT, spec->machine->net_device);
}

static void add_link(GPtrArray *args, const struct lu_vm_spec *spec)
{
	if (!spec->link_number)
		return;
	add(args, "-netdev");
	add(args, "dgram,id=link0,local.type=fd,local.str=%d", spec->link);
	add(args, "-device");
	add(args, "%s,netdev=link0,mac=" LU_VM_LINK_MAC_TEXT, spec->machine->net_device,
	    spec->link_number);
}

/* RAM that the harness can read and write: a memory
 * image is captured from it and loaded into it. */
static void add_memory(GPtrArray *args, const struct lu_vm_spec *spec)
{
	if (spec->memory <= 0)
		return;
	add(args, "-object");
	add(args, "memory-backend-file,id=ram,size=%uM,mem-path=/dev/fd/%d,share=on",
	    spec->memory_mb, spec->memory);
	add(args, "-machine");
	add(args, "memory-backend=ram");
}

/*
 * Emulation before QEMU 9.0 misses writes to memory that a migration has begun to copy: where the
 * size is a multiple of 64 pages, the dirty bitmap is read and cleared by words without notifying
 * translated code (fixed by QEMU's commit 03bfc2188f06). For another size it is read page by page,
 * which works. QEMU accepts multiples of 8 KiB.
 */
static unsigned memory_kb(const struct lu_vm_spec *spec)
{
	return spec->memory_mb * 1024 - (spec->uneven ? 8 : 0);
}

bool lu_qemu_has_threads(const struct lu_vm_spec *spec)
{
	return spec->cpus > 1 && g_str_equal(spec->accel, "tcg");
}

static const char *accel_of(const struct lu_vm_spec *spec)
{
	if (lu_qemu_has_threads(spec))
		return "tcg,thread=multi";
	return g_str_equal(spec->accel, "tcg-single") || g_str_equal(spec->accel, "icount")
		       ? "tcg,thread=single"
		       : spec->accel;
}

/* icount: an instruction takes 1 ns of the guest's clocks, and an idle guest waits in real time.
 * QEMU cannot count with several threads. */
static void add_accel(GPtrArray *args, const struct lu_vm_spec *spec)
{
	add(args, "-accel");
	add(args, "%s", accel_of(spec));
	if (spec->cpus > 1) {
		add(args, "-smp");
		add(args, "%u", spec->cpus);
	}
	if (!g_str_equal(spec->accel, "icount"))
		return;
	add(args, "-icount");
	add(args, "shift=0,sleep=on");
}

GPtrArray *lu_qemu_args(const struct lu_vm_spec *spec, const struct lu_vm_sockets *sockets)
{
	GPtrArray *args = g_ptr_array_new_with_free_func(g_free);
	/* -no-reboot: a panic (panic=-1) or a triple fault
	 * ends QEMU, and with it any wait for the guest */
	static const char *const always[] = {"-nodefaults", "-no-user-config", "-display",
					     "none",	    "-no-reboot",      NULL};

	add(args, "%s", spec->qemu ? spec->qemu : spec->machine->qemu);
	add_machine(args, spec);
	add_words(args, (char **)always);
	add_accel(args, spec);
	add(args, "-m");
	add(args, "%uK", memory_kb(spec));
	add_memory(args, spec);
	add_chardev(args, "qmp", sockets->qmp);
	add(args, "-mon");
	add(args, "chardev=qmp,mode=control");
	add_chardev(args, "console", sockets->console);
	add_words(args, spec->machine->console_args);
	add_chardev(args, "agent", sockets->agent);
	add_words(args, spec->machine->agent_args);
	add_network(args, spec);
	add_link(args, spec);
	add_disk(args, spec->machine, "next", spec->next, true);
	add_shared_disk(args, spec->machine, "store", spec->store);
	add_shared_disk(args, spec->machine, "data", spec->data_disk);
	add_shared_disk(args, spec->machine, "field", spec->field > 0 ? spec->field : -1);
	lu_payload_add_args(&spec->payload, args);
	if (spec->incoming) {
		add(args, "-incoming");
		add(args, "defer");
	}
	for (guint i = 0; spec->more_args && i < spec->more_args->len; i++)
		add(args, "%s", (const char *)spec->more_args->pdata[i]);
	lu_vm_extras_add_args(spec->extras, spec->n_extras, args);
	g_ptr_array_add(args, NULL);
	return args;
}
