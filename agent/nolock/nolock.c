/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A libnftables that does nothing, for a CRIU whose network is locked already. CRIU 3.17 insists on
 * locking each connection by itself, by iptables or nftables, while the service is frozen (later
 * versions have --network-lock skip); the agent locks all frames from before a dump until after a
 * restore (net-lock.c) and refuses to dump without that lock. This is the part of the library's
 * interface that CRIU uses (libnftables(3)); it needs no other library, not even libc.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct nft_ctx;

struct nft_ctx *nft_ctx_new(uint32_t flags);
void nft_ctx_free(struct nft_ctx *ctx);
FILE *nft_ctx_set_output(struct nft_ctx *ctx, FILE *output);
int nft_ctx_buffer_output(struct nft_ctx *ctx);
int nft_ctx_buffer_error(struct nft_ctx *ctx);
int nft_run_cmd_from_buffer(struct nft_ctx *ctx, const char *commands);

static char context;

struct nft_ctx *nft_ctx_new(uint32_t flags)
{
	return (struct nft_ctx *)&context;
}

void nft_ctx_free(struct nft_ctx *ctx)
{
}

FILE *nft_ctx_set_output(struct nft_ctx *ctx, FILE *output)
{
	return NULL;
}

int nft_ctx_buffer_output(struct nft_ctx *ctx)
{
	return 0;
}

int nft_ctx_buffer_error(struct nft_ctx *ctx)
{
	return 0;
}

int nft_run_cmd_from_buffer(struct nft_ctx *ctx, const char *commands)
{
	return 0;
}
