/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines are data: this reads and checks them. A table maps each key of
 * the file to its member. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "record/error.h"
#include "model/boot-switch.h"
#include "model/machine.h"
#include "model/param.h"

/* Stores value in *member if it is of the right type. */
typedef bool (*set_fn)(void *member, const json_t *value);

static bool set_text(void *member, const json_t *value)
{
	*(char **)member = g_strdup(json_string_value(value));
	return json_is_string(value);
}

static bool is_text_list(const json_t *list)
{
	size_t i;
	json_t *item;

	if (!json_is_array(list))
		return false;
	json_array_foreach((json_t *)list, i, item)
	{
		if (!json_is_string(item))
			return false;
	}
	return true;
}

static bool set_list(void *member, const json_t *value)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	size_t i;
	json_t *item;

	if (!is_text_list(value))
		return false;
	json_array_foreach((json_t *)value, i, item)
		g_strv_builder_add(builder, json_string_value(item));
	*(char ***)member = g_strv_builder_end(builder);
	return true;
}

static bool is_word(const char *text)
{
	return *text && !strpbrk(text, " \t\n");
}

static bool set_word(void *member, const json_t *value)
{
	return set_text(member, value) && is_word(*(char **)member);
}

static bool set_words(void *member, const json_t *value)
{
	char ***words = member;

	if (!set_list(member, value))
		return false;
	for (char **word = *words; *word; word++)
		if (!is_word(*word))
			return false;
	return true;
}

static bool set_mb(void *member, const json_t *value)
{
	json_int_t mb = json_integer_value(value);

	*(unsigned *)member = CLAMP(mb, 0, 1 << 24);
	return json_is_integer(value) && mb >= 1 && mb <= 1 << 24;
}

static bool set_cpus(void *member, const json_t *value)
{
	json_int_t cpus = json_integer_value(value);

	*(unsigned *)member = CLAMP(cpus, 0, LU_MACHINE_CPUS);
	return json_is_integer(value) && cpus >= 1 && cpus <= LU_MACHINE_CPUS;
}

static bool set_split(void *member, const json_t *value)
{
	struct lu_memory_split *split = member;

	return json_is_object(value) && json_object_size(value) == 3 &&
	       set_mb(&split->from_mb, json_object_get(value, "from_mb")) &&
	       set_mb(&split->low_mb, json_object_get(value, "low_mb")) &&
	       set_mb(&split->high_at_mb, json_object_get(value, "high_at_mb"));
}

static bool set_features(void *member, const json_t *value)
{
	const char *key;
	json_t *list;

	if (!json_is_object(value))
		return false;
	json_object_foreach((json_t *)value, key, list)
	{
		if (!is_text_list(list))
			return false;
	}
	*(json_t **)member = json_incref((json_t *)value);
	return true;
}

static bool set_object(void *member, const json_t *value)
{
	*(json_t **)member = json_incref((json_t *)value);
	return json_is_object(value);
}

static bool set_flag(void *member, const json_t *value)
{
	*(bool *)member = json_is_true(value);
	return json_is_boolean(value);
}

/* A file of the machine's folder, and not of anywhere else. */
static bool is_file_name(const char *name)
{
	return is_word(name) && !strchr(name, '/') && *name != '.';
}

/* "0x…": an address. */
static bool is_address(const char *text, uint64_t *address)
{
	return text && g_str_has_prefix(text, "0x") &&
	       g_ascii_string_to_unsigned(text + 2, 16, 0, UINT64_MAX, address, NULL);
}

static bool set_payload(void *member, const json_t *value)
{
	struct lu_machine_payload *payload = member;
	const char *file = json_string_value(json_object_get(value, "file"));
	const json_t *load_at = json_object_get(value, "load_at");

	payload->file = g_strdup(file);
	payload->flat = load_at != NULL;
	return file && is_file_name(file) && json_object_size(value) == (load_at ? 2 : 1) &&
	       (!load_at || is_address(json_string_value(load_at), &payload->load_at));
}

enum presence { REQUIRED, OPTIONAL, OF_LINUX };

