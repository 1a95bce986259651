/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two agents say to each other on the replication network: a TCP connection for each purpose,
 * which begins with a line that says it ("pages NAME PARENT", "files NAME") and a line in answer
 * ("ok", or "no" and why). Then a "pages" connection is CRIU's own, and a "files" connection
 * carries one bundle. Folders are named below STORE_DIR; a PARENT of "-" is none.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLICA_PORT 2700
#define REPLICA_LINE 200 /* bytes of a line with its newline, at most */
#define REPLICA_NONE "-"

/*
 * Connect and say the first line; returns the descriptor (blocking, close-on-exec) or -1 with the
 * reason in why. A peer that dies without a word is noticed within seconds.
 */
int replica_connect(const char *address, const char *line, char *why, size_t size);
/* Whole, or false with errno; each step within seconds. */
bool replica_write(int fd, const void *bytes, size_t len);
bool replica_read(int fd, void *bytes, size_t len);
/* Without its newline. */
bool replica_read_line(int fd, char *line);
/* Steps on that connection end within seconds, or (CRIU's) when the peer is found to be dead. */
void replica_set_deadline(int fd, bool on);
/* The connection was broken off: the peer has died, or sent a reset. False for one that a peer
 * closed in order. */
bool replica_is_cut_off(int fd);

/*
 * All regular files of a folder in one piece: its length and the hash of it (XXH3, 128 bits), then
 * each file's name, length and bytes. NULL with errno; the caller frees it.
 */
uint8_t *bundle_pack(const char *folder, size_t *len);
/* Reads one from the connection and writes its files into the folder. NULL, or why not (static). */
const char *bundle_receive(int fd, const char *folder);
