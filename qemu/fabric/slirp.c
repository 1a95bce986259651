/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libslirp, its clock, its timers and its descriptors. */
#include <arpa/inet.h>
#include <libslirp.h>
#include <string.h>
#include <sys/socket.h>
#include "record/error.h"
#include "qemu/fabric/slirp.h"
#include "qemu/fabric/fabric.h"

enum {
	BACKLOG = 128,
	CONFIG_VERSION = 3, /* of libslirp 4.3 and later */
};

struct lu_slirp {
	Slirp *slirp;
	const struct lu_io *io;
	void (*send)(void *data, const uint8_t *frame, size_t len);
	void *data;
	GPtrArray *timers; /* struct timer */
};

struct timer {
	SlirpTimerCb run;
	void *data;
	int64_t at_ms; /* -1: not set */
};

static ssize_t send_packet(const void *frame, size_t len, void *opaque)
{
	struct lu_slirp *self = opaque;

	self->send(self->data, frame, len);
	return (ssize_t)len;
}

static void guest_error(const char *text, void *opaque)
{
	g_debug("libslirp: %s", text);
}

/* The host's clock, not a guest's: the peers of a stopped guest do not stop with it. */
static int64_t clock_ns(void *opaque)
{
	const struct lu_slirp *self = opaque;

	return self->io->now(self->io);
}

static int64_t clock_ms(const struct lu_slirp *self)
{
	return self->io->now(self->io) / LU_NS_PER_MS;
}

static void *timer_new(SlirpTimerCb run, void *data, void *opaque)
{
	struct lu_slirp *self = opaque;
	struct timer *timer = g_new(struct timer, 1);

	*timer = (struct timer){run, data, -1};
	g_ptr_array_add(self->timers, timer);
	return timer;
}

static void timer_free(void *timer, void *opaque)
{
	struct lu_slirp *self = opaque;

	g_ptr_array_remove_fast(self->timers, timer);
}

static void timer_mod(void *opaque_timer, int64_t at_ms, void *opaque)
{
	struct timer *timer = opaque_timer;

	timer->at_ms = at_ms;
}

static int64_t timers_left_ms(const struct lu_slirp *self)
{
	int64_t now_ms = clock_ms(self), next_ms = INT64_MAX;

	for (guint i = 0; i < self->timers->len; i++) {
		const struct timer *timer = self->timers->pdata[i];

		if (timer->at_ms >= 0)
			next_ms = MIN(next_ms, MAX(timer->at_ms - now_ms, 0));
	}
	return next_ms;
}

static void run_timers(struct lu_slirp *self)
{
	for (guint i = 0; i < self->timers->len; i++) {
		struct timer *timer = self->timers->pdata[i];

		if (timer->at_ms < 0 || timer->at_ms > clock_ms(self))
			continue;
		timer->at_ms = -1;
		timer->run(timer->data);
	}
}

/* Nothing to register: descriptors are collected before every poll(), and only the fabric's own
 * thread calls in here, when it is not polling. */
static void register_fd(int fd, void *opaque)
{
}

static void notify(void *opaque)
{
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_ns,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = register_fd,
	.unregister_poll_fd = register_fd,
	.notify = notify,
};

static struct in_addr address(uint32_t ip)
{
	return (struct in_addr){htonl(ip)};
}

struct lu_slirp *lu_slirp_new(const struct lu_io *io,
			      void (*send)(void *data, const uint8_t *frame, size_t len),
			      void *data, GError **error)
{
	SlirpConfig config = {
		.version = CONFIG_VERSION,
		.restricted = 1,
		.in_enabled = true,
		.vnetwork = address(LU_FABRIC_NETWORK),
		.vnetmask = address(0xffffff00),
		.vhost = address(LU_FABRIC_GATEWAY),
		.vdhcp_start = address(LU_FABRIC_GUEST),
		.vnameserver = address(LU_FABRIC_NETWORK + 3),
		.disable_host_loopback = true,
		.disable_dns = true,
	};
	struct lu_slirp *self = g_new0(struct lu_slirp, 1);

	self->io = io;
	self->send = send;
	self->data = data;
	self->timers = g_ptr_array_new_with_free_func(g_free);
	self->slirp = slirp_new(&config, &callbacks, self);
	if (self->slirp)
		return self;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "libslirp %s did not start",
		    slirp_version_string());
	lu_slirp_free(self);
	return NULL;
}

