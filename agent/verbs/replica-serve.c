/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The standby's end of the replication: takes pages and files that the other machine sends.
 *
 * replica.serve {} → address: from here on it accepts them
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/interface.h"
#include "agent/loop.h"
#include "agent/replica/replica.h"
#include "agent/store.h"
#include "agent/verb.h"

static int listener = -1;

/* A "files" connection that waits for its bundle. */
struct delivery {
	int fd;
	char folder[REPLICA_LINE];
};

static void answer(int fd, const char *why)
{
	char line[REPLICA_LINE];

	snprintf(line, sizeof(line), why ? "no: %s\n" : "ok\n", why);
	replica_write(fd, line, strlen(line));
}

static bool make_folder(const char *name, char *path)
{
	snprintf(path, REPLICA_LINE, STORE_DIR "/%s", name);
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* CRIU's page server ends with the connection. */
static const char *start_page_server(int fd, const char *folder, const char *parent)
{
	char socket_fd[16], above[REPLICA_LINE];
	const char *const argv[] = {
		CRIU,  "page-server", "-D",	 folder,
		"-W",  CRIU_WORK,     "-o",	 "pages.log",
		"-v1", "--ps-socket", socket_fd, *parent ? "--prev-images-dir" : NULL,
		above, NULL};
	bool ok;

	snprintf(socket_fd, sizeof(socket_fd), "%d", fd);
	snprintf(above, sizeof(above), "../%s", parent);
	replica_set_deadline(fd, false);
	ok = child_spawn_with(argv, fd, NULL, NULL) >= 0;
	return ok ? NULL : "cannot fork";
}

static void serve_pages(int fd, const char *name, const char *parent)
{
	char folder[REPLICA_LINE];

	if (!strcmp(parent, REPLICA_NONE))
		parent = "";
	if (make_folder(name, folder)) {
		answer(fd, NULL);
		/* The answer has been sent already: on failure the connection is closed. */
		(void)start_page_server(fd, folder, parent);
	} else {
		answer(fd, "it cannot make a folder for them");
	}
	close(fd);
}

static void on_bundle(void *data)
{
	struct delivery *delivery = data;

	loop_unwatch(delivery->fd);
	answer(delivery->fd, bundle_receive(delivery->fd, delivery->folder));
	close(delivery->fd);
	free(delivery);
}

static void serve_files(int fd, const char *name)
{
	struct delivery *delivery = calloc(1, sizeof(*delivery));

	if (!delivery || !make_folder(name, delivery->folder)) {
		answer(fd, "it cannot make a folder for them");
		free(delivery);
		close(fd);
		return;
	}
	delivery->fd = fd;
	answer(fd, NULL);
	loop_watch(fd, on_bundle, delivery);
}

static bool plain(const char *name)
{
	return *name && !strchr(name, '/') && name[0] != '.';
}

static void on_connection(void *data)
{
	char line[REPLICA_LINE], name[REPLICA_LINE] = "", parent[REPLICA_LINE] = REPLICA_NONE;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), on = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	replica_set_deadline(fd, true);
	if (replica_read_line(fd, line) && sscanf(line, "pages %199s %199s", name, parent) == 2 &&
	    plain(name) && plain(parent)) {
		serve_pages(fd, name, parent);
	} else if (sscanf(line, "files %199s", name) == 1 && plain(name)) {
		serve_files(fd, name);
	} else {
		answer(fd, "the connection is for neither pages nor files");
		close(fd);
	}
}

static bool listen_at(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(REPLICA_PORT)};

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	at.sin_addr.s_addr = inet_addr(address);
	if (listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(listener, 8) == 0) {
		loop_watch(listener, on_connection, NULL);
		return true;
	}
	if (listener >= 0)
		close(listener);
	listener = -1;
	return false;
}

static void replica_serve(struct request *request)
{
	const char *address = link_address();

	if (!address) {
		reply_error(request, "usage", "replica.serve: no replication network (link.up)");
	} else if (!store_is_open()) {
		reply_error(request, "refused", "replica.serve: the store is not open");
	} else if (access(CRIU, X_OK) < 0) {
		reply_error(request, "unsupported", "replica.serve: this guest has no " CRIU);
	} else if (listener < 0 && !listen_at(address)) {
		reply_error(request, "failed", "replica.serve: %s: %s", address, strerror(errno));
	} else {
		reply_ok(request, json_pack("{s:s}", "address", address));
	}
}

const struct lu_agent_verbs lu_agent_verbs_replica_serve = {
	"replica-serve",
	{
		{"replica.serve", replica_serve},
		{},
	},
};
