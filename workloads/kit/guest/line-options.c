/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of words, looked up in a table. */
#include "workloads/kit/guest/line-options.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t line_number(const char *program, const char *option, const char *text, uint64_t min,
		     uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (!errno && !*end && end != text && *text != '-' && value >= min && value <= max)
		return value;
	fprintf(stderr, "%s: --%s must be %llu to %llu, not \"%s\"\n", program, option,
		(unsigned long long)min, (unsigned long long)max, text);
	exit(2);
}

unsigned line_word(const char *const *words, const char *word)
{
	unsigned i = 0;

	while (words[i] && strcmp(words[i], word))
		i++;
	return i;
}

static const char *one_of(const char *program, const struct line_option *option, const char *text)
{
	if (!option->words || option->words[line_word(option->words, text)])
		return text;
	fprintf(stderr, "%s: --%s must be ", program, option->name);
	for (const char *const *word = option->words; *word; word++)
		fprintf(stderr, "%s%s", *word, !word[1] ? "" : word[2] ? ", " : " or ");
	fprintf(stderr, ", not \"%s\"\n", text);
	exit(2);
}

static const struct line_option *option_find(const struct line_option *options, const char *word)
{
	for (; options->name; options++)
		if (!strncmp(word, "--", 2) && !strcmp(word + 2, options->name))
			return options;
	return NULL;
}

void line_options(const char *program, const struct line_option *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const struct line_option *option = option_find(options, argv[i]);

		if (!option || i + 1 == argc) {
			fprintf(stderr, "%s: unexpected argument \"%s\"\n", program, argv[i]);
			exit(2);
		}
		if (option->word)
			*option->word = one_of(program, option, argv[i + 1]);
		else
			*option->number = (long)line_number(program, option->name, argv[i + 1],
							    option->min, option->max);
	}
}