static const struct field {
	const char *key;
	set_fn set;
	size_t offset;
	const char *allowed;
	enum presence
		presence; /* OF_LINUX: required unless there is a payload, and then not known */
} fields[] = {
#define FIELD(member, set, ...)                                                                    \
	{                                                                                          \
#member, set, offsetof(struct lu_machine, member), __VA_ARGS__                     \
	}
	FIELD(arch, set_text, "a text"),
	FIELD(debian_arch, set_text, "a text"),
	FIELD(gnu_triplet, set_text, "a text"),
	FIELD(qemu, set_text, "a text"),
	FIELD(qemu_args, set_list, "a list of texts"),
	FIELD(payload, set_payload,
	      "{\"file\": \"NAME\"} for an ELF file in the machine's folder, or "
	      "{\"file\": \"NAME\", \"load_at\": \"0xADDRESS\"} for a flat one",
	      OPTIONAL),
	FIELD(kernel_flavour, set_text, "a text", OF_LINUX),
	FIELD(kernel_image, set_text, "a text", OF_LINUX),
	FIELD(cmdline, set_text, "a text", OF_LINUX),
	FIELD(kexec_cmdline, set_text, "a text", OPTIONAL),
	FIELD(net_device, set_text, "a text"),
	FIELD(block_device, set_text, "a text"),
	FIELD(console, set_text, "a text"),
	FIELD(agent_tty, set_text, "a text"),
	FIELD(agent_args, set_list, "a list of texts"),
	FIELD(console_args, set_list, "a list of texts"),
	FIELD(memory_mb, set_mb, "1 to 16777216"),
	FIELD(memory_step_mb, set_mb, "1 to 16777216", OPTIONAL),
	FIELD(memory_min_mb, set_mb, "1 to 16777216", OPTIONAL),
	FIELD(memory_split, set_split, "{\"from_mb\": N, \"low_mb\": N, \"high_at_mb\": N}",
	      OPTIONAL),
	FIELD(cpus, set_cpus, "1 to " G_STRINGIFY(LU_MACHINE_CPUS), OPTIONAL),
	FIELD(stores, set_list, "a list of texts"),
	FIELD(images, set_list, "a list of texts"),
	FIELD(kexec_methods, set_list, "a list of texts"),
	FIELD(kexec_tools_args, set_words, "a list of words", OPTIONAL),
	FIELD(kexec_tools_zone, set_word, "a word", OPTIONAL),
	FIELD(features, set_features, "{\"feature\": [\"module\", …], …}"),
	FIELD(boot_switches, set_object, "{\"NAME\": {\"plain\": {…}, \"fast\": {…}}, …}",
	      OPTIONAL),
	FIELD(optional, set_flag, "true or false", OPTIONAL),
#undef FIELD
};

static bool read_field(struct lu_machine *machine, const struct field *field, GError **error)
{
	const json_t *value = json_object_get(machine->doc, field->key);
	bool of_linux = field->presence == OF_LINUX, bare = machine->payload.file != NULL;

	if (value && of_linux && bare) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "machine %s: %s: there is no kernel where there is a payload",
			    machine->name, field->key);
		return false;
	}
	if (!value && (field->presence == OPTIONAL || (of_linux && bare)))
		return true;
	if (value && field->set((char *)machine + field->offset, value))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "machine %s: %s: %s; allowed: %s",
		    machine->name, field->key, value ? "wrong type or value" : "missing",
		    field->allowed);
	return false;
}

static bool known_keys(const struct lu_machine *machine, GError **error)
{
	static const char *const for_people[] = {"summary", "comment"};
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *where = g_strdup_printf("machine %s", machine->name);
	const char *key;
	json_t *value;

	for (size_t i = 0; i < G_N_ELEMENTS(for_people); i++)
		g_ptr_array_add(words, (gpointer)for_people[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		g_ptr_array_add(words, (gpointer)fields[i].key);
	g_ptr_array_add(words, NULL);
	json_object_foreach(machine->doc, key, value)
	{
		if (g_strv_contains((const char *const *)words->pdata, key))
			continue;
		lu_unknown_key(error, where, key, (const char *const *)words->pdata);
		return false;
	}
	return true;
}

/* Modules are loaded by the agent of a Linux. */
static bool features_fit(const struct lu_machine *machine, GError **error)
{
	const char *key;
	json_t *list;

	if (!machine->payload.file)
		return true;
	json_object_foreach(machine->features, key, list)
	{
		if (!json_array_size(list))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "machine %s: features: %s has modules, which a payload does not load; "
			    "allowed: []",
			    machine->name, key);
		return false;
	}
	return true;
}

static bool switches_fit(const struct lu_machine *machine, GError **error)
{
	g_autofree char *why = NULL;

	if (!machine->boot_switches || lu_boot_switches_check(machine->boot_switches, &why))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "machine %s: boot_switches: %s", machine->name,
		    why);
	return false;
}

static void fill_text(char **text)
{
	if (!*text)
		*text = g_strdup("");
}

