/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks up the function that runs a verb. */
#include "agent/verb.h"
#include <string.h>

static const struct verb *find(const char *name)
{
	for (const struct lu_agent_verbs *const *family = lu_agent_verbs; *family; family++)
		for (const struct verb *verb = (*family)->verbs; verb->name; verb++)
			if (!strcmp(verb->name, name))
				return verb;
	return NULL;
}

void verb_call(struct request *request)
{
	const struct verb *verb = find(request->verb);

	if (verb)
		verb->run(request);
	else
		reply_error(request, "usage", "no verb \"%s\"", request->verb);
}
