/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel has found out about its machine, from its log.
 *
 * log.words {patterns: {WORD: REGEX}} → words: "WORD=VALUE …", in the order of the words' names. VALUE
 *     is what the groups of the POSIX extended expression match in the first line that it matches,
 *     joined.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include "agent/log-value.h"
#include "agent/verb.h"

/* syslog(2) */
#define READ_ALL    3
#define SIZE_BUFFER 10

#define WORDS_MAX 512
#define VALUE_MAX 64

/* The whole log, or NULL with errno. */
static char *log_read(void)
{
	int size = klogctl(SIZE_BUFFER, NULL, 0);
	char *text = size > 0 ? malloc((size_t)size + 1) : NULL;
	int n = text ? klogctl(READ_ALL, text, size) : -1;

	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

/* false: no line says it, or there is no room. */
static bool append_word(char *words, const char *word, const char *pattern, const char *log)
{
	size_t used = strlen(words);
	char value[VALUE_MAX];
	int n;

	if (!pattern || !log_value(log, pattern, value, sizeof(value)))
		return false;
	n = snprintf(words + used, WORDS_MAX - used, "%s%s=%s", used ? " " : "", word, value);
	return n > 0 && used + (size_t)n < WORDS_MAX;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void find_all(struct request *request, json_t *patterns, const char *log)
{
	size_t count = json_object_size(patterns), n = 0;
	const char **names = calloc(count + 1, sizeof(*names)), *word;
	char words[WORDS_MAX] = "";
	json_t *pattern;

	json_object_foreach(patterns, word, pattern) names[n++] = word;
	qsort(names, count, sizeof(*names), by_name);
	for (n = 0; n < count; n++) {
		pattern = json_object_get(patterns, names[n]);
		if (append_word(words, names[n], json_string_value(pattern), log))
			continue;
		reply_error(request, "refused",
			    "log.words: no line of the kernel's log says %s (expression '%s')",
			    names[n], json_string_value(pattern) ?: "none");
		free(names);
		return;
	}
	reply_ok(request, json_pack("{s:s}", "words", words));
	free(names);
}

static void log_words(struct request *request)
{
	json_t *patterns = json_object_get(request->args, "patterns");
	char *log;

	if (!json_is_object(patterns)) {
		reply_error(request, "usage", "log.words: \"patterns\" must be an object");
		return;
	}
	log = log_read();
	if (log)
		find_all(request, patterns, log);
	else
		reply_error(request, "failed", "log.words: %s", strerror(errno));
	free(log);
}

const struct lu_agent_verbs lu_agent_verbs_log = {
	"log",
	{
		{"log.words", log_words},
		{},
	},
};
