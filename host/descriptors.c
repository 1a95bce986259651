/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/descriptors.h"
#include <sys/resource.h>
#include "record/error.h"

bool lu_descriptors_allow(unsigned least, GError **error)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= least)
		return true;
	files.rlim_cur = MIN(files.rlim_max, least);
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= least)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "%u files have to be open at once, and this process may open %llu: "
		    "ulimit -n %u, or fewer connections",
		    least, (unsigned long long)files.rlim_cur, least);
	return false;
}
