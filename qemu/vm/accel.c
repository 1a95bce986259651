/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probe for KVM runs in a child, which reports by its exit status. */
#include <sys/utsname.h>
#include "record/error.h"
#include "qemu/vm/accel.h"
#include "qemu/vm/kvm-probe.h"
#include "host/isolated.h"

#define PROBE_DEADLINE_MS 1000

static const char *const probe_words[LU_KVM_ENDS] = {
	[LU_KVM_WORKS] = "KVM ran guest instructions",
	[LU_KVM_NO_DEVICE] = "/dev/kvm is absent or may not be opened",
	[LU_KVM_NO_VM] = "/dev/kvm cannot create a virtual machine",
	[LU_KVM_NO_VCPU] = "KVM cannot create a virtual CPU",
	[LU_KVM_NO_RUN] = "KVM does not run a virtual CPU",
	[LU_KVM_WRONG_EXIT] = "KVM ran a virtual CPU, but not the instructions given to it",
	[LU_KVM_NO_PROBE] = "lubench has no probe for KVM on this host's architecture",
};

#ifndef LU_KVM_PROBE
int lu_kvm_probe(void)
{
	return LU_KVM_NO_PROBE;
}
#endif

static const char *try_it(void)
{
	int end = lu_isolated_call(lu_kvm_probe, PROBE_DEADLINE_MS);

	if (end == LU_ISOLATED_NO_PROCESS)
		return "KVM could not be probed: fork failed";
	if (end < 0 || end >= LU_KVM_ENDS)
		return "KVM creates virtual machines on this host but did not run a short loop in "
		       "one within a second";
	return probe_words[end];
}

bool lu_accel_kvm_works(const char **why)
{
	static const char *words;

	if (g_once_init_enter(&words))
		g_once_init_leave(&words, try_it());
	if (why)
		*why = words;
	return words == probe_words[LU_KVM_WORKS];
}

static const char *const emulations[] = {"tcg", "tcg-single", "icount"};

const char *lu_accel_choose(const char *wanted, const char *guest_arch, char **why, GError **error)
{
	struct utsname host;
	const char *words;
	bool works;

	uname(&host);
	for (size_t i = 0; i < G_N_ELEMENTS(emulations); i++) {
		if (!g_str_equal(wanted, emulations[i]))
			continue;
		*why = g_strdup_printf("%s was asked for", wanted);
		return emulations[i];
	}
	if (!g_str_equal(host.machine, guest_arch)) {
		*why = g_strdup_printf("KVM cannot run a guest of %s on a host of %s", guest_arch,
				       host.machine);
		works = false;
	} else {
		works = lu_accel_kvm_works(&words);
		*why = g_strdup(words);
	}
	if (works)
		return "kvm";
	if (g_str_equal(wanted, "auto"))
		return "tcg";
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "accel=kvm: %s", *why);
	return NULL;
}
