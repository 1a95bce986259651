/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/order.h"

struct want {
	uint64_t chunk;
	int64_t since_ns;
};

void lu_image_order_init(struct lu_image_order *order, uint64_t chunks)
{
	order->chunks = chunks;
	order->read = g_malloc0(chunks + 1);
	g_queue_init(&order->wants);
}

void lu_image_order_clear(struct lu_image_order *order)
{
	g_queue_clear_full(&order->wants, g_free);
	g_free(order->read);
}

void lu_image_order_want(struct lu_image_order *order, uint64_t chunk, int64_t now_ns)
{
	struct want want = {chunk, now_ns};

	g_queue_push_tail(&order->wants, g_memdup2(&want, sizeof(want)));
}

bool lu_image_order_all(const struct lu_image_order *order)
{
	return order->behind >= order->chunks;
}

uint64_t lu_image_order_next(const struct lu_image_order *order, bool *wanted)
{
	const struct want *want = order->wants.head ? order->wants.head->data : NULL;

	*wanted = want != NULL;
	return want ? want->chunk : order->behind;
}

/* Other waits for the same chunk end with it, too. */
static void account(struct lu_image_order *order, uint64_t chunk, int64_t now_ns)
{
	for (GList *each = order->wants.head, *next; each; each = next) {
		struct want *want = each->data;
		int64_t ns = now_ns - want->since_ns;

		next = each->next;
		if (want->chunk != chunk)
			continue;
		order->waits++;
		order->wait_ns += ns;
		order->longest_ns = MAX(order->longest_ns, ns);
		g_free(want);
		g_queue_delete_link(&order->wants, each);
	}
}

void lu_image_order_done(struct lu_image_order *order, uint64_t chunk, int64_t now_ns)
{
	order->read[chunk] = 1;
	account(order, chunk, now_ns);
	while (!lu_image_order_all(order) && order->read[order->behind])
		order->behind++;
}
