/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a probe's process and the one that started it speak: files in struct probe_run.dir, called
 * NAME (of the probe), NAME.part, and "go". Private to probes/kit. */
#pragma once
#include "probes/kit/probe.h"

/* In the probe's process, first of all. */
void say_begin(const struct probe_run *run, const char *name);
/* From here on this process is the probe's part. */
void say_part(void);
/* From here on what fails is lost, not missing. */
void say_verifying(void);
const struct probe_run *say_run(void);
/* "ready", "missing", "same", "lost", and why ("": nothing to add). */
void say(const char *word, const char *why);
bool say_read(const struct probe_run *run, const char *name, const char *suffix, char *text,
	      size_t n);
void say_path(const struct probe_run *run, const char *name, const char *suffix, char *path,
	      size_t n);
/* Sleeps until the upgrade is over. */
void say_wait_go(void);
