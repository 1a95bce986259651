/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine: how a guest looks, as data in machines/NAME/machine.json. Nothing in the harness knows
 * an architecture by name but through this.
 */
#pragma once
#include <glib.h>
#include <jansson.h>

struct lu_machine {
	char *name;   /* its folder's name */
	char *folder; /* path of machines/NAME, for what else is in it; NULL: not from a file */
	char *arch;   /* "x86_64", "ppc64le": which agent binary */
	char *debian_arch;    /* "amd64", "ppc64el": which packages */
	char *qemu;	      /* "qemu-system-x86_64" */
	char **qemu_args;     /* -M, -cpu, …: machine-specific, NULL-terminated */
	char *kernel_flavour; /* "cloud-amd64", "powerpc64le": package name suffix */
	char *cmdline;	      /* kernel command line of a first (cold) boot */
	char *kexec_cmdline;  /* added to cmdline for a kernel entered by kexec with cmdline=fast */
	char *net_device;     /* "virtio-net-pci" */
	char *block_device;   /* "virtio-blk-pci" */
	char *console;	      /* kernel's console device "ttyS0", "hvc0" */
	char *agent_tty;      /* device of the agent's channel "/dev/ttyS1", "/dev/hvc1" */
	char **agent_args;    /* QEMU arguments that make that channel from chardev id "agent" */
	char **console_args;  /* the same for chardev id "console" */
	unsigned memory_mb;   /* default */
	unsigned memory_step_mb; /* 1 when the file does not say */
	unsigned memory_min_mb;	 /* least that it boots with; the step when the file does not say */
	char **stores; /* store kinds that work here, first is the default: "pmem", "disk" */
	char **images; /* kernel image forms that kexec.load takes here: "vmlinux", "bzimage" */
	char **kexec_methods; /* "direct", "file", "tools" in order of preference */
	/* {"net": ["virtio_net"], "block": ["virtio_blk"], "ext4": […], "criu": […],
	 * "pmem": […]} module names */
	json_t *features;
	json_t *doc; /* the whole file */
};

/* LU_ERROR_USAGE: file, key and what is allowed; an unknown name lists those there are. */
struct lu_machine *lu_machine_load(const char *machines_dir, const char *name, GError **error);
/* From a parsed document, which is borrowed and kept a reference of. */
struct lu_machine *lu_machine_from_doc(json_t *doc, const char *name, GError **error);
/* As it is now, folder included. */
struct lu_machine *lu_machine_copy(const struct lu_machine *machine);
void lu_machine_free(struct lu_machine *machine);
/* Names of all machines in the folder, sorted. g_strfreev. */
char **lu_machine_list(const char *machines_dir, GError **error);
