/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/rounds.h"
#include <stdio.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/store.h"

#define NAME "predump.%u"

static unsigned made;

unsigned rounds_made(void)
{
	return made;
}

const char *rounds_folder(unsigned round)
{
	static char path[60];

	snprintf(path, sizeof(path), STORE_DIR "/" NAME, round);
	return path;
}

const char *rounds_beside(unsigned round)
{
	static char path[40];

	snprintf(path, sizeof(path), "../" NAME, round);
	return path;
}

void rounds_add(void)
{
	made++;
}

/* After a jump their number is unknown to this agent, so names are tried up to the first that does
 * not exist. */
void rounds_clear(void)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		if (access(rounds_folder(i), F_OK))
			break;
		remove_tree(rounds_folder(i));
	}
	made = 0;
}
