// SPDX-License-Identifier: GPL-2.0
/* Shared by all parts of the shelves: a notifier chain, a calculation, symbol lookup. */
#include <linux/kprobes.h>

#include "catalog/catalog.h"

BLOCKING_NOTIFIER_HEAD(catalog_events);
EXPORT_SYMBOL_GPL(catalog_events);

noinline long catalog_scale(long value)
{
	return value * 2;
}
EXPORT_SYMBOL_GPL(catalog_scale);

/* kallsyms_lookup_name() is no longer exported; a kprobe finds its address. */
void *catalog_symbol(const char *name)
{
	struct kprobe probe = {.symbol_name = "kallsyms_lookup_name"};
	unsigned long (*lookup)(const char *symbol);
	char full[64];

	if (register_kprobe(&probe))
		return NULL;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	snprintf(full, sizeof(full), "lu_catalog_v1:%s", name);
	return (void *)lookup(full);
}
EXPORT_SYMBOL_GPL(catalog_symbol);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Code shared by the shelves");
