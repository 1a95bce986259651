/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load's driver: simulated or real. */
#include "engine/client.h"
#include "engine/drive.h"

/* How late the end of a drain may be noticed; it affects no measurement. */
#define SLICE_NS (10 * LU_NS_PER_MS)

struct lu_drive {
	struct lu_guest *guest;
	struct lu_load *load;
	struct lu_client *client; /* NULL: the guest drives */
	bool stopped;
};

static void handshake(void *data, uint16_t local_port, struct lu_handshake *seen)
{
	struct lu_guest *guest = data;

	guest->ops->handshake(guest, local_port, seen);
}

static void closed(void *data, uint16_t local_port)
{
	struct lu_guest *guest = data;

	guest->ops->forget_handshake(guest, local_port);
}

struct lu_drive *lu_drive_start(const struct lu_io *io, struct lu_guest *guest, unsigned service,
				struct lu_load *load, GError **error)
{
	struct lu_drive *drive = g_new0(struct lu_drive, 1);

	drive->guest = guest;
	drive->load = load;
	if (guest->ops->load_start) {
		if (guest->ops->load_start(guest, service, load, error))
			return drive;
	} else {
		const struct lu_client_peer peer = {
			.port = guest->ops->endpoint(guest, service),
			.handshake = guest->ops->handshake ? handshake : NULL,
			.closed = guest->ops->handshake ? closed : NULL,
			.data = guest,
		};

		drive->client = lu_client_start(io, load, &peer, error);
		if (drive->client)
			return drive;
	}
	g_free(drive);
	return NULL;
}

/* The guest's events are handled while its last replies come in. */
static bool drain(struct lu_drive *drive, int64_t drain_ns, GError **error)
{
	bool ok = true;

	lu_client_stop(drive->client, drain_ns);
	while (ok && !lu_client_done(drive->client))
		ok = drive->guest->ops->wait(drive->guest, SLICE_NS, error);
	g_clear_pointer(&drive->client, lu_client_free);
	return ok;
}

bool lu_drive_stop(struct lu_drive *drive, int64_t drain_ns, GError **error)
{
	drive->stopped = true;
	if (drive->client)
		return drain(drive, drain_ns, error);
	drive->guest->ops->load_stop(drive->guest, drive->load, drain_ns);
	return true;
}

void lu_drive_free(struct lu_drive *drive)
{
	if (!drive)
		return;
	if (!drive->stopped && !drive->client)
		drive->guest->ops->load_stop(drive->guest, drive->load, 0);
	lu_client_free(drive->client);
	g_free(drive);
}
