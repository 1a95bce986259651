/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source of a post-copy migration that the harness plays, against a QEMU that is played here:
 * all that QEMU would read is read, and every page has to come once and be right. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/memory-image/lazy.h"
#include "qemu/memory-image/postcopy-wire.h"
#include "qemu/memory-image/saved-machine.h"
#include "host/wait.h"
#include "tests/kit/virtual-io.h"
#include "tests/kit/guard.h"

#define PAGES	  200u
#define BYTES	  ((uint64_t)PAGES * LU_IMAGE_PAGE)
#define ROM_BYTES 4096u
#define MACHINE	  "pc-test"
#define DEVICES                                                                                    \
	"\x04"                                                                                     \
	"devices, whatever they are"
#define TABLE "{\"a description\": 1}"

static void put(GByteArray *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i > 0; i--) {
		uint8_t byte = (uint8_t)(value >> (i - 1) * 8);

		g_byte_array_append(out, &byte, 1);
	}
}

static void put_text(GByteArray *out, const char *text)
{
	put(out, strlen(text), 1);
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void put_end(GByteArray *out)
{
	put(out, LU_QEMU_RAM_EOS, 8);
	put(out, LU_QEMU_FOOTER, 1);
	put(out, 2, 4);
}

/* As QEMU saves a machine with one shared block of memory and a ROM. */
static GByteArray *saved_machine(void)
{
	GByteArray *out = g_byte_array_new();
	guint8 rom[ROM_BYTES];

	memset(rom, 0xaa, sizeof(rom));
	put(out, LU_QEMU_MAGIC, 4);
	put(out, LU_QEMU_VERSION, 4);
	put(out, LU_QEMU_CONFIGURATION, 1);
	put(out, strlen(MACHINE), 4);
	g_byte_array_append(out, (const guint8 *)MACHINE, strlen(MACHINE));
	put(out, LU_QEMU_SUBSECTION, 1);
	put_text(out, "configuration/capabilities");
	put(out, 1, 4);
	put(out, 1, 4);
	put_text(out, "x-ignore-shared");
	put(out, LU_QEMU_START, 1);
	put(out, 2, 4);
	put_text(out, "ram");
	put(out, 0, 4);
	put(out, 4, 4);
	put(out, (BYTES + ROM_BYTES) | LU_QEMU_RAM_SIZES, 8);
	put_text(out, "ram");
	put(out, BYTES, 8);
	put(out, 0, 8);
	put_text(out, "rom");
	put(out, ROM_BYTES, 8);
	put(out, 0xfff00000, 8);
	put_end(out);
	put(out, LU_QEMU_END, 1);
	put(out, 2, 4);
	put(out, LU_QEMU_RAM_PAGE, 8);
	put_text(out, "rom");
	g_byte_array_append(out, rom, sizeof(rom));
	put_end(out);
	g_byte_array_append(out, (const guint8 *)DEVICES, sizeof(DEVICES) - 1);
	put(out, LU_QEMU_EOF, 1);
	put(out, LU_QEMU_DESCRIPTION, 1);
	put(out, strlen(TABLE), 4);
	g_byte_array_append(out, (const guint8 *)TABLE, strlen(TABLE));
	return out;
}

static void test_parse(void **state)
{
	g_autoptr(GByteArray) bytes = saved_machine();
	g_autoptr(GError) error = NULL;
	struct lu_saved saved;

	if (!lu_saved_parse(&saved, bytes->data, bytes->len, &error))
		fail_msg("%s", error->message);
	assert_int_equal(saved.machine.len, strlen(MACHINE));
	assert_int_equal(saved.blocks->len, 2);
	assert_int_equal(saved.pages->len, 1);
	assert_int_equal(saved.devices.len, sizeof(DEVICES) - 1);
	assert_memory_equal(saved.devices.at, DEVICES, sizeof(DEVICES) - 1);
	assert_non_null(lu_saved_memory(&saved, BYTES));
	assert_null(lu_saved_memory(&saved, ROM_BYTES)); /* it is carried */
	lu_saved_clear(&saved);
}

/* Cut or damaged, it is either refused or names no byte outside of itself (which a
 * sanitizer would see). */
static void test_parse_damaged(void **state)
{
	g_autoptr(GByteArray) bytes = saved_machine();
	struct lu_saved saved;

	for (guint len = 0; len < bytes->len; len++) {
		g_autofree uint8_t *part = g_memdup2(bytes->data, MAX(len, 1));
		g_autoptr(GError) error = NULL;

		assert_false(lu_saved_parse(&saved, part, len, &error));
		assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
	}
	for (guint at = 0; at < bytes->len; at++) {
		g_autofree uint8_t *part = g_memdup2(bytes->data, bytes->len);

		part[at] ^= 0x11;
		if (lu_saved_parse(&saved, part, bytes->len, NULL))
			lu_saved_clear(&saved);
	}
}

static void make_page(uint8_t *page, unsigned i)
{
	memset(page, i % 4 ? (int)(i % 4 == 1 ? 7 : 10 + i % 200) : 0, LU_IMAGE_PAGE);
}

struct play {
	struct lu_io *io;
	char *path;
	struct lu_image *image;
	GMainContext *context;
	struct lu_image_lazy *lazy;
	int fd;
	unsigned seen[PAGES];
};

static void begin(struct play *play, bool zstd, struct lu_flash flash)
{
	g_autoptr(GByteArray) devices = saved_machine();
	g_autofree uint8_t *memory = g_malloc0(BYTES);
	json_auto_t *about = json_object();
	const struct lu_image_load load = {flash, 4 * LU_IMAGE_PAGE};
	struct lu_image_parts parts = {
		{.wanted = true, .zstd = zstd, .dedup = true},
		about,
		devices->data,
		devices->len,
		memory,
		BYTES,
	};
	int pair[2], file;

	*play = (struct play){.io = virtual_io_new()};
	for (unsigned i = 0; i < PAGES; i++)
		make_page(memory + (uint64_t)i * LU_IMAGE_PAGE, i);
	file = g_file_open_tmp("lubench-image-XXXXXX", &play->path, NULL);
	assert_true(lu_image_write(file, &parts, NULL));
	close(file);
	play->image = lu_image_open(play->path, NULL);
	assert_non_null(play->image);
	assert_true(lu_image_lazy_possible(play->image, NULL));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	play->fd = pair[1];
	play->context = g_main_context_new();
	play->lazy = lu_image_lazy_new(play->io, play->image, pair[0], &load, play->context, NULL);
	assert_non_null(play->lazy);
}

static void end(struct play *play)
{
	lu_image_lazy_free(play->lazy);
	virtual_io_free(play->io);
	lu_image_close(play->image);
	g_main_context_unref(play->context);
	unlink(play->path);
	g_free(play->path);
	if (play->fd >= 0)
		close(play->fd);
}

/* That it wakes the context; no time passes. */
static void await(struct play *play, bool (*what)(void *data))
{
	const struct lu_waiter waiter = {.context = play->context};

	assert_true(
		lu_wait_for(&waiter, what, play->lazy, lu_monotonic_ns() + GUARD_NS, "it", NULL));
}

/* Time passes while there is nothing. */
static void hear(struct play *play, void *into, size_t len)
{
	struct pollfd ready = {play->fd, POLLIN, 0};

	for (size_t got = 0; got < len;) {
		assert_int_equal(play->io->poll(play->io, &ready, 1, INT64_MAX), 1);
		ssize_t n = read(play->fd, (char *)into + got, len - got);

		assert_true(n > 0);
		got += (size_t)n;
	}
}

static uint64_t number(struct play *play, unsigned bytes)
{
	uint8_t buffer[8];
	uint64_t value = 0;

	hear(play, buffer, bytes);
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | buffer[i];
	return value;
}

static void pass_over(struct play *play, uint64_t len)
{
	g_autofree char *buffer = g_malloc(len + 1);

	hear(play, buffer, len);
}

static void say(struct play *play, unsigned kind, const GByteArray *what)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	put(out, kind, 2);
	put(out, what->len, 2);
	g_byte_array_append(out, what->data, what->len);
	assert_int_equal(write(play->fd, out->data, out->len), out->len);
}

