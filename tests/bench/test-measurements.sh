#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-measurements.sh LUBENCH — the measuring scripts on the simulated guest: every point of theirs is in the table, a run that is not
# good is in none, and a second call runs nothing again.
set -euo pipefail
export LUBENCH=$1
cd "$(dirname "$0")/../.."
command -v gnuplot >/dev/null || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "$1" >&2; exit 1; }

bench/studies/hotswap-state "$dir/state" --guest=sim --repeat=2 --quiet >"$dir/state.md" 2>/dev/null
# The simulated guest has no packets that a swap could carry, so those two have no points.
(($(grep -c '^| [a-z].*, .* | [0-9]* | 2 | ' "$dir/state.md") == 21)) || fail "hotswap-state: not 21 points of 2 runs"
(($(grep -c '^| [a-z].* | [0-9.]* | [0-9.e+]* a [a-z]* | ' "$dir/state.md") == 5)) || fail "hotswap-state: not 5 lines"
grep -q '</svg>' "$dir/state/state.svg" || fail "hotswap-state: no picture"
before=$(wc -l <"$dir/state/sweep.jsonl")
bench/studies/hotswap-state "$dir/state" --guest=sim --repeat=2 --quiet 2>/dev/null | cmp - "$dir/state.md" || fail "hotswap-state: again, another table"
# Its record has one line more: that of the second start.
(($(wc -l <"$dir/state/sweep.jsonl") == before + 1)) || fail "hotswap-state: runs were repeated"

bench/studies/sleepers "$dir/sleepers" --guest=sim --repeat=1 --quiet >"$dir/sleepers.md" 2>/dev/null
(($(grep -c '^| [0-9]* | [a-z-]* | 1 | ' "$dir/sleepers.md") == 16)) || fail "sleepers: not 16 rows of a run"
grep -q '</svg>' "$dir/sleepers/sleepers.svg" || fail "sleepers: no picture"

OUTPUT=$dir/tax WAIT_MS=1000 bench/studies/standby-tax 1 1 --guest=sim >"$dir/tax.md" 2>/dev/null || fail "standby-tax: status $?"
(($(grep -cE '^[|] (null: prepare|failover: (boot|let the standby wait|pre-copy))[a-z ]* [|] ([0-9.]+ \[[^]]*\] [|] ){3}' "$dir/tax.md") == 4)) || fail "standby-tax: not 4 windows"

echo '{"guest": "sim", "cases": [{"strategy": "hotswap", "workload": "block"},
	{"strategy": "hotswap", "workload": "block", "fault": {"phase": "PRESERVE"}}]}' >"$dir/two.json"
"$LUBENCH" sweep "$dir/two.json" --quiet --json --output="$dir/two" >/dev/null && fail "a run was to fail"
[[ $(bench/studies/runs-table "$dir/two" outcome size_mb missing) == "ok 8 -" ]] || fail "runs-table: not the good run alone"

# A row a combination of good runs; a key that no result has is shown as such.
bench/studies/sweep-table "$dir/two.json" "strategy quiescence" "blackout_ns missing" "$dir/two" --quiet >"$dir/two.md" 2>/dev/null
[[ $(cat "$dir/two.md") == "| strategy | quiescence | runs | blackout, ms | missing |
|---|---|---|---|---|
| hotswap | counter | 1 | 0 | – |" ]] || fail "sweep-table: not the good run alone"

# No host can starve the simulator: the saturated run is told, and the starved one is sound, which the status says.
OUTPUT=$dir/apart bench/studies/told-apart 1 --guest=sim >"$dir/apart.md" 2>/dev/null && fail "told-apart: a starved simulator"
[[ $(tail -n 3 "$dir/apart.md") == "| sound | 1 | 1 | 0 | 0 | 0 |
| starved | 1 | 1 | 0 | 0 | 0 |
| saturated | 1 | 0 | 0 | 1 | 0 |" ]] || fail "told-apart: not one sound, one saturated"

# The same runs on both sides in the simulator, and a slowdown that is there or, behind a command that drops it, is not; a second call runs nothing.
OUTPUT=$dir/gate bench/studies/ab-gate 1 1 --guest=sim >"$dir/gate.md" 2>/dev/null || fail "ab-gate: status $?"
[[ $(tail -n 2 "$dir/gate.md") =~ ^"| a again | 1 | 1 | 0 | 0 | 0 | 1.0000 … 1.0000 |"$'\n'"| a tenth slower | 1 | 0 | 1 | 0 | 1 | 1.1" ]] ||
	fail "ab-gate: not one that passes, one that fails"
before=$(find "$dir/gate" -name '*.timeline.jsonl' | wc -l)
OUTPUT=$dir/gate bench/studies/ab-gate 1 1 --guest=sim 2>/dev/null | cmp - "$dir/gate.md" || fail "ab-gate: again, another table"
(($(find "$dir/gate" -name '*.timeline.jsonl' | wc -l) == before)) || fail "ab-gate: runs were repeated"
printf '#!/bin/bash\nexec "%s" "${@/ms=550/ms=500}"\n' "$LUBENCH" >"$dir/alike"
chmod +x "$dir/alike"
rm -r "$dir/gate/trial-1"
LUBENCH=$dir/alike OUTPUT=$dir/gate bench/studies/ab-gate 1 1 --guest=sim >/dev/null 2>&1 && fail "ab-gate: passes without a slowdown"
exit 0
