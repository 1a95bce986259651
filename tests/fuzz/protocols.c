/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: whatever a service of the user's says, each protocol with keys takes no more than
 * there is, and gives no value outside of it. */
#include <stdint.h>
#include <stdlib.h>
#include "workloads/service/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_VALUE 4096

static void within(const uint8_t *part, size_t len, const uint8_t *data, size_t size)
{
	if (len && (part < data || len > size || part + len > data + size))
		abort();
}

static void try_codec(const struct lu_keyed_codec *codec, const uint8_t *data, size_t size)
{
	struct lu_keyed_command command = {0};
	ssize_t n;

	for (enum lu_keyed_op op = LU_KEYED_GET; op <= LU_KEYED_COUNT; op++) {
		struct lu_keyed_answer answer = {.evicted = -1};

		n = codec->parse(op, data, size, MAX_VALUE, &answer);
		if (n > (ssize_t)size || (n > 0 && answer.value_len > MAX(size, MAX_VALUE)))
			abort();
		if (n > 0 && answer.kind == LU_KEYED_VALUE)
			within(answer.value, answer.value_len, data, size);
	}
	n = codec->parse_command(data, size, MAX_VALUE, &command);
	if (n > (ssize_t)size)
		abort();
	if (n > 0 && command.op != LU_KEYED_COUNT)
		within((const uint8_t *)command.key, command.key_len, data, size);
	if (n > 0 && command.op == LU_KEYED_SET)
		within(command.value, command.value_len, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = g_memdup2(data, size); /* so that a read beyond it is found */

	for (size_t i = 0; lu_protocols[i]; i++)
		if (lu_protocols[i]->codec)
			try_codec(lu_protocols[i]->codec, copy, size);
	g_free(copy);
	return 0;
}
