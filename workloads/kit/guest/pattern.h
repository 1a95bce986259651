/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contents that our services write and recognise: words derived from a number. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* SplitMix64 (Steele, Lea, Flood 2014): a step of its generator, and its finaliser. */
#define PATTERN_STEP UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t pattern_mix(uint64_t x)
{
	uint64_t z = x + PATTERN_STEP;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void pattern_fill(void *at, size_t bytes, uint64_t number)
{
	uint64_t word = pattern_mix(number);

	for (size_t i = 0; i < bytes; i += sizeof(word), word += PATTERN_STEP)
		memcpy((char *)at + i, &word, bytes - i < sizeof(word) ? bytes - i : sizeof(word));
}
