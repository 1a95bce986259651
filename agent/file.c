/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/file.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *file_read(const char *path, size_t *len)
{
	size_t fill = 0, size = 16384;
	char *text = malloc(size);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	while (text && fd >= 0 && (n = read(fd, text + fill, size - 1 - fill)) > 0) {
		fill += n;
		if (fill == size - 1)
			text = realloc(text, size *= 2);
	}
	if (fd >= 0)
		close(fd);
	if (!text || fd < 0 || n < 0) {
		free(text);
		return NULL;
	}
	text[fill] = '\0';
	if (len)
		*len = fill;
	return text;
}

long file_number(const char *path, long without)
{
	char *text = file_read(path, NULL), *end = text;
	long number = text ? strtol(text, &end, 10) : 0;

	if (end == text)
		number = without;
	free(text);
	return number;
}

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	return n == (ssize_t)strlen(text);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
