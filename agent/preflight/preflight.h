/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be known of a service before it is frozen: each of its processes, open files and
 * mappings is held against the rules (rules.h), and what a checkpoint of it takes is added up.
 * Nothing is stopped, and nothing of the service is changed.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct preflight_how {
	bool late;   /* only rules that can come to hold at any time: quicker */
	bool frozen; /* the service is stopped */
};

/*
 * processes, descriptors, mappings: numbers; state_bytes: what CRIU writes of its memory;
 * findings: [{rule, fate: "refused"|"lost"|"changed", what}], at most 32 of them; more: how many
 * there are beyond that; passing: how many are of rules that can come to hold, and cease to, at any
 * time. With late neither mappings nor state_bytes. A new object.
 */
json_t *preflight_look(pid_t leader, const struct preflight_how *how);
