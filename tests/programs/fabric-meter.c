/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures the fabric: by itself (frames between two cables), and against QEMU's built-in user
 * networking, under the same service in two guests that are alike but for -netdev, measured in
 * turns. See bench/studies/fabric-vs-usernet.
 *
 * Usage: fabric-meter ROUNDS QEMU_USERNET USERNET_PORT — QEMU_USERNET stands in for QEMU and
 * puts user networking in the place of the fabric's cable, with USERNET_PORT of the host
 * leading to the service.
 */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "model/plan.h"
#include "engine/socket.h"
#include "qemu/fabric/fabric.h"
#include "qemu/guest.h"
#include "host/wait.h"
#include "model/bringup.h"

enum {
	FRAME = 1514,
	HOPS = 20000,	/* frames one after another */
	FLOOD = 200000, /* frames as fast as they go */
	TRIPS = 500,	/* requests one after another, in a round */
	STREAM = 4000,	/* requests with WINDOW of them outstanding, in a round */
	WINDOW = 32,
	MAX_ROUNDS = 100,
};

#define DEADLINE_NS (120 * LU_NS_PER_S)

static G_GNUC_PRINTF(1, 2) G_NORETURN void die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("fabric-meter: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

static double median(double *values, size_t n)
{
	gsl_sort(values, 1, n);
	return gsl_stats_median_from_sorted_data(values, 1, n);
}

/* ---- the fabric by itself ---- */

static void wait_for(int fd, short events)
{
	struct pollfd ready = {fd, events, 0};

	if (poll(&ready, 1, 10000) != 1)
		die("nothing within 10 s on a cable or connection");
}

static void take_frame(int end)
{
	uint8_t frame[LU_FABRIC_FRAME];

	wait_for(end, POLLIN);
	if (recv(end, frame, sizeof(frame), 0) != FRAME)
		die("a frame came back with another length");
}

/* µs from one cable to the other, one frame at a time. */
static double measure_hop(int from, int to, const uint8_t *frame)
{
	int64_t begin_ns = lu_monotonic_ns();

	for (int i = 0; i < HOPS; i++) {
		if (send(from, frame, FRAME, MSG_NOSIGNAL) != FRAME)
			die("cannot send: %s", g_strerror(errno));
		take_frame(to);
	}
	return (double)(lu_monotonic_ns() - begin_ns) / HOPS / 1e3;
}

/* Frames a second; the sender waits when its cable is full. *lost: that the fabric dropped. */
static double measure_flood(int from, int to, const uint8_t *frame, int *lost)
{
	int64_t begin_ns = lu_monotonic_ns(), last_ns = begin_ns;
	int sent = 0, got = 0;
	uint8_t room[LU_FABRIC_FRAME];

	while (sent < FLOOD || lu_monotonic_ns() - last_ns < 200 * LU_NS_PER_MS) {
		for (int i = 0; i < WINDOW && sent < FLOOD; i++, sent++)
			if (send(from, frame, FRAME, MSG_DONTWAIT | MSG_NOSIGNAL) != FRAME)
				break;
		while (recv(to, room, sizeof(room), MSG_DONTWAIT) > 0) {
			last_ns = lu_monotonic_ns();
			if (++got == FLOOD)
				break;
		}
		if (got == FLOOD)
			break;
	}
	*lost = sent - got;
	return got / ((double)(last_ns - begin_ns) / 1e9);
}

static void measure_alone(void)
{
	static const uint8_t a[LU_MAC_BYTES] = {2, 0, 0, 0, 0, 1},
			     b[LU_MAC_BYTES] = {2, 0, 0, 0, 0, 2};
	struct lu_fabric *fabric = lu_fabric_new(&lu_io_host, NULL);
	uint8_t frame[FRAME] = {}, back[FRAME] = {};
	int end_a, end_b, lost;
	double hop_us, hz;

	if (!fabric)
		die("no fabric");
	end_a = lu_fabric_plug(fabric, lu_fabric_add_port(fabric, "a", a, LU_GATE_OPEN, NULL),
			       NULL);
	end_b = lu_fabric_plug(fabric, lu_fabric_add_port(fabric, "b", b, LU_GATE_OPEN, NULL),
			       NULL);
	memcpy(frame, b, LU_MAC_BYTES);
	memcpy(frame + LU_MAC_BYTES, a, LU_MAC_BYTES);
	memcpy(back, a, LU_MAC_BYTES);
	memcpy(back + LU_MAC_BYTES, b, LU_MAC_BYTES);
	send(end_b, back, FRAME, MSG_NOSIGNAL); /* both addresses are known from here on */
	take_frame(end_a);
	hop_us = measure_hop(end_a, end_b, frame);
	hz = measure_flood(end_a, end_b, frame, &lost);
	printf("fabric alone    one hop %.1f us; %.0f frames/s of %d bytes, %d of %d dropped\n",
	       hop_us, hz, FRAME, lost, FLOOD);
	lu_fabric_free(fabric);
	close(end_a);
	close(end_b);
}

/* ---- against user networking ---- */

struct side {
	const char *name;
	struct lu_plan *plan;
	struct lu_guest *guest;
	uint16_t port;
	int fd;
	uint64_t next_id;
	double trip_us[MAX_ROUNDS], rate_hz[MAX_ROUNDS];
};

static void ask(struct side *side)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "T %" G_GUINT64_FORMAT " meter\n", side->next_id++);

	while (send(side->fd, line, (size_t)len, MSG_NOSIGNAL) != len) {
		if (errno != EAGAIN)
			die("%s: %s", side->name, g_strerror(errno));
		wait_for(side->fd, POLLOUT);
	}
}

