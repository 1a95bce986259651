/* SPDX-License-Identifier: GPL-2.0 */
/* Creating and destroying a shelf, and its state transfer to another version. Not part of live
 * patches. Part of base.c, without the parts that an update defines itself (CHANGED_x). */
#pragma once

#ifndef CHANGED_take_item
static void take_item(struct item *item, const struct catalog_form *form, unsigned int i)
{
	item->refs = form->items[i].refs;
}
#endif

static long take_items(struct shelf *shelf, const struct catalog_form *form)
{
	unsigned int i;

	/* In the form the newest is first. */
	for (i = form->count; i-- > 0;) {
		struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

		if (!item)
			return -ENOMEM;
		item->key = form->items[i].key;
		item->value = form->items[i].value;
		take_item(item, form, i);
		insert(shelf, item);
		shelf->count++;
	}
	return 0;
}

#ifndef CHANGED_take_rest
static void take_rest(struct shelf *shelf, const struct catalog_form *form)
{
	shelf->stats.gets = form->gets;
	shelf->beats = form->beats;
	shelf->turns = form->turns;
	shelf->events = form->events;
	shelf->logged = form->logged;
	memcpy(shelf->log, form->log, sizeof(u32) * min_t(size_t, LOG, 4));
}
#endif

#ifndef CHANGED_take_more
/* State of an update beyond what version 1 would import. */
static void take_more(struct shelf *shelf, const struct catalog_form *form)
{
}
#endif

#ifndef CHANGED_items
static void begin(struct shelf *shelf)
{
	INIT_LIST_HEAD(&shelf->items);
}
#endif

static void destroy(void *state)
{
	struct shelf *shelf = state;
	struct item *item;

	while ((item = any(shelf))) {
		remove(shelf, item);
		kfree(item);
	}
	kfree(shelf);
}

static void *take(void *data)
{
	struct catalog_form *form = data;
	struct shelf *shelf = kzalloc(sizeof(*shelf), GFP_KERNEL);

	if (!shelf)
		return ERR_PTR(-ENOMEM);
	lock_init(&shelf->lock);
	spin_lock_init(&shelf->second);
	init_waitqueue_head(&shelf->called);
	init_waitqueue_head(&shelf->done);
	INIT_DELAYED_WORK(&shelf->beat, beat);
	shelf->on_event.notifier_call = on_event;
	begin(shelf);
	if (take_items(shelf, form)) {
		destroy(shelf);
		return ERR_PTR(-ENOMEM);
	}
	take_rest(shelf, form);
	take_more(shelf, form);
	kfree(form);
	return shelf;
}

static void resume_shelf(void *state)
{
	start(state);
}

static void halt_shelf(void *state)
{
	stop(state);
}

static void *create(unsigned long size)
{
	struct catalog_form *form = kzalloc(sizeof(*form), GFP_KERNEL);
	void *shelf = form ? take(form) : ERR_PTR(-ENOMEM);

	if (IS_ERR(shelf))
		kfree(form);
	else
		resume_shelf(shelf);
	return shelf;
}

#ifndef CHANGED_give_item
static void give_item(struct catalog_form *form, const struct item *item)
{
	form->items[form->count].key = item->key;
	form->items[form->count].value = worth(item);
	form->items[form->count++].refs = item->refs;
}
#endif

#ifndef CHANGED_give_rest
static void give_rest(struct catalog_form *form, const struct shelf *shelf)
{
	form->gets = shelf->stats.gets;
	form->beats = shelf->beats;
	form->turns = shelf->turns;
	form->events = shelf->events;
	form->logged = shelf->logged;
	memcpy(form->log, shelf->log, min(sizeof(form->log), sizeof(shelf->log)));
}
#endif

static void *give(void *state)
{
	struct shelf *shelf = state;
	struct catalog_form *form = kzalloc(struct_size(form, items, shelf->count), GFP_KERNEL);
	struct item *item;

	if (!form)
		return ERR_PTR(-ENOMEM);
	for_each_item(item, shelf) give_item(form, item);
	give_rest(form, shelf);
	return form;
}

/* give() copies: nothing was handed over. */
static void regain(void *state, void *form)
{
	kfree(form);
}

static const struct catalog_ops ops = {ask};

static struct swap_version version = {
	.component = CATALOG_COMPONENT,
	.name = KBUILD_MODNAME + sizeof("lu_catalog"),
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.halt = halt_shelf,
	.resume = resume_shelf,
	.give = give,
	.take = take,
	.regain = regain,
};
