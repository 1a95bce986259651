/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every file of agent/verbs is in the table, and says at its head what each of its verbs takes and
 * answers. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <string.h>
#include "agent/verb.h"

/* The comment that a family's file begins with. */
static char *head_of(const char *family)
{
	g_autofree char *alone = g_strdup_printf(LU_SOURCE_DIR "/agent/verbs/%s.c", family);
	g_autofree char *parts =
		g_strdup_printf(LU_SOURCE_DIR "/agent/verbs/%s/%s.c", family, family);
	char *text = NULL, *end;

	assert_true(g_file_get_contents(alone, &text, NULL, NULL) ||
		    g_file_get_contents(parts, &text, NULL, NULL));
	end = strstr(text, "#include");
	assert_non_null(end);
	*end = '\0';
	return text;
}

static void each_verb_is_documented(void **state)
{
	for (const struct lu_agent_verbs *const *family = lu_agent_verbs; *family; family++) {
		g_autofree char *head = head_of((*family)->name);

		for (const struct verb *verb = (*family)->verbs; verb->name; verb++) {
			g_autofree char *entry = g_strdup_printf("\n * %s ", verb->name);

			if (!strstr(head, entry))
				fail_msg("the head of agent/verbs/%s does not describe %s",
					 (*family)->name, verb->name);
		}
	}
}

static bool is_verb(const struct verb *verbs, const char *name, size_t len)
{
	for (; verbs->name; verbs++)
		if (strlen(verbs->name) == len && !memcmp(verbs->name, name, len))
			return true;
	return false;
}

/* "NAME.VERB {", "NAME {": none is described that is not there. */
static void no_other_verb_is_documented(void **state)
{
	for (const struct lu_agent_verbs *const *family = lu_agent_verbs; *family; family++) {
		g_autofree char *head = head_of((*family)->name);
		g_auto(GStrv) lines = g_strsplit(head, "\n", -1);

		for (char **line = lines; *line; line++) {
			const char *name = *line + 3, *space;

			space = g_str_has_prefix(*line, " * ") ? strchr(name, ' ') : NULL;
			if (space && space[1] == '{' &&
			    !is_verb((*family)->verbs, name, (size_t)(space - name)))
				fail_msg("agent/verbs/%s has no verb as in: %s", (*family)->name,
					 name);
		}
	}
}

static void no_name_is_taken_twice(void **state)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (const struct lu_agent_verbs *const *family = lu_agent_verbs; *family; family++)
		for (const struct verb *verb = (*family)->verbs; verb->name; verb++)
			assert_true(g_hash_table_add(seen, (gpointer)verb->name));
	assert_true(g_hash_table_size(seen) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_is_documented),
		cmocka_unit_test(no_other_verb_is_documented),
		cmocka_unit_test(no_name_is_taken_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
