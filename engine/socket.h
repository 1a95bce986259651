/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP sockets to a loopback port: non-blocking, close-on-exec, no Nagle delay. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Begin to connect; the descriptor or -1 (errno). *connected: it is done already. */
int lu_socket_connect(uint16_t port, bool *connected);
/* Connect by deadline_ns (CLOCK_MONOTONIC). -1: LU_ERROR_FAILED or LU_ERROR_TIMEOUT. */
int lu_socket_connect_wait(uint16_t port, int64_t deadline_ns, GError **error);
/* The pending error of a socket whose connect() has ended, 0: none. */
int lu_socket_error(int fd);
