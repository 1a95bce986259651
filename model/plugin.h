/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategies from shared objects: what such a file defines, and how they are found. A plugin is
 * compiled against these headers (installed below include/lubench) and resolves the functions that
 * they declare in the lubench that loads it, like fio's external I/O engines:
 *
 *     cc -shared -fPIC -I PREFIX/include/lubench $(pkg-config --cflags glib-2.0 jansson) \
 *         -o mine.so mine.c
 *
 * LU_PLUGIN_ABI counts up with every change of what a plugin sees; another number is refused.
 */
#pragma once
#include <stdint.h>
#include "model/strategy.h"

#define LU_PLUGIN_ABI 2

/* The first two members stay as they are in every version. */
struct lu_plugin {
	char magic[8];		/* LU_PLUGIN_MAGIC */
	uint32_t abi;		/* LU_PLUGIN_ABI */
	uint32_t strategy_size; /* of the structures, as the plugin was compiled */
	uint32_t phase_size, guest_ops_size, plan_size, needs_size;
	const struct lu_strategy *strategy;
};

#define LU_PLUGIN_MAGIC "lubench"

/* In the plugin, once: exports its strategy. */
#define LU_PLUGIN(of)                                                                              \
	const struct lu_plugin lu_plugin __attribute__((visibility("default"))) = {                \
		.magic = LU_PLUGIN_MAGIC,                                                          \
		.abi = LU_PLUGIN_ABI,                                                              \
		.strategy_size = sizeof(struct lu_strategy),                                       \
		.phase_size = sizeof(struct lu_phase),                                             \
		.guest_ops_size = sizeof(struct lu_guest_ops),                                     \
		.plan_size = sizeof(struct lu_plan),                                               \
		.needs_size = sizeof(struct lu_needs),                                             \
		.strategy = &(of),                                                                 \
	}

/* A shared object that was taken. */
struct lu_loaded_plugin {
	const struct lu_strategy *strategy;
	char *path, *sha256;
};

/* Those in the folders of LUBENCH_PLUGINS (separated by colons), sorted by path within each; looked
 * for once. Borrowed. */
GPtrArray *lu_plugins(void);
/* Why files or folders there were not taken: strings "PATH: why". Borrowed. */
GPtrArray *lu_plugins_refused(void);
/* The plugin that brought this strategy, or NULL: it is one of our own. */
const struct lu_loaded_plugin *lu_plugin_of(const struct lu_strategy *strategy);
