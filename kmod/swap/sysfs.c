// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/lu_swap/INSTANCE/: version (read), last (read: key value lines of the last swap),
 * swap (write: "VERSION METHOD LIMIT_MS"), fail_transfer (write: how many transfers are to fail).
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "swap/inside.h"

static struct kobject *root;

struct swap_attribute {
	struct attribute attr;
	ssize_t (*show)(struct swap_instance *instance, char *buf);
	ssize_t (*store)(struct swap_instance *instance, const char *buf, size_t count);
};

static ssize_t version_show(struct swap_instance *instance, char *buf)
{
	ssize_t n;

	mutex_lock(&instance->swapping);
	n = sysfs_emit(buf, "%s\n", instance->binding->version->name);
	mutex_unlock(&instance->swapping);
	return n;
}

static ssize_t last_show(struct swap_instance *instance, char *buf)
{
	struct swap_report last;

	spin_lock(&instance->waiters_lock);
	last = instance->last;
	spin_unlock(&instance->waiters_lock);
	return sysfs_emit(
		buf,
		"error %d\ntrace_ns %llu\nquiesce_ns %llu\ntransfer_ns %llu\nclosed_ns %llu\n"
		"waited %lu\nkept %lu\nwait_max_ns %llu\ntries %lu\nswaps %lu\nfailures %lu\n"
		"inside %lu\ntrack %s\n",
		last.error, last.trace_ns, last.quiesce_ns, last.transfer_ns, last.closed_ns,
		last.waited, last.kept, last.wait_max_ns, last.tries, instance->swaps,
		instance->failures, swap_inside(instance), swap_quiescence_names[instance->track]);
}

static ssize_t swap_store(struct swap_instance *instance, const char *buf, size_t count)
{
	char to[16], method[16];
	unsigned int limit_ms;
	int how, error;

	if (sscanf(buf, "%15s %15s %u", to, method, &limit_ms) != 3)
		return -EINVAL;
	how = swap_quiescence_parse(method);
	if (how < 0)
		return -EINVAL;
	error = swap_perform(instance, to, how, limit_ms);
	return error ? error : count;
}

static ssize_t fail_transfer_store(struct swap_instance *instance, const char *buf, size_t count)
{
	int error = kstrtouint(buf, 10, &instance->fail_transfer);

	return error ? error : count;
}

static struct swap_attribute version_attr = {{"version", 0444}, version_show};
static struct swap_attribute last_attr = {{"last", 0444}, last_show};
static struct swap_attribute swap_attr = {{"swap", 0200}, .store = swap_store};
static struct swap_attribute fail_attr = {{"fail_transfer", 0200}, .store = fail_transfer_store};

static struct attribute *swap_attrs[] = {&version_attr.attr, &last_attr.attr, &swap_attr.attr,
					 &fail_attr.attr, NULL};
ATTRIBUTE_GROUPS(swap);

static ssize_t show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	return container_of(attr, struct swap_attribute, attr)
		->show(container_of(kobj, struct swap_instance, kobj), buf);
}

static ssize_t store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t count)
{
	return container_of(attr, struct swap_attribute, attr)
		->store(container_of(kobj, struct swap_instance, kobj), buf, count);
}

static const struct sysfs_ops ops = {show, store};

static void release(struct kobject *kobj)
{
	complete(&container_of(kobj, struct swap_instance, kobj)->released);
}

static struct kobj_type type = {
	.release = release, .sysfs_ops = &ops, .default_groups = swap_groups};

int swap_sysfs_add(struct swap_instance *instance)
{
	int error = kobject_init_and_add(&instance->kobj, &type, root, "%s", instance->name);

	if (error)
		swap_sysfs_remove(instance);
	return error;
}

/* Returns when none of its files is in use any more. */
void swap_sysfs_remove(struct swap_instance *instance)
{
	kobject_del(&instance->kobj);
	kobject_put(&instance->kobj);
	wait_for_completion(&instance->released);
}

int swap_sysfs_init(void)
{
	root = kobject_create_and_add("lu_swap", kernel_kobj);
	return root ? 0 : -ENOMEM;
}

void swap_sysfs_exit(void)
{
	kobject_put(root);
}
