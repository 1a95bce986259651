/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One document in every form: each form's own escapes, alignment by what a terminal shows, and what
 * hostile or missing contents become. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>
#include "bench/report/display.h"
#include "record/error.h"
#include "tests/bench/report/rendered.h"

static void expect(const struct lu_document *document, lu_render *how, const char *golden)
{
	g_autofree char *text = rendered(document, how);

	if (strcmp(text, golden) != 0)
		fail_msg("expected:\n%s\nrendered:\n%s", golden, text);
}

static struct lu_table *add_table(struct lu_document *document, const struct lu_column *columns,
				  size_t n, enum lu_table_layout layout)
{
	struct lu_table *table = lu_table_new(NULL);

	table->layout = layout;
	lu_table_add_columns(table, columns, n);
	lu_document_add_table(document, table);
	return table;
}

/* Every kind of cell, in two groups, between other parts. */
static struct lu_document *example(enum lu_table_layout layout)
{
	static const struct lu_column columns[] = {
		{"name", ""},
		{"time_us", "time", "µs", LU_ALIGN_RIGHT, .interval = true},
		{"route", "route"},
	};
	struct lu_document *document = lu_document_new("Example");
	struct lu_table *table;
	struct lu_list *list;

	lu_document_add_paragraph(document, "About %d figures", 3);
	table = add_table(document, columns, G_N_ELEMENTS(columns), layout);
	lu_table_begin_group(table, "first");
	lu_table_add_row(table);
	lu_table_add_named(table, "漢字", "kanji_2");
	lu_table_add_interval(table, 850.5, 800, 900, "850 µs\n[800, 900]");
	lu_table_add_text(table, "a → b");
	lu_table_begin_group(table, "second");
	lu_table_add_row(table);
	lu_table_add_text(table, "plain");
	lu_table_add_number(table, 0.1, "0.1 µs");
	lu_table_add_missing(table, "not run");
	list = lu_document_add_list(document, "Notes");
	lu_list_add(list, "one\nline");
	return document;
}

static void test_text(void **state)
{
	struct lu_document *spaced = example(LU_TABLE_SPACED);
	struct lu_document *compact = example(LU_TABLE_COMPACT);
	struct lu_document *listing = example(LU_TABLE_LISTING);

	expect(spaced, lu_render_text,
	       "About 3 figures\n\n"
	       "                         time   route\n\n"
	       "first\n"
	       "  漢字 (kanji_2)       850 µs   a → b\n"
	       "                   [800, 900]\n\n"
	       "second\n"
	       "  plain                0.1 µs   not run\n\n"
	       "Notes\n  one line\n");
	expect(compact, lu_render_text,
	       "About 3 figures\n\n"
	       "                         time   route\n"
	       "first\n"
	       "  漢字 (kanji_2)       850 µs   a → b\n"
	       "                   [800, 900]\n"
	       "second\n"
	       "  plain                0.1 µs   not run\n\n"
	       "Notes\n  one line\n");
	expect(listing, lu_render_text,
	       "About 3 figures\n\n"
	       "first\n"
	       "  漢字 (kanji_2)     850 µs a → b\n"
	       "                 [800, 900]\n"
	       "second\n"
	       "  plain              0.1 µs not run\n\n"
	       "Notes\n  one line\n");
	lu_document_free(spaced);
	lu_document_free(compact);
	lu_document_free(listing);
}

static void test_markdown(void **state)
{
	struct lu_document *document = example(LU_TABLE_SPACED);

	expect(document, lu_render_markdown,
	       "About 3 figures\n\n"
	       "|   | time | route |\n"
	       "|---|---:|---|\n"
	       "| **first** |  |  |\n"
	       "| 漢字 (`kanji_2`) | 850 µs<br>[800, 900] | a → b |\n"
	       "| **second** |  |  |\n"
	       "| plain | 0.1 µs | not run |\n\n"
	       "**Notes**\n\n- one line\n");
	lu_document_free(document);
}

/* Not rounded, and without the words for people. */
static void test_csv(void **state)
{
	struct lu_document *document = example(LU_TABLE_SPACED);

	expect(document, lu_render_csv,
	       "group,name,time_us,time_us_low,time_us_high,route\r\n"
	       "first,漢字 (kanji_2),850.5,800,900,a → b\r\n"
	       "second,plain,0.10000000000000001,,,\r\n");
	lu_document_free(document);
}

