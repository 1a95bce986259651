/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities and parameters, by QMP. */
#include "qemu/migration/parameters.h"
#include "host/wait.h"

struct setup {
	const struct lu_migration_config *config;
	const struct lu_waiter *waiter;
	int64_t deadline_ns;
};

static bool execute(const struct setup *setup, struct lu_vm *vm, const char *command, json_t *args,
		    GError **error)
{
	return lu_qmp_execute(lu_vm_qmp(vm), setup->waiter, command, args, setup->deadline_ns, NULL,
			      error);
}

static void add_capability(json_t *list, const char *name, bool state)
{
	json_array_append_new(list, json_pack("{s:s, s:b}", "capability", name, "state", state));
}

/* Both ends must have the same capabilities, except
 * pause-before-switchover, which is the source's. */
static bool set_capabilities(const struct setup *setup, struct lu_vm *vm, bool sends,
			     GError **error)
{
	const struct lu_migration_config *config = setup->config;
	json_t *list = json_array();

	add_capability(list, "events", true);
	add_capability(list, "postcopy-ram",
		       config->mode == LU_MIGRATION_POSTCOPY || config->postcopy_after_ns);
	add_capability(list, "xbzrle", config->xbzrle);
	add_capability(list, "auto-converge", config->auto_converge);
	add_capability(list, "multifd", config->channels > 0);
	add_capability(list, "pause-before-switchover", sends && config->mode != LU_MIGRATION_FILE);
	return execute(setup, vm, "migrate-set-capabilities",
		       json_pack("{s:o}", "capabilities", list), error);
}

static bool set_channels(const struct setup *setup, struct lu_vm *vm, GError **error)
{
	int channels = (int)setup->config->channels;

	return channels == 0 || execute(setup, vm, "migrate-set-parameters",
					json_pack("{s:i}", "multifd-channels", channels), error);
}

static bool set_limits(const struct setup *setup, struct lu_vm *vm, GError **error)
{
	json_int_t bandwidth = (json_int_t)setup->config->bandwidth;
	json_int_t limit_ms = setup->config->downtime_limit_ns / LU_NS_PER_MS;

	return execute(setup, vm, "migrate-set-parameters",
		       json_pack("{s:I, s:I, s:I}", "max-bandwidth", bandwidth,
				 "max-postcopy-bandwidth", bandwidth, "downtime-limit", limit_ms),
		       error);
}

bool lu_migration_set_up(struct lu_vm *from, struct lu_vm *to,
			 const struct lu_migration_config *config, const struct lu_waiter *waiter,
			 int64_t deadline_ns, GError **error)
{
	const struct setup setup = {config, waiter, deadline_ns};

	return set_capabilities(&setup, to, false, error) &&
	       set_capabilities(&setup, from, true, error) && set_channels(&setup, to, error) &&
	       set_channels(&setup, from, error) && set_limits(&setup, from, error);
}
