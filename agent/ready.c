/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/ready.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME	  "NOTIFY_SOCKET"
#define WORDS_MAX 1024

static int listener = -1;
static const char *place;
static bool said;

bool ready_begin(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	ready_end();
	said = false;
	place = path;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return listener >= 0 &&
	       bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       setenv(NAME, path, 1) == 0;
}

/* A datagram is lines of NAME=VALUE. */
static bool has_line(char *words, const char *wanted)
{
	char *save;

	for (char *line = strtok_r(words, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strcmp(line, wanted))
			return true;
	return false;
}

bool ready_said(void)
{
	char words[WORDS_MAX];
	ssize_t n;

	while (listener >= 0 && (n = recv(listener, words, sizeof(words) - 1, 0)) >= 0) {
		words[n] = '\0';
		said |= has_line(words, "READY=1");
	}
	return listener < 0 || said;
}

void ready_end(void)
{
	if (listener < 0)
		return;
	close(listener);
	listener = -1;
	unlink(place);
	unsetenv(NAME);
}
