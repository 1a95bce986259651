/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters that a backend (strategy, workload) declares and a scenario or --param sets. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum lu_param_type {
	LU_PARAM_BOOL,
	LU_PARAM_INT,
	LU_PARAM_CHOICE,
	LU_PARAM_CHOICES,      /* one or several of them, each once, with + between */
	LU_PARAM_REAL,	       /* min exclusive, max inclusive */
	LU_PARAM_NAME,	       /* 1 to 64 letters, digits and . _ + - */
	LU_PARAM_NAME_OR_PATH, /* that, or the absolute path of a folder on the host */
	/* A JSON object that is part of the plan. Given as such, or as the path of what it is read
	 * from, or as a name in a data folder. */
	LU_PARAM_DOCUMENT,
};

/* A table of these ends with .name == NULL. */
struct lu_param {
	const char *name;
	enum lu_param_type type;
	const char *def;	    /* the default, as typed: "on", "64", "pmem" */
	int64_t min, max;	    /* LU_PARAM_INT, inclusive; LU_PARAM_REAL */
	const char *const *choices; /* LU_PARAM_CHOICE(S), NULL-terminated */
	const char *help;	    /* one line, with the unit */
	/* LU_PARAM_DOCUMENT: where names are looked up, as NAME.json or NAME, below the data folder;
	 * what is read from a path becomes an object, in which "name" says what to call it (new
	 * reference, or NULL with an error); check (optional) makes an object explicit, in place. */
	const char *folder;
	json_t *(*read)(const char *path, GError **error);
	bool (*check)(json_t *document, GError **error);
};

extern const struct lu_param lu_params_none[]; /* none */

/*
 * Makes every parameter of specs explicit: a new object {name: value} with the given ones checked
 * (JSON of the right type, or a string as typed on a command line: on/off/true/false, a decimal)
 * and the rest at their defaults. given may be NULL. `where` prefixes messages ("strategy_params").
 * LU_ERROR_USAGE names key, value and what is allowed.
 */
json_t *lu_params_resolve(const struct lu_param *specs, const json_t *given, const char *where,
			  GError **error);
/* Reads every document of values (resolved by specs) that is still a name or a path, and puts the
 * object in its place. data_dir holds the data folders. LU_ERROR_USAGE. */
bool lu_params_read(const struct lu_param *specs, json_t *values, const char *data_dir,
		    const char *where, GError **error);
/* Whether it may have that value, of the right JSON type. */
bool lu_param_takes(const struct lu_param *spec, const json_t *value);
/* Whether values, read from somewhere, has each of these and each as it may be. */
bool lu_params_are(const struct lu_param *specs, const json_t *values);
const struct lu_param *lu_param_find(const struct lu_param *specs, const char *name);
/* Allowed values in words: "on or off", "1 to 65536", "pmem or disk". Caller frees. */
char *lu_param_allowed(const struct lu_param *spec);

/*
 * The same for a section of a JSON file, where a value must have the right JSON
 * type (no "8" for 8).
 */
json_t *lu_params_resolve_strict(const struct lu_param *specs, const json_t *given,
				 const char *where, GError **error);
/* One value as typed on a command line to JSON of the spec's type. */
json_t *lu_param_from_text(const struct lu_param *spec, const char *text, const char *where,
			   GError **error);
/*
 * The word nearest to a mistyped one, or NULL when none is close enough to be meant. words is
 * NULL-terminated; the result points into it.
 */
const char *lu_nearest_word(const char *word, const char *const *words);
/* "unknown key 'x' (did you mean 'y'?); allowed: a, b, c" as LU_ERROR_USAGE. */
void lu_unknown_key(GError **error, const char *where, const char *key, const char *const *words);

/* Read a resolved object; asking for a name that is not in it is a programming error (g_error). */
int64_t lu_param_int(const json_t *values, const char *name);
bool lu_param_bool(const json_t *values, const char *name);
const char *lu_param_str(const json_t *values, const char *name);
double lu_param_real(const json_t *values, const char *name);
