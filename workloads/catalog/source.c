/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses the sources of the catalogue's updates. */
#include "workloads/catalog/source.h"
#include <string.h>
#include "record/error.h"

static void ask_clear(gpointer data)
{
	struct lu_update_ask *ask = data;

	g_free(ask->text);
	g_free(ask->was);
	g_free(ask->is);
	g_free(ask->anew);
}

void lu_update_free(struct lu_update *update)
{
	g_free(update->name);
	g_free(update->title);
	g_free(update->module);
	g_free(update->inside);
	g_array_unref(update->asks);
	g_free(update);
}

/* TEXT = BEFORE -> AFTER [| AFTER ON A NEW SHELF] */
static bool parse_ask(struct lu_update *update, const char *value)
{
	g_auto(GStrv) sides = g_strsplit(value, " -> ", 2);
	g_auto(GStrv) before = g_strsplit(sides[0], " = ", 2);
	g_auto(GStrv) after = g_strsplit(sides[0] && sides[1] ? sides[1] : "", " | ", 2);
	struct lu_update_ask ask;

	if (!before[0] || !before[1] || !after[0])
		return false;
	ask = (struct lu_update_ask){g_strdup(before[0]), g_strdup(before[1]), g_strdup(after[0]),
				     g_strdup(after[1])};
	g_array_append_val(update->asks, ask);
	return true;
}

static bool parse_line(struct lu_update *update, const char *line)
{
	/* Joined lines would be one answer, or none. */
	if (strstr(line, " ask: "))
		return false;
	if (g_str_has_prefix(line, "ask: "))
		return parse_ask(update, line + strlen("ask: "));
	if (g_str_has_prefix(line, "module: "))
		update->module = g_strdup(line + strlen("module: "));
	else if (g_str_has_prefix(line, "inside: "))
		update->inside = g_strdup(line + strlen("inside: "));
	else if (g_str_equal(line, "core: yes"))
		update->core = true;
	else if (!update->title && *line)
		update->title = g_strndup(line, strlen(line) - g_str_has_suffix(line, "."));
	return true;
}

/* Neither empty, nor a comment, nor a line that only chooses what is compiled. */
static bool is_code(const char *line)
{
	static const char *const others[] = {
		"//", "/*", "*", "#ifdef LIVEPATCH", "#ifndef LIVEPATCH", "#else", "#endif"};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (g_str_has_prefix(line, others[i]))
			return false;
	return *line != '\0';
}

struct counting {
	const char *begin, *end;
	bool on;
	unsigned *lines;
};

static void count_line(struct counting *counting, const char *line)
{
	bool begins = strstr(line, counting->begin), ends = strstr(line, counting->end);

	counting->on |= begins;
	*counting->lines += counting->on && is_code(line);
	counting->on &= !ends;
}

static bool parse(struct lu_update *update, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	struct counting countings[] = {{"+livepatch", "-livepatch", false, &update->patch_lines},
				       {"+hotswap", "-hotswap", false, &update->swap_lines}};
	bool head = true;

	for (size_t i = 0; lines[i]; i++) {
		const char *line = g_strstrip(lines[i]);

		if (head && g_str_has_prefix(line, "* ") && !parse_line(update, line + 2)) {
			g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
				    "update %s, line %zu: should be 'ask: TEXT = BEFORE -> AFTER'",
				    update->name, i + 1);
			return false;
		}
		head = head && !g_str_has_prefix(line, "*/");
		for (size_t k = 0; k < G_N_ELEMENTS(countings); k++)
			count_line(&countings[k], line);
	}
	if (update->title && update->asks->len)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "update %s has no title or nothing to ask",
		    update->name);
	return false;
}

struct lu_update *lu_update_parse(const char *name, const char *text, GError **error)
{
	struct lu_update *update = g_new0(struct lu_update, 1);

	update->name = g_strdup(name);
	update->asks = g_array_new(FALSE, FALSE, sizeof(struct lu_update_ask));
	g_array_set_clear_func(update->asks, ask_clear);
	if (parse(update, text, error))
		return update;
	lu_update_free(update);
	return NULL;
}

/* Name to update, of all texts. */
static GHashTable *parse_all(void)
{
	GHashTable *all = g_hash_table_new(g_str_hash, g_str_equal);

	for (const struct lu_update_text *each = lu_update_texts; each->name; each++) {
		g_autoptr(GError) error = NULL;
		struct lu_update *update = lu_update_parse(each->name, each->text, &error);

		if (!update)
			g_error("%s", error->message);
		g_hash_table_insert(all, update->name, update);
	}
	return all;
}

const struct lu_update *lu_update_find(const char *name)
{
	static GHashTable *all;
	static gsize once;

	if (g_once_init_enter(&once)) {
		all = parse_all();
		g_once_init_leave(&once, 1);
	}
	return g_hash_table_lookup(all, name);
}
