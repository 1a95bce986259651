/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tick must answer, computed from docs/reference/tick-protocol.md apart from the service's own
 * code. */
#pragma once
#include <stdint.h>

#define TICK_MODEL_BASIS 14695981039346656037ULL
#define TICK_MODEL_WORDS (1 << 17) /* of 1 MiB */

struct tick_model {
	uint64_t memory[TICK_MODEL_WORDS], hash, counter;
	const char *version;
};

/* The options that the model is of. */
extern const char *const tick_model_words[];
void tick_model_begin(struct tick_model *model, const char *version);
/* The next request of a connection whose sum so far is *hash, and the reply it must
 * get; both to be freed. */
char *tick_model_request(const struct tick_model *model, uint64_t *hash);
char *tick_model_reply(struct tick_model *model, uint64_t hash);
/* Ask and compare. */
void tick_model_ask(struct tick_model *model, int fd, uint64_t *hash);
/* Compare the whole memory. */
void tick_model_audit(struct tick_model *model, int fd);
