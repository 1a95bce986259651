/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs about the system as a whole: figures, memory samples, its end.
 *
 * ping {} → {}
 * info {} → kernel, arch, generation, mem_total_bytes, used_bytes
 * sample {interval_ms} → {}: sends the event "memory" at that interval from here on; 0 ends it
 * panic {} → no answer
 * poweroff {} → no answer
 * die {} → {}: the agent, which is process 1, ends right after it has answered
 */
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/file.h"
#include "agent/kernel.h"
#include "agent/loop.h"
#include "agent/store.h"
#include "agent/verb.h"

static unsigned sample_timer;
static int64_t sample_interval_ns;

static void ping(struct request *request)
{
	reply_ok(request, NULL);
}

static void info(struct request *request)
{
	struct utsname name;

	uname(&name);
	reply_ok(request, json_pack("{s:s, s:s, s:i, s:I, s:I}", "kernel", name.release, "arch",
				    name.machine, "generation", (int)generation(),
				    "mem_total_bytes", (json_int_t)meminfo_bytes("MemTotal"),
				    "used_bytes", (json_int_t)memory_used()));
}

static void take_sample(void *data)
{
	push_event(json_pack("{s:s, s:I, s:I}", "event", "memory", "used_bytes",
			     (json_int_t)memory_used(), "store_bytes", (json_int_t)store_used()));
	sample_timer = loop_at(now_ns() + sample_interval_ns, take_sample, NULL);
}

static void sample(struct request *request)
{
	json_int_t ms = arg_int(request, "interval_ms", -1);

	if (ms < 0 || ms > 3600000) {
		reply_error(request, "usage", "sample: \"interval_ms\" must be 0 to 3600000");
		return;
	}
	loop_cancel(sample_timer);
	sample_timer = 0;
	sample_interval_ns = ms * 1000000;
	reply_ok(request, NULL);
	if (ms)
		take_sample(NULL);
}

static void panic(struct request *request)
{
	request_free(request);
	file_write("/proc/sysrq-trigger", "c");
}

static void poweroff(struct request *request)
{
	request_free(request);
	sync();
	reboot(RB_POWER_OFF);
}

static void end(void *data)
{
	channel_drain();
	_exit(1);
}

static void die(struct request *request)
{
	reply_ok(request, NULL);
	loop_at(now_ns(), end, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_system = {
	"system",
	{
		{"ping", ping},
		{"info", info},
		{"sample", sample},
		{"panic", panic},
		{"poweroff", poweroff},
		{"die", die},
		{},
	},
};
