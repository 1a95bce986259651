/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/postcopy-wire.h"
#include <string.h>

/* Commands to QEMU, and its answers. */
enum { OPEN_RETURN_PATH = 1, PING = 2, ADVISE = 3, LISTEN = 4, RUN = 5, DISCARD = 6, PACKAGED = 7 };
enum { SHUT = 1, PONG = 2, REQUEST_OF_BLOCK = 3, REQUEST = 4 };
enum { ANSWER_HEAD = 4, REQUEST_BYTES = 12 };

static void put(GByteArray *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i > 0; i--) {
		uint8_t byte = (uint8_t)(value >> (i - 1) * 8);

		g_byte_array_append(out, &byte, 1);
	}
}

static void put_span(GByteArray *out, struct lu_span span)
{
	g_byte_array_append(out, span.at, (guint)span.len);
}

static void put_word(GByteArray *out, struct lu_span word)
{
	put(out, word.len, 1);
	put_span(out, word);
}

static void put_command(GByteArray *out, unsigned command, unsigned len)
{
	put(out, LU_QEMU_COMMAND, 1);
	put(out, command, 2);
	put(out, len, 2);
}

static void put_section(GByteArray *out, const struct lu_saved *saved, unsigned kind)
{
	put(out, kind, 1);
	put(out, saved->section, 4);
}

static void put_section_end(GByteArray *out, const struct lu_saved *saved)
{
	put(out, LU_QEMU_RAM_EOS, 8);
	put(out, LU_QEMU_FOOTER, 1);
	put(out, saved->section, 4);
}

static void put_head(GByteArray *out, const struct lu_saved *saved)
{
	put(out, LU_QEMU_MAGIC, 4);
	put(out, LU_QEMU_VERSION, 4);
	put(out, LU_QEMU_CONFIGURATION, 1);
	put(out, saved->machine.len, 4);
	put_span(out, saved->machine);
	put_command(out, OPEN_RETURN_PATH, 0);
	/* page sizes: the host's, the machine's */
	put_command(out, ADVISE, 16);
	put(out, LU_QEMU_PAGE, 8);
	put(out, LU_QEMU_PAGE, 8);
}

static void put_blocks(GByteArray *out, const struct lu_saved *saved)
{
	const struct lu_span name = {(const uint8_t *)LU_QEMU_RAM_NAME, strlen(LU_QEMU_RAM_NAME)};
	const struct lu_ram_block *blocks = (const struct lu_ram_block *)saved->blocks->data;
	uint64_t total = 0;

	put_section(out, saved, LU_QEMU_START);
	put_word(out, name);
	put(out, 0, 4);
	put(out, saved->version, 4);
	for (guint i = 0; i < saved->blocks->len; i++)
		total += blocks[i].bytes;
	put(out, total | LU_QEMU_RAM_SIZES, 8);
	for (guint i = 0; i < saved->blocks->len; i++) {
		put_word(out, blocks[i].name);
		put(out, blocks[i].bytes, 8);
	}
	put_section_end(out, saved);
}

/* The destination has no pages yet, but without a discard QEMU 7.2 takes the pages after LISTEN for
 * pre-copy's and deadlocks. */
static void put_discard(GByteArray *out, const struct lu_ram_block *block)
{
	put_command(out, DISCARD, 1 + 1 + (unsigned)block->name.len + 1 + 2 * 8);
	put(out, 0, 1);
	put_word(out, block->name);
	put(out, 0, 1);
	put(out, 0, 8);
	put(out, block->bytes, 8);
}

void lu_postcopy_begin(GByteArray *out, const struct lu_saved *saved,
		       const struct lu_ram_block *missing)
{
	put_head(out, saved);
	put_blocks(out, saved);
	for (guint i = 0; i < saved->pages->len; i++) {
		put_section(out, saved, LU_QEMU_PART);
		put_span(out, g_array_index(saved->pages, struct lu_span, i));
		put_section_end(out, saved);
	}
	put_discard(out, missing);
	put_command(out, PING, 4);
	put(out, 0, 4);
}

/* In one piece, as the stream is read by another thread from LISTEN on. */
void lu_postcopy_run(GByteArray *out, const struct lu_saved *saved)
{
	g_autoptr(GByteArray) package = g_byte_array_new();

	put_command(package, LISTEN, 0);
	put_span(package, saved->devices);
	put_command(package, RUN, 0);
	put_command(out, PACKAGED, 4);
	put(out, package->len, 4);
	g_byte_array_append(out, package->data, package->len);
}

struct lu_postcopy_pages lu_postcopy_pages_begin(GByteArray *out, const struct lu_saved *saved,
						 const struct lu_ram_block *block)
{
	put_section(out, saved, LU_QEMU_PART);
	return (struct lu_postcopy_pages){out, saved, block, 0};
}

void lu_postcopy_page(struct lu_postcopy_pages *pages, uint64_t offset, const uint8_t *bytes)
{
	uint64_t kind = bytes ? LU_QEMU_RAM_PAGE : LU_QEMU_RAM_ZERO;

	put(pages->out, offset | kind | (pages->count ? LU_QEMU_RAM_CONTINUE : 0), 8);
	if (!pages->count++)
		put_word(pages->out, pages->block->name);
	if (bytes)
		g_byte_array_append(pages->out, bytes, LU_QEMU_PAGE);
	else
		put(pages->out, 0, 1);
}

void lu_postcopy_pages_end(struct lu_postcopy_pages *pages)
{
	put_section_end(pages->out, pages->saved);
}

void lu_postcopy_end(GByteArray *out, const struct lu_saved *saved)
{
	put_section(out, saved, LU_QEMU_END);
	put_section_end(out, saved);
	put(out, LU_QEMU_EOF, 1);
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* at: len bytes that follow the head. */
static struct lu_postcopy_answer decode(unsigned kind, const uint8_t *at, unsigned len)
{
	struct lu_postcopy_answer answer = {.kind = LU_POSTCOPY_OTHER};

	if (kind == PONG) {
		answer.kind = LU_POSTCOPY_PONG;
	} else if (kind == SHUT && len == 4) {
		answer.kind = LU_POSTCOPY_SHUT;
		answer.status = (uint32_t)get(at, 4);
	} else if ((kind == REQUEST || kind == REQUEST_OF_BLOCK) && len >= REQUEST_BYTES) {
		answer.kind = LU_POSTCOPY_REQUEST;
		answer.offset = get(at, 8);
		answer.bytes = (uint32_t)get(at + 8, 4);
		if (kind == REQUEST_OF_BLOCK && len > REQUEST_BYTES)
			answer.block = g_strndup((const char *)at + REQUEST_BYTES + 1,
						 MIN(at[REQUEST_BYTES], len - REQUEST_BYTES - 1));
	}
	return answer;
}

struct lu_postcopy_answer lu_postcopy_answer(GByteArray *in)
{
	struct lu_postcopy_answer answer = {.kind = LU_POSTCOPY_MORE};
	unsigned len;

	if (in->len < ANSWER_HEAD)
		return answer;
	len = (unsigned)get(in->data + 2, 2);
	if (in->len < ANSWER_HEAD + len)
		return answer;
	answer = decode((unsigned)get(in->data, 2), in->data + ANSWER_HEAD, len);
	g_byte_array_remove_range(in, 0, ANSWER_HEAD + len);
	return answer;
}
