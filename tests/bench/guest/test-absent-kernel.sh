#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-absent-kernel.sh LUBENCH — a kernel that the archive does not have is a usage error: one line that names file, key and what is
# allowed. Offline nobody knows what the archive has, so the run is unsupported, with that reason. (No fast test: it asks the archive.)
set -u
lubench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$lubench" assets --quiet >/dev/null || { echo "no assets: skipped" >&2; exit 77; }
echo '{"strategy": "null", "update": {"to": "6.6.6-99-none"}}' >"$dir/scenario.json"
"$lubench" run --quiet --output "$dir" "$dir/scenario.json" >"$dir/out" 2>"$dir/err"
status=$?
cat "$dir/err"
[[ $status -eq 2 ]] || { echo "exit status $status instead of 2"; exit 1; }
[[ ! -s $dir/out && $(wc -l <"$dir/err") -eq 1 ]] || { echo "not one line on standard error"; exit 1; }
grep -q "scenario.json: update.to: kernel '6.6.6-99-none'.*allowed: previous, newest,.* or of flavour .*: 6[.]" "$dir/err" || exit 1
[[ -z $(find "$dir" -name '*.jsonl') ]] || { echo "a result was left"; exit 1; }
"$lubench" run --quiet --offline --output "$dir" "$dir/scenario.json" >"$dir/out" 2>"$dir/err"
status=$?
[[ $status -eq 4 ]] || { cat "$dir/err"; echo "offline: exit status $status instead of 4"; exit 1; }
grep -q "unsupported: update.to: kernel '6.6.6-99-none' is not in the cache" "$dir/out" || { cat "$dir/out"; exit 1; }
echo "2 passed, 0 failed"
