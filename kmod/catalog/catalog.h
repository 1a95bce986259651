/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small component for trying updates (docs/guide/update-coverage.md): a shelf of numbered items
 * that takes text commands through /dev/lucat0 and /dev/lucat1, one instance each.
 */
#ifndef LU_CATALOG_H
#define LU_CATALOG_H

#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "swap/swap.h"

#define CATALOG_COMPONENT "catalog"
#define CATALOG_TEXT	  64

struct catalog_ops {
	/* The answer: a number, a negative errno, or 0 with a text in
	 * `text` (CATALOG_TEXT bytes). */
	long (*ask)(void *state, const char *line, char *text);
};

/* The neutral form of a shelf. */
struct catalog_form {
	unsigned int count, gets, beats, turns, events, logged;
	u32 log[8];
	struct {
		u32 key, value, refs;
	} items[];
};

/* Shared by versions and instances (hub.c). */
extern struct blocking_notifier_head catalog_events;
long catalog_scale(long value);
/* For live patches: the address of a symbol of version 1, exported or not; NULL: not found. */
void *catalog_symbol(const char *name);

#endif
