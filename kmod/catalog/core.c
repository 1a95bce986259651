// SPDX-License-Identifier: GPL-2.0
/*
 * The shelves' devices. An update of this part includes it without the changed functions
 * (CHANGED_…) and defines its own; a live patch uses only its types (CORE_LENT).
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "catalog/catalog.h"

#define SHELVES 2

static char *version = "v1";
module_param(version, charp, 0444);

struct place {
	struct swap_instance instance;
	struct miscdevice device;
	char name[16];
};

/* An open file: the answer to what was last written to it. */
struct dialogue {
	struct place *place;
	char answer[CATALOG_TEXT + 16];
};

static struct place places[SHELVES];
static void put_answer(struct dialogue *dialogue, long value, const char *text);

#ifndef CHANGED_put_answer
static noinline void put_answer(struct dialogue *dialogue, long value, const char *text)
{
	if (value < 0)
		scnprintf(dialogue->answer, sizeof(dialogue->answer), "error %ld", value);
	else if (*text)
		strscpy(dialogue->answer, text, sizeof(dialogue->answer));
	else
		scnprintf(dialogue->answer, sizeof(dialogue->answer), "%ld", value);
}
#endif

static void ask(struct dialogue *dialogue, const char *line)
{
	struct swap_instance *instance = &dialogue->place->instance;
	const struct swap_binding *binding;
	const struct catalog_ops *ops;
	char text[CATALOG_TEXT] = "";
	long value;
	int how;

	binding = swap_enter(instance, &how);
	ops = binding->ops;
	value = ops->ask(binding->state, line, text);
	swap_exit(instance, how);
	put_answer(dialogue, value, text);
}

static ssize_t on_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	char line[CATALOG_TEXT] = "";

	if (size >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, size))
		return -EFAULT;
	if (!strcmp(line, "event"))
		blocking_notifier_call_chain(&catalog_events, 1, NULL);
	ask(file->private_data, line);
	return size;
}

static ssize_t on_read(struct file *file, char __user *to, size_t size, loff_t *at)
{
	struct dialogue *dialogue = file->private_data;

	return simple_read_from_buffer(to, size, at, dialogue->answer, strlen(dialogue->answer));
}

static int on_open(struct inode *inode, struct file *file)
{
	struct place *place = container_of(file->private_data, struct place, device);
	struct dialogue *dialogue = kzalloc(sizeof(*dialogue), GFP_KERNEL);

	if (!dialogue)
		return -ENOMEM;
	dialogue->place = place;
	file->private_data = dialogue;
	return 0;
}

static int on_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = on_open,
	.release = on_release,
	.write = on_write,
	.read = on_read,
};

static int begin(struct place *place, int i)
{
	int error;

	snprintf(place->name, sizeof(place->name), "lucat%d", i);
	place->instance.name = place->name;
	place->instance.component = CATALOG_COMPONENT;
	place->instance.owner = THIS_MODULE;
	error = swap_instance_register(&place->instance, version, 0);
	if (error)
		return error;
	place->device.minor = MISC_DYNAMIC_MINOR;
	place->device.name = place->name;
	place->device.fops = &operations;
	error = misc_register(&place->device);
	if (error)
		swap_instance_unregister(&place->instance);
	return error;
}

static void end(struct place *place)
{
	misc_deregister(&place->device);
	swap_instance_unregister(&place->instance);
}

static int __init core_init(void)
{
	int error = 0, i;

	for (i = 0; !error && i < SHELVES; i++)
		error = begin(&places[i], i);
	if (!error)
		return 0;
	while (--i > 0)
		end(&places[i - 1]);
	return error;
}

static void __exit core_exit(void)
{
	int i;

	for (i = 0; i < SHELVES; i++)
		end(&places[i]);
}

#ifndef CORE_LENT
module_init(core_init);
module_exit(core_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Shelves for trying updates");
#endif
