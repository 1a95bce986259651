#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# test-schema-of-runs.sh LUBENCH: what simulated runs leave, good and failed, is as results/schema.json says.
set -eu
lubench=$1 check=$LU_BUILD_DIR/check-result schema=$LU_SOURCE_DIR/results/schema.json
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export XDG_DATA_HOME="$dir"

# A failed upgrade (exit 1) is a result too, and so is one that is not simulated (4); anything else is not.
run() {
	status=0
	"$lubench" run --guest=sim "$@" --json >"$dir/$n.json" 2>"$dir/$n.err" || status=$?
	[ "$status" -le 1 ] || { [ "$status" -eq 4 ] && grep -q '"reason": ".*the simulator' "$dir/$n.json"; } || { cat "$dir/$n.err" >&2; exit 1; }
	"$check" "$schema" "$dir/$n.json"
	n=$((n + 1))
}

n=1
for strategy in $("$lubench" list --json strategies | sed -n 's/^      "name": "\(.*\)",$/\1/p'); do
	run --strategy="$strategy"
done
[ "$n" -gt 5 ] || { echo "only $((n - 1)) strategies are listed" >&2; exit 1; }
printf '{"strategy": "kexec", "guest": "sim", "fault": {"phase": "RESTORE", "kind": "panic"}}' >"$dir/fault.scenario"
run "$dir/fault.scenario"
printf '{"strategy": "kexec", "guest": "sim", "fault": {"phase": "PRESERVE", "kind": "error"}}' >"$dir/fault.scenario"
run "$dir/fault.scenario"
"$check" "$schema" "$dir"/lubench/runs/*[0-9a-f].json
