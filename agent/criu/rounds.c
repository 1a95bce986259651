/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/rounds.h"
#include <stdio.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/service.h"
#include "agent/store.h"

#define PATH_SIZE (sizeof(STORE_DIR) + SERVICE_NAME_MAX + 40)

static unsigned made[SERVICES_MAX];

unsigned rounds_made(void)
{
	return made[service_number()];
}

static const char *path_of(char *path, const char *beside, unsigned round)
{
	char name[24];

	snprintf(name, sizeof(name), "predump.%u", round);
	snprintf(path, PATH_SIZE, "%s/%s", beside, service_own(name));
	return path;
}

const char *rounds_folder(unsigned round)
{
	static char path[PATH_SIZE];

	return path_of(path, STORE_DIR, round);
}

const char *rounds_beside(unsigned round)
{
	static char path[PATH_SIZE];

	return path_of(path, "..", round);
}

void rounds_add(void)
{
	made[service_number()]++;
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
	made[service_number()] = 0;
}
