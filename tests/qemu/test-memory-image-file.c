/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A memory image as a file: what went in comes out, by the flash's time; what is damaged is said to
 * be, in one line, wherever the damage is. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "qemu/memory-image/file.h"
#include "qemu/memory-image/slots.h"
#include "qemu/memory-image/stream.h"
#include "record/error.h"
#include "tests/kit/virtual-io.h"

#define PAGES	300u
#define BYTES	((uint64_t)PAGES * LU_IMAGE_PAGE)
#define DEVICES "the state of all devices"
#define FLIPS	400
#define FAST	((struct lu_flash){"fast", 1e12, 0})
#define REQUEST 65536

/* A third is zero, a third alike in threes, a third of its own. */
static uint8_t *make_memory(void)
{
	uint8_t *memory = g_malloc0(BYTES);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	for (unsigned i = 0; i < PAGES; i++) {
		uint8_t *page = memory + (uint64_t)i * LU_IMAGE_PAGE;

		if (i % 3 == 1)
			memset(page, 1 + (int)(i / 9), LU_IMAGE_PAGE);
		for (unsigned j = 0; i % 3 == 2 && j < LU_IMAGE_PAGE / 2; j++)
			page[j] = (uint8_t)g_rand_int(random);
	}
	return memory;
}

static char *write_image(const uint8_t *memory, bool zstd, bool dedup)
{
	json_auto_t *about = json_pack("{s:s}", "what", "a test");
	const struct lu_image_parts parts = {
		.form = {.wanted = true, .zstd = zstd, .dedup = dedup},
		.about = about,
		.devices = (const uint8_t *)DEVICES,
		.devices_bytes = sizeof(DEVICES),
		.memory = memory,
		.memory_bytes = BYTES,
	};
	g_autoptr(GError) error = NULL;
	char *path = NULL;
	int fd = g_file_open_tmp("lubench-image-XXXXXX", &path, &error);

	assert_true(fd >= 0);
	if (!lu_image_write(fd, &parts, &error))
		fail_msg("%s", error->message);
	close(fd);
	return path;
}

/* Streams it into fresh memory, which the caller unmaps; NULL with the error. */
static uint8_t *stream(const struct lu_image *image, struct lu_flash flash, int64_t *took_ns,
		       GError **error)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	struct lu_io *io = virtual_io_new();
	const struct lu_image_load load = {flash, REQUEST};
	int memory = memfd_create("memory", MFD_CLOEXEC);
	uint8_t *bytes = NULL;

	assert_int_equal(ftruncate(memory, (off_t)BYTES), 0);
	struct lu_image_stream *stream = lu_image_stream_new(io, image, memory, context, error);

	assert_non_null(stream);
	assert_false(lu_image_stream_started(stream));
	lu_image_stream_start(stream, &load);
	while (!lu_image_stream_ended(stream))
		virtual_io_sleep(io, LU_NS_PER_MS);
	if (lu_image_stream_result(stream, error))
		bytes = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, memory, 0);
	if (took_ns)
		*took_ns = lu_image_stream_took_ns(stream);
	lu_image_stream_free(stream);
	virtual_io_free(io);
	close(memory);
	return bytes;
}

static void check_form(bool zstd, bool dedup)
{
	g_autofree uint8_t *memory = make_memory();
	g_autofree char *path = write_image(memory, zstd, dedup);
	g_autoptr(GError) error = NULL;
	struct lu_image *image = lu_image_open(path, &error);

	if (!image)
		fail_msg("%s", error->message);
	assert_string_equal(json_string_value(json_object_get(image->about, "what")), "a test");
	assert_memory_equal(image->bytes + image->head->devices_at, DEVICES, sizeof(DEVICES));
	/* 100 pages of their own; of the 100 that are alike in threes one of each three */
	assert_int_equal(image->head->stored, dedup ? 100 + 34 : PAGES);
	uint8_t *back = stream(image, FAST, NULL, &error);

	if (!back)
		fail_msg("%s", error->message);
	assert_memory_equal(back, memory, BYTES);
	munmap(back, BYTES);
	lu_image_close(image);
	unlink(path);
}

static void test_forms(void **state)
{
	check_form(false, true);
	check_form(false, false);
	check_form(true, true);
	check_form(true, false);
}

