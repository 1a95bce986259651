/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/boot-switch.h"
#include <string.h>
#include "model/strategy.h"
#include "record/error.h"

#define NAME(name, help) #name,
const char *const lu_boot_switches[] = {LU_BOOT_SWITCHES(NAME) NULL};
#undef NAME

/* Those that no machine's file has: what they spare is of our own making. */
static const char *const everywhere[] = {"initramfs", "modules", NULL};

static bool is_text_list(const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach((json_t *)list, i, item)
	{
		if (!json_is_string(item))
			return false;
	}
	return json_is_array(list);
}

static bool is_text_object(const json_t *object)
{
	const char *key;
	json_t *item;

	json_object_foreach((json_t *)object, key, item)
	{
		if (!json_is_string(item))
			return false;
	}
	return json_is_object(object);
}

/* An empty string: it is right. */
static const char *wrong_in_setting(const json_t *setting)
{
	const char *key;
	json_t *value;

	if (!json_is_object(setting))
		return "must be an object";
	json_object_foreach((json_t *)setting, key, value)
	{
		bool text = !strcmp(key, "cmdline") || !strcmp(key, "image");

		if (text && !json_is_string(value))
			return "cmdline and image must be texts";
		if (!strcmp(key, "qemu_args") && !is_text_list(value))
			return "qemu_args must be a list of texts";
		if (!strcmp(key, "learn") && !is_text_object(value))
			return "learn must be {\"WORD\": \"EXPRESSION\"}";
		if (!text && strcmp(key, "qemu_args") != 0 && strcmp(key, "learn") != 0)
			return "allowed: cmdline, qemu_args, image, learn";
	}
	return "";
}

static const char *wrong_in_switch(const json_t *one)
{
	const json_t *why = json_object_get(one, "why");
	const char *key, *wrong = "";
	json_t *value;

	if (!json_is_object(one))
		return "must be an object";
	if (why)
		return json_is_string(why) && json_object_size(one) == 1
			       ? ""
			       : "\"why\" must be a text and stands alone";
	json_object_foreach((json_t *)one, key, value)
	{
		if (*wrong)
			break;
		wrong = strcmp(key, "plain") && strcmp(key, "fast")
				? "allowed: plain and fast, or why"
				: wrong_in_setting(value);
	}
	return wrong;
}

bool lu_boot_switches_check(const json_t *switches, char **why)
{
	const char *name;
	json_t *one;

	*why = NULL;
	json_object_foreach((json_t *)switches, name, one)
	{
		const char *wrong = !g_strv_contains(lu_boot_switches, name) ? "no such switch"
				    : g_strv_contains(everywhere, name)
					    ? "every machine has it, with the same meaning"
					    : wrong_in_switch(one);

		if (!*wrong)
			continue;
		*why = g_strdup_printf("%s: %s", name, wrong);
		return false;
	}
	return true;
}

static const json_t *entry_of(const struct lu_machine *machine, const char *name)
{
	return json_object_get(machine->boot_switches, name);
}

bool lu_boot_switch_offered(const struct lu_machine *machine, const char *name, GError **error)
{
	const json_t *entry = entry_of(machine, name);
	const char *why = json_string_value(json_object_get(entry, "why"));

	if (g_strv_contains(everywhere, name) || (entry && !why))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "%s: machine %s has no such boot switch: %s; allowed: auto", name,
		    machine->name, why ?: "its machine.json does not say what it would be");
	return false;
}

static const json_t *setting_of(const struct lu_machine *machine, const char *name, bool fast)
{
	return json_object_get(entry_of(machine, name), fast ? "fast" : "plain");
}

const json_t *lu_boot_switch_learns(const struct lu_machine *machine, const char *name, bool fast)
{
	return json_object_get(setting_of(machine, name, fast), "learn");
}

static void add_setting(const json_t *setting, struct lu_next_boot *boot)
{
	const char *words = json_string_value(json_object_get(setting, "cmdline"));
	const char *image = json_string_value(json_object_get(setting, "image"));
	json_t *word;
	size_t i;

	if (words) {
		g_autofree char *all = g_strjoin(" ", boot->cmdline ?: "", words, NULL);

		boot->cmdline = g_intern_string(all);
	}
	if (image)
		boot->image = g_intern_string(image);
	json_array_foreach(json_object_get(setting, "qemu_args"), i, word) g_ptr_array_add(
		boot->qemu_args, (gpointer)g_intern_string(json_string_value(word)));
}

void lu_boot_switch_add(const struct lu_machine *machine, const char *name, bool fast,
			struct lu_next_boot *boot)
{
	const json_t *setting = setting_of(machine, name, fast);
	bool full = !strcmp(name, "initramfs") && !fast;

	boot->most_modules |= full;
	if (setting)
		add_setting(setting, boot);
	if (setting || full)
		g_ptr_array_add(fast ? boot->saved : boot->added, (gpointer)g_intern_string(name));
}
