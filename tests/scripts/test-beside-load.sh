#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-beside-load.sh LUBENCH — busy loops do not outlive what they were started beside: when it ends, at ^C, and when it is killed.
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "$1" >&2; exit 1; }

# is_gone PID — nobody, or a zombie
is_gone() {
	local state
	state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || return 0
	[[ $state == Z ]]
}

# runs_sleep PID… — one of them does
runs_sleep() {
	local pid
	for pid in "$@"; do
		grep -qs '^sleep$' "/proc/$pid/comm" && return
	done
	return 1
}

scripts/beside-load 1 bash -c 'exit 7' && fail "the command's status is lost"
(($? == 7)) || fail "not the command's status"

for signal in INT TERM KILL; do
	# A session of its own, as a terminal's: ^C reaches all of it. A script's background would ignore it.
	env --default-signal=INT setsid scripts/beside-load 1 sleep 1000 &
	pid=$!
	# The command is one by now: a signal that comes between fork and exec is lost with the shell's handler for it.
	until children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null) && [[ $(wc -w <<<"$children") -eq 2 ]] && runs_sleep $children; do
		sleep 0.05
	done
	# killed alone; the others come from a terminal or a job's end
	[[ $signal == KILL ]] && kill -KILL "$pid" || kill "-$signal" -- "-$pid"
	wait "$pid" 2>/dev/null || true
	for child in $children; do
		grep -qs '^sleep$' "/proc/$child/comm" && { kill "$child"; continue; }
		until is_gone "$child"; do sleep 0.05; done
	done
done