static void fill_defaults(struct lu_machine *machine)
{
	fill_text(&machine->kernel_flavour);
	fill_text(&machine->kernel_image);
	fill_text(&machine->cmdline);
	fill_text(&machine->kexec_cmdline);
	if (!machine->kexec_tools_args)
		machine->kexec_tools_args = g_new0(char *, 1);
	if (!machine->cpus)
		machine->cpus = 1;
	if (!machine->memory_step_mb)
		machine->memory_step_mb = 1;
	if (!machine->memory_min_mb)
		machine->memory_min_mb = machine->memory_step_mb;
}

struct lu_machine *lu_machine_from_doc(json_t *doc, const char *name, GError **error)
{
	struct lu_machine *machine = g_new0(struct lu_machine, 1);
	bool ok = json_is_object(doc);

	machine->name = g_strdup(name);
	machine->doc = json_incref(doc);
	if (!ok)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "machine %s: must be an object", name);
	ok = ok && known_keys(machine, error);
	for (size_t i = 0; ok && i < G_N_ELEMENTS(fields); i++)
		ok = read_field(machine, &fields[i], error);
	ok = ok && features_fit(machine, error) && switches_fit(machine, error);
	if (!ok) {
		lu_machine_free(machine);
		return NULL;
	}
	fill_defaults(machine);
	return machine;
}

static void explain_unknown(const char *machines_dir, const char *name, GError **error)
{
	g_auto(GStrv) all = lu_machine_list(machines_dir, error);

	if (!all)
		return;
	const char *near = lu_nearest_word(name, (const char *const *)all);
	g_autofree char *list = g_strjoinv(", ", all);

	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "machine: '%s' is not known%s%s%s; allowed: %s", name,
		    near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "", list);
}

struct lu_machine *lu_machine_load(const char *machines_dir, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(machines_dir, name, "machine.json", NULL);
	struct lu_machine *machine = NULL;
	json_error_t why;

	/* A name is not a path. */
	if (strchr(name, '/') || !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		explain_unknown(machines_dir, name, error);
		return NULL;
	}
	json_t *doc = json_load_file(path, JSON_REJECT_DUPLICATES, &why);

	if (doc)
		machine = lu_machine_from_doc(doc, name, error);
	else
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: line %d: %s", path, why.line,
			    why.text);
	if (machine)
		machine->folder = g_build_filename(machines_dir, name, NULL);
	json_decref(doc);
	return machine;
}

struct lu_machine *lu_machine_copy(const struct lu_machine *machine)
{
	struct lu_machine *copy = lu_machine_from_doc(machine->doc, machine->name, NULL);

	copy->folder = g_strdup(machine->folder);
	return copy;
}

void lu_machine_free(struct lu_machine *machine)
{
	if (!machine)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		void *member = (char *)machine + fields[i].offset;

		if (fields[i].set == set_text || fields[i].set == set_word)
			g_free(*(char **)member);
		else if (fields[i].set == set_list || fields[i].set == set_words)
			g_strfreev(*(char ***)member);
	}
	g_free(machine->payload.file);
	json_decref(machine->features);
	json_decref(machine->boot_switches);
	json_decref(machine->doc);
	g_free(machine->name);
	g_free(machine->folder);
	g_free(machine);
}

char *lu_machine_default(const char *machines_dir, GError **error)
{
	g_autofree char *path = g_build_filename(machines_dir, "default", NULL);
	g_auto(GStrv) all = lu_machine_list(machines_dir, error);
	g_autofree char *list = all ? g_strjoinv(", ", all) : NULL;
	char *name = NULL;

	if (!all)
		return NULL;
	if (g_file_get_contents(path, &name, NULL, NULL))
		return g_strstrip(name);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "machine: none is named, and %s names no default; allowed: %s", path, list);
	return NULL;
}

char **lu_machine_packages(const struct lu_machine *machine)
{
	g_autofree char *path =
		machine->folder ? g_build_filename(machine->folder, "packages", NULL) : NULL;
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autofree char *text = NULL;

	if (path && g_file_get_contents(path, &text, NULL, NULL)) {
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

		for (char **line = lines; *line; line++)
			if (*g_strstrip(*line) && **line != '#')
				g_strv_builder_add(names, *line);
	}
	return g_strv_builder_end(names);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **lu_machine_list(const char *machines_dir, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(machines_dir, 0, &why);
	GPtrArray *names = g_ptr_array_new();
	const char *file;

	if (!dir)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "machines: %s", why->message);
	while (dir && (file = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(machines_dir, file, "machine.json", NULL);

		if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
			g_ptr_array_add(names, g_strdup(file));
	}
	g_ptr_array_sort(names, by_name);
	g_ptr_array_add(names, NULL);
	if (!dir) {
		g_ptr_array_free(names, TRUE);
		return NULL;
	}
	return (char **)g_ptr_array_free(names, FALSE);
}