/* The flash's pace, and no other. */
static void test_pace(void **state)
{
	const struct lu_flash slow = {"slow", 4e6, 1000000};
	g_autofree uint8_t *memory = make_memory();
	g_autofree char *path = write_image(memory, false, true);
	struct lu_image *image = lu_image_open(path, NULL);
	int64_t due_ns = lu_flash_read_ns(&slow, image->head->file_bytes, REQUEST), took_ns = 0;
	uint8_t *back = stream(image, slow, &took_ns, NULL);

	assert_non_null(back);
	assert_int_equal(took_ns, due_ns);
	munmap(back, BYTES);
	lu_image_close(image);
	unlink(path);
}

/* All slots in chunks, each with the pages that have it. */
static void check_slots(bool zstd, uint64_t request)
{
	g_autofree uint8_t *memory = make_memory();
	g_autofree char *path = write_image(memory, zstd, true);
	struct lu_image *image = lu_image_open(path, NULL);
	struct lu_image_slots slots;
	unsigned pages = 0;

	lu_image_slots_init(&slots, image, request);
	for (uint64_t chunk = 0; chunk < slots.chunks; chunk++) {
		const uint8_t *bytes = lu_image_chunk(&slots, chunk, NULL);
		uint64_t slot, end;

		assert_non_null(bytes);
		assert_true(lu_image_chunk_bytes(&slots, chunk) > 0);
		lu_image_chunk_range(&slots, chunk, &slot, &end);
		for (; slot < end; slot++, bytes += LU_IMAGE_PAGE)
			for (uint32_t page = slots.first[slot]; page != LU_IMAGE_NO_PAGE;
			     page = slots.next[page], pages++)
				assert_memory_equal(bytes, memory + (uint64_t)page * LU_IMAGE_PAGE,
						    LU_IMAGE_PAGE);
	}
	assert_int_equal(pages, 200); /* the others are zero */
	lu_image_slots_clear(&slots);
	lu_image_close(image);
	unlink(path);
}

static void test_slots(void **state)
{
	check_slots(false, 4096);
	check_slots(false, 5 * 4096);
	check_slots(false, 1 << 20);
	check_slots(true, 4096);
}

static void expect_one_line(const GError *error)
{
	assert_non_null(error);
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_FAILED));
	assert_null(strchr(error->message, '\n'));
}

/* Opens and streams what is at path. Is it refused? If not, memory has to be what it was. */
static bool found_broken(const char *path, const uint8_t *memory)
{
	g_autoptr(GError) error = NULL;
	struct lu_image *image = lu_image_open(path, &error);
	uint8_t *back = image ? stream(image, FAST, NULL, &error) : NULL;
	g_autoptr(GError) verdict = NULL;

	/* what is found on the way is found beforehand too */
	if (image && !lu_image_verify(image, &verdict))
		expect_one_line(verdict);
	if (image)
		assert_int_equal(verdict == NULL, back != NULL);
	lu_image_close(image);
	if (!back) {
		expect_one_line(error);
		return true;
	}
	assert_memory_equal(back, memory, BYTES);
	munmap(back, BYTES);
	return false;
}

static void put_byte(int fd, gsize at, char byte)
{
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
}

static void check_flips(bool zstd)
{
	g_autofree uint8_t *memory = make_memory();
	g_autofree char *path = write_image(memory, zstd, true);
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	g_autofree char *bytes = NULL;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	unsigned broken = 0;
	gsize len;

	assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	for (int i = 0; i < FLIPS; i++) {
		/* as often in the head as elsewhere */
		gsize at = (gsize)g_rand_double_range(random, 0, i % 2 ? 128 : (double)len);
		char bit = (char)(1 << g_rand_int_range(random, 0, 8));

		put_byte(fd, at, (char)(bytes[at] ^ bit));
		broken += found_broken(path, memory);
		put_byte(fd, at, bytes[at]);
	}
	/* what fills the head's page says nothing */
	assert_true(broken > FLIPS * 9 / 10);
	close(fd);
	unlink(path);
}

static void test_flips(void **state)
{
	check_flips(false);
	check_flips(true);
}

static void test_cut(void **state)
{
	g_autofree uint8_t *memory = make_memory();
	g_autofree char *path = write_image(memory, false, true);
	struct stat info;

	assert_return_code(stat(path, &info), errno);
	for (off_t i = 40; i-- > 0;) {
		assert_return_code(truncate(path, info.st_size * i / 40), errno);
		assert_true(found_broken(path, memory));
	}
	unlink(path);
	assert_true(found_broken(path, memory));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms), cmocka_unit_test(test_pace),
		cmocka_unit_test(test_slots), cmocka_unit_test(test_flips),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
