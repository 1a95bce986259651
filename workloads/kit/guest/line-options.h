/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of our services in the guest: a table of them, each "--name value". */
#pragma once
#include <stdint.h>

/* An option with a number or a word as its value. A table of them ends with name NULL. */
struct line_option {
	const char *name;
	long *number;
	uint64_t min, max;
	const char **word;
	const char *const *words; /* the allowed words; NULL: any */
};
/* Parse a command line of such options; otherwise exits with status 2 and the reason. */
void line_options(const char *program, const struct line_option *options, int argc, char **argv);
/* An option's number; otherwise exits with status 2 and the reason. */
uint64_t line_number(const char *program, const char *option, const char *text, uint64_t min,
		     uint64_t max);
/* The index of the word, which must be one of them. */
unsigned line_word(const char *const *words, const char *word);
