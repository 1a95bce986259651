/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one error domain. */
#include "record/error.h"

G_DEFINE_QUARK(lu - error - quark, lu_error)
