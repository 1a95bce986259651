/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot switches: what can be spared in a boot through the firmware, each by itself. A machine says
 * what "plain" (as a system is shipped) and "fast" mean there, in machine.json:
 *   "boot_switches": {
 *     "NAME": {"plain": SETTING, "fast": SETTING},  what is left out is the machine's first boot
 *     "NAME": {"why": "…"}}                         it is not to be had there, for that reason
 * A SETTING, of which every key may be left out:
 *   cmdline    words after the machine's command line
 *   qemu_args  a list of words for QEMU
 *   image      form of the kernel image, one of the machine's "images"
 *   learn      {"WORD": REGEX}: WORD=VALUE on the command line, where VALUE is what the groups of
 *              this POSIX extended expression match in the log of the kernel that runs before
 * Two switches are in no machine's file, as every one has them: "initramfs" and "modules".
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "model/machine.h"

struct lu_next_boot;

/* X(name, what is spared). In the order in which a boot comes by them. */
#define LU_BOOT_SWITCHES(X)                                                                        \
	X(firmware, "a lean firmware in place of a full one")                                      \
	X(menu, "no countdown of the firmware's boot menu")                                        \
	X(rom, "the network card's boot ROM is not run")                                           \
	X(kernel, "a kernel image that need not unpack itself")                                    \
	X(initramfs, "an initramfs with what this system needs, not one for any machine")          \
	X(console, "a quiet console")                                                              \
	X(calibration, "clocks preset with what the running kernel has measured")                  \
	X(probing, "devices that are not there are not looked for")                                \
	X(selftests, "no self-tests of algorithms")                                                \
	X(modules, "only the modules that the service needs before it answers")

/* All names, NULL-terminated. */
extern const char *const lu_boot_switches[];

/* Whether this object is a machine's "boot_switches". *why: what is wrong where, to g_free. */
bool lu_boot_switches_check(const json_t *switches, char **why);
/* LU_ERROR_UNSUPPORTED, with the machine's own reason if it gives one: it has no such switch. */
bool lu_boot_switch_offered(const struct lu_machine *machine, const char *name, GError **error);
/* Add to the next boot what that side of a switch means; nothing for one that is not offered. */
void lu_boot_switch_add(const struct lu_machine *machine, const char *name, bool fast,
			struct lu_next_boot *boot);
/* What that side of it wants to be learned, {"WORD": REGEX}; NULL: nothing. Borrowed. */
const json_t *lu_boot_switch_learns(const struct lu_machine *machine, const char *name, bool fast);
