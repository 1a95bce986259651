/* SPDX-License-Identifier: GPL-2.0 */
/* What a shelf does by itself: a thread, a delayed work, a callback. Part of base.c, without the
 * parts that an update defines itself (CHANGED_x). */
#pragma once

#ifndef CHANGED_turn
static noinline void turn(struct shelf *shelf)
{
	shelf->turns += 1;
}
#endif

#ifndef CHANGED_keep
/* The keeper never leaves this function while the version lives. */
static noinline int keep(void *data)
{
	struct shelf *shelf = data;

	while (!kthread_should_stop()) {
		wait_event_idle(shelf->called, READ_ONCE(shelf->call) || kthread_should_stop());
		if (READ_ONCE(shelf->call)) {
			turn(shelf);
			WRITE_ONCE(shelf->call, false);
			wake_up(&shelf->done);
		}
	}
	return 0;
}
#endif

#ifndef CHANGED_call
/* How many turns the keeper makes when called once. */
static noinline long call(struct shelf *shelf)
{
	unsigned int before = shelf->turns;

	WRITE_ONCE(shelf->call, true);
	wake_up(&shelf->called);
	wait_event(shelf->done, !READ_ONCE(shelf->call));
	return shelf->turns - before;
}
#endif

#ifndef CHANGED_beat
static noinline void beat(struct work_struct *work)
{
	struct shelf *shelf = container_of(to_delayed_work(work), struct shelf, beat);

	shelf->beats += 1;
	schedule_delayed_work(&shelf->beat, HZ * 60);
}
#endif

/* How many beats the delayed work makes when run once. */
static noinline long push(struct shelf *shelf)
{
	unsigned int before = shelf->beats;

	mod_delayed_work(system_wq, &shelf->beat, 0);
	flush_delayed_work(&shelf->beat);
	return shelf->beats - before;
}

#ifndef CHANGED_on_event
static noinline int on_event(struct notifier_block *block, unsigned long action, void *data)
{
	container_of(block, struct shelf, on_event)->events += 1;
	return NOTIFY_OK;
}
#endif

#ifndef CHANGED_start
static noinline void start(struct shelf *shelf)
{
	schedule_delayed_work(&shelf->beat, HZ * 60);
	blocking_notifier_chain_register(&catalog_events, &shelf->on_event);
	shelf->keeper = kthread_run(keep, shelf, "lucat_keeper");
}
#endif

#ifndef CHANGED_stop
static noinline void stop(struct shelf *shelf)
{
	cancel_delayed_work_sync(&shelf->beat);
	blocking_notifier_chain_unregister(&catalog_events, &shelf->on_event);
	if (!IS_ERR(shelf->keeper))
		kthread_stop(shelf->keeper);
}
#endif
