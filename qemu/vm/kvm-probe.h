/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest code for KVM, and the register state to run it. It is specific to the host's architecture,
 * so it comes from the folder of a machine of that architecture (machines/NAME/host/kvm-probe.c).
 * Where there is none, LU_KVM_PROBE is not defined and KVM is not used.
 */
#pragma once

/* How far the probe got. */
enum lu_kvm_probe {
	LU_KVM_WORKS,
	LU_KVM_NO_DEVICE,
	LU_KVM_NO_VM,
	LU_KVM_NO_VCPU,
	LU_KVM_NO_RUN,
	LU_KVM_WRONG_EXIT,
	LU_KVM_NO_PROBE,
	LU_KVM_ENDS
};

/* Makes a virtual machine and runs a short loop in it, which may take forever. For a child between
 * fork and exit: system calls only, and nothing is closed. Returns an enum lu_kvm_probe. */
int lu_kvm_probe(void);
