/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts a byte stream into bounded lines, and queues lines
 * to send: a stopped guest's socket may be full. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <glib-unix.h>
#include "host/lines.h"

struct lu_lines {
	GMainContext *context;
	int fd;
	size_t max_line;
	const struct lu_lines_ops *ops;
	void *data;
	GSource *in, *out; /* out exists only while something is queued */
	GString *partial;
	gboolean skipping; /* inside a line that was too long */
	GByteArray *queue;
};

static void drop_source(GSource **source)
{
	if (!*source)
		return;
	g_source_destroy(*source);
	g_clear_pointer(source, g_source_unref);
}

static void hang_up(struct lu_lines *lines)
{
	if (lines->fd < 0)
		return;
	drop_source(&lines->in);
	drop_source(&lines->out);
	close(lines->fd);
	lines->fd = -1;
	if (lines->ops->closed)
		lines->ops->closed(lines->data);
}

static void line_ends(struct lu_lines *lines)
{
	gsize len = lines->partial->len;

	if (!lines->skipping) {
		if (len && lines->partial->str[len - 1] == '\r')
			len--;
		lines->ops->line(lines->data, lines->partial->str, len);
	}
	lines->skipping = FALSE;
	g_string_truncate(lines->partial, 0);
}

static void line_grows(struct lu_lines *lines, const char *bytes, size_t len)
{
	if (lines->skipping)
		return;
	if (lines->partial->len + len < lines->max_line) {
		g_string_append_len(lines->partial, bytes, len);
		return;
	}
	lines->skipping = TRUE;
	g_string_truncate(lines->partial, 0);
	if (lines->ops->overlong)
		lines->ops->overlong(lines->data);
}

void lu_lines_feed(struct lu_lines *lines, const char *bytes, size_t len)
{
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t take = end ? (size_t)(end - bytes) : len;

		line_grows(lines, bytes, take);
		if (end)
			line_ends(lines);
		take += end != NULL;
		bytes += take;
		len -= take;
	}
}

/* One read per dispatch: a flooding peer must not keep a wait from seeing its deadline. */
static gboolean readable(int fd, GIOCondition condition, gpointer data)
{
	struct lu_lines *lines = data;
	char buf[16384];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		lu_lines_feed(lines, buf, n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		hang_up(lines);
	return lines->fd >= 0;
}

/* Send as much as the socket takes now. False: the peer is gone. */
static gboolean flush(struct lu_lines *lines)
{
	while (lines->queue->len) {
		ssize_t n = send(lines->fd, lines->queue->data, lines->queue->len,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		g_byte_array_remove_range(lines->queue, 0, n);
	}
	return TRUE;
}

static gboolean writable(int fd, GIOCondition condition, gpointer data)
{
	struct lu_lines *lines = data;

	/* The read side notices that a peer is gone, after
	 * it has read what was still in the socket. */
	if (!flush(lines))
		g_byte_array_set_size(lines->queue, 0);
	if (!lines->queue->len)
		drop_source(&lines->out);
	return lines->out != NULL;
}

static GSource *watch(struct lu_lines *lines, GIOCondition condition, GUnixFDSourceFunc func)
{
	GSource *source = g_unix_fd_source_new(lines->fd, condition);

	g_source_set_callback(source, G_SOURCE_FUNC(func), lines, NULL);
	g_source_attach(source, lines->context);
	return source;
}

void lu_lines_send(struct lu_lines *lines, const char *bytes, size_t len)
{
	if (lines->fd < 0)
		return;
	g_byte_array_append(lines->queue, (const guint8 *)bytes, len);
	if (!flush(lines))
		g_byte_array_set_size(lines->queue, 0);
	if (lines->queue->len && !lines->out)
		lines->out = watch(lines, G_IO_OUT, writable);
}

/* The descriptor goes with the first byte; bytes that the socket does not take now are queued. */
bool lu_lines_send_fd(struct lu_lines *lines, const char *bytes, size_t len, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec text = {(char *)bytes, len};
	struct msghdr message = {.msg_iov = &text,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control.room)};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	ssize_t n;

	if (lines->fd < 0 || lines->queue->len)
		return false;
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	n = sendmsg(lines->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		lu_lines_send(lines, bytes + n, len - (size_t)n);
	return n > 0;
}

struct lu_lines *lu_lines_new(GMainContext *context, int fd, size_t max_line,
			      const struct lu_lines_ops *ops, void *data)
{
	struct lu_lines *lines = g_new0(struct lu_lines, 1);

	lines->context = context;
	lines->fd = fd;
	lines->max_line = max_line;
	lines->ops = ops;
	lines->data = data;
	lines->partial = g_string_new(NULL);
	lines->queue = g_byte_array_new();
	if (fd >= 0)
		lines->in = watch(lines, G_IO_IN | G_IO_HUP | G_IO_ERR, readable);
	return lines;
}

void lu_lines_free(struct lu_lines *lines)
{
	if (!lines)
		return;
	drop_source(&lines->in);
	drop_source(&lines->out);
	if (lines->fd >= 0)
		close(lines->fd);
	g_string_free(lines->partial, TRUE);
	g_byte_array_unref(lines->queue);
	g_free(lines);
}