void lu_slirp_free(struct lu_slirp *self)
{
	if (!self)
		return;
	if (self->slirp)
		slirp_cleanup(self->slirp);
	g_ptr_array_unref(self->timers);
	g_free(self);
}

void lu_slirp_input(struct lu_slirp *self, const uint8_t *frame, size_t len)
{
	slirp_input(self->slirp, frame, (int)len);
}

static int add_fd(int fd, int events, void *opaque)
{
	GArray *fds = opaque;
	struct pollfd poll_fd = {.fd = fd};

	if (events & SLIRP_POLL_IN)
		poll_fd.events |= POLLIN;
	if (events & SLIRP_POLL_OUT)
		poll_fd.events |= POLLOUT;
	if (events & SLIRP_POLL_PRI)
		poll_fd.events |= POLLPRI;
	g_array_append_val(fds, poll_fd);
	return (int)fds->len - 1;
}

static int happened(int index, void *opaque)
{
	GArray *fds = opaque;
	short got = g_array_index(fds, struct pollfd, index).revents;
	int events = 0;

	if (got & POLLIN)
		events |= SLIRP_POLL_IN;
	if (got & POLLOUT)
		events |= SLIRP_POLL_OUT;
	if (got & POLLPRI)
		events |= SLIRP_POLL_PRI;
	if (got & POLLERR)
		events |= SLIRP_POLL_ERR;
	if (got & POLLHUP)
		events |= SLIRP_POLL_HUP;
	return events;
}

int lu_slirp_fill(struct lu_slirp *self, GArray *fds)
{
	uint32_t timeout_ms = UINT32_MAX;
	int64_t left_ms;

	slirp_pollfds_fill(self->slirp, &timeout_ms, add_fd, fds);
	left_ms = MIN(timers_left_ms(self), timeout_ms);
	return left_ms < G_MAXINT ? (int)left_ms : -1;
}

void lu_slirp_run(struct lu_slirp *self, GArray *fds, bool poll_failed)
{
	slirp_pollfds_poll(self->slirp, poll_failed, happened, fds);
	run_timers(self);
}

static bool is_listening(int fd)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) && listening;
}

static bool is_in(const GArray *fds, int fd)
{
	for (guint i = 0; i < fds->len; i++)
		if (g_array_index(fds, struct pollfd, i).fd == fd)
			return true;
	return false;
}

/* The socket that listens now and did not before; -1: none. */
static int new_listener(const GArray *before, const GArray *after)
{
	for (guint i = 0; i < after->len; i++) {
		int fd = g_array_index(after, struct pollfd, i).fd;

		if (is_listening(fd) && !is_in(before, fd))
			return fd;
	}
	return -1;
}

/* libslirp does not return the port, but it says which sockets to poll. A second listen() only
 * changes the backlog. */
static uint16_t adopt_listener(int fd)
{
	struct sockaddr_in name = {};
	socklen_t len = sizeof(name);

	if (fd < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return 0;
	return ntohs(name.sin_port);
}

uint16_t lu_slirp_forward(struct lu_slirp *self, uint32_t guest_ip, uint16_t guest_port,
			  GError **error)
{
	g_autoptr(GArray) before = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	g_autoptr(GArray) after = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	uint16_t port = 0;

	lu_slirp_fill(self, before);
	if (slirp_add_hostfwd(self->slirp, 0, address(INADDR_LOOPBACK), 0, address(guest_ip),
			      guest_port) == 0) {
		lu_slirp_fill(self, after);
		port = adopt_listener(new_listener(before, after));
	}
	if (!port)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "libslirp cannot forward a port of 127.0.0.1 to the guest's port %u",
			    guest_port);
	return port;
}
