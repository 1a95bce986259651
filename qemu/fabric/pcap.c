/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames into a pcap file, each at once, so that a run that dies leaves a readable file. */
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/fabric/pcap.h"

#define MAGIC_NS      0xa1b23c4du
#define LINK_ETHERNET 1u
#define MAX_FRAME     65535u

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t reserved[2];
	uint32_t max_frame, link;
};

struct record_header {
	uint32_t seconds, nanoseconds;
	uint32_t kept, original; /* bytes */
};

struct lu_pcap {
	int fd; /* -1 once broken or full */
	int64_t size, most;
};

struct lu_pcap *lu_pcap_new(int fd, GError **error)
{
	struct file_header header = {MAGIC_NS, 2, 4, {0, 0}, MAX_FRAME, LINK_ETHERNET};
	struct lu_pcap *pcap;

	if (write(fd, &header, sizeof(header)) != sizeof(header)) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot write the capture file: %s",
			    g_strerror(errno));
		close(fd);
		return NULL;
	}
	pcap = g_new0(struct lu_pcap, 1);
	pcap->fd = fd;
	pcap->size = sizeof(header);
	pcap->most = LU_PCAP_MOST;
	return pcap;
}

void lu_pcap_free(struct lu_pcap *pcap)
{
	if (!pcap)
		return;
	if (pcap->fd >= 0)
		close(pcap->fd);
	g_free(pcap);
}

void lu_pcap_bound(struct lu_pcap *pcap, int64_t most)
{
	pcap->most = most;
}

/* Half a frame at its end would make the file a broken one. A pipe cannot be shortened. */
static void end(struct lu_pcap *pcap)
{
	if (ftruncate(pcap->fd, pcap->size) < 0 && errno != EINVAL)
		g_debug("capture: %s", g_strerror(errno));
	close(pcap->fd);
	pcap->fd = -1;
}

bool lu_pcap_write(struct lu_pcap *pcap, int64_t realtime_ns, const uint8_t *frame, size_t len)
{
	struct record_header header = {(uint32_t)(realtime_ns / 1000000000),
				       (uint32_t)(realtime_ns % 1000000000),
				       (uint32_t)MIN(len, MAX_FRAME), (uint32_t)len};
	struct iovec parts[] = {{&header, sizeof(header)}, {(void *)frame, header.kept}};
	int64_t size = (int64_t)sizeof(header) + header.kept;

	if (pcap->fd < 0)
		return false;
	if (pcap->size + size > pcap->most ||
	    writev(pcap->fd, parts, G_N_ELEMENTS(parts)) != size) {
		end(pcap);
		return false;
	}
	pcap->size += size;
	return true;
}
