/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices by the serial number that the machine gave them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* "/dev/vda" for a serial; false: there is none. */
bool block_by_serial(const char *serial, char *device, size_t size);
