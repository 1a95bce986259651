/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks up the function that runs a verb. Which of several services a request is about, "service"
 * says, whatever its verb. */
#include "agent/verb.h"
#include <string.h>
#include "agent/service.h"

static const struct verb *find(const char *name)
{
	for (const struct lu_agent_verbs *const *family = lu_agent_verbs; *family; family++)
		for (const struct verb *verb = (*family)->verbs; verb->name; verb++)
			if (!strcmp(verb->name, name))
				return verb;
	return NULL;
}

static bool turn(const struct request *request)
{
	return service_turn_to(arg_str(request, "service", ""));
}

void verb_turn(const struct request *request)
{
	turn(request);
}

void verb_call(struct request *request)
{
	const struct verb *verb = find(request->verb);

	if (!verb)
		reply_error(request, "usage", "no verb \"%s\"", request->verb);
	else if (!turn(request))
		reply_error(request, "usage",
			    "service: no room for \"%.80s\"; allowed: up to %d of up to %d "
			    "characters",
			    arg_str(request, "service", ""), SERVICES_MAX - 1, SERVICE_NAME_MAX);
	else
		verb->run(request);
}
