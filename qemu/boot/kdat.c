/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "record/error.h"
#include "qemu/boot/kdat.h"
#include "qemu/boot/kdat-file.h"
#include "qemu/vm/vm.h"

#define DEADLINE_NS (120 * LU_NS_PER_S)

/* What the answers depend on: machine, accelerator, kernel, CRIU (both among the assets), and the
 * agent that asked. */
static char *cache_path(const struct lu_kdat_spec *spec)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *machine = json_dumps(spec->machine->doc, JSON_SORT_KEYS);
	g_autofree char *assets = json_dumps(lu_assets_describe(spec->assets), JSON_SORT_KEYS);
	g_autofree char *cache = lu_assets_cache_dir();
	const char *parts[] = {machine, assets, spec->kernel->release, spec->accel,
			       spec->agent_sha256};

	if (spec->kernel->sha256)
		g_checksum_update(sum, (const guchar *)spec->kernel->sha256, -1);
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		g_checksum_update(sum, (const guchar *)parts[i], (gssize)strlen(parts[i]) + 1);
	return g_strdup_printf("%s/kdat/%s@%.16s", cache, spec->kernel->release,
			       g_checksum_get_string(sum));
}

static GBytes *from_hex(const char *text, GError **error)
{
	GBytes *kdat = lu_kdat_from_hex(text);

	if (!kdat)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "criu.kdat: the agent's answer is not hex");
	return kdat;
}

static GBytes *ask(struct lu_vm *vm, const struct lu_kdat_spec *spec, int64_t deadline_ns,
		   GError **error)
{
	struct lu_channel *channel = lu_vm_channel(vm);
	const struct lu_waiter *waiter = lu_vm_waiter(vm);
	json_t *features = json_array();
	json_auto_t *reply = NULL;

	for (const char *const *f = spec->features; *f; f++)
		json_array_append_new(features, json_string(*f));
	if (!lu_channel_wait_boot(channel, waiter, 0, deadline_ns, error)) {
		json_decref(features);
		return NULL;
	}
	if (!lu_channel_call(channel, waiter, "modules", json_pack("{s:o}", "features", features),
			     deadline_ns, NULL, error) ||
	    !lu_channel_call(channel, waiter, "criu.kdat", NULL, deadline_ns, &reply, error))
		return NULL;
	return from_hex(json_string_value(json_object_get(reply, "hex")), error);
}

static void no_hello(void *data, const struct lu_hello *hello)
{
}

static void no_event(void *data, const char *name, json_t *event)
{
}

static GBytes *boot_and_ask(const struct lu_kdat_spec *spec, GError **error)
{
	static const struct lu_channel_ops ops = {.hello = no_hello, .event = no_event};
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autofree char *cmdline =
		g_strdup_printf("%s lubench.agent=%s lubench.generation=0", spec->machine->cmdline,
				spec->machine->agent_tty);
	int64_t deadline_ns = lu_monotonic_ns() + DEADLINE_NS;
	struct lu_vm_spec vm_spec = {
		.machine = spec->machine,
		.accel = spec->accel,
		.memory_mb = spec->machine->memory_mb,
		.payload = {LU_PAYLOAD_LINUX, spec->kernel->image, spec->initrd, cmdline},
		.next = -1,
		.store = -1,
		.data_disk = -1,
		.net = -1,
		.context = context,
		.cancellable = spec->cancellable,
		.channel_ops = &ops,
	};
	struct lu_vm *vm = lu_vm_start(&vm_spec, deadline_ns, error);
	GBytes *answers = vm ? ask(vm, spec, deadline_ns, error) : NULL;

	lu_vm_free(vm);
	return answers;
}

static void note(const struct lu_kdat_spec *spec, const char *text)
{
	if (spec->note)
		spec->note(spec->note_data, text);
}

/* What is damaged is asked for again: that costs some seconds, and leaves nothing to do for the
 * user. */
static GBytes *from_cache(const struct lu_kdat_spec *spec, const char *path)
{
	g_autoptr(GError) why = NULL;
	GBytes *kdat = lu_kdat_load(path, &why);

	if (why)
		note(spec, why->message);
	return kdat;
}

GBytes *lu_kdat_get(const struct lu_kdat_spec *spec, GError **error)
{
	g_autofree char *path = cache_path(spec);
	GBytes *answers = from_cache(spec, path);

	if (answers)
		return answers;
	note(spec, "probing the next kernel's features for CRIU (once, then cached)");
	answers = boot_and_ask(spec, error);
	if (answers)
		lu_kdat_save(path, answers);
	else
		g_prefix_error(error, "probing kernel %s for CRIU: ", spec->kernel->release);
	return answers;
}
