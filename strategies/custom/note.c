/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/custom/note.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

enum { NOTE_BYTES = 400 };

/* Without white space around it and in it; g_free. */
static char *tidy(const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t\r", -1);
	g_autoptr(GString) text = g_string_new(NULL);

	for (char **word = words; *word; word++)
		if (**word)
			g_string_append_printf(text, "%s%s", text->len ? " " : "", *word);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Lines that say something; *warnings: of CRIU. */
static GPtrArray *lines_of(const char *output, unsigned *warnings)
{
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	GPtrArray *kept = g_ptr_array_new_with_free_func(g_free);

	*warnings = 0;
	for (char **line = lines; *line; line++) {
		g_autofree char *text = tidy(*line);
		bool again = kept->len && !strcmp(kept->pdata[kept->len - 1], text);

		if (g_str_has_prefix(text, "Warn (criu/") ||
		    g_str_has_prefix(text, "Warn (compel/"))
			(*warnings)++;
		else if (*text && !again)
			g_ptr_array_add(kept, g_steal_pointer(&text));
	}
	return kept;
}

char *lu_script_note(const char *output)
{
	unsigned warnings;
	g_autoptr(GPtrArray) lines = lines_of(output, &warnings);
	g_autofree char *counted = warnings ? g_strdup_printf("(%u warning%s of CRIU)", warnings,
							      warnings == 1 ? "" : "s")
					    : NULL;
	g_autofree char *all = NULL, *note = NULL;
	size_t len;

	if (counted)
		g_ptr_array_add(lines, g_steal_pointer(&counted));
	g_ptr_array_add(lines, NULL);
	all = g_strjoinv("; ", (char **)lines->pdata);
	len = strlen(all);
	if (len <= NOTE_BYTES)
		return g_steal_pointer(&all);
	/* cut bytes may be half a character */
	note = g_utf8_make_valid(all + len - NOTE_BYTES + strlen("… "), -1);
	return g_strconcat("… ", note, NULL);
}
