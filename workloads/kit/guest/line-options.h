/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of our services in the guest: a table of them, each "--name value". */
#pragma once
#include <stdint.h>

/* A number, or a word. A table of them ends with name NULL. */
struct line_option {
	const char *name;
	long *number;
	uint64_t min, max;
	const char **word;
	const char *const *words; /* those it may be; NULL: any */
};
/* Nothing but such options: else the end of the process with status 2 and the reason. */
void line_options(const char *program, const struct line_option *options, int argc, char **argv);
/* An option's number, or the end of the process with status 2 and the reason. */
uint64_t line_number(const char *program, const char *option, const char *text, uint64_t min,
		     uint64_t max);
/* Which of the words it is; it is one of them. */
unsigned line_word(const char *const *words, const char *word);
