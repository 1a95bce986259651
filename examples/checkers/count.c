/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A checker (docs/reference/services.md#checkers) of a service that counts what it is asked: T ID
 * is answered by R ID COUNT, A by A COUNT. Needs nothing but a C library: cc -o count count.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1 << 22)

static char line[LINE_MAX_BYTES], text[LINE_MAX_BYTES / 2];
static unsigned long long answered, lost, wrong, final;

static void say_bytes(const char *bytes)
{
	fputs("send ", stdout);
	for (; *bytes; bytes++)
		printf("%02x", (unsigned char)*bytes);
	putchar('\n');
}

/* The bytes of the service's reply up to its first newline, in text; 0: there is none yet. */
static size_t reply_of(const char *hex)
{
	size_t n = 0;

	for (unsigned byte; sscanf(hex + 2 * n, "%2x", &byte) == 1; n++) {
		text[n] = (char)byte;
		if (byte == '\n') {
			text[n] = '\0';
			return n + 1;
		}
	}
	return 0;
}

static void reply(const char *words)
{
	unsigned long long id, said, count;
	int at = 0;
	size_t used;

	if (sscanf(words, "%llu %*u %n", &id, &at) < 1)
		exit(1);
	used = reply_of(words + at);
	if (!used) {
		puts("more");
	} else if (sscanf(text, "R %llu %llu", &said, &count) != 2) {
		wrong++;
		puts("broken no reply to T");
	} else if (said != id) {
		wrong++;
		printf("wrong %zu it answers another request\n", used);
	} else {
		answered++;
		printf("ok %zu\n", used);
	}
}

static void audit_reply(const char *words)
{
	int at = 0;
	size_t used;

	if (sscanf(words, "%*u %n", &at) < 0)
		exit(1);
	used = reply_of(words + at);
	if (!used)
		puts("more");
	else if (sscanf(text, "A %llu", &final) != 1)
		puts("broken no reply to A");
	else
		printf("ok %zu\n", used);
}

static void judge(const char *oracle)
{
	if (!strcmp(oracle, "acknowledged-writes"))
		printf("%s it counts %llu, %llu were answered and %llu lost\n",
		       final >= answered && final <= answered + lost ? "pass" : "fail", final,
		       answered, lost);
	else if (!strcmp(oracle, "answers"))
		printf("%s %llu replies, %llu wrong\n", wrong || !answered ? "fail" : "pass",
		       answered, wrong);
	else
		puts("waived it has no dataset");
}

/* "WORD rest": the rest, or NULL. */
static const char *after(const char *word)
{
	size_t len = strlen(word);

	return !strncmp(line, word, len) && line[len] == ' ' ? line + len + 1 : NULL;
}

static void obey(void)
{
	char request[64];
	const char *rest;

	if (after("hello")) {
		puts("ok");
	} else if ((rest = after("request"))) {
		snprintf(request, sizeof(request), "T %llu\n", strtoull(rest, NULL, 10));
		say_bytes(request);
	} else if ((rest = after("reply"))) {
		reply(rest);
	} else if (after("lost")) {
		lost++;
	} else if (!strcmp(line, "populate")) {
		puts("count 0");
	} else if (!strcmp(line, "audit")) {
		puts("count 1");
	} else if (after("audit-request")) {
		say_bytes("A\n");
	} else if ((rest = after("audit-reply"))) {
		audit_reply(rest);
	} else if ((rest = after("judge"))) {
		judge(rest);
	}
	fflush(stdout);
}

int main(void)
{
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		obey();
	}
	return 0;
}
