/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every verb's function, by file. */
#pragma once
#include "agent/agent.h"

/* verb-system.c */
void verb_ping(struct request *request);
void verb_info(struct request *request);
void verb_sample(struct request *request);
void verb_panic(struct request *request);
void verb_poweroff(struct request *request);
/* verb-script.c */
void verb_script_run(struct request *request);
/* verb-modules.c */
void verb_modules(struct request *request);
void verb_modules_drop(struct request *request);
/* With more words for the load of each. Number of modules loaded, or -1 with the reason in why. */
int modules_load_feature(const char *feature, const char *more, char *why, size_t size);
/* verb-livepatch.c */
void verb_livepatch_apply(struct request *request);
void verb_livepatch_undo(struct request *request);
/* verb-swap.c */
void verb_swap(struct request *request);
void verb_swap_back(struct request *request);
void verb_swap_state(struct request *request);
/* verb-swap-cost.c */
void verb_swap_cost(struct request *request);
/* verb-ask.c */
void verb_ask(struct request *request);
void verb_ask_stay(struct request *request);
void verb_ask_leave(struct request *request);
/* verb-devices.c */
void verb_devices_save(struct request *request);
void verb_devices_load(struct request *request);
/* verb-net.c */
void loopback_up(void);
void verb_net_up(struct request *request);
void verb_net_down(struct request *request);
void verb_net_lock(struct request *request);
void verb_net_unlock(struct request *request);
void verb_link_up(struct request *request);
void verb_link_down(struct request *request);
/* nudge.c */
void verb_net_nudge(struct request *request);
/* verb-service.c */
void verb_service_start(struct request *request);
void verb_service_stop(struct request *request);
void verb_service_freeze(struct request *request);
void verb_service_thaw(struct request *request);
void verb_service_status(struct request *request);
/* verb-handover.c */
void verb_handover_begin(struct request *request);
void verb_handover_copy(struct request *request);
void verb_handover_stand(struct request *request);
void verb_handover_rest(struct request *request);
void verb_handover_take(struct request *request);
void verb_handover_end(struct request *request);
void verb_handover_abort(struct request *request);
/* verb-store.c */
void verb_store_open(struct request *request);
void verb_store_close(struct request *request);
/* verb-data.c */
void verb_data_open(struct request *request);
void verb_data_hold(struct request *request);
void verb_data_release(struct request *request);
void verb_data_close(struct request *request);
/* verb-field.c */
void verb_field_open(struct request *request);
void verb_field_close(struct request *request);
void verb_field_list(struct request *request);
void verb_field_change(struct request *request);
void verb_field_use(struct request *request);
/* verb-image.c */
void verb_image_fill(struct request *request);
void verb_image_settle(struct request *request);
void verb_image_wake(struct request *request);
/* verb-stage.c */
void verb_stage(struct request *request);
void verb_unstage(struct request *request);
/* verb-kexec.c */
void verb_kexec_load(struct request *request);
void verb_kexec_unload(struct request *request);
void verb_kexec_jump(struct request *request);
/* verb-pages.c */
void verb_pages_small(struct request *request);
void verb_pages_huge(struct request *request);
/* rehearse.c */
void verb_replica_rehearse(struct request *request);
/* replica-serve.c */
void verb_replica_serve(struct request *request);
/* replica-send.c */
void verb_replica_precopy(struct request *request);
void verb_replica_arm(struct request *request);
void verb_replica_dump(struct request *request);
void verb_replica_release(struct request *request);
/* replica-restore.c */
void verb_replica_ready(struct request *request);
void verb_replica_restore(struct request *request);
/* criu-probe.c */
void verb_criu_kdat(struct request *request);
/* verb-criu.c */
void verb_checkpoint(struct request *request);
void verb_checkpoint_discard(struct request *request);
void verb_restore(struct request *request);