static void test_json(void **state)
{
	static const char golden[] =
		"{'title': 'Example', 'tables': [{'caption': null, 'summary': null, 'columns': ["
		"{'key': 'name', 'heading': '', 'unit': null}, "
		"{'key': 'time_us', 'heading': 'time', 'unit': 'µs'}, "
		"{'key': 'route', 'heading': 'route', 'unit': null}], 'rows': ["
		"{'group': 'first', 'name': {'text': '漢字', 'code': 'kanji_2'}, "
		"'time_us': {'value': 850.5, 'low': 800.0, 'high': 900.0}, 'route': 'a → b'}, "
		"{'group': 'second', 'name': 'plain', 'time_us': 0.1, "
		"'route': {'missing': 'not run'}}]}], 'notes': ["
		"{'heading': null, 'items': ['About 3 figures']}, "
		"{'heading': 'Notes', 'items': ['one line']}]}";
	struct lu_document *document = example(LU_TABLE_SPACED);
	g_autofree char *text = rendered(document, lu_render_json);
	g_autofree char *quoted = g_strdelimit(g_strdup(golden), "'", '"');
	json_t *expected = json_loads(quoted, 0, NULL), *rendered = json_loads(text, 0, NULL);

	assert_non_null(expected);
	if (!json_equal(expected, rendered))
		fail_msg("rendered: %s", text);
	json_decref(expected);
	json_decref(rendered);
	lu_document_free(document);
}

/* Of a page all between <body> and its end. Caller frees. */
static char *body_of(const struct lu_document *document)
{
	g_autofree char *page = rendered(document, lu_render_html);
	const char *begin = strstr(page, "<body>\n"), *end = strstr(page, "</body>\n</html>\n");

	assert_true(g_str_has_prefix(page, "<!DOCTYPE html>\n<html lang=\"en\">\n"));
	assert_non_null(begin);
	assert_non_null(end);
	begin += strlen("<body>\n");
	return g_strndup(begin, (gsize)(end - begin));
}

static void test_html(void **state)
{
	struct lu_document *document = example(LU_TABLE_SPACED);
	g_autofree char *body = body_of(document);

	assert_string_equal(
		body, "<h1>Example</h1>\n<p>About 3 figures</p>\n<table>\n<thead>\n<tr><td></td>"
		      "<th scope=\"col\">time</th><th scope=\"col\">route</th></tr>\n</thead>\n"
		      "<tbody>\n</tbody>\n<tbody>\n"
		      "<tr><th scope=\"rowgroup\" colspan=\"3\">first</th></tr>\n"
		      "<tr><th scope=\"row\">漢字 (<code>kanji_2</code>)</th>"
		      "<td class=\"right\">850 µs<br/>[800, 900]</td><td>a → b</td></tr>\n"
		      "</tbody>\n<tbody>\n"
		      "<tr><th scope=\"rowgroup\" colspan=\"3\">second</th></tr>\n"
		      "<tr><th scope=\"row\">plain</th><td class=\"right\">0.1 µs</td>"
		      "<td class=\"missing\">not run</td></tr>\n</tbody>\n</table>\n"
		      "<h2>Notes</h2>\n<ul>\n<li>one line</li>\n</ul>\n");
	lu_document_free(document);
}

/* NOLINTBEGIN(misc-misleading-bidirectional): it is what has to be escaped */
static const char hostile[] = "</td><script>alert('1')</script> | a,\"b\" &lt; *c* `d` [e](f)\r\n"
			      "\x1b[31mred\a \xc2\x9b"
			      "2J \xe2\x80\xae"
			      "over \xff _g_ h_i";
/* NOLINTEND(misc-misleading-bidirectional) */

/* That text wherever a text goes. */
static struct lu_document *hostile_document(void)
{
	const struct lu_column columns[] = {{hostile, hostile, hostile}, {"n", "n"}};
	struct lu_document *document = lu_document_new(hostile);
	struct lu_table *table = lu_table_new(hostile);

	lu_table_set_summary(table, "%s", hostile);
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	lu_table_begin_group(table, hostile);
	lu_table_add_row(table);
	lu_table_add_named(table, hostile, hostile);
	lu_table_add_number(table, 1, "%s", hostile);
	lu_table_add_row(table);
	lu_table_add_text(table, hostile);
	lu_table_add_missing(table, hostile);
	lu_document_add_paragraph(document, "%s", hostile);
	lu_document_add_table(document, table);
	lu_list_add(lu_document_add_list(document, hostile), "%s", hostile);
	return document;
}

/* Whatever the form, a terminal that shows it does nothing but show it. */
static void test_control_characters(void **state)
{
	static lu_render *const all[] = {lu_render_text, lu_render_markdown, lu_render_csv,
					 lu_render_json, lu_render_html};
	struct lu_document *document = hostile_document();

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		g_autofree char *text = rendered(document, all[i]);

		assert_true(g_utf8_validate(text, -1, NULL));
		for (const char *at = text; *at; at = g_utf8_next_char(at)) {
			gunichar c = g_utf8_get_char(at);
			bool ends_record = all[i] == lu_render_csv && c == '\r' && at[1] == '\n';

			if ((g_unichar_iscntrl(c) && c != '\n' && !ends_record) || c == 0x202e)
				fail_msg("form %zu prints U+%04x", i, c);
		}
		assert_non_null(strstr(text, "x1b[31mred"));
	}
	lu_document_free(document);
}

