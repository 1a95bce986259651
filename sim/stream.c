/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a connection on a link that loses segments, which are retransmitted in order. */
#include "sim/stream.h"

#define RTO_MAX	   (64 * G_GINT64_CONSTANT(1000000000))
#define DUPLICATES 3
/* Ethernet, IPv4 and TCP with time stamps. */
#define HEADERS 66

struct sim_packet {
	int64_t own_ns; /* arrival if it did not wait for earlier segments */
	int64_t at_ns;	/* a stream does not overtake itself */
	bool again;	/* lost on the link, and retransmitted */
	GByteArray *bytes;
};

static void packet_free(gpointer data)
{
	struct sim_packet *packet = data;

	g_byte_array_unref(packet->bytes);
	g_free(packet);
}

GByteArray *sim_stream_take(struct sim_stream *stream)
{
	struct sim_packet *packet = g_queue_pop_head(&stream->packets);
	GByteArray *bytes = packet->bytes;

	if (packet == stream->gap)
		stream->gap = NULL;
	g_free(packet);
	return bytes;
}

void sim_stream_clear(struct sim_stream *stream)
{
	g_queue_clear_full(&stream->packets, packet_free);
	stream->gap = NULL;
}

/* Arrival of a segment sent now; -1: it is lost. */
static int64_t travel(struct sim_link *link, size_t len, int64_t now_ns)
{
	int64_t leave_ns = now_ns;

	if (link->impaired &&
	    lu_shape_take(&link->shape, now_ns, len + HEADERS, &leave_ns) != LU_SHAPE_LEAVES)
		return -1;
	return leave_ns + link->wire(link->guest);
}

bool sim_link_loses(struct sim_link *link)
{
	return link->impaired && g_rand_double(link->shape.chance) < link->shape.config.loss;
}

int64_t sim_link_delay(struct sim_link *link)
{
	return link->wire(link->guest) + (link->impaired ? link->shape.config.delay_ns : 0);
}

/* Retransmission by the sender's timer, which doubles at each further loss. The few retransmitted
 * segments are not charged to the bandwidth. */
static int64_t travel_again(struct sim_link *link, int64_t now_ns)
{
	int64_t rto_ns = link->rto_ns;

	do {
		now_ns += rto_ns;
		rto_ns = MIN(2 * rto_ns, RTO_MAX);
	} while (sim_link_loses(link) && rto_ns < RTO_MAX);
	return now_ns + sim_link_delay(link);
}

/* The third segment after the gap arrives then, and
 * its acknowledgement makes the sender retransmit. */
static void fill_gap(struct sim_stream *stream, struct sim_link *link, int64_t then_ns)
{
	struct sim_packet *gap = stream->gap;

	stream->gap = NULL;
	if (!sim_link_loses(link))
		gap->own_ns = MIN(gap->own_ns, then_ns + 2 * sim_link_delay(link));
}

static void keep_order(struct sim_stream *stream)
{
	int64_t before_ns = 0;

	for (GList *l = stream->packets.head; l; l = l->next) {
		struct sim_packet *packet = l->data;

		packet->at_ns = before_ns = MAX(packet->own_ns, before_ns);
	}
}

void sim_stream_push(struct sim_stream *stream, struct sim_link *link, int64_t now_ns,
		     GByteArray *bytes)
{
	struct sim_packet *packet = g_new0(struct sim_packet, 1), *last;

	packet->bytes = bytes;
	packet->own_ns = travel(link, bytes->len, now_ns);
	packet->again = packet->own_ns < 0;
	if (packet->again)
		packet->own_ns = travel_again(link, now_ns);
	last = g_queue_peek_tail(&stream->packets);
	packet->at_ns = last ? MAX(last->at_ns, packet->own_ns) : packet->own_ns;
	g_queue_push_tail(&stream->packets, packet);
	if (packet->again && !stream->gap) {
		stream->gap = packet;
		stream->behind = 0;
	} else if (!packet->again && stream->gap && ++stream->behind == DUPLICATES) {
		fill_gap(stream, link, packet->own_ns);
		keep_order(stream);
	}
}

int64_t sim_stream_head_ns(const struct sim_stream *stream)
{
	const struct sim_packet *packet = stream->packets.head ? stream->packets.head->data : NULL;

	return packet ? packet->at_ns : INT64_MAX;
}

bool sim_stream_again(const struct sim_stream *stream)
{
	const struct sim_packet *packet = g_queue_peek_head((GQueue *)&stream->packets);

	return packet && packet->again;
}

void sim_stream_postpone(struct sim_stream *stream, int64_t at_ns)
{
	struct sim_packet *packet = g_queue_peek_head(&stream->packets);

	packet->own_ns = at_ns;
	keep_order(stream);
}

void sim_link_impair(struct sim_link *link, const struct lu_shape_config *config)
{
	if (link->impaired)
		lu_shape_clear(&link->shape);
	link->impaired = config != NULL;
	if (config)
		lu_shape_init(&link->shape, config);
}
