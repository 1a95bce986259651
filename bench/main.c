/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench: finds the verb and calls it. */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/cli.h"
#include "bench/limits.h"
#include "bench/report/display.h"
#include "bench/verb.h"
#include "model/version.h"

static int by_place(gconstpointer a, gconstpointer b)
{
	const struct lu_verb *const *one = a, *const *other = b;

	return (*one)->place != (*other)->place ? (*one)->place < (*other)->place ? -1 : 1
						: strcmp((*one)->name, (*other)->name);
}

/* All verbs in the order of --help: an array of struct lu_verb, to g_ptr_array_unref. */
static GPtrArray *in_order(void)
{
	GPtrArray *verbs = g_ptr_array_new();

	for (size_t i = 0; lu_verbs[i]; i++)
		g_ptr_array_add(verbs, (gpointer)lu_verbs[i]);
	g_ptr_array_sort(verbs, by_place);
	return verbs;
}

static void print_verbs(FILE *out)
{
	g_autoptr(GPtrArray) verbs = in_order();

	for (guint i = 0; i < verbs->len; i++) {
		const struct lu_verb *verb = verbs->pdata[i];

		fprintf(out, "  %-10s %s\n", verb->name, verb->summary);
	}
}

static void print_help(FILE *out)
{
	fputs("Usage: lubench VERB [OPTION…] [ARGUMENT…]\n"
	      "\n"
	      "Upgrades a running system by different strategies under the same client load, and "
	      "reports\n"
	      "what each cost its users and what it refused, lost or broke.\n"
	      "\n"
	      "Verbs:\n",
	      out);
	print_verbs(out);
	fputs("\n"
	      "Options:\n"
	      "  --help     this text; lubench VERB --help describes a verb\n"
	      "  --version  version and source revision\n"
	      "\n"
	      "Exit status: 0 ok; 1 the upgrade failed, was refused, or an oracle failed; 2 "
	      "usage;\n"
	      "4 this host, machine or kernel lacks something; 128 + N ended by signal N, without "
	      "a result.\n"
	      "\n"
	      "Start with: lubench doctor; lubench run --strategy=kexec; lubench plot last\n",
	      out);
}

static const struct lu_verb *find_verb(const char *name)
{
	for (size_t i = 0; lu_verbs[i]; i++)
		if (strcmp(lu_verbs[i]->name, name) == 0)
			return lu_verbs[i];
	return NULL;
}

static int unknown_verb(const char *name)
{
	g_autoptr(GString) names = g_string_new(NULL);
	g_autoptr(GPtrArray) verbs = in_order();

	for (guint i = 0; i < verbs->len; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "",
				       ((const struct lu_verb *)verbs->pdata[i])->name);
	g_printerr("lubench: no verb \"%s\"; there are: %s\n", name, names->str);
	return LU_EXIT_USAGE;
}

static int run_verb(const struct lu_verb *verb, int argc, char **argv)
{
	g_autofree char *name = g_strdup_printf("lubench %s", verb->name);

	/* The verb's usage line and messages then name both words. */
	g_set_prgname(name);
	argv[0] = name;
	return verb->main(argc, argv);
}

/* A standard stream that the caller has closed must not become the next socket or file that is
 * opened, or output would go there. It is opened read-only, so that printing still fails. */
static void keep_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Lost output is a failure, wherever the process exits. */
static void close_stdout(void)
{
	bool failed = ferror(stdout);

	if (fflush(stdout) || failed) {
		g_printerr("%s: cannot write to standard output\n", g_get_prgname());
		_exit(LU_EXIT_FAILED);
	}
}

/* Words of guests, files and programs are in messages; a terminal is not to obey them. */
static void print_safely(const char *text)
{
	g_autofree char *safe = lu_display_safe(text);

	fputs(safe, stderr);
	fflush(stderr);
}

int main(int argc, char **argv)
{
	keep_streams();
	g_set_prgname("lubench");
	g_set_printerr_handler(print_safely);
	if (!lu_limits_suffice())
		return LU_EXIT_UNSUPPORTED;
	atexit(close_stdout);
	/* Numbers stay in C form: JSON and gnuplot read them. */
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		print_help(stderr);
		return LU_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return LU_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("lubench %s (%s)\n", LU_VERSION, LU_GIT_REVISION);
		return LU_EXIT_OK;
	}
	const struct lu_verb *verb = find_verb(argv[1]);

	return verb ? run_verb(verb, argc - 1, argv + 1) : unknown_verb(argv[1]);
}
