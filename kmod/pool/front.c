// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/NAME: a file of fixed size. A read or write becomes a job of its pool, and its caller waits
 * here until the job is complete. The parameter stats has a line for each device.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "pool/pool.h"
#include "pool/server.h"

#define JOB_MOST (256 << 10)

static unsigned int size_mb = 8;
module_param(size_mb, uint, 0444);
static unsigned int latency_us = 2000;
module_param(latency_us, uint, 0444);
MODULE_PARM_DESC(latency_us, "from sending a request to its answer, us");
static unsigned int patience_ms = 20000;
module_param(patience_ms, uint, 0444);
MODULE_PARM_DESC(patience_ms, "how long a job may take before its caller gets an error, ms");

unsigned int pool_linger_us;
module_param_named(linger_us, pool_linger_us, uint, 0644);
MODULE_PARM_DESC(linger_us, "how long a lingering call sleeps inside a version's code, us");
EXPORT_SYMBOL_GPL(pool_linger_us);

static unsigned int linger_every = 64;
module_param(linger_every, uint, 0644);
MODULE_PARM_DESC(linger_every, "every how many calls one lingers");

static atomic_t calls;

bool pool_lingers(void)
{
	return atomic_inc_return(&calls) % max(READ_ONCE(linger_every), 1U) == 0;
}
EXPORT_SYMBOL_GPL(pool_lingers);

struct front {
	struct list_head list;
	struct pool_client *client;
	struct miscdevice device;
};

static LIST_HEAD(fronts);
static DEFINE_MUTEX(fronts_lock);

static struct front *front_of(struct file *file)
{
	return container_of(file->private_data, struct front, device);
}

static struct pool_job *job_new(bool write, loff_t offset, size_t bytes)
{
	struct pool_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	if (!job)
		return NULL;
	job->data = kvmalloc(bytes, GFP_KERNEL);
	if (!job->data) {
		kfree(job);
		return NULL;
	}
	job->write = write;
	job->offset = offset;
	job->bytes = bytes;
	init_completion(&job->completion);
	return job;
}

static void job_free(struct pool_job *job)
{
	kvfree(job->data);
	kfree(job);
}

/* A job that is not complete in time may still be in use: it is leaked on purpose. */
static bool carry_out(struct pool_client *client, struct pool_job *job)
{
	client->submit(client, job);
	return wait_for_completion_timeout(&job->completion, msecs_to_jiffies(patience_ms));
}

/* Limits a request to the end of the file; 0 at the end. */
static size_t clamp_to(const struct front *front, loff_t offset, size_t bytes)
{
	unsigned long size = pool_server_bytes(front->client->server);

	if (offset >= size)
		return 0;
	return min3(bytes, (size_t)(size - offset), (size_t)JOB_MOST);
}

static ssize_t read(struct file *file, char __user *to, size_t bytes, loff_t *offset)
{
	struct front *front = front_of(file);
	struct pool_job *job;
	ssize_t result;

	bytes = clamp_to(front, *offset, bytes);
	if (!bytes)
		return 0;
	job = job_new(false, *offset, bytes);
	if (!job)
		return -ENOMEM;
	if (!carry_out(front->client, job))
		return -ETIMEDOUT;
	result = copy_to_user(to, job->data, bytes) ? -EFAULT : bytes;
	job_free(job);
	if (result > 0)
		*offset += bytes;
	return result;
}

static ssize_t write(struct file *file, const char __user *from, size_t bytes, loff_t *offset)
{
	struct front *front = front_of(file);
	struct pool_job *job;

	bytes = clamp_to(front, *offset, bytes);
	if (!bytes)
		return -ENOSPC;
	job = job_new(true, *offset, bytes);
	if (!job)
		return -ENOMEM;
	if (copy_from_user(job->data, from, bytes)) {
		job_free(job);
		return -EFAULT;
	}
	if (!carry_out(front->client, job))
		return -ETIMEDOUT;
	job_free(job);
	*offset += bytes;
	return bytes;
}

static loff_t seek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence,
				 pool_server_bytes(front_of(file)->client->server));
}

static int open(struct inode *inode, struct file *file)
{
	return try_module_get(front_of(file)->client->owner) ? 0 : -ENODEV;
}

static int release(struct inode *inode, struct file *file)
{
	module_put(front_of(file)->client->owner);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = open,
	.release = release,
	.read = read,
	.write = write,
	.llseek = seek,
};

static struct front *front_new(struct pool_client *client)
{
	struct front *front = kzalloc(sizeof(*front), GFP_KERNEL);

	if (!front)
		return NULL;
	client->server = pool_server_new(client, (unsigned long)size_mb << 20, latency_us);
	if (!client->server) {
		kfree(front);
		return NULL;
	}
	front->client = client;
	front->device = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = client->name,
		.fops = &operations,
	};
	return front;
}

static void front_free(struct front *front)
{
	pool_server_free(front->client->server);
	front->client->server = NULL;
	kfree(front);
}

int pool_front_add(struct pool_client *client)
{
	struct front *front = front_new(client);
	int error;

	if (!front)
		return -ENOMEM;
	error = misc_register(&front->device);
	if (error) {
		front_free(front);
		return error;
	}
	mutex_lock(&fronts_lock);
	list_add_tail(&front->list, &fronts);
	mutex_unlock(&fronts_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(pool_front_add);

void pool_front_del(struct pool_client *client)
{
	struct front *front;

	mutex_lock(&fronts_lock);
	list_for_each_entry(front, &fronts, list) if (front->client == client) break;
	list_del(&front->list);
	mutex_unlock(&fronts_lock);
	misc_deregister(&front->device);
	front_free(front);
}
EXPORT_SYMBOL_GPL(pool_front_del);

/* A line per device: requests, bytes read and written, repeated, unknown, most at once. */
static int stats_get(char *text, const struct kernel_param *param)
{
	struct pool_stats stats;
	struct front *front;
	int n = 0;

	mutex_lock(&fronts_lock);
	list_for_each_entry(front, &fronts, list)
	{
		pool_server_stats(front->client->server, &stats);
		n += scnprintf(text + n, PAGE_SIZE - n, "%s %llu %llu %llu %llu %llu %u\n",
			       front->client->name, stats.requests, stats.read, stats.written,
			       stats.repeated, stats.unknown, stats.most);
	}
	mutex_unlock(&fronts_lock);
	return n;
}

static const struct kernel_param_ops stats_ops = {.get = stats_get};
module_param_cb(stats, &stats_ops, NULL, 0444);

static int __init front_init(void)
{
	return size_mb && size_mb <= 256 && latency_us <= USEC_PER_SEC ? 0 : -EINVAL;
}

static void __exit front_exit(void)
{
}

module_init(front_init);
module_exit(front_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Devices and servers on both sides of pools of requests");
