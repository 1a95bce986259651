/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of the distribution that guests may run. */
#include "model/workload.h"
#include "assets/set.h"

static const struct lu_program of_any_plan[] = {
	{"criu", "/usr/sbin/criu", {"criu"}},
	{"mke2fs", "/usr/sbin/mke2fs", {"e2fsprogs"}},
	{"kexec", "/usr/sbin/kexec", {"kexec-tools"}},
	{"busybox", "/usr/bin/busybox", {"busybox-static"}},
	{"nft", "/usr/sbin/nft", {"nftables"}},
};

/* Several workloads may have the same program. */
static void add(GPtrArray *list, const struct lu_program *program)
{
	for (guint i = 0; i < list->len; i++)
		if (g_str_equal(((const struct lu_program *)list->pdata[i])->name, program->name))
			return;
	g_ptr_array_add(list, (void *)program);
}

static gpointer gather(gpointer unused)
{
	GPtrArray *list = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(of_any_plan); i++)
		add(list, &of_any_plan[i]);
	for (size_t i = 0; lu_workloads[i]; i++)
		if (lu_workloads[i]->packaged)
			add(list, lu_workloads[i]->packaged);
	g_ptr_array_add(list, NULL);
	return g_ptr_array_free(list, FALSE);
}

const struct lu_program *const *lu_programs(void)
{
	static GOnce once = G_ONCE_INIT;

	return g_once(&once, gather, NULL);
}
