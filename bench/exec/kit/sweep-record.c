/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a sweep. */
#include "bench/exec/kit/sweep-record.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "bench/exec/kit/batch.h"
#include "bench/cli.h"
#include "bench/exec/kit/environment.h"
#include "bench/report/once.h"
#include "record/error.h"
#include "model/version.h"

static bool failed(const char *path, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
	return false;
}

static bool usage(GError **error, const char *where, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s", where, what);
	return false;
}

/* A case that was run again has two rows: the later one counts. A line that somebody damaged costs
 * its row only, and that result is still in the folder. */
static bool add_line(json_t *rows, GHashTable *places, const char *line, size_t len)
{
	json_auto_t *row = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const char *type = json_string_value(json_object_get(row, "type"));
	const char *hash = json_string_value(json_object_get(row, "hash"));
	gpointer place;

	if (g_strcmp0(type, "row") != 0)
		return type != NULL;
	if (hash && g_hash_table_lookup_extended(places, hash, NULL, &place))
		json_array_set(rows, GPOINTER_TO_SIZE(place), row);
	else if (hash && g_hash_table_insert(places, g_strdup(hash),
					     GSIZE_TO_POINTER(json_array_size(rows))))
		json_array_append(rows, row);
	return hash != NULL;
}

static bool is_blank(const char *line, size_t len)
{
	while (len && g_ascii_isspace(line[len - 1]))
		len--;
	return !len;
}

json_t *lu_sweep_record_parse(const char *text, size_t len, const char *path, GArray *damage,
			      size_t *whole)
{
	g_autoptr(GHashTable) places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *rows = json_array();
	const char *end, *line = text;

	for (unsigned n = 1; (end = memchr(line, '\n', (size_t)(text + len - line)));
	     n++, line = end + 1) {
		const struct lu_sweep_damage here = {(size_t)(line - text), (size_t)(end - line)};

		if (is_blank(line, here.len) || add_line(rows, places, line, here.len))
			continue;
		if (path)
			g_printerr("%s: %s: line %u is damaged and passed over\n", g_get_prgname(),
				   path, n);
		if (damage)
			g_array_append_val(damage, here);
	}
	*whole = (size_t)(line - text);
	return rows;
}

/* mend: with the record locked. */
static json_t *read_rows(const char *dir, bool mend, size_t *whole, GError **error)
{
	g_autofree char *path = g_build_filename(dir, LU_SWEEP_RECORD, NULL), *text = NULL;
	g_autoptr(GArray) damage = g_array_new(FALSE, FALSE, sizeof(struct lu_sweep_damage));
	gsize len;
	json_t *rows;

	if (!g_file_get_contents(path, &text, &len, NULL)) {
		usage(error, dir, "no record of a sweep (" LU_SWEEP_RECORD ") in it");
		return NULL;
	}
	rows = lu_sweep_record_parse(text, len, path, damage, whole);
	if (mend)
		lu_sweep_record_mend(path, text, damage);
	return rows;
}

/* Names of folders begin with the sweep's name, then the time. */
static char *newest(const char *sweeps_dir, const char *prefix)
{
	g_autoptr(GDir) dir = g_dir_open(sweeps_dir, 0, NULL);
	g_autofree char *best = NULL;
	const char *name, *best_time = "";

	while (dir && (name = g_dir_read_name(dir))) {
		const char *time = strrchr(name, '@');

		if (!g_str_has_prefix(name, prefix) || !time || strcmp(time, best_time) <= 0)
			continue;
		g_free(best);
		best = g_strdup(name);
		best_time = strrchr(best, '@');
	}
	return best ? g_build_filename(sweeps_dir, best, NULL) : NULL;
}

char *lu_sweep_record_find(const char *given, GError **error)
{
	g_autofree char *sweeps = lu_cli_sweeps_dir();
	char *found;

	if (g_file_test(given, G_FILE_TEST_IS_DIR))
		return g_strdup(given);
	found = newest(sweeps, strcmp(given, "last") == 0 ? "" : given);
	if (!found)
		g_set_error(
			error, LU_ERROR, LU_ERROR_USAGE,
			"%s: no such folder, and no sweep in %s has that name; allowed is last, "
			"the beginning of a name or a folder",
			given, sweeps);
	return found;
}

/* Caller frees. */
static char *new_dir(const struct lu_sweep *sweep)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *stamp = g_date_time_format(now, "%Y%m%dT%H%M%S.%fZ");
	g_autofree char *name = g_strdup_printf("%s@%s", sweep->name, stamp);
	g_autofree char *sweeps = lu_cli_sweeps_dir();

	return g_build_filename(sweeps, name, NULL);
}

static char *dir_to_resume(const struct lu_sweep *sweep, GError **error)
{
	g_autofree char *sweeps = lu_cli_sweeps_dir();
	g_autofree char *prefix = g_strconcat(sweep->name, "@", NULL);
	char *found = newest(sweeps, prefix);

	if (!found)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--resume: no sweep called %s in %s; start it without --resume",
			    sweep->name, sweeps);
	return found;
}

static char *choose_dir(const struct lu_sweep *sweep, const char *dir, bool resume, GError **error)
{
	g_autofree char *file = g_build_filename(dir ? dir : "", LU_SWEEP_RECORD, NULL);

	if (!dir)
		return resume ? dir_to_resume(sweep, error) : new_dir(sweep);
	if (resume || !g_file_test(file, G_FILE_TEST_EXISTS))
		return g_strdup(dir);
	usage(error, dir,
	      "a sweep is recorded there; continue it with --resume, or choose another folder with "
	      "--output DIR");
	return NULL;
}

