/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of the catalogue as text. */
#include "bench/report/update-print.h"
#include <inttypes.h>
#include <string.h>

static const struct lu_update_cell *at(const struct lu_update_cell *cells, guint update,
				       int mechanism)
{
	return &cells[update * LU_MECHANISMS + (guint)mechanism];
}

static void print_cell(FILE *out, const struct lu_update_cell *cell)
{
	bool carried = cell->carried == LU_CARRIED || cell->carried == LU_CARRIED_LOST;

	fprintf(out, " %s", lu_carried_name(cell->carried));
	if (carried && cell->lines)
		fprintf(out, ", %u lines added", cell->lines);
	fputs(" |", out);
}

static void print_table(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	fputs("| update |", out);
	for (int m = 0; m < LU_MECHANISMS; m++)
		fprintf(out, " %s |", lu_mechanism_name((enum lu_mechanism)m));
	fputs("\n|---|---|---|---|---|\n", out);
	for (guint i = 0; i < updates->len; i++) {
		const struct lu_update *update = updates->pdata[i];

		fprintf(out, "| %s (`%s`) |", update->title, update->name);
		for (int m = 0; m < LU_MECHANISMS; m++)
			print_cell(out, at(cells, i, m));
		fputs("\n", out);
	}
}

struct count {
	unsigned carried, added, lost, refused, broke, lines;
};

static struct count count_of(const GPtrArray *updates, const struct lu_update_cell *cells, int m)
{
	struct count count = {0};

	for (guint i = 0; i < updates->len; i++) {
		const struct lu_update_cell *cell = at(cells, i, m);

		count.carried += cell->carried == LU_CARRIED && !cell->lines;
		count.added += cell->carried == LU_CARRIED && cell->lines;
		count.lines += cell->carried == LU_CARRIED ? cell->lines : 0;
		count.lost += cell->carried == LU_CARRIED_LOST;
		count.refused += cell->carried == LU_NOT_CARRIED;
		count.broke += cell->carried == LU_BROKE;
	}
	return count;
}

static void print_counts(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	fputs("\n| of all | carried | with added code | state lost | refused | broke |\n"
	      "|---|---|---|---|---|---|\n",
	      out);
	for (int m = 0; m < LU_MECHANISMS; m++) {
		struct count count = count_of(updates, cells, m);

		fprintf(out, "| %s | %u | %u (%u lines) | %u | %u | %u |\n",
			lu_mechanism_name((enum lu_mechanism)m), count.carried, count.added,
			count.lines, count.lost, count.refused, count.broke);
	}
}

static void print_reasons(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	fputs("\n", out);
	for (guint i = 0; i < updates->len; i++)
		for (int m = 0; m < LU_MECHANISMS; m++) {
			const struct lu_update_cell *cell = at(cells, i, m);
			const struct lu_update *update = updates->pdata[i];
			bool back = m == LU_BY_HOTSWAP || m == LU_BY_LIVEPATCH;

			if (cell->why)
				fprintf(out, "- %s by %s %s: %s\n", update->name,
					lu_mechanism_name((enum lu_mechanism)m),
					lu_carried_name(cell->carried), cell->why);
			else if (back && !cell->undone)
				fprintf(out, "- %s by %s: the way back lost state\n", update->name,
					lu_mechanism_name((enum lu_mechanism)m));
		}
}

void lu_updates_print(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	print_table(out, updates, cells);
	print_counts(out, updates, cells);
	print_reasons(out, updates, cells);
}

/* RFC 4180. */
static void quoted(FILE *out, const char *text, const char *after)
{
	g_auto(GStrv) parts = g_strsplit(text, "\"", -1);
	g_autofree char *doubled = g_strjoinv("\"\"", parts);

	fprintf(out, "\"%s\"%s", doubled, after);
}

void lu_updates_print_csv(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	fputs("update,title,mechanism,result,added_lines,took_ns,undone,why\r\n", out);
	for (guint i = 0; i < updates->len; i++)
		for (int m = 0; m < LU_MECHANISMS; m++) {
			const struct lu_update_cell *cell = at(cells, i, m);
			const struct lu_update *update = updates->pdata[i];

			fprintf(out, "%s,", update->name);
			quoted(out, update->title, ",");
			fprintf(out, "%s,", lu_mechanism_name((enum lu_mechanism)m));
			quoted(out, lu_carried_name(cell->carried), ",");
			fprintf(out, "%u,", cell->lines);
			if (cell->took_ns >= 0)
				fprintf(out, "%" PRId64, cell->took_ns);
			fprintf(out, ",%s,", cell->undone ? "yes" : "no");
			quoted(out, cell->why ?: "", "\r\n");
		}
}
