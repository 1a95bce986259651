/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole runs by the command, as a user would call it, each in folders of its own that are searched
 * for leftovers. */
#pragma once
#include <jansson.h>
#include <stdint.h>

struct run {
	json_t *result; /* the document on standard output */
	int status;	/* exit status */
};

/* Status with which a test program ends when this host lacks what that machine takes; 0 when it has
 * all. It says what, on standard error. Where everything has been installed (CI) that is a failure
 * and no skip. */
int run_prerequisites(const char *machine);

/*
 * lubench run OPTIONS… --json, where options are words separated by spaces. Fails the test when
 * there is no document, when a process of the run is still there, or when a file is left beside the
 * result and its timeline. The load runs a second before the upgrade and one after it, unless the
 * options say otherwise.
 */
struct run run_lubench(const char *options);
void run_clear(struct run *run);

/* run_lubench, and the outcome is ok with status 0. */
struct run run_good(const char *options);
/* A run in which something goes wrong on purpose: it has to fail, because that oracle tells it, and
 * `holds` has nothing to tell; and not because the end could not be looked at. */
void run_spoilt(const char *options, const char *fails, const char *holds);
const char *run_text(const struct run *run, const char *key);
const char *run_verdict(const struct run *run, const char *oracle);
int64_t run_metric(const struct run *run, const char *name);
