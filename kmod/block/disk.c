// SPDX-License-Identifier: GPL-2.0
/* The disks /dev/lublkN, each an instance of its own; every bio goes through the instance. */
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "block/block.h"

static unsigned int instances = 2;
module_param(instances, uint, 0444);
static unsigned int size_mb = 8;
module_param(size_mb, uint, 0444);
static char *version = "v1";
module_param(version, charp, 0444);
static unsigned int straight_from = 16;
module_param(straight_from, uint, 0444);
MODULE_PARM_DESC(
	straight_from,
	"disks from this one on call their version directly and cannot be swapped, for comparison");

struct disk {
	struct swap_instance instance;
	struct gendisk *gendisk;
	char name[16];
	const struct block_ops *straight; /* direct calls, as without the framework */
};

static struct disk *disks;
static int major;

static bool known(struct bio *bio)
{
	if (bio_op(bio) == REQ_OP_READ || bio_op(bio) == REQ_OP_WRITE)
		return true;
	bio->bi_status = BLK_STS_NOTSUPP;
	bio_endio(bio);
	return false;
}

static void submit(struct bio *bio)
{
	struct disk *disk = bio->bi_bdev->bd_disk->private_data;
	const struct block_ops *ops = swap_ops(&disk->instance);

	if (!known(bio))
		return;
	ops->submit(&disk->instance, bio);
	swap_called();
}

static const struct block_device_operations operations = {
	.owner = THIS_MODULE,
	.submit_bio = submit,
};

static void submit_by_gate(struct swap_instance *instance, struct bio *bio)
{
	const struct block_ops *ops;
	int how;

	ops = swap_gate_enter(instance, &how);
	ops->submit(instance, bio);
	swap_exit(instance, how);
}

static const struct block_ops switcher = {submit_by_gate};

static void submit_straight(struct bio *bio)
{
	struct disk *disk = bio->bi_bdev->bd_disk->private_data;

	if (known(bio))
		disk->straight->submit(&disk->instance, bio);
}

static const struct block_device_operations straight_operations = {
	.owner = THIS_MODULE,
	.submit_bio = submit_straight,
};

struct block_device *block_device_of(int i)
{
	return disks[i].gendisk->part0;
}
EXPORT_SYMBOL_GPL(block_device_of);

/* Since 6.9 a disk is made with its limits; before, its queue was given them. NULL: out of memory. */
static struct gendisk *new_gendisk(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	struct queue_limits limits = {.logical_block_size = BLOCK_BYTES,
				      .physical_block_size = BLOCK_BYTES};
	struct gendisk *gendisk = blk_alloc_disk(&limits, NUMA_NO_NODE);

	return IS_ERR(gendisk) ? NULL : gendisk;
#else
	struct gendisk *gendisk = blk_alloc_disk(NUMA_NO_NODE);

	if (!gendisk)
		return NULL;
	blk_queue_logical_block_size(gendisk->queue, BLOCK_BYTES);
	blk_queue_physical_block_size(gendisk->queue, BLOCK_BYTES);
	return gendisk;
#endif
}

static int show(struct disk *disk, int minor)
{
	struct gendisk *gendisk = new_gendisk();
	int error;

	if (!gendisk)
		return -ENOMEM;
	gendisk->major = major;
	gendisk->first_minor = minor;
	gendisk->minors = 1;
	gendisk->flags |= GENHD_FL_NO_PART;
	gendisk->fops = disk->instance.fixed ? &straight_operations : &operations;
	gendisk->private_data = disk;
	strscpy(gendisk->disk_name, disk->name, sizeof(gendisk->disk_name));
	set_capacity(gendisk, (sector_t)size_mb << (20 - SECTOR_SHIFT));
	error = add_disk(gendisk);
	if (error)
		put_disk(gendisk);
	else
		disk->gendisk = gendisk;
	return error;
}

static int begin(struct disk *disk, int i)
{
	int error;

	snprintf(disk->name, sizeof(disk->name), "lublk%d", i);
	disk->instance.name = disk->name;
	disk->instance.component = BLOCK_COMPONENT;
	disk->instance.owner = THIS_MODULE;
	disk->instance.switcher = &switcher;
	disk->instance.fixed = i >= straight_from;
	error = swap_instance_register(&disk->instance, version,
				       ((unsigned long)size_mb << 20) / BLOCK_BYTES);
	if (error)
		return error;
	disk->straight = disk->instance.binding->ops;
	error = show(disk, i);
	if (error)
		swap_instance_unregister(&disk->instance);
	return error;
}

static void end(struct disk *disk)
{
	del_gendisk(disk->gendisk);
	put_disk(disk->gendisk);
	swap_instance_unregister(&disk->instance);
}

static int __init disk_init(void)
{
	int error = 0, i;

	if (!instances || instances > 16 || !size_mb || size_mb > 4096)
		return -EINVAL;
	major = register_blkdev(0, "lublk");
	if (major < 0)
		return major;
	disks = kcalloc(instances, sizeof(*disks), GFP_KERNEL);
	if (!disks)
		error = -ENOMEM;
	for (i = 0; !error && i < instances; i++)
		error = begin(&disks[i], i);
	if (!error)
		return 0;
	while (disks && --i > 0)
		end(&disks[i - 1]);
	kfree(disks);
	unregister_blkdev(major, "lublk");
	return error;
}

static void __exit disk_exit(void)
{
	int i;

	for (i = 0; i < instances; i++)
		end(&disks[i]);
	kfree(disks);
	unregister_blkdev(major, "lublk");
}

module_init(disk_init);
module_exit(disk_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Disks in RAM with a swappable implementation");
