/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a memory image. */
#include "qemu/memory-image/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>
#include "record/error.h"

static bool broken(GError **error, const char *path, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "%s: %s; remove the file and it will be built again", path, what);
	return false;
}

static const uint8_t *map(const char *path, uint64_t *bytes, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)LU_IMAGE_PAGE)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", path,
			    fd < 0 ? g_strerror(errno) : "not a memory image");
	else
		*bytes = (uint64_t)st.st_size;
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static bool fits(uint64_t at, uint64_t count, uint64_t size, uint64_t end)
{
	return at <= end && count <= (end - at) / size;
}

uint64_t lu_image_tables_hash(const struct lu_image_head *head, const uint8_t *tables)
{
	XXH64_hash_t of_head = XXH3_64bits(head, offsetof(struct lu_image_head, hash));

	return XXH3_64bits_withSeed(tables, head->data_at - LU_IMAGE_PAGE, of_head);
}

static bool head_good(const struct lu_image_head *head, uint64_t bytes)
{
	return !memcmp(head->magic, LU_IMAGE_MAGIC, sizeof(head->magic)) &&
	       head->file_bytes == bytes && head->data_at <= bytes &&
	       head->data_at >= LU_IMAGE_PAGE && head->stored <= head->pages &&
	       head->pages == head->memory_bytes / LU_IMAGE_PAGE &&
	       fits(head->about_at, head->about_bytes, 1, head->data_at) &&
	       fits(head->devices_at, head->devices_bytes, 1, head->data_at) &&
	       fits(head->pages_at, head->pages, sizeof(struct lu_image_page), head->data_at) &&
	       fits(head->pieces_at, head->pieces, sizeof(struct lu_image_piece), head->data_at);
}

static bool check(struct lu_image *image, GError **error)
{
	const struct lu_image_head *head = image->head;

	if (lu_image_tables_hash(head, image->bytes + LU_IMAGE_PAGE) != head->hash)
		return broken(error, image->path, "its tables are damaged");
	image->about =
		json_loadb((const char *)image->bytes + head->about_at, head->about_bytes, 0, NULL);
	return image->about != NULL || broken(error, image->path, "its description is damaged");
}

struct lu_image *lu_image_open(const char *path, GError **error)
{
	uint64_t bytes = 0;
	const uint8_t *at = map(path, &bytes, error);
	struct lu_image *image;

	if (!at)
		return NULL;
	image = g_new0(struct lu_image, 1);
	image->path = g_strdup(path);
	image->bytes = at;
	image->head = (const struct lu_image_head *)at;
	if (!head_good(image->head, bytes)) {
		broken(error, path, "truncated");
		munmap((void *)at, bytes);
		g_free(image->path);
		g_free(image);
		return NULL;
	}
	image->pages = (const struct lu_image_page *)(at + image->head->pages_at);
	image->pieces = (const struct lu_image_piece *)(at + image->head->pieces_at);
	if (!check(image, error))
		g_clear_pointer(&image, lu_image_close);
	return image;
}

void lu_image_close(struct lu_image *image)
{
	if (!image)
		return;
	json_decref(image->about);
	munmap((void *)image->bytes, image->head->file_bytes);
	g_free(image->path);
	g_free(image);
}

static bool piece_good(const struct lu_image *image, uint64_t i, GError **error)
{
	const struct lu_image_piece *piece = &image->pieces[i];

	return (i < image->head->pieces && piece->pages <= LU_IMAGE_PIECE &&
		fits(piece->at, piece->bytes, 1, image->head->file_bytes)) ||
	       broken(error, image->path, "a piece lies outside of the file");
}

const uint8_t *lu_image_plain(const struct lu_image *image, uint64_t i, GError **error)
{
	const struct lu_image_piece *piece = &image->pieces[i];

	if (!piece_good(image, i, error))
		return NULL;
	if (piece->bytes == (uint64_t)piece->pages * LU_IMAGE_PAGE)
		return image->bytes + piece->at;
	broken(error, image->path, "a piece of it is damaged");
	return NULL;
}

bool lu_image_unpack(const struct lu_image *image, uint64_t i, void *context, uint8_t *plain,
		     GError **error)
{
	const struct lu_image_piece *piece = &image->pieces[i];
	size_t want = (size_t)piece->pages * LU_IMAGE_PAGE;

	if (!context) {
		const uint8_t *from = lu_image_plain(image, i, error);

		if (from)
			memcpy(plain, from, want);
		return from != NULL;
	}
	return piece_good(image, i, error) &&
	       (ZSTD_decompressDCtx(context, plain, want, image->bytes + piece->at, piece->bytes) ==
			want ||
		broken(error, image->path, "a piece of it is damaged"));
}

bool lu_image_page_good(const struct lu_image_page *page, const uint8_t *bytes)
{
	return XXH3_64bits(bytes, LU_IMAGE_PAGE) == page->hash;
}
