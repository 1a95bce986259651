/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel modules of a feature, loaded and unloaded: delete_module(2).
 *
 * modules {features: ["net", "criu"], params: {"lu_block": "version=v2"}?} → loaded, load_ns.
 *     Lists are in /etc/lubench/modules/FEATURE (agent/modules.h), our own modules are a feature
 *     each; params: more words for their load. Undone by modules.drop.
 * modules.drop {features: ["lu_block_v2"], wait_ms?} → dropped, kept (those in use). Features that
 *     are one module of that name each; wait_ms: how long those in use are tried again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/loop.h"
#include "agent/modules.h"
#include "agent/verb.h"

#define LOOK_NS 5000000

static void modules(struct request *request)
{
	json_t *features = json_object_get(request->args, "features"), *feature;
	json_t *params = json_object_get(request->args, "params");
	int64_t begin = now_ns();
	int loaded = 0, n;
	char why[400];
	size_t i;

	json_array_foreach(features, i, feature)
	{
		const char *name = json_string_value(feature);
		const char *more = name ? json_string_value(json_object_get(params, name)) : NULL;

		n = modules_load_feature(name ? name : "/", more ? more : "", why, sizeof(why));
		if (n < 0) {
			reply_error(request, "unsupported", "modules: %s", why);
			return;
		}
		loaded += n;
	}
	reply_ok(request, json_pack("{s:i, s:I}", "loaded", loaded, "load_ns",
				    (json_int_t)(now_ns() - begin)));
}

/*
 * Modules to unload. After a user has ended, its clean-up may continue in the background (a network
 * namespace and its devices), and there is no notification of the last release: modules in use are
 * tried again for as long as the caller asks.
 */
struct drop {
	struct request *request;
	json_t *kept; /* names of modules in use, in the order of unloading */
	int dropped;
	int64_t until_ns;
};

/* Each feature is one module of the same name. Modules that are not loaded are skipped. */
static void try_all(struct drop *drop)
{
	json_t *busy = json_array(), *feature;
	size_t i;

	json_array_foreach(drop->kept, i, feature)
	{
		const char *name = json_string_value(feature);

		if (name && syscall(SYS_delete_module, name, O_NONBLOCK) == 0)
			drop->dropped++;
		else if (name && errno != ENOENT)
			json_array_append(busy, feature);
	}
	json_decref(drop->kept);
	drop->kept = busy;
}

static void look(void *data)
{
	struct drop *drop = data;

	try_all(drop);
	if (json_array_size(drop->kept) && now_ns() < drop->until_ns) {
		loop_at(now_ns() + LOOK_NS, look, drop);
		return;
	}
	reply_ok(drop->request,
		 json_pack("{s:i, s:o}", "dropped", drop->dropped, "kept", drop->kept));
	free(drop);
}

static void modules_drop(struct request *request)
{
	struct drop *drop = calloc(1, sizeof(*drop));
	json_t *features = json_object_get(request->args, "features");

	drop->request = request;
	drop->kept = json_is_array(features) ? json_copy(features) : json_array();
	drop->until_ns = now_ns() + arg_int(request, "wait_ms", 0) * 1000000;
	look(drop);
}

const struct lu_agent_verbs lu_agent_verbs_modules = {
	"modules",
	{
		{"modules", modules},
		{"modules.drop", modules_drop},
		{},
	},
};
