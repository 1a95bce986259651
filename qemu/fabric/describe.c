/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port's counters as JSON. */
#include <libslirp.h>
#include "qemu/fabric/fabric.h"

const char *lu_fabric_drop_name(enum lu_fabric_drop reason)
{
	static const char *const names[LU_DROP_REASONS] = {
		"gate",	     "hold-full", "loss",  "link-full", "qemu-full",
		"unplugged", "malformed", "local", "fragment",	"protocol",
	};

	return names[reason];
}

static void put_captured(json_t *doc, const struct lu_port_stats *stats)
{
	if (stats->captured || stats->not_captured)
		json_object_set_new(doc, "captured", json_integer((json_int_t)stats->captured));
	if (stats->not_captured)
		json_object_set_new(doc, "not_captured",
				    json_integer((json_int_t)stats->not_captured));
}

/* Only the reasons that occurred. */
static json_t *describe_dropped(const struct lu_port_stats *stats)
{
	json_t *dropped = json_object();

	for (int i = 0; i < LU_DROP_REASONS; i++)
		if (stats->dropped[i])
			json_object_set_new(dropped, lu_fabric_drop_name(i),
					    json_integer((json_int_t)stats->dropped[i]));
	return dropped;
}

json_t *lu_fabric_describe(struct lu_fabric *fabric, int port)
{
	struct lu_port_stats stats, host;

	lu_fabric_stats(fabric, port, &stats);
	lu_fabric_stats(fabric, LU_FABRIC_HOST, &host);
	json_t *doc =
		json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "libslirp",
			  slirp_version_string(), "frames_in", (json_int_t)stats.frames_in,
			  "bytes_in", (json_int_t)stats.bytes_in, "frames_out",
			  (json_int_t)stats.frames_out, "bytes_out", (json_int_t)stats.bytes_out,
			  "leaked_before_open", (json_int_t)stats.leaked_before_open, "dropped",
			  describe_dropped(&stats), "host_dropped", describe_dropped(&host));

	put_captured(doc, &stats);
	return doc;
}
