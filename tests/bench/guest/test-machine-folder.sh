#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-machine-folder.sh LUBENCH — a machine is its folder: a copy under another name runs in QEMU with no change elsewhere.
set -euo pipefail
lubench=$1
"$lubench" assets --offline --quiet >/dev/null 2>&1 || { echo "the default machine's assets are not cached: skipped" >&2; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$1" >&2; cat "$dir/result" "$dir/err" >&2; exit 1; }

mkdir "$dir/machines"
cp -r "$LU_SOURCE_DIR/machines/$(cat "$LU_SOURCE_DIR/machines/default")" "$dir/machines/another"
LUBENCH_DATA_DIR=$dir "$lubench" run --machine=another --strategy=pause --param ms=200 --set client.baseline_ms=500 --set client.settle_ms=500 \
	--offline --quiet --json --output="$dir/runs" >"$dir/result" 2>"$dir/err" || fail "exit status $?"
grep -q '"outcome": "ok"' "$dir/result" || fail "the outcome was to be ok"
grep -q '"machine": "another"' "$dir/result" || fail "not that machine"