static bool write_line(struct lu_sweep_record *record, const json_t *line, GError **error)
{
	char *text = json_dumps(line, JSON_COMPACT);
	g_autofree char *whole = g_strconcat(text ? text : "", "\n", NULL);
	ssize_t length = (ssize_t)strlen(whole);

	free(text);
	if (write(record->fd, whole, (size_t)length) == length && fsync(record->fd) == 0)
		return true;
	return failed(record->dir, error);
}

static json_t *start_line(const struct lu_sweep *sweep, const json_t *definition)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *iso = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");

	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:i, s:I, s:O, s:o}", "type", "sweep",
			 "schema_version", LU_SCHEMA_VERSION, "name", sweep->name, "started", iso,
			 "lubench", LU_GIT_REVISION, "runs", (int)sweep->cases->len, "order_seed",
			 (json_int_t)sweep->order_seed, "definition", definition, "command",
			 lu_command_line());
}

static void note_done(struct lu_sweep_record *record)
{
	json_t *row;
	size_t i;

	json_array_foreach(record->rows, i, row)
		g_hash_table_add(record->done, g_strdup(lu_cli_get_str(row, "hash")));
}

/* A truncated last line is removed. */
static bool take_over(struct lu_sweep_record *record, GError **error)
{
	size_t whole = 0;

	record->rows = read_rows(record->dir, true, &whole, error);
	if (!record->rows)
		return false;
	note_done(record);
	return ftruncate(record->fd, (off_t)whole) == 0 || failed(record->dir, error);
}

static bool open_file(struct lu_sweep_record *record, bool resume, GError **error)
{
	g_autofree char *path = g_build_filename(record->dir, LU_SWEEP_RECORD, NULL);

	record->fd =
		open(path, O_WRONLY | O_APPEND | O_CLOEXEC | (resume ? 0 : O_CREAT | O_EXCL), 0644);
	if (record->fd < 0 && resume)
		return usage(error, record->dir,
			     "no record of a sweep (" LU_SWEEP_RECORD ") in it");
	if (record->fd < 0)
		return failed(path, error);
	if (flock(record->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	return usage(error, record->dir, "another lubench works on this sweep");
}

static bool has_case(const struct lu_sweep *sweep, const char *hash)
{
	for (guint i = 0; i < sweep->cases->len; i++) {
		const struct lu_sweep_case *one = g_ptr_array_index(sweep->cases, i);

		if (g_str_equal(one->plan->hash, hash))
			return true;
	}
	return false;
}

/* A definition may have grown; runs that it does not ask for any more would be mixed with its own. */
static bool belongs(const struct lu_sweep_record *record, const struct lu_sweep *sweep,
		    GError **error)
{
	size_t i, foreign = 0;
	json_t *row;

	json_array_foreach(record->rows, i, row) foreign +=
		!has_case(sweep, lu_cli_get_str(row, "hash"));
	if (!foreign)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "--resume: %zu of %zu runs recorded in %s are of plans that the sweep does not "
		    "have: its definition, or what lubench makes of it, is another now; begin a "
		    "new record with --output DIR",
		    foreign, json_array_size(record->rows), record->dir);
	return false;
}

bool lu_sweep_record_open(struct lu_sweep_record *record, const struct lu_sweep *sweep,
			  const json_t *definition, const char *dir, bool resume, GError **error)
{
	*record = (struct lu_sweep_record){
		.dir = choose_dir(sweep, dir, resume, error),
		.fd = -1,
		.done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	if (!record->dir || !lu_batch_check_dir(record->dir, error) ||
	    !open_file(record, resume, error) ||
	    (resume && (!take_over(record, error) || !belongs(record, sweep, error))))
		return false;
	json_t *line = start_line(sweep, definition);
	bool ok = write_line(record, line, error);

	json_decref(line);
	if (!record->rows)
		record->rows = json_array();
	return ok;
}

void lu_sweep_record_close(struct lu_sweep_record *record)
{
	if (record->fd >= 0)
		close(record->fd);
	json_decref(record->rows);
	g_hash_table_unref(record->done);
	g_free(record->dir);
}

bool lu_sweep_record_has(const struct lu_sweep_record *record, const char *hash)
{
	return g_hash_table_contains(record->done, hash);
}

bool lu_sweep_record_add(struct lu_sweep_record *record, json_t *row, GError **error)
{
	bool ok = write_line(record, row, error);

	g_hash_table_add(record->done, g_strdup(lu_cli_get_str(row, "hash")));
	json_array_append_new(record->rows, row);
	return ok;
}

static bool names(const struct lu_sweep_record *record, const char *file)
{
	json_t *row;
	size_t i;

	json_array_foreach(record->rows, i, row)
	{
		if (g_str_equal(lu_cli_get_str(row, "file"), file))
			return true;
	}
	return false;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *lu_sweep_record_unnamed(const struct lu_sweep_record *record)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(record->dir, 0, NULL);
	const char *file;

	while (dir && (file = g_dir_read_name(dir)))
		if (g_str_has_suffix(file, ".json") && !names(record, file))
			g_ptr_array_add(paths, g_build_filename(record->dir, file, NULL));
	g_ptr_array_sort(paths, by_text);
	return paths;
}

void lu_sweep_record_forget(struct lu_sweep_record *record, const char *hash)
{
	json_t *row;
	size_t i;

	g_hash_table_remove(record->done, hash);
	json_array_foreach(record->rows, i, row)
	{
		if (!g_str_equal(lu_cli_get_str(row, "hash"), hash))
			continue;
		json_array_remove(record->rows, i);
		return;
	}
}

json_t *lu_sweep_record_rows(const char *dir, GError **error)
{
	size_t whole;

	return read_rows(dir, false, &whole, error);
}
