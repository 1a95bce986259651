/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: frames of a guest, each after its length in two bytes, to libslirp as the fabric hands
 * them on. There is a client that waits for the guest's answer, so TCP has something to talk about. */
#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "qemu/fabric/admit.h"
#include "qemu/fabric/slirp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void to_guest(void *data, const uint8_t *frame, size_t len)
{
}

/* It closes with a reset: tens of thousands of inputs, each with a connection that waits out TIME_WAIT,
 * would leave the host without a free port. */
static int client_of(uint16_t port)
{
	struct linger reset = {.l_onoff = 1};
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		abort();
	return fd;
}

static void round_of(struct lu_slirp *slirp)
{
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));

	lu_slirp_fill(slirp, fds);
	poll((struct pollfd *)fds->data, fds->len, 0);
	lu_slirp_run(slirp, fds, false);
}

/* Copied, so that reading past its end is seen. */
static void hand_on(struct lu_slirp *slirp, const uint8_t *data, size_t len)
{
	g_autofree uint8_t *frame = g_memdup2(data, len);

	if (len && lu_admit(frame, len) == LU_DROP_REASONS)
		lu_slirp_input(slirp, frame, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lu_slirp *slirp = lu_slirp_new(&lu_io_host, to_guest, NULL, NULL);
	uint16_t port = lu_slirp_forward(slirp, LU_FABRIC_GUEST, 7007, NULL);
	int client = client_of(port);

	round_of(slirp);
	while (size >= 2) {
		size_t len = MIN((size_t)(data[0] << 8 | data[1]), size - 2);

		hand_on(slirp, data + 2, MIN(len, LU_FABRIC_FRAME));
		data += 2 + len;
		size -= 2 + len;
	}
	round_of(slirp);
	close(client);
	lu_slirp_free(slirp);
	return 0;
}
