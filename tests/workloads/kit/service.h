/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One of our services on the host, one at a time. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* Start build/PROGRAM with "--port N" and these words (NULL-terminated). Returns its pid. */
pid_t service_start(const char *program, const char *const *words);
/* SIGKILL, and wait for it. */
void service_stop(void);
/* The same program with the same words again, on another port. */
void service_restart(void);
/* SIGSTOP, returns once it is stopped; and SIGCONT. */
void service_pause(void);
void service_go_on(void);
/* Another process has taken the port over; the one before has been waited for. */
void service_replaced(pid_t pid);
/* A connection, once it listens; fails the test when it has ended instead. */
int service_connect(void);
/* One whose sockets hold as little as there is. */
int service_connect_narrow(void);
/* Send a request (with its newline) and read one line into reply. */
void service_ask(int fd, const char *request, char *reply, size_t size);
/* "" at the end of the connection. */
void service_read_line(int fd, char *line, size_t size);
void service_expect(int fd, const char *request, const char *reply);
/* Each of these lines is answered by "E …" and the end of the connection. */
void service_rejects(const char *const *lines, size_t n);
