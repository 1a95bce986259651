/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the built lubench as a user would, in a world of its own: private data
 * and configuration folders. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct world {
	char *dir;  /* everything below it goes at the end */
	char *data; /* XDG_DATA_HOME */
	char *runs; /* where results go by default */
	char *tmp;  /* TMPDIR */
};

struct output {
	int status; /* exit status, or 128 + signal */
	char *out, *err;
};

/* cmocka fixtures: *state is a struct world. */
int world_setup(void **state);
int world_teardown(void **state);

/* A NULL-terminated list of arguments after "lubench". Free with output_clear. */
struct output lubench(const struct world *world, ...) G_GNUC_NULL_TERMINATED;
/* Start it and do not wait; output goes to the files out and err of the world's folder. */
GPid lubench_start(const struct world *world, ...) G_GNUC_NULL_TERMINATED;
/* Wait for its end; 128 + signal when one killed it. */
int lubench_wait(GPid pid);
void output_clear(struct output *output);

/* All of standard output as one JSON document; fails the test when it is not. */
json_t *output_json(const struct output *output);
/* Number of lines in a text. */
unsigned lines(const char *text);
/* Write a file into the world's folder; its path, caller frees. */
char *world_file(const struct world *world, const char *name, const char *text);
/* Names in a folder, sorted; empty when there is none. */
GPtrArray *folder(const char *path);
