/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "bench/cli.h"
#include "bench/exec/kit/environment.h"

/* "model name : …" or "cpu : …", depending on the architecture. */
static void add_cpu_model(json_t *host)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		const char *colon = strchr(*line, ':');

		if (!colon ||
		    (!g_str_has_prefix(*line, "model name") && !g_str_has_prefix(*line, "cpu\t")))
			continue;
		json_object_set_new(host, "cpu", json_string(g_strstrip((char *)colon + 1)));
		return;
	}
}

json_t *lu_host_environment(void)
{
	json_t *host = json_object();
	g_autofree char *system = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);
	struct utsname name;
	double load;

	if (system)
		json_object_set_new(host, "system", json_string(system));
	if (!uname(&name)) {
		json_object_set_new(host, "kernel", json_string(name.release));
		json_object_set_new(host, "arch", json_string(name.machine));
	}
	add_cpu_model(host);
	json_object_set_new(host, "cpus", json_integer(g_get_num_processors()));
	json_object_set_new(host, "memory_mb", json_integer(lu_cli_host_memory_mb()));
	if (getloadavg(&load, 1) == 1)
		json_object_set_new(host, "load_1min", json_real(load));
	return host;
}

json_t *lu_command_line(void)
{
	json_t *words = json_array();
	g_autofree char *text = NULL;
	gsize length = 0;

	g_file_get_contents("/proc/self/cmdline", &text, &length, NULL);
	for (gsize at = 0; at < length; at += strlen(text + at) + 1) {
		g_autofree char *word = g_utf8_make_valid(text + at, -1);

		json_array_append_new(words, json_string(word));
	}
	return words;
}
