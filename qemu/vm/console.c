/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the last lines that a guest printed, and watches
 * for Linux's messages of a panic or an oops. */
#include <string.h>
#include "qemu/vm/console.h"
#include "host/lines.h"

enum {
	KEPT_LINES = 200,
	HELD_BYTES = 64 * 1024,
	MAX_LINE = 1024,
};

struct lu_console {
	struct lu_lines *lines;
	GQueue kept;  /* char *, all */
	GQueue shown; /* char *, those that passed the gate */
	struct lu_gate gate;
	char *panic;
};

/*
 * How such a line begins (after the time stamp), on all architectures. A kernel may survive an
 * oops, but what it does afterwards is not worth measuring.
 */
static const char *const last_words[] = {
	"Kernel panic",
	"Oops:",
	"Oops - ",
	"BUG: unable to handle",
	"BUG: Unable to handle",
	"BUG: kernel NULL pointer",
	"BUG: Kernel NULL pointer",
	"Unable to handle kernel",
	"Unrecoverable exception",
	"general protection fault",
};

/* "[    1.525387] Kernel panic" → "Kernel panic"; a line without a stamp is returned as it is. */
static const char *after_stamp(const char *line)
{
	const char *end;

	if (line[0] != '[')
		return line;
	end = strchr(line, ']');
	if (!end || strspn(line + 1, " .0123456789") != (size_t)(end - line - 1))
		return line;
	return end + 1 + strspn(end + 1, " ");
}

static void look_for_panic(struct lu_console *console, const char *line)
{
	const char *text = after_stamp(line);

	/* A panic replaces the oops before it: it names the cause better. */
	if (console->panic && !g_str_has_prefix(text, last_words[0]))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(last_words); i++) {
		/* "Kernel panic - not syncing: …" and, after it, "---[ end Kernel panic": the first
		 * one counts */
		if (!g_str_has_prefix(text, last_words[i]))
			continue;
		g_free(console->panic);
		console->panic = g_strdup(text);
		return;
	}
}

/* Firmware clears the screen and moves the cursor: escape sequences are removed, other control
 * bytes become '?'. */
static char *printable(const char *line, size_t len)
{
	GString *text = g_string_sized_new(len);

	for (size_t i = 0; i < len; i++) {
		guchar c = line[i];

		if (c == 0x1b) {
			while (i + 1 < len && !g_ascii_isalpha(line[i + 1]))
				i++;
			i++;
		} else if (c == '\t' || (c >= ' ' && c < 0x7f)) {
			g_string_append_c(text, c);
		} else if (c != '\r') {
			g_string_append_c(text, '?');
		}
	}
	return g_string_free(text, FALSE);
}

static void keep(GQueue *queue, char *text)
{
	g_queue_push_tail(queue, text);
	if (queue->length > KEPT_LINES)
		g_free(g_queue_pop_head(queue));
}

static void got_line(void *data, const char *line, size_t len)
{
	struct lu_console *console = data;
	char *text = printable(line, len);

	look_for_panic(console, text);
	keep(&console->kept, text);
	if (lu_gate_offer(&console->gate, text, strlen(text) + 1) == LU_GATE_PASSES)
		keep(&console->shown, g_strdup(text));
}

static const struct lu_lines_ops console_ops = {.line = got_line};

struct lu_console *lu_console_new(GMainContext *context, int fd)
{
	struct lu_console *console = g_new0(struct lu_console, 1);

	g_queue_init(&console->kept);
	g_queue_init(&console->shown);
	lu_gate_init(&console->gate, LU_GATE_OPEN, HELD_BYTES);
	console->lines = lu_lines_new(context, fd, MAX_LINE, &console_ops, console);
	return console;
}

void lu_console_free(struct lu_console *console)
{
	if (!console)
		return;
	lu_lines_free(console->lines);
	g_queue_clear_full(&console->kept, g_free);
	g_queue_clear_full(&console->shown, g_free);
	lu_gate_clear(&console->gate);
	g_free(console->panic);
	g_free(console);
}

void lu_console_feed(struct lu_console *console, const char *bytes, size_t len)
{
	lu_lines_feed(console->lines, bytes, len);
}

const char *lu_console_panic(const struct lu_console *console)
{
	return console->panic;
}

void lu_console_gate(struct lu_console *console, enum lu_gate_state state)
{
	GBytes *piece;

	lu_gate_set(&console->gate, state);
	while ((piece = lu_gate_next(&console->gate)))
		keep(&console->shown, g_bytes_unref_to_data(piece, &(gsize){0}));
}

static char *end_of(const GQueue *queue, unsigned lines)
{
	GString *tail = g_string_new(NULL);
	unsigned skip = queue->length > lines ? queue->length - lines : 0;

	for (GList *l = g_queue_peek_nth_link((GQueue *)queue, skip); l; l = l->next)
		g_string_append_printf(tail, "%s\n", (char *)l->data);
	return g_string_free(tail, FALSE);
}

char *lu_console_tail(const struct lu_console *console, unsigned lines)
{
	return end_of(&console->shown, lines);
}

char *lu_console_words(const struct lu_console *console, unsigned lines)
{
	return end_of(&console->kept, lines);
}
