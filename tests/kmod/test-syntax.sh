#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-syntax.sh LUBENCH — each source file of each kernel component passes the compiler's front end with the flags that kbuild gives it, for
# the newest kernel of the default machine's flavour whose headers are cached. A build of all would take too long for a fast test; sources that have
# passed are not looked at again.
set -euo pipefail
root=$(realpath "${LU_SOURCE_DIR:-$(dirname "$0")/../..}")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lubench
flavour=$("$root/scripts/machine" kernel_flavour)
compiler=$("$root/scripts/machine" gnu_triplet)-gcc
fail() { printf '%s\n' "$@" >&2; exit 1; }

headers=$(find "$cache/headers" -mindepth 5 -maxdepth 5 -path "*/usr/src/linux-headers-*-$flavour" 2>/dev/null | sort -V | tail -n 1)
# Without headers there is nothing to compile against, and a fast test asks no archive. No skip: bench/check builds the modules themselves for its guests.
[[ -n $headers ]] || { echo "no headers of a $flavour kernel are cached: the first run with --strategy=hotswap fetches them and builds all modules" >&2; exit 0; }
command -v "$compiler-12" >/dev/null && compiler+=-12
command -v "$compiler" >/dev/null || { echo "no $compiler: skipped" >&2; exit 77; }

passed=${headers%/root/usr/src/*}/syntax-passed # beside what they were compiled against: of any build
now=$({ echo "$headers"; "$compiler" --version; cd "$root/kmod"; find . -type f -print0 | sort -z | xargs -0 sha256sum; } | sha256sum)
[[ ! -f $passed || $(<"$passed") != "$now" ]] || exit 0

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -r "$root/kmod" "$dir/kmod"

# What make would run, and of that the call of the compiler for each file; at its end make misses what the compiler did not write. Components that are
# built on demand are left out, being one component's many updates of the same source.
{ make -n -C "$headers" M="$dir/kmod" CC="$compiler" modules 2>/dev/null || true; } | tr ';' '\n' |
	sed -n "s|^ *\($compiler .*\) -c -o [^ ]* \([^ ]*/kmod/[^ ]*[.]c\) *\$|\1 -fsyntax-only \2|p" | sed 's/-Wp,-MMD,[^ ]*//' | sort -u >"$dir/calls"
calls=$(wc -l <"$dir/calls")
sources=$(cd "$root/kmod" && for folder in */; do [[ -e $folder/on-demand ]] || find "$folder" -name '*.c'; done | wc -l)
(( calls >= sources )) || fail "make compiles $calls files, and the components have $sources"

cd "$headers"
tr '\n' '\0' <"$dir/calls" | xargs -0 -P "$(nproc)" -n 1 sh -c >"$dir/said" 2>&1 || fail "$(<"$dir/said")"
echo "$now" >"$passed"
