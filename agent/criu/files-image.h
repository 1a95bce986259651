/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The regular files that a checkpointed service has open or mapped (images/files.proto,
 * images/regfile.proto of CRIU 3.17.1). */
#pragma once
#include <stdbool.h>

/* Call each with the absolute path of every one, some maybe twice, in the order of the image; it is
 * valid during the call. false with errno: the folder of images has no such list. */
bool files_image_each(const char *images, void (*each)(void *data, const char *path), void *data);
