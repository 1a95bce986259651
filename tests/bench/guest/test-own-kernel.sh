#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-own-kernel.sh LUBENCH — a kernel that is not among the assets boots from the folder where it was built, and an update may go to it.
# Here it is Debian's newest, laid out as kbuild leaves a tree. A folder that is none is a usage error of one line, before anything is booted.
set -u
lubench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$lubench" assets --json >"$dir/assets" 2>/dev/null || { echo "no assets: skipped" >&2; exit 77; }
release=$(grep -o '"release": "[^"]*cloud-amd64"' "$dir/assets" | tail -1 | cut -d'"' -f4)
image=$(grep -o "\"image\": \"[^\"]*$release\"" "$dir/assets" | cut -d'"' -f4)
[[ -r $image ]] || { echo "no image of x86-q35's newest kernel: skipped" >&2; exit 77; }
root=${image%/boot/*}
tree=$dir/linux
mkdir -p "$tree"/{include/{config,generated},arch/x86/boot,lib/modules}
echo "$release" >"$tree/include/config/kernel.release"
echo '#define UTS_MACHINE "x86_64"' >"$tree/include/generated/compile.h"
ln -s "$image" "$tree/arch/x86/boot/bzImage"
ln -s "${root%/root}/vmlinux-$release" "$tree/vmlinux"
ln -s "$root/usr/lib/modules/$release" "$tree/lib/modules/$release"

run() { "$lubench" run --offline --strategy=kexec --set client.baseline_ms=500 --set client.settle_ms=500 --output "$dir/runs" --json "$@"; }
fail() { echo "$*"; cat "$dir/out" "$dir/err"; exit 1; }

run --set update.to="$tree" >"$dir/out" 2>"$dir/err" || fail "a kexec into it: exit status $?"
grep -q '"outcome": "ok"' "$dir/out" || fail "the outcome was to be ok"
hash=$(sha256sum "$image" | cut -d' ' -f1)
grep -A3 '"built_kernels": {' "$dir/out" | grep -q '"new": {' || fail "the result was to say which kernel was built"
grep -q "\"sha256\": \"$hash\"" "$dir/out" || fail "the result was to have its hash"

rm "$tree/vmlinux"
run --kernel="$tree" >"$dir/out" 2>"$dir/err"
[[ $? -eq 2 && $(wc -l <"$dir/err") -eq 1 && ! -s $dir/out ]] || fail "a tree with no vmlinux: not one line and exit status 2"
grep -q "update.from: $tree has no vmlinux" "$dir/err" || fail "it was to say what is missing"
echo "2 passed, 0 failed"
