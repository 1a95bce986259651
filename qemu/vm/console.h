/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's console: its last lines, and whether its kernel has reported a panic or an oops. */
#pragma once
#include <glib.h>
#include <stddef.h>
#include "qemu/fabric/gate.h"

struct lu_console;

/* Owns fd (a socket); -1: fed by lu_console_feed only. */
struct lu_console *lu_console_new(GMainContext *context, int fd);
void lu_console_free(struct lu_console *console);
void lu_console_feed(struct lu_console *console, const char *bytes, size_t len);
/* The line in which the kernel announced a panic or an oops, without its time stamp, or NULL. Owned
 * by the console. */
const char *lu_console_panic(const struct lu_console *console);
/*
 * Gate between the guest and lu_console_tail; open at first. A standby's console is held or closed
 * until it takes over. The gate affects neither lu_console_panic nor lu_console_words.
 */
void lu_console_gate(struct lu_console *console, enum lu_gate_state state);
/* The last lines that passed the gate, each with its \n; "" when there are none. Caller frees. */
char *lu_console_tail(const struct lu_console *console, unsigned lines);
/* The last lines, whether or not they passed the
 * gate: to say why the machine died. Caller frees. */
char *lu_console_words(const struct lu_console *console, unsigned lines);