static struct lu_document *one_cell(const char *text)
{
	const struct lu_column columns[] = {{"a", "a"}, {"b", "b"}};
	struct lu_document *document = lu_document_new("t");
	struct lu_table *table = add_table(document, columns, 2, LU_TABLE_COMPACT);

	lu_table_add_row(table);
	lu_table_add_text(table, text);
	lu_table_add_text(table, "end");
	return document;
}

static void expect_cell(const char *text, lu_render *how, const char *golden)
{
	struct lu_document *document = one_cell(text);

	expect(document, how, golden);
	lu_document_free(document);
}

static void test_markdown_escapes(void **state)
{
#define TABLE(cell) "| a | b |\n|---|---|\n| " cell " | end |\n"
	expect_cell("x | y", lu_render_markdown, TABLE("x \\| y"));
	expect_cell("x \\| y", lu_render_markdown, TABLE("x \\\\\\| y"));
	expect_cell("1\n2", lu_render_markdown, TABLE("1<br>2"));
	expect_cell("<b> &amp;", lu_render_markdown, TABLE("\\<b> \\&amp;"));
	expect_cell("*a* ~b~ `c`", lu_render_markdown, TABLE("\\*a\\* \\~b\\~ \\`c\\`"));
	expect_cell("_a_ b_c d__e", lu_render_markdown, TABLE("\\_a\\_ b_c d\\_\\_e"));
	expect_cell("[1, 2] [a](b) [a][b] [a]: b", lu_render_markdown,
		    TABLE("[1, 2] [a\\](b) [a\\][b] [a\\]: b"));
	expect_cell("", lu_render_markdown, TABLE(""));
#undef TABLE
}

/* A name with backticks has a longer fence. */
static void test_markdown_code(void **state)
{
	const struct lu_column column = {"a", "a"};
	struct lu_document *document = lu_document_new("t");
	struct lu_table *table = add_table(document, &column, 1, LU_TABLE_COMPACT);

	lu_table_add_row(table);
	lu_table_add_named(table, "x", "a``b|c\n<d>");
	expect(document, lu_render_markdown, "| a |\n|---|\n| x (``` a``b\\|c <d> ```) |\n");
	lu_document_free(document);
}

/* Remarks stay readable, but do not become headings, lists, emphasis or tags. */
static void test_markdown_prose(void **state)
{
	struct lu_document *document = lu_document_new("t");
	struct lu_list *list = lu_document_add_list(document, NULL);

	lu_list_add(list, "~ may be < 3 or *");
	lu_list_add(list, "# not a heading, not <b>bold</b> nor *so*");
	lu_list_add(list, "12. twelve");
	lu_list_add(list, "12 twelve");
	lu_list_add(list, "- 5");
	expect(document, lu_render_markdown,
	       "- ~ may be < 3 or *\n"
	       "- \\# not a heading, not \\<b>bold\\</b> nor \\*so*\n"
	       "- 12\\. twelve\n- 12 twelve\n- \\- 5\n");
	lu_document_free(document);
}

static void test_csv_quotes(void **state)
{
	expect_cell("plain 'x'; y", lu_render_csv, "a,b\r\nplain 'x'; y,end\r\n");
	expect_cell("x, y", lu_render_csv, "a,b\r\n\"x, y\",end\r\n");
	expect_cell("say \"x\"", lu_render_csv, "a,b\r\n\"say \"\"x\"\"\",end\r\n");
	expect_cell("1\n2", lu_render_csv, "a,b\r\n\"1\n2\",end\r\n");
	expect_cell("1\r2", lu_render_csv, "a,b\r\n1\\x0d2,end\r\n");
}

static void gather_text(GMarkupParseContext *context, const char *text, gsize length, gpointer data,
			GError **error)
{
	g_string_append_len(data, text, (gssize)length);
}

static void refuse_script(GMarkupParseContext *context, const char *element, const char **names,
			  const char **values, gpointer data, GError **error)
{
	assert_string_not_equal(element, "script");
}

