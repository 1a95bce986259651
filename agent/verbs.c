/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verbs. */
#include "verbs.h"

const struct verb verbs[] = {
	{"ping", verb_ping},
	{"info", verb_info},
	{"modules", verb_modules},
	{"net.up", verb_net_up},
	{"net.down", verb_net_down},
	{"net.lock", verb_net_lock},
	{"net.unlock", verb_net_unlock},
	{"net.nudge", verb_net_nudge},
	{"service.start", verb_service_start},
	{"service.stop", verb_service_stop},
	{"service.freeze", verb_service_freeze},
	{"service.thaw", verb_service_thaw},
	{"service.status", verb_service_status},
	{"store.open", verb_store_open},
	{"store.close", verb_store_close},
	{"stage", verb_stage},
	{"unstage", verb_unstage},
	{"kexec.load", verb_kexec_load},
	{"kexec.unload", verb_kexec_unload},
	{"kexec.jump", verb_kexec_jump},
	{"checkpoint", verb_checkpoint},
	{"checkpoint.discard", verb_checkpoint_discard},
	{"restore", verb_restore},
	{"sample", verb_sample},
	{"script.run", verb_script_run},
	{"panic", verb_panic},
	{"poweroff", verb_poweroff},
	{NULL, NULL},
};
