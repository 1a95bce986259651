/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link modelled as a server with one queue, followed by a delay. */
#include "record/shape.h"

#define NS_PER_S 1000000000.0

void lu_shape_init(struct lu_shape *shape, const struct lu_shape_config *config)
{
	*shape = (struct lu_shape){.config = *config};
	if (!shape->config.queue_bytes)
		shape->config.queue_bytes = LU_SHAPE_QUEUE;
	shape->chance = g_rand_new_with_seed(config->seed);
}

void lu_shape_clear(struct lu_shape *shape)
{
	g_clear_pointer(&shape->chance, g_rand_free);
}

static int64_t sending_ns(const struct lu_shape *shape, size_t len)
{
	if (!shape->config.rate_bps)
		return 0;
	return (int64_t)(len * 8 * NS_PER_S / shape->config.rate_bps);
}

/* Bytes of earlier frames that are still queued. */
static double backlog(const struct lu_shape *shape, int64_t now_ns)
{
	int64_t busy_ns = MAX(shape->busy_until_ns - now_ns, 0);

	return busy_ns * (shape->config.rate_bps / (8 * NS_PER_S));
}

enum lu_shape_verdict lu_shape_take(struct lu_shape *shape, int64_t now_ns, size_t len,
				    int64_t *leave_ns)
{
	bool lost = g_rand_double(shape->chance) < shape->config.loss;

	if (shape->config.rate_bps && backlog(shape, now_ns) + len > shape->config.queue_bytes)
		return LU_SHAPE_FULL;
	shape->busy_until_ns = MAX(shape->busy_until_ns, now_ns) + sending_ns(shape, len);
	if (lost)
		return LU_SHAPE_LOST;
	*leave_ns = shape->busy_until_ns + shape->config.delay_ns;
	return LU_SHAPE_LEAVES;
}
