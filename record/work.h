/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The work that a service does beside its requests, as its replies tell it. */
#pragma once
#include <jansson.h>
#include "record/timeline.h"

/*
 * {"rate_hz", "done", "stolen_ns", "stolen_floor_ns", "lost", "lost_ns"}; NULL when no reply tells of
 * work, or too few did before the trigger to know its rate. New reference.
 *   rate_hz          units of work a second in the baseline
 *   done             units from the last reply before the trigger to the last reply
 *   stolen_ns        of the time between these two, what the work that was done would not have taken
 *                    at that rate: it stood still, was slower, or was done again. 0: no more than
 *   stolen_floor_ns  the part of that time by which the two halves of the baseline differ in their
 *                    rate
 *   lost, lost_ns    units that were done, as a reply told, and then were not: the sum of all falls
 *                    on one connection, of that where it is largest; and the time that they take
 */
json_t *lu_work_to_json(const struct lu_timeline *timeline);
