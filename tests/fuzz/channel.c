/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: whatever comes from a guest, cut anywhere, the channel neither crashes nor sees
 * another number of boots. */
#include <stdint.h>
#include <stdlib.h>
#include "qemu/vm/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_hello(void *data, const struct lu_hello *hello)
{
	unsigned *hellos = data;

	if (!hello->kernel || !hello->arch || (hello->marks && !json_is_object(hello->marks)))
		abort();
	++*hellos;
}

static void on_event(void *data, const char *name, json_t *event)
{
	if (!name || !json_is_object(event))
		abort();
}

static const struct lu_channel_ops ops = {on_hello, on_event};

static unsigned boots_in(const uint8_t *data, size_t size, size_t chunk)
{
	unsigned hellos = 0, boots;
	struct lu_channel *channel = lu_channel_new(NULL, -1, &ops, &hellos);

	for (size_t at = 0; at < size; at += chunk)
		lu_channel_feed(channel, (const char *)data + at, MIN(chunk, size - at));
	boots = lu_channel_boots(channel);
	lu_channel_free(channel);
	if (boots != hellos)
		abort();
	return boots;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (boots_in(data, size, MAX(size, 1)) != boots_in(data, size, 5))
		abort();
	return 0;
}
