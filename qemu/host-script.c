/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script of the user's on the host. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>
#include "host/child.h"
#include "qemu/state.h"
#include "record/error.h"

#define NS_S	    1000000000
#define OUTPUT_TAIL 8192

/* Its text as a file that can be executed: one that is open for writing cannot. */
static int text_file(const struct lu_host_script *script, GError **error)
{
	int written = memfd_create(script->name, MFD_CLOEXEC);
	size_t len = strlen(script->text);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", written);
	int fd = -1;

	if (written >= 0 && write(written, script->text, len) == (ssize_t)len)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", script->name,
			    g_strerror(errno));
	if (written >= 0)
		close(written);
	return fd;
}

/* Pairs of name and value, as struct lu_child wants them; the strings are interned. */
static GPtrArray *environment(const struct lu_guest *guest, const struct lu_host_script *script)
{
	GPtrArray *pairs = g_ptr_array_new();
	g_autofree char *endpoint =
		g_strdup_printf("127.0.0.1:%u", guest->ops->endpoint((struct lu_guest *)guest, 0));
	json_t *word;
	size_t i;

	json_array_foreach((json_t *)script->variables, i, word)
	{
		g_auto(GStrv) halves = g_strsplit(json_string_value(word), "=", 2);

		g_ptr_array_add(pairs, (gpointer)g_intern_string(halves[0]));
		g_ptr_array_add(pairs, (gpointer)g_intern_string(halves[1]));
	}
	g_ptr_array_add(pairs, (gpointer) "LUBENCH_ENDPOINT");
	g_ptr_array_add(pairs, (gpointer)g_intern_string(endpoint));
	g_ptr_array_add(pairs, NULL);
	return pairs;
}

/* The last of both streams. */
static char *tail_of(const struct lu_child_result *result)
{
	g_autofree char *all = g_strconcat(result->out ?: "", result->err ?: "", NULL);
	size_t len = strlen(all);

	return g_utf8_make_valid(len > OUTPUT_TAIL ? all + len - OUTPUT_TAIL : all, -1);
}

static bool succeeded(const struct lu_host_script *script, int status, const char *output,
		      GError **error)
{
	g_autofree char *words = g_strdelimit(g_strstrip(g_strdup(output)), "\n\r\t", ' ');
	size_t len = strlen(words);

	if (!status)
		return true;
	g_set_error(error, LU_ERROR, status == EX_UNAVAILABLE ? LU_ERROR_REFUSED : LU_ERROR_FAILED,
		    "%s: status %d: %s", script->name, status,
		    len > 300 ? words + len - 300 : words);
	return false;
}

/* Whoever wrote the script knows it by its name, not as the program that runs it. Takes why. */
static void report(const struct lu_host_script *script, const struct lu_child *child, GError *why,
		   GError **error)
{
	if (g_error_matches(why, LU_ERROR, LU_ERROR_TIMEOUT)) {
		g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
			    "%s: killed, as it was not done within %u s (timeouts.phase_ms)",
			    script->name, child->timeout_s);
		g_error_free(why);
		return;
	}
	g_prefix_error(&why, "%s: ", script->name);
	g_propagate_error(error, why);
}

bool qemu_host_script(struct lu_guest *guest, const struct lu_host_script *script,
		      int64_t timeout_ns, char **output, GError **error)
{
	static const char *const argv[] = {"sh", "-c", "exec /dev/fd/3", NULL};
	g_autoptr(GPtrArray) pairs = environment(guest, script);
	struct lu_child_result result = {0};
	int fd = text_file(script, error);
	const struct lu_child child = {
		.argv = argv,
		.env = (const char *const *)pairs->pdata,
		.fd = fd,
		.timeout_s = (unsigned)MAX(timeout_ns / NS_S, 1),
		.cancellable = QEMU(guest)->cancellable,
	};
	g_autoptr(GError) why = NULL;
	bool ok;

	if (fd < 0)
		return false;
	ok = lu_child_run(&child, &result, &why);
	close(fd);
	if (why)
		report(script, &child, g_steal_pointer(&why), error);
	*output = tail_of(&result);
	ok = ok && succeeded(script, result.status, *output, error);
	lu_child_result_clear(&result);
	return ok;
}
