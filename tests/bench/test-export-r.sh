#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-export-r.sh LUBENCH — the line of docs/reference/export.md opens an export in R: rows, columns, their types, and what is empty.
set -euo pipefail
lubench=$1
cd "$(dirname "$0")/../.."
line=$(sed -n 's/^| R | `\(.*\)` |$/\1/p' docs/reference/export.md)
[[ -n $line ]] || { echo "docs/reference/export.md has no line for R" >&2; exit 1; }
if ! command -v Rscript >/dev/null; then
	echo "left to bench/check --full: opening the export in R"
	[[ -z ${LUBENCH_CHECK_FULL:-} ]] || exit 77
	exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

echo '{"guest": "sim", "cases": [{"strategy": ["null", "pause", "cold"]}, {"strategy": "kexec", "fault": {"phase": "RESTORE"}}],
	"sweep": {"repeat": 2}}' >"$dir/four.json"
"$lubench" sweep "$dir/four.json" -q -o "$dir/four" >/dev/null || (($? == 1))
"$lubench" compare --sweep="$dir/four" --format=csv >"$dir/runs.csv" || (($? == 1))
cd "$dir"
cat >check.R <<END
$line
stopifnot(nrow(runs) == 8, length(unique(runs\$run_id)) == 8, !anyDuplicated(names(runs)))
stopifnot(is.logical(runs\$good), sum(runs\$good) == 6, is.numeric(runs\$blackout_ns), is.numeric(runs\$client.rate_hz))
stopifnot(all(runs\$blackout_ns[runs\$strategy == "pause"] > 4e8), all(runs\$reason[runs\$good] == "" | is.na(runs\$reason[runs\$good])))
stopifnot(all(table(runs\$strategy) == 2), "packages.criu" %in% names(runs) == FALSE)
END
Rscript --vanilla check.R
