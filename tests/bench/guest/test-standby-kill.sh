#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-standby-kill.sh LUBENCH — kills the standby of `lubench run --strategy=failover` at random moments and demands that
# the service is never harmed by it: before the flip the run says that it failed (not that it refused), was rolled back and every oracle passes. A kill
# after the flip is one of the only machine there is, and has to be reported as a failure; it does not count as a moment.
#
# STANDBY_KILLS (3; 20 in bench/check --full): moments before the flip. STANDBY_KILL_SEED (of the time): printed, so that a failure can be repeated.
# STANDBY_KILL_SPAN_MS (6000): moments are drawn from 0 to this, from the appearance of the standby.
set -uo pipefail
lubench=${1:?usage: test-standby-kill.sh LUBENCH}
kills=${STANDBY_KILLS:-${LUBENCH_CHECK_FULL:+20}}
kills=${kills:-3}
seed=${STANDBY_KILL_SEED:-$(($(date +%s) % 32768))}
span_ms=${STANDBY_KILL_SPAN_MS:-6000}
failures=0 before=0 after=0 missed=0

"$lubench" assets --offline --quiet >/dev/null 2>&1 || {
	echo "standby-kill-test: skipped: the assets of x86-q35 are not cached: lubench assets" >&2
	exit 77
}
world=$(mktemp -d)
run=
# A QEMU dies with its harness.
cleanup()
{
	[[ -z $run ]] || kill -KILL "$run" 2>/dev/null
	rm -rf "$world"
}
trap cleanup EXIT
export XDG_DATA_HOME="$world/data"

# standby — id of the run's second machine; fails when the run ends without one
standby()
{
	local children
	while kill -0 "$run" 2>/dev/null; do
		# It ends without a newline, which read takes for a failure.
		children=()
		read -r -a children 2>/dev/null <"/proc/$run/task/$run/children"
		((${#children[@]} < 2)) || { echo "${children[1]}"; return; }
		sleep 0.02
	done
	return 1
}

# value KEY — of the run's result
value() { grep -m 1 "^  \"$1\": " "$world/out" | sed 's/^[^:]*: //; s/,$//; s/"//g'; }

problem()
{
	echo "standby-kill-test: run $runs ($delay_ms ms): $*" >&2
	failures=$((failures + 1))
}

# judge — what the run says of itself
judge()
{
	local outcome phase rolled_back harmed
	outcome=$(value outcome)
	phase=$(value phase)
	rolled_back=$(value rolled_back)
	harmed=$(grep -c '"verdict": "fail"' "$world/out")
	echo "standby-kill-test: run $runs: killed after $delay_ms ms: $outcome in ${phase:-no phase}, rolled back: $rolled_back, oracles that fail: $harmed"
	case "$outcome/$phase" in
	ok/*) missed=$((missed + 1)) ;;
	refused/PREPARE | refused/FREEZE | refused/PRESERVE)
		problem "its death was taken for a refusal: $(value reason)"
		;;
	*/PREPARE | */FREEZE | */PRESERVE)
		before=$((before + 1))
		[[ $rolled_back == true && $harmed -eq 0 ]] || problem "the service was harmed: $(value reason)"
		;;
	failed/* | timeout/*) after=$((after + 1)) ;;
	*) problem "outcome '$outcome': $(tail -n 2 "$world/err")" ;;
	esac
}

RANDOM=$seed
echo "standby-kill-test: seed $seed, $kills kills before the flip, within $span_ms ms of the standby's start"
[[ -n ${LUBENCH_CHECK_FULL:-} ]] || echo "left to bench/check --full: more moments"
for ((runs = 1; before < kills && runs <= 3 * kills; runs++)); do
	delay_ms=$(((RANDOM * 32768 + RANDOM) % span_ms))
	"$lubench" run --strategy=failover --offline --quiet --json --set client.baseline_ms=1000 --set client.settle_ms=1000 "${@:2}" >"$world/out" 2>"$world/err" &
	run=$!
	if pid=$(standby); then
		sleep "$((delay_ms / 1000)).$(printf %03d $((delay_ms % 1000)))"
		# Only a child of this run, which may have ended it meanwhile.
		grep -qw "$pid" "/proc/$run/task/$run/children" 2>/dev/null && kill -KILL "$pid" 2>/dev/null
	fi
	wait "$run"
	run=
	judge
done
echo "standby-kill-test: $before before the flip, $after after it, $missed too late; $failures problems"
((before >= kills)) || { echo "standby-kill-test: too few moments fell before the flip" >&2; failures=$((failures + 1)); }
((failures == 0))
