#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-install.sh LUBENCH — what is installed is enough: data, and the agents and services that guests run.
set -euo pipefail
build=$(dirname "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$1" >&2; exit 1; }

cmake --install "$build" --prefix "$dir" >/dev/null
export XDG_DATA_HOME="$dir/data"
# doctor's status says whether the host has all that guests need, which is another question.
"$dir/bin/lubench" doctor >"$dir/said" 2>&1 || true
grep -F "$dir/libexec/lubench/agent-" "$dir/said" >/dev/null || fail "doctor does not look for agents where they are installed: $(cat "$dir/said")"
for program in "$build"/agent-*; do
	cmp -s "$program" "$dir/libexec/lubench/$(basename "$program")" || fail "$(basename "$program") is not installed"
done
for folder in "$LU_SOURCE_DIR"/workloads/*/guest "$LU_SOURCE_DIR"/workloads/kit/*/guest; do
	name=$(basename "$(dirname "$folder")")
	[[ ! -e $build/$name-$(uname -m) || -x $dir/libexec/lubench/$name-$(uname -m) ]] || fail "$name is not installed"
done
"$dir/bin/lubench" sweep sleepers --dry-run >/dev/null || fail "sweeps are not installed"
