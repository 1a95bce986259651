/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state in a file, for a restart. */
#include "workloads/tick/guest/handover.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool write_all(FILE *file, const struct wire_config *config, struct tick_state *state)
{
	char bucket[TICK_BUCKET_MAX];
	size_t size = tick_bucket_bytes(state->version);
	struct wire_state rest;

	if (!tick_state_track(state) || fwrite(config, sizeof(*config), 1, file) != 1)
		return false;
	for (uint64_t i = 0; i < state->buckets; i++) {
		tick_bucket_save(state, i, bucket);
		if (fwrite(bucket, size, 1, file) != 1)
			return false;
	}
	rest = (struct wire_state){state->counter, state->hash, state->sum};
	return fwrite(&rest, sizeof(rest), 1, file) == 1;
}

bool state_save(const struct wire_config *config, struct tick_state *state, const char *path,
		const char **why)
{
	FILE *file = fopen(path, "w");
	bool ok = file && write_all(file, config, state);

	ok = file && fclose(file) == 0 && ok;
	if (!ok)
		unlink(path);
	*why = ok ? NULL : "the state could not be written completely";
	return ok;
}

/* NULL: the state is complete. */
static const char *read_all(FILE *file, struct tick_state *state)
{
	char bucket[TICK_BUCKET_MAX];
	struct wire_config config;
	struct wire_state rest;

	if (fread(&config, sizeof(config), 1, file) != 1 || config.protocol != WIRE_PROTOCOL ||
	    config.version < 1 || config.version > TICK_VERSIONS)
		return "not a state of a known version";
	if (config.seed != state->seed || config.state_mb << 17 != state->words)
		return "a state of a service with other options";
	if (!tick_state_track(state))
		return "no memory";
	for (uint64_t i = 0; i < state->buckets; i++)
		if (fread(bucket, tick_bucket_bytes(config.version), 1, file) != 1 ||
		    !tick_bucket_load(state, i, config.version, bucket))
			return "damaged or truncated";
	if (fread(&rest, sizeof(rest), 1, file) != 1 || rest.sum != state->sum)
		return "its checksum differs";
	state->counter = rest.counter;
	state->hash = rest.hash;
	tick_state_untrack(state);
	return NULL;
}

bool state_load(struct tick_state *state, const char *path, const char **why)
{
	FILE *file = fopen(path, "r");

	*why = file ? read_all(file, state) : NULL;
	if (!file)
		return false;
	fclose(file);
	unlink(path);
	return !*why;
}
