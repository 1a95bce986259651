/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an image. */
#include "guest/image-file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>
#include "core/error.h"

static bool broken(GError **error, const char *path, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s; remove it, it is made anew", path,
		    what);
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
			    fd < 0 ? g_strerror(errno) : "not an image");
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

static bool head_good(const struct lu_image_head *head, uint64_t bytes)
{
	return !memcmp(head->magic, LU_IMAGE_MAGIC, sizeof(head->magic)) &&
	       head->file_bytes == bytes && head->data_at <= bytes &&
	       head->pages == head->memory_bytes / LU_IMAGE_PAGE &&
	       fits(head->about_at, head->about_bytes, 1, head->data_at) &&
	       fits(head->devices_at, head->devices_bytes, 1, head->data_at) &&
	       fits(head->pages_at, head->pages, sizeof(struct lu_image_page), head->data_at) &&
	       fits(head->pieces_at, head->pieces, sizeof(struct lu_image_piece), head->data_at);
}

static bool check(struct lu_image *image, GError **error)
{
	const struct lu_image_head *head = image->head;

	if (XXH3_64bits(image->bytes + LU_IMAGE_PAGE, head->data_at - LU_IMAGE_PAGE) != head->hash)
		return broken(error, image->path, "its tables are damaged");
	image->about =
		json_loadb((const char *)image->bytes + head->about_at, head->about_bytes, 0, NULL);
	return image->about != NULL || broken(error, image->path, "it does not say what it is");
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
		broken(error, path, "not a whole image");
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

bool lu_image_unpack(const struct lu_image *image, uint64_t i, void *context, uint8_t *plain,
		     GError **error)
{
	const struct lu_image_piece *piece = &image->pieces[i];
	size_t want = (size_t)piece->pages * LU_IMAGE_PAGE, got = piece->bytes;

	if (piece->pages > LU_IMAGE_PIECE ||
	    !fits(piece->at, piece->bytes, 1, image->head->file_bytes))
		return broken(error, image->path, "a piece lies outside of it");
	if (context)
		got = ZSTD_decompressDCtx(context, plain, want, image->bytes + piece->at,
					  piece->bytes);
	else if (got == want)
		memcpy(plain, image->bytes + piece->at, got);
	return got == want || broken(error, image->path, "a piece of it is damaged");
}

bool lu_image_page_good(const struct lu_image_page *page, const uint8_t *bytes)
{
	return XXH3_64bits(bytes, LU_IMAGE_PAGE) == page->hash;
}
