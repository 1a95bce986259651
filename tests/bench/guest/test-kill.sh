#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-kill.sh LUBENCH — ends `lubench run` on a real guest by SIGINT, SIGTERM and SIGKILL in turn, at random moments,
# and demands that nothing of it remains: no process, no half result, no temporary file.
#
# KILL_TEST_MOMENTS (3, one by each signal; 20 in bench/check --full): how many. KILL_TEST_SEED (of the time): printed, so that a failure can be repeated.
# KILL_TEST_SPAN_MS (16000): moments are drawn from 0 to this; the run takes about as long.
set -uo pipefail
lubench=${1:?usage: test-kill.sh LUBENCH}
moments=${KILL_TEST_MOMENTS:-${LUBENCH_CHECK_FULL:+20}}
moments=${moments:-3}
seed=${KILL_TEST_SEED:-$(($(date +%s) % 32768))}
span_ms=${KILL_TEST_SPAN_MS:-16000}
signals=(INT TERM KILL)
codes=(130 143 137)
deadline_s=20
failures=0

"$lubench" assets --offline --quiet >/dev/null 2>&1 || {
	echo "kill-test: skipped: the assets of x86-q35 are not cached: lubench assets" >&2
	exit 77
}

world=$(mktemp -d)
# Processes are told by an environment variable that they all inherit: names and arguments could be others'.
mark="LUBENCH_KILL_TEST=$$-$seed"
export "${mark?}" TMPDIR="$world/tmp" XDG_DATA_HOME="$world/data"
mkdir "$TMPDIR"

# marked — ids of the processes that carry the mark, ours and our shells' aside
marked()
{
	local entry pid
	for entry in /proc/[0-9]*; do
		pid=${entry#/proc/}
		# Only /proc/PID/environ as it was at exec counts, which a shell that exported the mark later has not.
		if tr '\0' '\n' <"$entry/environ" 2>/dev/null | grep -qxF "$mark"; then
			[[ $(readlink "$entry/exe" 2>/dev/null) == */lubench* || $(cat "$entry/comm" 2>/dev/null) == qemu* ]] && echo "$pid"
		fi
	done 2>/dev/null
}

cleanup()
{
	local pid
	for pid in $(marked); do
		kill -KILL "$pid" 2>/dev/null
	done
	rm -rf "$world"
}
trap cleanup EXIT

problem()
{
	echo "kill-test: moment $moment ($delay_ms ms, SIG$signal): $*" >&2
	failures=$((failures + 1))
}

# gone — waits until no marked process is left
gone()
{
	local end=$((SECONDS + deadline_s))
	while [[ -n $(marked) ]]; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# Results are whole: each has its timeline and can be shown; nothing else is there.
check_files()
{
	local file
	for file in "$XDG_DATA_HOME"/lubench/runs/*; do
		[[ -e $file ]] || continue
		case $file in
		*.timeline.jsonl) [[ -e ${file%.timeline.jsonl}.json ]] || problem "a timeline without its result: $file" ;;
		*.json) "$lubench" show --json --recompute "$file" >/dev/null || problem "half a result: $file" ;;
		*) problem "left over: $file" ;;
		esac
	done
	[[ -z $(ls -A "$TMPDIR") ]] || problem "left in the temporary folder: $(ls -A "$TMPDIR")"
}

RANDOM=$seed
echo "kill-test: seed $seed, $moments moments within $span_ms ms"
[[ -n ${LUBENCH_CHECK_FULL:-} ]] || echo "left to bench/check --full: more moments"
for ((moment = 0; moment < moments; moment++)); do
	signal=${signals[moment % 3]}
	delay_ms=$(((RANDOM * 32768 + RANDOM) % span_ms))
	"$lubench" run --strategy=kexec --set client.baseline_ms=1000 --set client.settle_ms=1000 --offline --quiet --json >"$world/out" 2>"$world/err" &
	pid=$!
	sleep "$((delay_ms / 1000)).$(printf %03d $((delay_ms % 1000)))"
	seen=$(marked | wc -l)
	kill -"$signal" "$pid" 2>/dev/null && sent=yes || sent=no
	wait "$pid" 2>/dev/null
	status=$?
	echo "kill-test: moment $moment: SIG$signal after $delay_ms ms, $seen processes then, status $status"
	if [[ $sent == yes && $status -ne ${codes[moment % 3]} && $status -ne 0 ]]; then
		problem "status $status, not ${codes[moment % 3]}: $(tail -n 2 "$world/err")"
	fi
	if [[ $status -ne 0 && -s $world/out ]]; then
		problem "a result was printed all the same"
	fi
	gone || problem "processes remain: $(for left in $(marked); do tr '\0' ' ' <"/proc/$left/cmdline" | cut -c 1-80; done)"
	check_files
done
echo "kill-test: $failures problems"
[[ $failures -eq 0 ]]