static void say_number(struct play *play, unsigned kind, uint32_t value)
{
	g_autoptr(GByteArray) what = g_byte_array_new();

	put(what, value, 4);
	say(play, kind, what);
}

static void ask(struct play *play, uint64_t page, const char *block)
{
	g_autoptr(GByteArray) what = g_byte_array_new();

	put(what, page * LU_IMAGE_PAGE, 8);
	put(what, LU_IMAGE_PAGE, 4);
	if (block)
		put_text(what, block);
	say(play, block ? 3 : 4, what);
}

/* One section of RAM after its first byte; the last page in it, -1: none. */
static int64_t hear_pages(struct play *play)
{
	uint8_t page[LU_IMAGE_PAGE], due[LU_IMAGE_PAGE];
	int64_t last = -1;
	uint64_t at;

	assert_int_equal(number(play, 4), 2);
	while ((at = number(play, 8)) != LU_QEMU_RAM_EOS) {
		unsigned flags = at % LU_IMAGE_PAGE;

		last = (int64_t)(at / LU_IMAGE_PAGE);
		if (!(flags & LU_QEMU_RAM_CONTINUE))
			pass_over(play, number(play, 1));
		memset(page, 0, sizeof(page));
		if (flags & LU_QEMU_RAM_PAGE)
			hear(play, page, sizeof(page));
		else
			assert_int_equal(number(play, 1), 0);
		make_page(due, (unsigned)last);
		assert_true(last < PAGES);
		assert_memory_equal(page, due, sizeof(page));
		assert_int_equal(play->seen[last]++, 0);
	}
	assert_int_equal(number(play, 1), LU_QEMU_FOOTER);
	assert_int_equal(number(play, 4), 2);
	return last;
}

