#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-architecture-names.sh LUBENCH — a machine is one folder: no other code, comment, build file or script names an architecture or a
# machine. Left out are what may choose a machine (tests, scenarios, sweeps) and prose (docs, results, *.md).
set -euo pipefail
root=${LU_SOURCE_DIR:-$(dirname "$0")/../..}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { printf '%s\n' "$@" >&2; exit 1; }

# Those that are usual, and those that machines/ has
words='x86|amd64|i[3-6]86|ppc|powerpc|pseries|q35|aarch64|arm64|armhf|armv[5-8]|risc-?v|s390|mips|loongarch|sparc'
for file in "$root"/machines/*/machine.json; do
	machine=$(basename "$(dirname "$file")")
	words+="|$machine|$(cd "$root" && scripts/machine arch "$machine")|$(cd "$root" && scripts/machine debian_arch "$machine")"
done

# names TREE: "FILE:LINE:TEXT" of each line that has one
names() {
	(cd "$1" && find . -mindepth 1 \( -path './build*' -o -path './.git' -o -path './.cache' -o -path ./machines -o -path ./tests -o -path ./docs -o -path ./results \
		-o -path ./scenarios -o -path ./sweeps -o -name '*.md' \) -prune -o -type f -print0 | xargs -0 grep -nIiE -- "$words" | LC_ALL=C sort) || true
}

mkdir -p "$dir"/{agent,tests,machines/one}
echo '#ifdef __x86_64__' >"$dir/agent/a.c"
echo '/* as PowerPC does */' >"$dir/agent/b.h"
echo 'set(arch arm64)' >"$dir/CMakeLists.txt"
echo 'x86' | tee "$dir/tests/a.c" "$dir/machines/one/a.c" "$dir/README.md" >/dev/null
[[ $(names "$dir" | cut -d: -f1 | xargs) == "./CMakeLists.txt ./agent/a.c ./agent/b.h" ]] || fail "not these three are found:" "$(names "$dir")"

found=$(names "$root")
[[ -z $found ]] || fail "architectures are named outside of machines/:" "$found"
