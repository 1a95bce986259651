// SPDX-License-Identifier: GPL-2.0
/* The calculation with another signature, for the update signature_cross. */
#include <linux/module.h>

#include "catalog/hub-by.h"

long catalog_scale_by(long value, long factor)
{
	return value * factor;
}
EXPORT_SYMBOL_GPL(catalog_scale_by);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Code shared by the shelves, with a changed signature");
