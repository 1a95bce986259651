/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Protocol Buffers' wire format. */
#include "agent/criu/protobuf.h"
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

static void put(struct pb *message, const void *bytes, size_t len)
{
	if (len > sizeof(message->data) - message->len) {
		message->overflow = true;
		return;
	}
	memcpy(message->data + message->len, bytes, len);
	message->len += len;
}

static void put_varint(struct pb *message, uint64_t value)
{
	uint8_t byte;

	do {
		byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);
		put(message, &byte, 1);
		value >>= 7;
	} while (value);
}

static void put_bytes(struct pb *message, unsigned field, const void *bytes, size_t len)
{
	put_varint(message, field << 3 | BYTES);
	put_varint(message, len);
	put(message, bytes, len);
}

void pb_int(struct pb *message, unsigned field, int64_t value)
{
	put_varint(message, field << 3 | VARINT);
	put_varint(message, value);
}

void pb_text(struct pb *message, unsigned field, const char *text)
{
	if (text)
		put_bytes(message, field, text, strlen(text));
}

void pb_message(struct pb *message, unsigned field, const struct pb *inner)
{
	message->overflow |= inner->overflow;
	put_bytes(message, field, inner->data, inner->len);
}

static bool get_varint(struct pb_reader *reader, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
		uint8_t byte = *reader->at++;

		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool get_bytes(struct pb_reader *reader, struct pb_field *field, uint64_t len)
{
	if (len > (size_t)(reader->end - reader->at))
		return false;
	field->bytes = reader->at;
	field->len = len;
	reader->at += len;
	return true;
}

bool pb_next(struct pb_reader *reader, struct pb_field *field)
{
	uint64_t key, value;

	*field = (struct pb_field){0};
	if (reader->at == reader->end || !get_varint(reader, &key))
		return false;
	field->number = key >> 3;
	switch (key & 7) {
	case VARINT:
		if (!get_varint(reader, &value))
			return false;
		field->value = value;
		return true;
	case BYTES:
		return get_varint(reader, &value) && get_bytes(reader, field, value);
	case FIXED64:
		return get_bytes(reader, field, 8);
	case FIXED32:
		return get_bytes(reader, field, 4);
	default:
		return false;
	}
}

bool pb_find(const uint8_t *message, size_t len, unsigned number, struct pb_field *field)
{
	struct pb_reader reader = {message, message + len};
	struct pb_field next;
	bool found = false;

	while (pb_next(&reader, &next)) {
		if (next.number != number)
			continue;
		*field = next;
		found = true;
	}
	return found;
}
