/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which accelerator a guest gets, and why. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/*
 * wanted: "auto" or one of those that are returned; guest_arch as in lu_machine. Returns (static)
 * "kvm", "tcg", "tcg-single", which is TCG with one thread for all vCPUs, or "icount", which is that
 * with a clock that advances by 1 ns per instruction; *why (caller frees) says in one line why KVM is
 * not used, or that it was seen to work. LU_ERROR_UNSUPPORTED (NULL) when kvm was asked for by name
 * and does not work.
 */
const char *lu_accel_choose(const char *wanted, const char *guest_arch, char **why, GError **error);

/*
 * Does KVM run a few guest instructions on this host within a second? /dev/kvm may exist, create
 * VMs and vCPUs, and still never run one, so only running counts. Probed in a child process, once
 * per process; *why is static.
 */
bool lu_accel_kvm_works(const char **why);