/* Commands before any page: to the ping. */
static void hear_beginning(struct play *play)
{
	uint64_t command = 0;

	assert_int_equal(number(play, 4), LU_QEMU_MAGIC);
	assert_int_equal(number(play, 4), LU_QEMU_VERSION);
	assert_int_equal(number(play, 1), LU_QEMU_CONFIGURATION);
	pass_over(play, number(play, 4));
	for (int i = 0; i < 2; i++) { /* the return path, advice */
		assert_int_equal(number(play, 1), LU_QEMU_COMMAND);
		command = number(play, 2);
		assert_int_equal(command, i ? 3 : 1);
		pass_over(play, number(play, 2));
	}
	assert_int_equal(number(play, 1), LU_QEMU_START);
	pass_over(play, 4 + 1 + 3 + 4 + 4);
	assert_int_equal(number(play, 8), (BYTES + ROM_BYTES) | LU_QEMU_RAM_SIZES);
	pass_over(play, 2 * (1 + 3 + 8) + 8 + 5);
	assert_int_equal(number(play, 1), LU_QEMU_PART);
	pass_over(play, 4 + 8 + 4 + ROM_BYTES + 8 + 5);
	for (int i = 0; i < 2; i++) { /* discard, ping */
		assert_int_equal(number(play, 1), LU_QEMU_COMMAND);
		command = number(play, 2);
		assert_int_equal(command, i ? 2 : 6);
		pass_over(play, number(play, 2));
	}
	say_number(play, 2, 0);
}

static void hear_devices(struct play *play)
{
	char devices[sizeof(DEVICES)];

	assert_int_equal(number(play, 1), LU_QEMU_COMMAND);
	assert_int_equal(number(play, 2), 7);
	assert_int_equal(number(play, 2), 4);
	assert_int_equal(number(play, 4), 5 + sizeof(DEVICES) - 1 + 5);
	assert_int_equal(number(play, 5), (uint64_t)LU_QEMU_COMMAND << 32 | 4 << 16);
	hear(play, devices, sizeof(DEVICES) - 1);
	assert_memory_equal(devices, DEVICES, sizeof(DEVICES) - 1);
	assert_int_equal(number(play, 5), (uint64_t)LU_QEMU_COMMAND << 32 | 5 << 16);
}

