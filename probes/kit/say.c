/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a probe says, and when it is told to look: files, none of which stays open. */
#include "probes/kit/say.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS	  10
#define GO_MS	  100 /* a guest may have hundreds that wait, and an emulated processor */
#define SPOILT_MS 1000
#define TEXT_MAX  320

static struct {
	struct probe_run run;
	const char *name;
	const char *part; /* "" or ".part": whose file this process writes */
	bool verifying;
} self;

void say_begin(const struct probe_run *run, const char *name)
{
	self.run = *run;
	self.name = name;
	self.part = "";
}

void say_part(void)
{
	self.part = ".part";
}

void say_verifying(void)
{
	self.verifying = true;
}

const struct probe_run *say_run(void)
{
	return &self.run;
}

void say_path(const struct probe_run *run, const char *name, const char *suffix, char *path,
	      size_t n)
{
	snprintf(path, n, "%s/%s%s", run->dir, name, suffix);
}

/* Complete or not at all, since it may be read at any time. */
static void write_state(const char *text)
{
	char path[256], fresh[260];
	int fd;

	say_path(&self.run, self.name, self.part, path, sizeof(path));
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	fd = open(fresh, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		_exit(3);
	if (write(fd, text, strlen(text)) < 0 || close(fd) < 0 || rename(fresh, path) < 0)
		_exit(3);
}

void say(const char *word, const char *why)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "%s%s%s", word, *why ? " " : "", why);
	for (char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	write_state(text);
}

bool say_read(const struct probe_run *run, const char *name, const char *suffix, char *text,
	      size_t n)
{
	char path[256];
	ssize_t got;
	int fd;

	say_path(run, name, suffix, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, n - 1);
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return false;
	text[got] = '\0';
	return got > 0;
}

void probe_needs_guest(void)
{
	probe_check(self.run.guest, "it needs a kernel of its own: tried in guests only");
}

/* All its processes end with it, those in other groups by their parents' ends. */
static void end_with(const char *format, va_list args)
{
	char why[TEXT_MAX];

	vsnprintf(why, sizeof(why), format, args);
	say(self.verifying ? "lost" : "missing", why);
	_exit(1);
}

void probe_lost(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_with(format, args);
	abort();
}

void probe_check(bool holds, const char *format, ...)
{
	va_list args;

	if (holds)
		return;
	va_start(args, format);
	end_with(format, args);
}

long probe_must(long result, const char *what)
{
	if (result < 0)
		probe_lost("%s: %s", what, strerror(errno));
	return result;
}

void probe_same(const char *what, long long is, long long was)
{
	if (is != was)
		probe_lost("%s is %lld, was %lld", what, is, was);
}

void probe_same_bytes(const char *what, const void *is, const void *was, size_t n)
{
	const unsigned char *a = is, *b = was;

	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			probe_lost("%s: byte %zu of %zu is %#x, was %#x", what, i, n, a[i], b[i]);
}

static uint64_t step(uint64_t *x)
{
	*x = *x * 6364136223846793005ULL + 1442695040888963407ULL;
	return *x >> 33;
}

void probe_fill(void *bytes, size_t n, uint64_t seed)
{
	unsigned char *to = bytes;
	uint64_t x = seed + 0x9e3779b97f4a7c15ULL;

	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)step(&x);
}

void probe_filled(const char *what, const void *bytes, size_t n, uint64_t seed)
{
	const unsigned char *is = bytes;
	uint64_t x = seed + 0x9e3779b97f4a7c15ULL;

	for (size_t i = 0; i < n; i++) {
		unsigned char was = (unsigned char)step(&x);

		if (is[i] != was)
			probe_lost("%s: byte %zu of %zu is %#x, was %#x", what, i, n, is[i], was);
	}
}

void probe_sleep_ms(long ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

void probe_sleep_on(void)
{
	for (;;)
		probe_sleep_ms(1000);
}

int probe_wait_ms(void)
{
	return self.run.spoil && self.verifying ? SPOILT_MS : PROBE_WAIT_MS;
}

bool probe_within(long ms, bool (*holds)(void *data), void *data)
{
	for (long waited = 0; !holds(data); waited += LOOK_MS) {
		if (waited >= ms)
			return false;
		probe_sleep_ms(LOOK_MS);
	}
	return true;
}

bool probe_until(bool (*holds)(void *data), void *data)
{
	return probe_within(probe_wait_ms(), holds, data);
}

void say_wait_go(void)
{
	char path[256];

	say_path(&self.run, "go", "", path, sizeof(path));
	while (access(path, F_OK))
		probe_sleep_ms(GO_MS);
}
