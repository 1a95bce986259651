/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine: the hardware of a guest. Everything about one is in its folder, machines/NAME/:
 *   machine.json   the description below
 *   costs.json     what steps cost on it, for the simulator (sim/costs.h)
 *   packages       Debian packages that its guests need on the host, one a line
 *   agent/         C of its architecture for the agent (agent/machine.h)
 *   host/          C of its architecture for hosts that have the same (qemu/vm/kvm-probe.h)
 * All but the first may be left out. Beside the folders, the file `default` holds the name of the
 * machine that is taken when none is named. Nothing outside of machines/ names an architecture.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Memory in two parts, from that size on: the first begins at 0, the second at high_at_mb. */
struct lu_memory_split {
	unsigned from_mb; /* 0: memory is in one part whatever its size */
	unsigned low_mb;  /* size of the first part */
	unsigned high_at_mb;
};

/* Most virtual CPUs that a guest can be given. */
#define LU_MACHINE_CPUS 16

/* A program that needs no kernel, which the machine boots in place of one. It speaks the agent's
 * protocol itself. */
struct lu_machine_payload {
	char *file; /* in the machine's folder; NULL: the machine boots Linux */
	bool flat;  /* goes to load_at and begins there; else an ELF file, which says both itself */
	uint64_t load_at; /* physical address */
};

/* The keys of machine.json, by the same names. */
struct lu_machine {
	char *name;	   /* its folder's name; no key */
	char *folder;	   /* its path, for its other files; NULL: not from a file; no key */
	char *arch;	   /* as printed by `uname -m`: selects the agent binary */
	char *debian_arch; /* selects the packages */
	char *gnu_triplet; /* of the compiler, TRIPLET-gcc, and of the folder of its libraries */
	char *qemu;	   /* program */
	char **qemu_args;  /* -M, -cpu, …: machine-specific, NULL-terminated */
	struct lu_machine_payload payload; /* optional; with it the next three are "" */
	char *kernel_flavour;		   /* package name suffix */
	char *kernel_image;		   /* file that is booted, as a path in a kernel's tree */
	char *cmdline;			   /* kernel command line of a first (cold) boot */
	char *kexec_cmdline;	 /* added for a kernel entered by kexec with cmdline=fast; "" */
	char *net_device;	 /* "virtio-net-pci" */
	char *block_device;	 /* "virtio-blk-pci" */
	char *console;		 /* kernel's console device "ttyS0", "hvc0" */
	char *agent_tty;	 /* device of the agent's channel "/dev/ttyS1", "/dev/hvc1" */
	char **agent_args;	 /* QEMU arguments that make that channel from chardev id "agent" */
	char **console_args;	 /* the same for chardev id "console" */
	unsigned memory_mb;	 /* default */
	unsigned memory_step_mb; /* 1 when the file does not say */
	unsigned memory_min_mb;	 /* least that it boots with; the step when the file does not say */
	struct lu_memory_split memory_split; /* optional */
	unsigned cpus; /* virtual CPUs, default; 1 when the file does not say */
	char **stores; /* store kinds that work here, first is the default: "pmem", "disk" */
	char **images; /* forms of kernel images that kexec.load takes here: "vmlinux", "bzimage" */
	char **kexec_methods;	 /* "direct", "file", "tools" in order of preference */
	char **kexec_tools_args; /* additional arguments of kexec-tools; may be empty */
	char *kexec_tools_zone;	 /* zone of /proc/zoneinfo that the next kernel's copy has to be in;
				  * NULL: any */
	/* {"net": ["virtio_net"], "block": ["virtio_blk"], "ext4": […], "criu": […],
	 * "pmem": […]} module names */
	json_t *features;
	json_t *boot_switches; /* model/boot-switch.h; NULL: none */
	bool optional;	       /* bench/install and the tests leave it out unless it is named */
	json_t *doc;	       /* the whole file */
};

/* LU_ERROR_USAGE: file, key and what is allowed; for an unknown name, all names. */
struct lu_machine *lu_machine_load(const char *machines_dir, const char *name, GError **error);
/* From a parsed document, which is borrowed and kept a reference of. */
struct lu_machine *lu_machine_from_doc(json_t *doc, const char *name, GError **error);
/* A copy of its current values, folder included. */
struct lu_machine *lu_machine_copy(const struct lu_machine *machine);
void lu_machine_free(struct lu_machine *machine);
/* Names of all machines in the folder, sorted. g_strfreev. */
char **lu_machine_list(const char *machines_dir, GError **error);
/* Name of the default machine (the file `default` there), which may not exist. LU_ERROR_USAGE: no
 * default; lists the machines. g_free. */
char *lu_machine_default(const char *machines_dir, GError **error);
/* Its folder's list of packages; empty without one. g_strfreev. */
char **lu_machine_packages(const struct lu_machine *machine);
