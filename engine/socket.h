/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to a loopback port; they do not block. */
#pragma once
#include "host/io.h"

/* Connect by deadline_ns (of io's clock). -1: LU_ERROR_FAILED or LU_ERROR_TIMEOUT. */
int lu_socket_connect_wait(const struct lu_io *io, uint16_t port, int64_t deadline_ns,
			   GError **error);
/* The port of its own end; 0: it has none. */
uint16_t lu_socket_port(int fd);
/* The pending error of a socket whose connect() has ended, 0: none. */
int lu_socket_error(int fd);
/* Send what it takes of these bytes, and remove that. false: the connection is lost, with errno. */
bool lu_socket_send(int fd, GByteArray *bytes);
