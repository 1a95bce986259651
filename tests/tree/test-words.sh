#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-words.sh LUBENCH — words that the glossary has retired do not come back. They are those in backticks in the last column of
# docs/reference/glossary.md, and are looked for in code and its comments, scripts and pages, as whole words. Results are left as they were.
set -euo pipefail
root=${LU_SOURCE_DIR:-$(dirname "$0")/../..}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { printf '%s\n' "$@" >&2; exit 1; }

retired=$(awk -F'|' '/^\|/ { print $4 }' "$root/docs/reference/glossary.md" | grep -oE '`[^`]+`' | tr -d '`' | paste -sd'|')
[[ $retired == *"|"* ]] || fail "docs/reference/glossary.md retires no words"

# uses TREE: "FILE:LINE:TEXT" of each line that has one
uses() {
	(cd "$1" && find . -mindepth 1 \( -path './build*' -o -path './.*' -o -path ./results -o -path ./docs/reference/glossary.md -o -path ./tests/tree/test-words.sh \) -prune \
		-o -type f -print0 | xargs -0 grep -nIiwE -- "$retired" | LC_ALL=C sort) || true
}

mkdir -p "$dir"/{results,docs/reference}
word=${retired%%|*}
echo "/* as $word says */" >"$dir/a.c"
echo "Once more: ${word^}." >"$dir/docs/b.md"
echo "un$word and ${word}s" >"$dir/c.md"
echo "$word" | tee "$dir/results/a.md" "$dir/docs/reference/glossary.md" >/dev/null
[[ $(uses "$dir" | cut -d: -f1 | xargs) == "./a.c ./docs/b.md" ]] || fail "not these two are found:" "$(uses "$dir")"

found=$(uses "$root")
[[ -z $found ]] || fail "words that docs/reference/glossary.md has retired:" "$found"
