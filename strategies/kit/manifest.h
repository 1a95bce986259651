/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manifest of a checkpoint (agent verbs manifest.*): what is restored is what was written, or the
 * upgrade ends before the service goes on. For strategies with the parameter `manifest`; of the
 * others, and with manifest=off, all of this does nothing.
 */
#pragma once
#include "model/strategy.h"

/* by_default: "on" or "off". */
#define LU_PARAM_MANIFEST(by_default)                                                              \
	{                                                                                          \
		"manifest", LU_PARAM_BOOL, by_default, 0, 0, NULL,                                 \
			"hash each page of the checkpoint when it is written, and compare before " \
			"the service goes on"                                                      \
	}

/* Whether the strategy keeps one. */
bool lu_manifest_kept(const struct lu_plan *plan);

/* Of a machine's agent: lu_run_call, lu_run_call_standby. */
typedef bool (*lu_manifest_call)(struct lu_run *run, const char *verb, json_t *args, json_t **reply,
				 GError **error);
/* What that machine's store has got since the last time. Claims "NAME.seal_ns". */
bool lu_manifest_seal(struct lu_run *run, lu_manifest_call call, const char *name, GError **error);
/* Compare all of it from now on, beside whatever else that machine does. */
bool lu_manifest_begin(struct lu_run *run, lu_manifest_call call, GError **error);
/* The end of that, after a restore which was right by its own account or has set the error: what is
 * damaged takes its place, being the cause of it. Claims "manifest.check_ns". LU_ERROR_REFUSED: file
 * and page that are not what was written. */
bool lu_manifest_end(struct lu_run *run, lu_manifest_call call, bool restored, GError **error);
