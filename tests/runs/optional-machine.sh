#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: optional-machine.sh LUBENCH MACHINE — guests of a machine that tests run only when asked to (LUBENCH_OPTIONAL_MACHINES): nothing, a pause, a
# reboot, and where it has kexec a jump with the service carried over.
set -euo pipefail
lubench=$1 machine=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$machine: $1" >&2; cat "$dir/result" "$dir/err" >&2; exit 1; }

"$lubench" assets --offline --quiet "$machine" >/dev/null 2>"$dir/err" || { echo "the assets of $machine are not cached: skipped" >&2; exit 77; }

# run KEPT STRATEGY… — the outcome is ok and so is every oracle; with KEPT=lost, every oracle but those of what the reboot loses
run() {
	local status=0 kept=$1
	shift
	"$lubench" run --machine="$machine" --workload=tick --offline --quiet --json --output="$dir/runs" "$@" >"$dir/result" 2>"$dir/err" || status=$?
	grep -q '"outcome": "ok"' "$dir/result" || fail "$*: the outcome was to be ok"
	[[ $kept == lost || $status -eq 0 ]] || fail "$*: exit status $status"
}

run kept --strategy=null
run kept --strategy=pause --param ms=500
run lost --strategy=cold
if ! grep -q '"kexec_methods": \[\]' "$LU_SOURCE_DIR/machines/$machine/machine.json"; then
	run kept --strategy=kexec
fi