static void go(struct play *play)
{
	hear_beginning(play);
	await(play, lu_image_lazy_ready);
	assert_false(lu_image_lazy_ended(play->lazy));
	lu_image_lazy_go(play->lazy);
	hear_devices(play);
}

/* To the end; false: it did not end as it should. */
static void hear_rest(struct play *play)
{
	uint64_t kind;

	while ((kind = number(play, 1)) == LU_QEMU_PART)
		hear_pages(play);
	assert_int_equal(kind, LU_QEMU_END);
	assert_int_equal(hear_pages(play), -1);
	assert_int_equal(number(play, 1), LU_QEMU_EOF);
	say_number(play, 1, 0);
	await(play, lu_image_lazy_ended);
}

static void check_all(bool zstd)
{
	struct play play;
	g_autoptr(GError) error = NULL;

	begin(&play, zstd, (struct lu_flash){"fast", 1e12, 0});
	go(&play);
	hear_rest(&play);
	if (!lu_image_lazy_result(play.lazy, &error))
		fail_msg("%s", error->message);
	/* zero pages need not come, all others have to */
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(play.seen[i], i % 4 != 0);
	end(&play);
}

static void test_all(void **state)
{
	check_all(false);
	check_all(true);
}

/* A flash that takes a tenth of a second for each request: who asks is served after the one that is
 * under way, whatever else there is to be read. */
static void test_asked(void **state)
{
	const unsigned last = PAGES - 1;
	struct play play;
	unsigned sections = 0;

	begin(&play, false, (struct lu_flash){"slow", 1e12, 100000000});
	go(&play);
	ask(&play, last, "ram");
	ask(&play, 0, NULL); /* zero */
	while (!play.seen[last] || !play.seen[0]) {
		assert_int_equal(number(&play, 1), LU_QEMU_PART);
		hear_pages(&play);
		assert_true(++sections <= 3);
	}
	lu_image_lazy_free(g_steal_pointer(&play.lazy));
	end(&play);
}

static void expect_failure(struct play *play, const char *words)
{
	g_autoptr(GError) error = NULL;

	while (!lu_image_lazy_ended(play->lazy))
		virtual_io_sleep(play->io, LU_NS_PER_MS);
	assert_false(lu_image_lazy_result(play->lazy, &error));
	if (!strstr(error->message, words) || strchr(error->message, '\n'))
		fail_msg("\"%s\" instead of something with \"%s\"", error->message, words);
	end(play);
}

static void test_nonsense(void **state)
{
	const struct lu_flash slow = {"slow", 1e12, 100000000};
	struct play play;

	begin(&play, false, slow);
	go(&play);
	ask(&play, 0, "rom");
	expect_failure(&play, "already been sent");
	begin(&play, false, slow);
	go(&play);
	ask(&play, PAGES, "ram");
	expect_failure(&play, "does not exist");
	begin(&play, false, slow);
	go(&play);
	close(play.fd);
	play.fd = -1;
	expect_failure(&play, "QEMU");
}

static void test_damaged(void **state)
{
	struct play play;
	uint8_t *bytes;
	int fd;

	begin(&play, false, (struct lu_flash){"fast", 1e12, 0});
	fd = open(play.path, O_RDWR | O_CLOEXEC);
	/* after it was opened: only the page itself is wrong */
	bytes = mmap(NULL, play.image->head->file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(bytes != MAP_FAILED);
	close(fd);
	bytes[play.image->head->data_at + LU_IMAGE_PAGE] ^= 1;
	munmap(bytes, play.image->head->file_bytes);
	go(&play);
	expect_failure(&play, "damaged");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	 cmocka_unit_test(test_parse_damaged),
		cmocka_unit_test(test_all),	 cmocka_unit_test(test_asked),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
