/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the tick service as docs/reference/tick-protocol.md defines it: what the client
 * expects and the simulated service holds. The program in the guest (workloads/tick/guest/tick.c)
 * is an independent implementation, so the two check each other.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LU_TICK_FNV 14695981039346656037ULL
/* The service's argv is made from the parameters alone, so its memory does not depend on the run's
 * seed; payloads do. */
#define LU_TICK_SEED 1

struct lu_tick_state {
	uint64_t seed, counter, hash;
	uint64_t words;	      /* of the state buffer */
	uint64_t dirty_words; /* rewritten by each request */
	/* Each word xor its initial value, so that untouched words cost no memory here. */
	uint64_t *changed;
};

/* Aborts when there is no address space for it, like every allocation of GLib. */
struct lu_tick_state *lu_tick_state_new(uint64_t seed, uint64_t state_mb, uint64_t dirty_bytes);
/* The same from the workload's parameters. */
struct lu_tick_state *lu_tick_state_of(const json_t *params);
void lu_tick_state_free(struct lu_tick_state *state);
/* Serve one request: increment the counter, rewrite memory, update the hash. */
void lu_tick_state_step(struct lu_tick_state *state);
/* Index of the first word that the request with that counter rewrites. */
uint64_t lu_tick_state_index(const struct lu_tick_state *state, uint64_t counter);
/* The hash over the whole buffer (request `H`). */
uint64_t lu_tick_state_full(const struct lu_tick_state *state);
/* FNV-1a continued over bytes. */
uint64_t lu_tick_fnv(uint64_t hash, const void *bytes, size_t len);
/* The line at the head of buf without its newline, caller frees; *n is its length with it. NULL: *n
 * is 0 (more needed) or -1 (longer than a line may be). */
char *lu_tick_line(const uint8_t *buf, size_t len, ssize_t *n);
/* Serve the line at the head of buf as a service's model does (struct lu_service_model.serve): the
 * function puts the reply to it, with its newline, into reply; a line that is too long is answered
 * by an error and ends what is in buf. The number of bytes served, 0: more are needed. */
size_t lu_tick_serve(void *service,
		     void (*serve)(void *service, const char *line, const char *release,
				   GString *reply),
		     const uint8_t *buf, size_t len, const char *release, GByteArray *out);
/* Whether the whole text is one number. */
bool lu_tick_number(const char *text, unsigned base, uint64_t *value);
