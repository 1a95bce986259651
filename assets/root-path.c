/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths below a foreign root. */
#include "assets/root-path.h"
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as the kernel's MAXSYMLINKS (path_resolution(7)) */

static void drop_last(GString *path)
{
	const char *slash = strrchr(path->str, '/');

	g_string_truncate(path, slash ? slash - path->str : 0);
}

/* Follows a symlink at done: the path that is left to resolve. */
static char *redirect(GString *done, const char *target, const char *rest)
{
	if (target[0] == '/')
		g_string_truncate(done, 0);
	else
		drop_last(done);
	return g_strconcat(target, "/", rest, NULL);
}

char *lu_root_resolve(const char *root, const char *path, lu_root_link_fn link, void *data)
{
	g_autoptr(GString) done = g_string_new(NULL);
	g_autofree char *todo = g_strdup(path);
	unsigned links = 0;

	while (*todo) {
		size_t skip = strspn(todo, "/");
		size_t length = strcspn(todo + skip, "/");
		g_autofree char *name = g_strndup(todo + skip, length);
		g_autofree char *rest = g_strdup(todo + skip + length);
		g_autofree char *host = NULL;
		g_autofree char *target = NULL;

		g_free(todo);
		todo = g_strdup(rest);
		if (!*name || !strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			drop_last(done);
			continue;
		}
		g_string_append_printf(done, "/%s", name);
		host = g_strconcat(root, done->str, NULL);
		target = g_file_read_link(host, NULL);
		if (!target) {
			if (access(host, F_OK) < 0)
				return NULL;
			continue;
		}
		if (++links > MAX_LINKS)
			return NULL;
		if (link)
			link(data, done->str, target);
		g_free(todo);
		todo = redirect(done, target, rest);
	}
	return g_strdup(done->len ? done->str : "/");
}
