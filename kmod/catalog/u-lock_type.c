// SPDX-License-Identifier: GPL-2.0
/*
 * Spin lock becomes a mutex, in an inline function that twelve others use.
 *
 * ask: lock = atomic -> may sleep
 */
#define CHANGED_lock

/* +livepatch: both locks are held while some tasks know only one of them */
#ifdef LIVEPATCH
#include <linux/mutex.h>
#include <linux/spinlock.h>
typedef spinlock_t lock_type;
struct shelf;
static void lock(struct shelf *shelf);
static void unlock(struct shelf *shelf);
static DEFINE_MUTEX(mutex);
static bool both = true, spun;
#else /* -livepatch */
#include <linux/mutex.h>
typedef struct mutex lock_type;
#define lock_init     mutex_init
#define lock(shelf)   mutex_lock(&(shelf)->lock)
#define unlock(shelf) mutex_unlock(&(shelf)->lock)
#endif
#include "catalog/base.c"
#include "catalog/update.h"

/* +livepatch */
#ifdef LIVEPATCH
static void lock(struct shelf *shelf)
{
	mutex_lock(&mutex);
	spun = READ_ONCE(both);
	if (spun)
		spin_lock(&shelf->lock);
}

static void unlock(struct shelf *shelf)
{
	if (spun)
		spin_unlock(&shelf->lock);
	mutex_unlock(&mutex);
}

static void all_come(struct klp_object *object)
{
	WRITE_ONCE(both, false);
}

static void some_go(struct klp_object *object)
{
	mutex_lock(&mutex);
	WRITE_ONCE(both, true);
	mutex_unlock(&mutex);
}
#endif
/* -livepatch */

PATCHES_WITH((PATCH(put), PATCH(get), PATCH(del), PATCH(sum), PATCH(low), PATCH(high),
	      PATCH(locking), PATCH(both_locks), PATCH(weight), PATCH(refs), PATCH(hold),
	      PATCH(order)),
	     .post_patch = all_come, .pre_unpatch = some_go);
