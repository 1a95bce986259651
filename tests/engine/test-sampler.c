/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampler's events: memory, and the host's CPU where the clock is that of a host. */
#include "tests/kit/cmocka-all.h"
#include "engine/sampler.h"

static int64_t now(struct lu_guest *guest)
{
	return lu_monotonic_ns();
}

static void memory(struct lu_guest *guest, struct lu_memory *memory)
{
	*memory = (struct lu_memory){1, 2, 3, 4, 5};
}

static const struct lu_guest_ops ops = {.name = "test", .now = now, .memory = memory};

/* What a sampler that is ended at once has recorded; the last sample is taken at its end. */
static struct lu_timeline *sampled(const struct lu_io *io)
{
	struct lu_guest guest = {.ops = &ops, .timeline = lu_timeline_new()};

	lu_sampler_free(lu_sampler_new(io, &guest, LU_NS_PER_S));
	lu_timeline_sort(guest.timeline);
	return guest.timeline;
}

static void test_host(void **state)
{
	struct lu_timeline *timeline = sampled(&lu_io_host);
	const struct lu_event *used = lu_timeline_find(timeline, "host", "memory", 0);
	const struct lu_event *cpu = lu_timeline_find(timeline, "host", "cpu", 0);

	assert_non_null(used);
	assert_int_equal(json_integer_value(json_object_get(used->value, "qemu_bytes")), 3);
	assert_non_null(cpu);
	assert_true(json_integer_value(json_object_get(cpu->value, "ns")) > 0);
	assert_true(json_is_integer(json_object_get(cpu->value, "busy_ns")));
	lu_timeline_free(timeline);
}

/* Where time is the test's own, what the host does says nothing. */
static void test_no_host(void **state)
{
	struct lu_io io = lu_io_host;

	io.proc = NULL;
	struct lu_timeline *timeline = sampled(&io);

	assert_non_null(lu_timeline_find(timeline, "host", "memory", 0));
	assert_null(lu_timeline_find(timeline, "host", "cpu", 0));
	lu_timeline_free(timeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_no_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
