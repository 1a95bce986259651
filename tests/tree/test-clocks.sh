#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-clocks.sh LUBENCH — no macro that evaluates its arguments twice (MIN, MAX, CLAMP, ABS) is given a look at a clock: a time that is left
# and was positive at the first look may be negative at the second.
set -euo pipefail
root=${LU_SOURCE_DIR:-$(dirname "$0")/../..}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { printf '%s\n' "$@" >&2; exit 1; }

# uses TREE: the files that do
uses() {
	(cd "$1" && find . \( -path './build*' -o -path './.*/*' -o -path ./results \) -prune -o -name '*.[ch]' -print0 |
		xargs -0 grep -lPz '\b(MIN|MAX|CLAMP|ABS)\([^;{}]*\b(\w*_)?(now|clock|monotonic)(_\w+)?\s*\(' | LC_ALL=C sort) || true
}

echo 'a = MAX(until - clock_ms(x), 0);' >"$dir/a.c"
printf 'b = CLAMP(until -\n\tio->now(io), 0,\n\tday);\n' >"$dir/b.c"
echo 'c = MIN(x, g_get_monotonic_time());' >"$dir/c.h"
echo 'd = MIN(now_ns, then(0)); e = now(); f = MAX(unknown(1), 2);' >"$dir/d.c"
[[ $(uses "$dir" | xargs) == "./a.c ./b.c ./c.h" ]] || fail "not these three are found:" "$(uses "$dir")"

found=$(uses "$root")
[[ -z $found ]] || fail "a clock is looked at within MIN, MAX, CLAMP or ABS, which do it twice:" "$found"
