/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot switches (model/boot-switch.h) as parameters of strategies that reboot through the
 * firmware. Functions with a run are phases. */
#pragma once
#include "model/boot-switch.h"
#include "model/strategy.h"

#define LU_PARAM_BOOT_SWITCH(name, help)                                                           \
	{#name,                                                                                    \
	 LU_PARAM_CHOICE,                                                                          \
	 "auto",                                                                                   \
	 0,                                                                                        \
	 0,                                                                                        \
	 lu_boot_settings,                                                                         \
	 "fast: " help "; plain: as a system is shipped; auto: fast where the machine has it"},
/* One parameter each: entries of a table, with their comma. */
#define LU_PARAMS_BOOT_SWITCHES LU_BOOT_SWITCHES(LU_PARAM_BOOT_SWITCH)
extern const char *const lu_boot_settings[];

/* LU_ERROR_UNSUPPORTED: a switch is asked for that the machine does not have. */
bool lu_boot_switches_asked(const struct lu_plan *plan, GError **error);
/* What all of them mean to the next boot. */
void lu_boot_switches_needs(const struct lu_plan *plan, struct lu_needs *needs);
/* Whether this one is plain. */
bool lu_boot_switch_is_plain(const struct lu_plan *plan, const char *name);

/* Learn from the running kernel what the next one is to be told, and tell the boot loader. Notes
 * "boot.words". */
bool lu_boot_switches_configure(struct lu_run *run, GError **error);
bool lu_boot_switches_reset(struct lu_run *run, GError **error);
