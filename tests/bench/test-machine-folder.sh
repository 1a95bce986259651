#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-machine-folder.sh LUBENCH — a machine is its folder: a copy under another name runs in the simulator as the original does;
# without costs it is not modelled; which one is the default is said beside it.
set -euo pipefail
lubench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export LUBENCH_DATA_DIR="$dir" XDG_DATA_HOME="$dir/data"
fail() { echo "$1" >&2; exit 1; }

# says STATUS WORDS COMMAND… — the command ends with that status and says that on standard error
says()
{
	local status=0
	"${@:3}" >"$dir/out" 2>"$dir/err" || status=$?
	((status == $1)) || fail "${*:3}: status $status, not $1: $(cat "$dir/err")"
	grep -qF -- "$2" "$dir/err" || fail "${*:3}: does not say '$2': $(cat "$dir/err")"
	(($(wc -l <"$dir/err") == 1)) || fail "${*:3}: more than a line: $(cat "$dir/err")"
}

# figures MACHINE FOLDER — what a run in the simulator has measured
figures()
{
	LUBENCH_DATA_DIR=$2 "$lubench" run --guest=sim --strategy=kexec --machine="$1" --json --quiet |
		sed -n '/"metrics": {/,/^  }/p'
}

mkdir "$dir/machines"
cp -r "$LU_SOURCE_DIR/machines/x86-q35" "$dir/machines/another"
figures another "$dir" >"$dir/copy"
figures x86-q35 "$LU_SOURCE_DIR" >"$dir/original"
grep -q blackout_ns "$dir/copy" || fail "the copy's run has no figures"
cmp "$dir/copy" "$dir/original" || fail "the copy is another machine"

# Without a default a machine has to be named; with one it need not be.
none="machine: none is named, and $dir/machines/default names no default; allowed: another"
says 2 "$none" "$lubench" run --guest=sim --strategy=null --quiet
says 2 "$none" "$lubench" assets --offline --quiet
"$lubench" run --help | grep -q -- '--machine=NAME  *guest (lubench list machines)' || fail "--help names a default"
"$lubench" doctor >"$dir/out" && fail "doctor is content without a default"
grep -q '^MISSING  default machine ' "$dir/out" || fail "doctor does not miss the default"
echo another >"$dir/machines/default"
"$lubench" run --guest=sim --strategy=null --quiet --json | grep '"machine": "another"' >/dev/null || fail "not the default machine"
"$lubench" run --help | grep -q -- '--machine=NAME  *guest (default another)' || fail "--help names another default"
echo vanished >"$dir/machines/default"
says 2 "machine: 'vanished' is not known; allowed: another" "$lubench" run --guest=sim --strategy=null --quiet

costs=$dir/machines/another/costs.json
run=("$lubench" run --guest=sim --strategy=kexec --machine=another --quiet)

cp "$costs" "$dir/costs.json"
sed -i 's/"boot": {"fixed_ms": [0-9]*/"boot": {"fixed_ms": -1/' "$costs"
says 2 "$costs: steps.boot: fixed_ms: wrong type or value; allowed: a number from 0" "${run[@]}"

grep -v '"stage":' "$dir/costs.json" >"$costs"
"${run[@]}" --json >"$dir/out" && fail "a run without the cost of a step was to fail"
grep -q '"outcome": "unsupported"' "$dir/out" || fail "no cost of a step is not 'unsupported'"
grep -q "machine another: its costs.json has no step 'stage'" "$dir/out" || fail "the step is not named"

rm "$costs"
"${run[@]}" --json >"$dir/out" && fail "a machine without costs was to fail"
grep -q '"outcome": "unsupported"' "$dir/out" || fail "no costs is not 'unsupported'"
grep -q 'machine another is not modelled' "$dir/out" || fail "the machine is not named"
