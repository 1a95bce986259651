/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/saved-machine.h"
#include <inttypes.h>
#include <string.h>
#include "record/error.h"

/* The bytes left to read; once `bad`, all reads return zero. */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static struct lu_span take(struct cursor *cursor, uint64_t len)
{
	struct lu_span span = {cursor->at, (size_t)len};

	if (cursor->bad || len > (uint64_t)(cursor->end - cursor->at)) {
		cursor->bad = true;
		return (struct lu_span){};
	}
	cursor->at += len;
	return span;
}

static uint64_t number(struct cursor *cursor, unsigned bytes)
{
	struct lu_span span = take(cursor, bytes);
	uint64_t value = 0;

	for (size_t i = 0; i < span.len; i++)
		value = value << 8 | span.at[i];
	return value;
}

static uint8_t peek(const struct cursor *cursor)
{
	return !cursor->bad && cursor->at < cursor->end ? *cursor->at : LU_QEMU_EOF;
}

static struct lu_span word(struct cursor *cursor)
{
	return take(cursor, number(cursor, 1));
}

static bool same(struct lu_span span, const char *text)
{
	return span.len == strlen(text) && !memcmp(span.at, text, span.len);
}

static bool unknown(GError **error, const char *what, uint64_t value)
{
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "the saved machine has %s 0x%" PRIx64 ", which is not known here", what, value);
	return false;
}

/* Capabilities that it was saved with: they do not apply to how we load it. */
static bool skip_capabilities(struct cursor *cursor, GError **error)
{
	number(cursor, 1);
	if (!same(word(cursor), "configuration/capabilities"))
		return unknown(error, "configuration", 0);
	number(cursor, 4);
	for (uint64_t left = number(cursor, 4); left && !cursor->bad; left--)
		word(cursor);
	return true;
}

static bool parse_head(struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	uint64_t magic = number(cursor, 4), version = number(cursor, 4);

	if (magic != LU_QEMU_MAGIC || version != LU_QEMU_VERSION)
		return unknown(error, "header", magic << 32 | version);
	if (peek(cursor) != LU_QEMU_CONFIGURATION)
		return unknown(error, "section", peek(cursor));
	number(cursor, 1);
	saved->machine = take(cursor, number(cursor, 4));
	while (peek(cursor) == LU_QEMU_SUBSECTION)
		if (!skip_capabilities(cursor, error))
			return false;
	return true;
}

static void parse_sizes(struct lu_saved *saved, struct cursor *cursor, uint64_t total)
{
	while (total && !cursor->bad) {
		struct lu_ram_block block = {.name = word(cursor)};

		block.bytes = number(cursor, 8);
		number(cursor, 8); /* its address in the machine */
		if (!block.bytes || block.bytes > total)
			cursor->bad = true;
		total -= MIN(block.bytes, total);
		g_array_append_val(saved->blocks, block);
	}
}

static void mark_carried(struct lu_saved *saved, struct lu_span name)
{
	for (guint i = 0; i < saved->blocks->len; i++) {
		struct lu_ram_block *block = &g_array_index(saved->blocks, struct lu_ram_block, i);

		if (block->name.len == name.len && !memcmp(block->name.at, name.at, name.len))
			block->carried = true;
	}
}

static void parse_page(struct lu_saved *saved, struct cursor *cursor, unsigned flags)
{
	if (!(flags & LU_QEMU_RAM_CONTINUE))
		mark_carried(saved, word(cursor));
	take(cursor, flags & LU_QEMU_RAM_PAGE ? LU_QEMU_PAGE : 1);
}

