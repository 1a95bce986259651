/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading and entering the next kernel, from the staged files. Three methods:
 *     direct: our own kexec_load(2) segments (agent/machine.h): nothing runs between the jump and
 *         the kernel's entry, and nothing is copied when enough huge pages are free (huge-run.c)
 *     file: kexec_file_load(2): the kernel adds its purgatory, which verifies SHA-256 sums after
 *         the jump
 *     tools: kexec-tools as a user would run it, purgatory included (tools.h)
 *
 * kexec.load {method: "direct"|"file"|"tools", checksum: bool, place: "auto"|"huge"|"copy",
 *     append: ""} (words added to the running kernel's command line; the agent itself increments
 *     lubench.generation) → load_ns, with direct also place: "huge: …" (kernel and initramfs are
 *     placed where they will run) or "copy: why"; with tools, on a machine that needs a zone for
 *     them, "movable: …" (the jump copies them over no data of the running kernel) or "anywhere:
 *     why". Undone by kexec.unload.
 * kexec.unload {} → {}
 * kexec.jump {} → answered by the next kernel's hello. Unmounts the store.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/child.h"
#include "agent/file.h"
#include "agent/kernel.h"
#include "agent/loop.h"
#include "agent/machine.h"
#include "agent/stage.h"
#include "agent/store.h"
#include "agent/verb.h"
#include "agent/verbs/kexec/huge-run.h"
#include "agent/verbs/kexec/tools.h"

#define CMDLINE_MAX 2048

static int huge_pages = -1; /* holds a kernel placed where it will run, as long as it is loaded */

struct load {
	struct request *request;
	char method[8], place[8];
	bool checksum;
	char cmdline[CMDLINE_MAX];
	int64_t begin_ns;
	struct kexec_tools tools;
};

static bool has_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += len)
		if ((at == line || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static bool add_words(char *line, char *words)
{
	char *save;

	for (char *word = strtok_r(words, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save)) {
		if (!strncmp(word, "lubench.generation=", 19))
			continue;
		if (!strncmp(word, "initrd=", 7) || has_word(line, word))
			continue;
		size_t len = strlen(line);

		if (len + strlen(word) + 32 > CMDLINE_MAX)
			return false;
		snprintf(line + len, CMDLINE_MAX - len, "%s%s", len ? " " : "", word);
	}
	return true;
}

/* The running kernel's command line, with the words to append and the next generation. */
static bool make_cmdline(char *line, const char *append)
{
	char *now = file_read("/proc/cmdline", NULL), *more = strdup(append);
	bool fits = now && more && add_words(line, now) && add_words(line, more);

	if (fits)
		sprintf(line + strlen(line), " lubench.generation=%u", generation() + 1);
	free(now);
	free(more);
	return fits;
}

static int load_file(const struct load *load)
{
#ifdef SYS_kexec_file_load
	int kernel = open(STAGE_KERNEL, O_RDONLY | O_CLOEXEC);
	int initrd = open(STAGE_INITRD, O_RDONLY | O_CLOEXEC);

	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(load->cmdline) + 1, load->cmdline,
		    0UL) < 0) {
		printf("kexec_file_load: %s\n", strerror(errno));
		return 1;
	}
	return 0;
#else
	printf("this architecture has no kexec_file_load\n");
	return 1;
#endif
}

/* On success it prints the kernel's placement. */
static int load_direct(const struct load *load)
{
	struct kexec_direct what = {STAGE_KERNEL, STAGE_INITRD, load->cmdline, huge_pages};
	const char *reason = "as asked";
	char why[200] = "", huge_why[200];

	if (strcmp(load->place, "copy")) {
		if (huge_pages >= 0 && kexec_load_direct(&what, huge_why, sizeof(huge_why)) == 0) {
			printf("huge: in place, nothing is copied by the jump");
			return 0;
		}
		reason = huge_pages >= 0 ? huge_why : "this kernel has no huge pages";
		if (!strcmp(load->place, "huge")) {
			printf("%s\n", reason);
			return 1;
		}
	}
	what.huge_file = -1;
	if (kexec_load_direct(&what, why, sizeof(why))) {
		printf("%s\n", why);
		return 1;
	}
	printf("copy: %s", reason);
	return 0;
}

static int load_body(void *data)
{
	struct load *load = data;
	int rc;

	if (!strcmp(load->method, "tools"))
		return kexec_tools_load(&load->tools, load->cmdline, load->checksum);
	rc = strcmp(load->method, "file") ? load_direct(load) : load_file(load);
	fflush(stdout);
	return rc;
}

