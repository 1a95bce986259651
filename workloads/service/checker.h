/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of the user's that knows a protocol: asked line by line on its standard input, it answers
 * on its standard output (docs/reference/services.md#checkers). It lives as long as the client, ends
 * with the harness however that ends, and with it all that it has started. One that does not answer
 * in time, or says what it may not, is ended, and every question from then on is in vain.
 */
#pragma once
#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LU_CHECKER_MAX_LINE  (4u << 20) /* bytes, with its newline */
#define LU_CHECKER_ANSWER_MS 2000

struct lu_checker;

/* argv is NULL-terminated, argv[0] a path. One that cannot be started is gone from the beginning. */
struct lu_checker *lu_checker_new(char **argv);
void lu_checker_free(struct lu_checker *checker);
/* Say a line (its newline is added), followed by bytes in hexadecimal if there are any. false: it is
 * gone. */
bool lu_checker_say(struct lu_checker *checker, const uint8_t *bytes, size_t len,
		    const char *format, ...) G_GNUC_PRINTF(4, 5);
/* Its next line, without the newline; borrowed until the next call. NULL: it is gone. */
char *lu_checker_answer(struct lu_checker *checker);
/* It said what it may not: end it. Always false. */
bool lu_checker_reject(struct lu_checker *checker, const char *said);
/* Why it is gone, or NULL. */
const char *lu_checker_gone(const struct lu_checker *checker);
