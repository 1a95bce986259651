#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-circles.sh LUBENCH — files do not need each other in a circle, by the symbols that they use or by the headers that headers include,
# but for the circles that docs/design/architecture.md names as meant; those are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$LU_SOURCE_DIR build=$LU_BUILD_DIR
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
circles() { awk -f "$here/circles.awk" "$@"; }
fail() { printf '%s\n' "$@" >&2; exit 1; }

# "SOURCE OBJECT" lines → "USER DEFINER SYMBOL". A symbol that several programs have is the one of the user's folder, else that of the kit.
needs_by_symbols() {
	sort -u >"$dir/objects"
	cut -d' ' -f2 "$dir/objects" | xargs nm -A -g -P | awk -v objects="$dir/objects" '
	function folder(path) { sub(/[^\/]*$/, "", path); return path }
	function definer(user, symbol,    i, kit) {
		for (i = 1; i <= copies[symbol]; i++) {
			if (folder(by[symbol, i]) == folder(user))
				return by[symbol, i]
			if (copies[symbol] == 1 || by[symbol, i] ~ /^workloads\/kit\//)
				kit = by[symbol, i]
		}
		return kit
	}
	BEGIN { while ((getline <objects) > 0) source[$2] = $1 }
	{ sub(/:$/, "", $1); file = source[$1] }
	$3 == "U" { uses[file, $2] }
	$3 ~ /^[A-TV-Z]$/ { by[$2, ++copies[$2]] = file }
	END {
		for (use in uses) {
			split(use, part, SUBSEP)
			file = definer(part[1], part[2])
			if (file != "" && file != part[1])
				print part[1], file, part[2]
		}
	}'
}

# What the build compiled for the host, tests and generated tables apart: those name every backend, and are no file of the tree.
compiled() {
	awk '/"directory":/ { split($0, quoted, "\""); dir = quoted[4] } match($0, / -o [^ ]* -c [^ "]*/) {
		split(substr($0, RSTART, RLENGTH), word, " "); print word[4], dir "/" word[2]
	}' "$build/compile_commands.json" | sed -n "s|^$root/||p" | grep -v -e '^tests/' -e "^${build#"$root/"}/"
}

# Programs for guests of which the build makes no objects.
compile_rest() {
	local file object
	for file in "$root"/workloads/*/guest/*.c; do
		file=${file#"$root/"}
		object=$dir/${file//\//_}.o
		cc -std=gnu17 -D_GNU_SOURCE -w -I"$root" -c "$root/$file" -o "$object"
		echo "$file $object"
	done
}

# Kernel modules are built against a guest's headers, which may not be here: the same from their text. What a file defines for others begins at
# the left margin, without static; a word that another file of the folder defines is a use of it. Between folders, which are modules of their
# own, the kernel's loader allows no circle.
needs_of_modules() {
	awk '
	function define(text) {
		sub(/ *\(.*/, "", text); sub(/ *(\[.*|=.*|;.*)$/, "", text); sub(/.*[ *]/, "", text)
		if (text ~ /^[a-z_][a-z0-9_]+$/) by[folder, text] = FILENAME
	}
	FNR == 1 { folder = FILENAME; sub(/\/[^\/]*$/, "", folder); head = ""; inside = 0 }
	{ code = $0; gsub(/"([^"\\]|\\.)*"/, "", code); sub(/\/\*.*\*\//, "", code); if (code ~ /^ ?\/?\*/) next }
	/^[a-z]/ && !/^(static|extern|typedef|enum|else)/ { head = head == "" ? $0 : head }
	/^static/ { head = "" }
	/^\{$/ && head ~ /\(/ { define(head); head = "" }
	/(;|= \{)$/ && head !~ /\(/ && head ~ /=|;/ { define(head); head = "" }
	/;$/ || /^$/ || /^}/ { head = "" }
	{
		n = split(code, word, /[^A-Za-z0-9_]+/)
		for (i = 1; i <= n; i++) uses[FILENAME, folder, word[i]]
	}
	END {
		for (use in uses) {
			split(use, part, SUBSEP)
			if ((part[2], part[3]) in by && by[part[2], part[3]] != part[1])
				print part[1], by[part[2], part[3]], part[3]
		}
	}' "$@"
}

# Headers and what they include, from the root or, for kernel modules, from kmod/.
needs_of_headers() {
	find . -name '*.h' -not -path './build*' -not -path './results/*' | sed 's|^\./||' | xargs grep -H '^#include "' |
		sed 's|:#include "\([^"]*\)".*| \1|' | while read -r user header; do
		for file in "$header" "kmod/$header" "${user%/*}/$header"; do
			[[ -e $file ]] && echo "$user $file #include" && break
		done
	done
}

# The means themselves: one circle of three, found with what hangs on it left out.
printf '%s\n' 'a.c b.c f' 'b.c c.c g' 'c.c a.c h' 'd.c a.c i' 'c.c e.c j' >"$dir/known"
[[ $(circles "$dir/known") == "a.c b.c c.c" ]] || fail "circles.awk does not find a circle"
mkdir "$dir/kmod"
printf 'int two(void);\nint one(int a,\n\tint b)\n{\n\treturn two();\n}\n' >"$dir/kmod/one.c"
printf 'static int other(void)\n{\n\treturn 1;\n}\n\nint two(void)\n{\n\treturn one(other(), 2);\n}\n' >"$dir/kmod/two.c"
[[ $(cd "$dir"; needs_of_modules kmod/*.c | circles) == "kmod/one.c kmod/two.c" ]] || fail "a circle of modules is not found"
for name in one two; do
	cc -w -c "$dir/kmod/$name.c" -o "$dir/$name.o"
	echo "kmod/$name.c $dir/$name.o"
done | needs_by_symbols | circles | grep -qx "kmod/one.c kmod/two.c" || fail "a circle by symbols is not found"

cd "$root"
{ compiled; compile_rest; } | needs_by_symbols >"$dir/needs"
(($(wc -l <"$dir/needs") > 500)) || fail "hardly a file needs another: $(wc -l <"$dir/needs") lines"
mapfile -d '' modules < <(find kmod -name '*.c' -print0)
needs_of_modules "${modules[@]}" >>"$dir/needs"
needs_of_headers >"$dir/headers"
(($(wc -l <"$dir/headers") > 100)) || fail "hardly a header includes another: $(wc -l <"$dir/headers") lines"

# "| `FILE`, `FILE` | REASON |" in the section on circles
awk -F' *[|] *' '/^## /{ on = /^## Circles/ } on && /^[|] `/ && $3 != "" { gsub(/[`,]/, "", $2); print $2 }' docs/design/architecture.md | sort >"$dir/meant"
{ circles "$dir/needs"; circles "$dir/headers"; } | sort >"$dir/found"
if ! diff "$dir/meant" "$dir/found" >"$dir/differ"; then
	{ circles -v details=1 "$dir/needs"; circles -v details=1 "$dir/headers"; } >&2
	fail "circles, < named in docs/design/architecture.md and not there, > there and not named:" "$(cat "$dir/differ")"
fi
