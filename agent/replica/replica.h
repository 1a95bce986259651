/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol of two agents on the replication network: a TCP connection for each purpose, which
 * begins with a line that names it ("pages NAME PARENT", "files NAME") and a line in answer ("ok",
 * or "no" and why). A "pages" connection is then used by CRIU, and a "files" connection carries one
 * bundle. Folders are relative to STORE_DIR; a PARENT of "-" is none.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICA_PORT 2700
#define REPLICA_LINE 200 /* bytes of a line with its newline, at most */
#define REPLICA_NONE "-"

/*
 * Connect and send the first line; returns the descriptor (blocking, close-on-exec) or -1 with the
 * reason in why. A peer that dies silently is noticed within seconds.
 */
int replica_connect(const char *address, const char *line, char *why, size_t size);
/* Write all bytes, or false with errno; each step times out after seconds. */
bool replica_write(int fd, const void *bytes, size_t len);
bool replica_read(int fd, void *bytes, size_t len);
/* Read a line, without its newline. */
bool replica_read_line(int fd, char *line);
/* on: steps on that connection time out after seconds; off (for CRIU): they end only when the peer
 * is found to be dead. */
void replica_set_deadline(int fd, bool on);
/* Was the connection reset, or has the peer died? False
 * for a connection that the peer closed in order. */
bool replica_is_cut_off(int fd);

/*
 * All regular files of a folder as one bundle: its length and hash (XXH3, 128 bits), then each
 * file's name, length and bytes. NULL with errno; the caller frees it.
 */
uint8_t *bundle_pack(const char *folder, size_t *len);
/* Reads a bundle from the connection and writes its
 * files into the folder. NULL, or why not (static). */
const char *bundle_receive(int fd, const char *folder);
