/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal. */
#include "bench/report/display.h"
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>

/* Bidirectional marks, embeddings, overrides and isolates, which can disguise text. */
static bool reorders(gunichar c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static char *safe_text(const char *text, bool with_lines)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *safe = g_string_new(NULL);

	for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if ((c != '\n' || !with_lines) && (g_unichar_iscntrl(c) || reorders(c)))
			g_string_append_printf(safe, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
		else
			g_string_append_unichar(safe, c);
	}
	return g_string_free(safe, FALSE);
}

char *lu_display_safe(const char *text)
{
	return safe_text(text, true);
}

char *lu_display_line(const char *text)
{
	return safe_text(text, false);
}

struct lu_display {
	FILE *out, *stream;
	char *text;
	size_t len;
};

struct lu_display *lu_display_open(FILE *out, FILE **stream)
{
	struct lu_display *display = g_new0(struct lu_display, 1);

	display->out = out;
	display->stream = open_memstream(&display->text, &display->len);
	if (!display->stream)
		g_error("open_memstream: %s", g_strerror(errno));
	*stream = display->stream;
	return display;
}

void lu_display_close(struct lu_display *display)
{
	fclose(display->stream);
	g_autofree char *safe = lu_display_safe(display->text);

	fputs(safe, display->out);
	free(display->text);
	g_free(display);
}

int lu_display_width(const char *line)
{
	int width = 0;

	for (; *line; line = g_utf8_next_char(line)) {
		gunichar c = g_utf8_get_char(line);

		if (!g_unichar_iszerowidth(c))
			width += g_unichar_iswide(c) ? 2 : 1;
	}
	return width;
}

char *lu_display_pad(const char *line, int columns)
{
	int blanks = MAX(0, ABS(columns) - lu_display_width(line));

	return g_strdup_printf("%*s%s%*s", columns > 0 ? blanks : 0, "", line,
			       columns > 0 ? 0 : blanks, "");
}
