/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LU_CATALOG_HUB_BY_H
#define LU_CATALOG_HUB_BY_H

long catalog_scale_by(long value, long factor);

#endif
