/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/verbs/kexec/tools.h"
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/stage.h"
#include "agent/verbs/kexec/zone.h"

#define WORDS	 "/etc/lubench/kexec-tools"
#define ARGS_MAX (sizeof(((struct kexec_tools *)0)->args) / sizeof(char *) - 1)

/* "Movable" → "movable: …", as in results. */
static void say_found(struct kexec_tools *tools, const char *zone)
{
	snprintf(tools->where, sizeof(tools->where), "%s: over nothing of the running kernel's own",
		 zone);
	for (char *letter = tools->where; *letter != ':'; letter++)
		*letter = (char)tolower(*letter);
}

static void find_place(struct kexec_tools *tools, const char *name)
{
	uint64_t page = sysconf(_SC_PAGESIZE);
	char *text = file_read("/proc/zoneinfo", NULL);
	struct zone zone;
	bool found = text && zone_find(text, name, &zone);

	free(text);
	if (!found) {
		snprintf(tools->where, sizeof(tools->where),
			 "anywhere: this kernel has no zone %.20s (kernelcore=)", name);
		return;
	}
	snprintf(tools->from, sizeof(tools->from), "--mem-min=%#jx",
		 (uintmax_t)(zone.first * page));
	snprintf(tools->to, sizeof(tools->to), "--mem-max=%#jx",
		 (uintmax_t)((zone.first + zone.frames) * page - 1));
	say_found(tools, name);
}

void kexec_tools_init(struct kexec_tools *tools)
{
	char *text = file_read(WORDS, NULL), *zone, *save;

	memset(tools, 0, sizeof(*tools));
	snprintf(tools->text, sizeof(tools->text), "%s", text ? text : "");
	free(text);
	zone = strtok_r(tools->text, " \n", &save);
	for (size_t i = 0; zone && i < ARGS_MAX; i++) {
		tools->args[i] = strtok_r(NULL, " \n", &save);
		if (!tools->args[i])
			break;
	}
	if (zone && strcmp(zone, "-"))
		find_place(tools, zone);
}

int kexec_tools_load(struct kexec_tools *tools, const char *cmdline, bool checksum)
{
	char *line, *argv[ARGS_MAX + 9] = {(char *)"kexec"};
	size_t n = 1;

	if (asprintf(&line, "--command-line=%s", cmdline) < 0)
		return 1;
	for (char **arg = tools->args; *arg; arg++)
		argv[n++] = *arg;
	if (*tools->from) {
		argv[n++] = tools->from;
		argv[n++] = tools->to;
	}
	if (!checksum)
		argv[n++] = (char *)"-i";
	argv[n++] = (char *)"-l";
	argv[n++] = (char *)STAGE_KERNEL;
	argv[n++] = (char *)"--initrd=" STAGE_INITRD;
	argv[n] = line;
	execv("/usr/sbin/kexec", argv);
	printf("/usr/sbin/kexec: %s\n", strerror(errno));
	free(line);
	return 127;
}
