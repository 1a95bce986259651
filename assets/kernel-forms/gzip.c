/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An image of another form in gzip, such as kbuild's Image.gz, which the boot loader unpacks. */
#include <string.h>
#include "record/error.h"
#include "assets/kernel-form.h"

enum { SMALLEST = 18 }; /* header and trailer (RFC 1952) */

static bool is(const uint8_t *bytes, gsize size)
{
	return size >= 3 && !memcmp(bytes, "\x1f\x8b\x08", 3);
}

static bool open_gzip(const uint8_t *bytes, gsize size, struct lu_kernel_inside *inside,
		      GError **error)
{
	if (size < SMALLEST) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_FAILED,
				    "its gzip data are truncated");
		return false;
	}
	*inside = (struct lu_kernel_inside){bytes, size};
	return true;
}

const struct lu_kernel_form lu_kernel_form_gzip = {"gzip", is, open_gzip};
