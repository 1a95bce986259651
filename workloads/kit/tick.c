/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the tick service: see docs/reference/tick-protocol.md. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "model/param.h"
#include "workloads/kit/tick.h"

#define FNV_PRIME      1099511628211ULL
#define LINE_MAX_BYTES 1024

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection that spreads every bit. */
static uint64_t mix(uint64_t x)
{
	uint64_t z = x + 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

struct lu_tick_state *lu_tick_state_new(uint64_t seed, uint64_t state_mb, uint64_t dirty_bytes)
{
	struct lu_tick_state *state = g_new0(struct lu_tick_state, 1);

	state->seed = seed;
	state->hash = mix(seed);
	state->words = state_mb << 17;
	state->dirty_words = (dirty_bytes + 7) / 8;
	state->changed = mmap(NULL, state->words * 8, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (state->changed == MAP_FAILED)
		g_error("tick state of %" G_GUINT64_FORMAT " MiB: %s", state_mb, g_strerror(errno));
	return state;
}

struct lu_tick_state *lu_tick_state_of(const json_t *params)
{
	return lu_tick_state_new(LU_TICK_SEED, (uint64_t)lu_param_int(params, "state_mb"),
				 (uint64_t)lu_param_int(params, "dirty_bytes"));
}

void lu_tick_state_free(struct lu_tick_state *state)
{
	if (!state)
		return;
	munmap(state->changed, state->words * 8);
	g_free(state);
}

uint64_t lu_tick_state_index(const struct lu_tick_state *state, uint64_t counter)
{
	return mix(counter) % state->words;
}

void lu_tick_state_step(struct lu_tick_state *state)
{
	uint64_t c = ++state->counter;
	uint64_t at = lu_tick_state_index(state, c);

	for (uint64_t k = 0; k < state->dirty_words; k++) {
		uint64_t start = mix(state->seed + at);
		uint64_t word = mix((state->changed[at] ^ start) ^ c);

		state->changed[at] = word ^ start;
		state->hash = mix(state->hash ^ word);
		if (++at == state->words)
			at = 0;
	}
}

uint64_t lu_tick_state_full(const struct lu_tick_state *state)
{
	uint64_t hash = LU_TICK_FNV;

	for (uint64_t i = 0; i < state->words; i++)
		hash = (hash ^ state->changed[i] ^ mix(state->seed + i)) * FNV_PRIME;
	return hash;
}

uint64_t lu_tick_fnv(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * FNV_PRIME;
	return hash;
}

char *lu_tick_line(const uint8_t *buf, size_t len, ssize_t *n)
{
	const uint8_t *end = memchr(buf, '\n', MIN(len, LINE_MAX_BYTES));

	if (!end) {
		*n = len < LINE_MAX_BYTES ? 0 : -1;
		return NULL;
	}
	*n = end - buf + 1;
	return g_strndup((const char *)buf, (gsize)(end - buf));
}

size_t lu_tick_serve(void *service,
		     void (*serve)(void *service, const char *line, const char *release,
				   GString *reply),
		     const uint8_t *buf, size_t len, const char *release, GByteArray *out)
{
	g_autoptr(GString) reply = g_string_new(NULL);
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line && n == 0)
		return 0;
	if (line)
		serve(service, line, release, reply);
	else
		g_string_printf(reply, "E a line is at most %d bytes\n", LINE_MAX_BYTES);
	g_byte_array_append(out, (const guint8 *)reply->str, (guint)reply->len);
	return line ? (size_t)n : len;
}

bool lu_tick_number(const char *text, unsigned base, uint64_t *value)
{
	return g_ascii_string_to_unsigned(text, base, 0, UINT64_MAX, value, NULL);
}