/* Up to the end mark, which is not kept. */
static bool parse_ram(struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	struct lu_span pages = {cursor->at, 0};

	for (;;) {
		const uint8_t *begin = cursor->at;
		uint64_t at = number(cursor, 8);
		unsigned flags = at % LU_QEMU_PAGE;

		pages.len = (size_t)(begin - pages.at);
		if (cursor->bad || flags == LU_QEMU_RAM_EOS)
			break;
		if (flags == LU_QEMU_RAM_SIZES) {
			parse_sizes(saved, cursor, at - flags);
			pages.at = cursor->at;
		} else if (flags & (LU_QEMU_RAM_PAGE | LU_QEMU_RAM_ZERO)) {
			parse_page(saved, cursor, flags);
		} else {
			return unknown(error, "memory of kind", flags);
		}
	}
	if (pages.len)
		g_array_append_val(saved->pages, pages);
	return true;
}

static bool parse_footer(const struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	uint64_t mark = number(cursor, 1), section = number(cursor, 4);

	return (mark == LU_QEMU_FOOTER && section == saved->section) ||
	       unknown(error, "footer", mark << 32 | section);
}

static bool parse_start(struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	saved->section = (uint32_t)number(cursor, 4);
	if (!same(word(cursor), LU_QEMU_RAM_NAME))
		return unknown(error, "beside RAM another section in rounds,", saved->section);
	number(cursor, 4);
	saved->version = (uint32_t)number(cursor, 4);
	return parse_ram(saved, cursor, error) && parse_footer(saved, cursor, error);
}

static bool parse_round(struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	uint64_t section = number(cursor, 4);

	if (section != saved->section)
		return unknown(error, "rounds of section", section);
	return parse_ram(saved, cursor, error) && parse_footer(saved, cursor, error);
}

/* RAM first, as in QEMU: sections that are sent in
 * rounds come before those that are saved at once. */
static bool parse_rounds(struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	while (peek(cursor) == LU_QEMU_START || peek(cursor) == LU_QEMU_PART ||
	       peek(cursor) == LU_QEMU_END) {
		bool start = number(cursor, 1) == LU_QEMU_START;

		if (start ? !parse_start(saved, cursor, error) : !parse_round(saved, cursor, error))
			return false;
	}
	return true;
}

/* Sections do not have a length, but the stream ends with a mark and a description that has one. */
static bool parse_devices(struct lu_saved *saved, struct cursor *cursor, GError **error)
{
	enum { TAIL = 6 }; /* mark, kind, length */

	if (peek(cursor) != LU_QEMU_FULL)
		return unknown(error, "section", peek(cursor));
	for (const uint8_t *at = cursor->at; cursor->end - at >= TAIL; at++) {
		struct cursor tail = {at + 2, cursor->end, false};

		if (at[0] != LU_QEMU_EOF || at[1] != LU_QEMU_DESCRIPTION ||
		    number(&tail, 4) != (uint64_t)(cursor->end - at - TAIL))
			continue;
		saved->devices = (struct lu_span){cursor->at, (size_t)(at - cursor->at)};
		return true;
	}
	return unknown(error, "no end after byte", 0);
}

bool lu_saved_parse(struct lu_saved *saved, const uint8_t *bytes, size_t len, GError **error)
{
	struct cursor cursor = {bytes, bytes + len, false};

	*saved = (struct lu_saved){
		.blocks = g_array_new(FALSE, TRUE, sizeof(struct lu_ram_block)),
		.pages = g_array_new(FALSE, TRUE, sizeof(struct lu_span)),
	};
	if (parse_head(saved, &cursor, error) && parse_rounds(saved, &cursor, error) &&
	    parse_devices(saved, &cursor, error))
		return true;
	lu_saved_clear(saved);
	return false;
}

void lu_saved_clear(struct lu_saved *saved)
{
	g_clear_pointer(&saved->blocks, g_array_unref);
	g_clear_pointer(&saved->pages, g_array_unref);
}

const struct lu_ram_block *lu_saved_memory(const struct lu_saved *saved, uint64_t bytes)
{
	for (guint i = 0; i < saved->blocks->len; i++) {
		const struct lu_ram_block *block =
			&g_array_index(saved->blocks, struct lu_ram_block, i);

		if (block->bytes == bytes && !block->carried)
			return block;
	}
	return NULL;
}
