/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules of a feature, in the order of its list: finit_module(2), delete_module(2). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "verbs.h"

/* A line of a list: a path, and after a space the words for its load. 1 loaded, 0 there already, -1
 * with errno. */
static int module_load(char *line)
{
	const char *path = strsep(&line, " "), *params = line ? line : "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long rc;

	if (fd < 0)
		return -1;
	rc = syscall(SYS_finit_module, fd, params, 0);
	close(fd);
	if (rc < 0 && errno == EEXIST)
		return 0;
	return rc < 0 ? -1 : 1;
}

/* Number of modules loaded, or -1 with the reason in why. */
static int feature_load(const char *feature, char *why, size_t size)
{
	char list[300], *text, *save, *path;
	int loaded = 0, rc = 0;

	snprintf(list, sizeof(list), "/etc/lubench/modules/%s", feature);
	text = strchr(feature, '/') ? NULL : file_read(list, NULL);
	if (!text) {
		snprintf(why, size, "this initramfs has no list %s", list);
		return -1;
	}
	for (path = strtok_r(text, "\n", &save); path; path = strtok_r(NULL, "\n", &save)) {
		rc = module_load(path);
		if (rc < 0) {
			snprintf(why, size, "%s: %s", path, strerror(errno));
			break;
		}
		loaded += rc;
	}
	free(text);
	return rc < 0 ? -1 : loaded;
}

void verb_modules(struct request *request)
{
	json_t *features = json_object_get(request->args, "features"), *feature;
	int64_t begin = now_ns();
	int loaded = 0, n;
	char why[400];
	size_t i;

	json_array_foreach(features, i, feature)
	{
		const char *name = json_string_value(feature);

		n = feature_load(name ? name : "/", why, sizeof(why));
		if (n < 0) {
			reply_error(request, "unsupported", "modules: %s", why);
			return;
		}
		loaded += n;
	}
	reply_ok(request, json_pack("{s:i, s:I}", "loaded", loaded, "load_ns",
				    (json_int_t)(now_ns() - begin)));
}

/* A feature that is one module of its name. What is not loaded needs no dropping. */
void verb_modules_drop(struct request *request)
{
	json_t *features = json_object_get(request->args, "features"), *feature;
	json_t *kept = json_array();
	int dropped = 0;
	size_t i;

	json_array_foreach(features, i, feature)
	{
		const char *name = json_string_value(feature);

		if (name && syscall(SYS_delete_module, name, O_NONBLOCK) == 0)
			dropped++;
		else if (name && errno != ENOENT)
			json_array_append(kept, feature);
	}
	reply_ok(request, json_pack("{s:i, s:o}", "dropped", dropped, "kept", kept));
}
