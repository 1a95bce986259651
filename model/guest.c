/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/guest.h"

void lu_guest_free(struct lu_guest *guest)
{
	if (guest)
		guest->ops->free(guest);
}
