/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/workloads/tick/tick-model.h"
#include <glib.h>
#include <sys/utsname.h>
#include "tests/workloads/kit/service.h"

#define SEED 77

const char *const tick_model_words[] = {"--state-mb",	 "1",  "--seed", "77",
					"--dirty-bytes", "20", NULL};

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static uint64_t fnv(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 1099511628211ULL;
	return hash;
}

void tick_model_begin(struct tick_model *model, const char *version)
{
	for (uint64_t i = 0; i < TICK_MODEL_WORDS; i++)
		model->memory[i] = mix(SEED + i);
	model->hash = mix(SEED);
	model->counter = 0;
	model->version = version;
}

static void touch(struct tick_model *model)
{
	model->counter++;
	for (unsigned k = 0; k < 3; k++) { /* --dirty-bytes 20 is three words */
		uint64_t *word = &model->memory[(mix(model->counter) + k) % TICK_MODEL_WORDS];

		*word = mix(*word ^ model->counter);
		model->hash = mix(model->hash ^ *word);
	}
}

char *tick_model_request(const struct tick_model *model, uint64_t *hash)
{
	uint64_t next = model->counter + 1;
	char *request = g_strdup_printf("T %" G_GUINT64_FORMAT " pay%" G_GUINT64_FORMAT "\n",
					1000 + next, next);

	*hash = fnv(*hash, request);
	return request;
}

char *tick_model_reply(struct tick_model *model, uint64_t hash)
{
	struct utsname name;

	uname(&name);
	touch(model);
	return g_strdup_printf("R %lu %lu %s %016lx %016lx %s\n", 1000 + model->counter,
			       model->counter, name.release, hash, model->hash, model->version);
}

void tick_model_ask(struct tick_model *model, int fd, uint64_t *hash)
{
	g_autofree char *request = tick_model_request(model, hash);
	g_autofree char *reply = tick_model_reply(model, *hash);

	service_expect(fd, request, reply);
}

void tick_model_audit(struct tick_model *model, int fd)
{
	uint64_t full = TICK_MODEL_BASIS;
	g_autofree char *reply = NULL;

	for (unsigned i = 0; i < TICK_MODEL_WORDS; i++)
		full = (full ^ model->memory[i]) * 1099511628211ULL;
	reply = g_strdup_printf("H %lu %016lx %016lx\n", model->counter, model->hash, full);
	service_expect(fd, "H\n", reply);
}