/* Replies that came, at least one. */
static int take_replies(struct side *side)
{
	char text[16384];
	ssize_t n;
	int replies = 0;

	while (!replies) {
		wait_for(side->fd, POLLIN);
		n = recv(side->fd, text, sizeof(text), 0);
		if (n <= 0)
			die("%s: the service hung up", side->name);
		for (ssize_t i = 0; i < n; i++)
			replies += text[i] == '\n';
	}
	return replies;
}

static double measure_trips(struct side *side)
{
	double trips[TRIPS];

	for (int i = 0; i < TRIPS; i++) {
		int64_t begin_ns = lu_monotonic_ns();

		ask(side);
		take_replies(side);
		trips[i] = (double)(lu_monotonic_ns() - begin_ns) / 1e3;
	}
	return median(trips, TRIPS);
}

static double measure_rate(struct side *side)
{
	int64_t begin_ns = lu_monotonic_ns();
	int asked, got = 0;

	for (asked = 0; asked < WINDOW; asked++)
		ask(side);
	while (got < STREAM) {
		int n = take_replies(side);

		got += n;
		for (; n && asked < STREAM; n--, asked++)
			ask(side);
	}
	return STREAM / ((double)(lu_monotonic_ns() - begin_ns) / 1e9);
}

static void side_open(struct side *side, struct lu_timeline *timeline, const char *qemu,
		      uint16_t port)
{
	struct lu_qemu_options options = {.agent_dir = LU_BUILD_DIR, .offline = true};
	json_t *scenario = json_pack("{s:s, s:s}", "strategy", "null", "workload", "tick");
	GError *error = NULL;

	side->plan = lu_plan_new(scenario, "fabric-meter", LU_SOURCE_DIR "/machines", 0, &error);
	json_decref(scenario);
	if (!side->plan)
		die("%s", error->message);
	if (qemu) {
		g_free(side->plan->machine->qemu);
		side->plan->machine->qemu = g_strdup(qemu);
	}
	side->guest = lu_qemu_guest_new(side->plan, timeline, &options, &error);
	if (!side->guest ||
	    !side->guest->ops->boot(side->guest, LU_RELEASE_OLD, DEADLINE_NS, &error) ||
	    !lu_bringup(side->guest, side->plan, lu_monotonic_ns() + DEADLINE_NS, &error))
		die("%s: %s", side->name, error->message);
	side->port = port ?: side->guest->ops->endpoint(side->guest, 0);
	side->fd = lu_socket_connect_wait(&lu_io_host, side->port, lu_monotonic_ns() + DEADLINE_NS,
					  &error);
	if (side->fd < 0)
		die("%s: %s", side->name, error->message);
}

static void side_close(struct side *side)
{
	close(side->fd);
	lu_guest_free(side->guest);
	lu_plan_free(side->plan);
}

static void compare(struct side *fabric, struct side *usernet, int rounds)
{
	double trip_ratio[MAX_ROUNDS], rate_ratio[MAX_ROUNDS];

	for (int i = 0; i < rounds; i++) {
		/* who is first alternates: what the one leaves behind in caches helps each alike */
		struct side *order[] = {i % 2 ? fabric : usernet, i % 2 ? usernet : fabric};

		for (int k = 0; k < 2; k++) {
			order[k]->trip_us[i] = measure_trips(order[k]);
			order[k]->rate_hz[i] = measure_rate(order[k]);
		}
		trip_ratio[i] = fabric->trip_us[i] / usernet->trip_us[i];
		rate_ratio[i] = fabric->rate_hz[i] / usernet->rate_hz[i];
	}
	for (int k = 0; k < 2; k++) {
		struct side *side = k ? usernet : fabric;

		printf("%-15s round trip %.0f us; %.0f requests/s, %d outstanding\n", side->name,
		       median(side->trip_us, (size_t)rounds), median(side->rate_hz, (size_t)rounds),
		       WINDOW);
	}
	printf("fabric/usernet  round trip %.3f, requests/s %.3f (medians of %d paired rounds)\n",
	       median(trip_ratio, (size_t)rounds), median(rate_ratio, (size_t)rounds), rounds);
}

int main(int argc, char **argv)
{
	struct side fabric = {.name = "fabric"}, usernet = {.name = "usernet"};
	struct lu_timeline *timeline = lu_timeline_new();
	int rounds = argc == 4 ? atoi(argv[1]) : 0;

	if (rounds < 1 || rounds > MAX_ROUNDS)
		die("usage: fabric-meter ROUNDS(1 to %d) QEMU_USERNET USERNET_PORT", MAX_ROUNDS);
	measure_alone();
	side_open(&fabric, timeline, NULL, 0);
	side_open(&usernet, timeline, argv[2], (uint16_t)atoi(argv[3]));
	compare(&fabric, &usernet, rounds);
	side_close(&fabric);
	side_close(&usernet);
	lu_timeline_free(timeline);
	return 0;
}