static void free_huge_pages(void)
{
	huge_file_close(huge_pages);
	huge_pages = -1;
}

static void loaded(void *data, int status, const char *output)
{
	struct load *load = data;
	json_t *result;

	if (!status_ok(status) || strncmp(output, "huge", 4))
		free_huge_pages();
	if (status_ok(status)) {
		result = json_pack("{s:I}", "load_ns", (json_int_t)(now_ns() - load->begin_ns));
		if (!strcmp(load->method, "direct"))
			json_object_set_new(result, "place", json_string(output));
		else if (*load->tools.where)
			json_object_set_new(result, "place", json_string(load->tools.where));
		reply_ok(load->request, result);
	} else {
		reply_error(load->request, "failed", "kexec.load: %s: %s", load->method, output);
	}
	free(load);
}

/* NULL, or why this combination is not possible. */
static const char *check_method(const char *method, bool checksum, const char *place)
{
	if (strcmp(place, "auto") && strcmp(place, "huge") && strcmp(place, "copy"))
		return "\"place\" must be auto, huge or copy";
	if (!strcmp(place, "huge") && strcmp(method, "direct"))
		return "only method direct can put a kernel in place";
	if (strcmp(method, "direct") && strcmp(method, "file") && strcmp(method, "tools"))
		return "\"method\" must be direct, file or tools";
	if (!strcmp(method, "direct") && checksum)
		return "method direct has no purgatory, so it cannot verify a checksum: use file "
		       "or tools";
	if (!strcmp(method, "file") && !checksum)
		return "the purgatory of method file always verifies checksums: use direct or "
		       "tools";
	return NULL;
}

static void kexec_load(struct request *request)
{
	const char *method = arg_str(request, "method", "file");
	const char *place = arg_str(request, "place", "auto");
	const char *why = check_method(method, arg_bool(request, "checksum", false), place);
	struct load *load = calloc(1, sizeof(*load));

	if (why) {
		reply_error(request, "refused", "kexec.load: %s", why);
	} else if (access(STAGE_KERNEL, R_OK) || access(STAGE_INITRD, R_OK)) {
		reply_error(request, "usage", "kexec.load: nothing is staged");
	} else if (!make_cmdline(load->cmdline, arg_str(request, "append", ""))) {
		reply_error(request, "usage",
			    "kexec.load: the command line is longer than %d bytes", CMDLINE_MAX);
	} else {
		load->request = request;
		load->begin_ns = now_ns();
		load->checksum = arg_bool(request, "checksum", false);
		snprintf(load->method, sizeof(load->method), "%s", method);
		snprintf(load->place, sizeof(load->place), "%s", place);
		free_huge_pages();
		if (!strcmp(method, "tools"))
			kexec_tools_init(&load->tools);
		if (!strcmp(method, "direct") && strcmp(place, "copy"))
			huge_pages = huge_file();
		if (child_call(load_body, load, loaded, load) >= 0)
			return;
		reply_error(request, "failed", "kexec.load: cannot fork");
	}
	free(load);
}

static void kexec_unload(struct request *request)
{
	if (syscall(SYS_kexec_load, 0UL, 0UL, NULL, KEXEC_ARCH_DEFAULT) < 0)
		reply_error(request, "failed", "kexec.unload: %s", strerror(errno));
	else
		reply_ok(request, NULL);
	free_huge_pages();
}

static bool is_loaded(void)
{
	char *text = file_read("/sys/kernel/kexec_loaded", NULL);
	bool yes = text && text[0] == '1';

	free(text);
	return yes;
}

static void kexec_jump(struct request *request)
{
	const char *why;

	if (!is_loaded()) {
		reply_error(request, "usage", "kexec.jump: no kernel is loaded");
		return;
	}
	why = store_unmount();
	if (why) {
		reply_error(request, "failed", "kexec.jump: the store cannot be unmounted: %s",
			    why);
		return;
	}
	tell_jump();
	reboot(LINUX_REBOOT_CMD_KEXEC);
	reply_error(request, "failed", "kexec.jump: %s", strerror(errno));
}

const struct lu_agent_verbs lu_agent_verbs_kexec = {
	"kexec",
	{
		{"kexec.load", kexec_load},
		{"kexec.unload", kexec_unload},
		{"kexec.jump", kexec_jump},
		{},
	},
};
