/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classes of requests, by which waits are told apart: reads from writes, connections that stay from
 * those that come and go. A record names them with each request. */
#pragma once
#include "record/samples.h"

/* Requests that name no class. */
#define LU_CLASS_STEADY "steady"
/* As many are told apart, so that a damaged record makes no more; the others are one, */
#define LU_CLASSES     16
#define LU_CLASS_OTHER "other"

/* Names of the classes of these requests, sorted: const char *, borrowed from the samples; empty
 * without requests. */
GPtrArray *lu_classes_of(const struct lu_samples *samples);
/* Is the request of that class, one of these? */
bool lu_class_has(const GPtrArray *classes, const char *class, const struct lu_asked *asked);