/* A parser finds the text again, and no element that was in it. */
static void test_html_escapes(void **state)
{
	static const GMarkupParser parser = {.start_element = refuse_script, .text = gather_text};
	struct lu_document *document = hostile_document();
	g_autofree char *page = rendered(document, lu_render_html);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, text, NULL);

	if (!g_markup_parse_context_parse(context, page, -1, &error) ||
	    !g_markup_parse_context_end_parse(context, &error))
		fail_msg("%s\n%s", error->message, page);
	assert_non_null(strstr(text->str, "</td><script>alert('1')</script> | a,\"b\" &lt; *c*"));
	g_markup_parse_context_free(context);
	lu_document_free(document);
}

/* Headings without rows, and not even columns. */
static void test_empty(void **state)
{
	const struct lu_column column = {"a", "a"};
	struct lu_document *no_rows = lu_document_new("t"), *nothing = lu_document_new("t");
	g_autofree char *body = NULL;

	add_table(no_rows, &column, 1, LU_TABLE_SPACED);
	expect(no_rows, lu_render_text, "a\n");
	expect(no_rows, lu_render_markdown, "| a |\n|---|\n");
	expect(no_rows, lu_render_csv, "a\r\n");
	body = body_of(no_rows);
	assert_non_null(strstr(body, "<tbody>\n</tbody>\n"));
	add_table(nothing, NULL, 0, LU_TABLE_SPACED);
	expect(nothing, lu_render_text, "");
	expect(nothing, lu_render_markdown, "");
	lu_document_free(no_rows);
	lu_document_free(nothing);
}

/* What has no number is missing, and so is what a row lacks. */
static void test_missing(void **state)
{
	const struct lu_column columns[] = {{"a", "a"}, {"b", "b", .interval = true}, {"c", "c"}};
	struct lu_document *document = lu_document_new("t");
	struct lu_table *table = add_table(document, columns, 3, LU_TABLE_COMPACT);

	lu_table_add_row(table);
	lu_table_add_number(table, NAN, "nan");
	lu_table_add_interval(table, 1, NAN, 2, "1");
	lu_table_add_row(table);
	lu_table_add_text(table, "short");
	assert_int_equal(lu_table_cell(table, 0, 0)->kind, LU_CELL_MISSING);
	assert_int_equal(lu_table_cell(table, 0, 1)->kind, LU_CELL_NUMBER);
	expect(document, lu_render_csv, "a,b,b_low,b_high,c\r\n,1,,,\r\nshort,,,,\r\n");
	expect(document, lu_render_text, "a       b   c\n        1\nshort\n");
	expect(document, lu_render_markdown,
	       "| a | b | c |\n|---|---|---|\n|  | 1 |  |\n| short |  |  |\n");
	lu_document_free(document);
}

/* Widths given beforehand, words below each other, and text that is wider than it has bytes. */
static void test_columns(void **state)
{
	const struct lu_column columns[] = {
		{"a", "a", .break_words = true}, {"b", "b", .width = 6}, {"c", "c"}};
	struct lu_document *document = lu_document_new("t");
	struct lu_table *table = add_table(document, columns, 3, LU_TABLE_COMPACT);

	lu_table_add_row(table);
	lu_table_add_text(table, "two words");
	lu_table_add_text(table, "5 µs");
	lu_table_add_text(table, "|");
	lu_table_add_row(table);
	lu_table_add_text(table, "e\xcc\x81"); /* a letter and its accent */
	lu_table_add_text(table, "表→");
	lu_table_add_text(table, "|");
	expect(document, lu_render_text,
	       "a           b        c\n"
	       "two         5 µs     |\n"
	       "words\n"
	       "e\xcc\x81           表→      |\n");
	lu_document_free(document);
}

static void test_width(void **state)
{
	assert_int_equal(lu_display_width(""), 0);
	assert_int_equal(lu_display_width("850 µs"), 6);
	assert_int_equal(lu_display_width("×→…≥"), 4);
	assert_int_equal(lu_display_width("漢字"), 4);
	assert_int_equal(lu_display_width("e\xcc\x81"), 1);
}

static void expect_padded(const char *line, int columns, const char *padded)
{
	g_autofree char *text = lu_display_pad(line, columns);

	assert_string_equal(text, padded);
}

static void test_pad(void **state)
{
	expect_padded("850 µs", 9, "   850 µs");
	expect_padded("850 µs", -9, "850 µs   ");
	expect_padded("850 µs", 3, "850 µs");
	expect_padded("850 µs", 0, "850 µs");
}

static void test_formats(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_ptr_equal(lu_render_find("md", &error), lu_render_markdown);
	assert_ptr_equal(lu_render_find("html", &error), lu_render_html);
	assert_null(lu_render_find("pdf", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_markdown_escapes),
		cmocka_unit_test(test_markdown_code),
		cmocka_unit_test(test_markdown_prose),
		cmocka_unit_test(test_csv_quotes),
		cmocka_unit_test(test_html_escapes),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_pad),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
