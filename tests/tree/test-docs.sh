#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-docs.sh LUBENCH [TREE] — the documentation holds together: every page is reachable from docs/README.md, every relative link,
# picture and anchor resolves, paths of the tree that are named exist, every folder of results says how it is made again and
# names no path of one machine, the commands that are shown are ones that the program takes, README names every verb, and every strategy in a table is one.
set -euo pipefail
lubench=$(realpath "$1")
cd "${2:-${LU_SOURCE_DIR:-$(dirname "$0")/../..}}"
bad=0
complain() { echo "$*" >&2; bad=$((bad + 1)); }

mapfile -t pages < <(find . -path './build*' -prune -o -path './.*/*' -prune -o -name '*.md' -printf '%P\n' | sort)
((${#pages[@]} > 30)) || complain "only ${#pages[@]} pages found"

# "PAGE<TAB>LINK": links and pictures but those of the web
links() { grep -HoE '\]\([^)]+\)' "${pages[@]}" | sed -E 's/:\]\(/\t/; s/\)$//; s/ ".*//' | grep -vP '\t[a-z]+:'; }

# "FILE" for each such line: where it leads
targets() {
	awk -F'\t' '{
		file = $2; sub(/#.*/, "", file)
		dir = $1; if (!sub(/\/[^\/]*$/, "", dir)) dir = "."
		print file == "" ? $1 : dir "/" file
	}' | xargs -d '\n' realpath -m --relative-to=.
}

# "PAGE#NAME": what headings are called in links
anchors() {
	awk '/^#+ / {
		text = $0; sub(/^#+ /, "", text)
		while (match(text, /\]\([^)]*\)/)) text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
		text = tolower(text); gsub(/[^a-z0-9 _-]/, "", text); gsub(/ /, "-", text)
		print FILENAME "#" text
	}' "${pages[@]}"
}

declare -A linked heading # page -> pages that it links; "PAGE#NAME" -> there is one
while read -r name; do
	heading[$name]=1
done < <(anchors)
mapfile -t found < <(links)
mapfile -t leads < <(printf '%s\n' "${found[@]}" | targets)
((${#found[@]} == ${#leads[@]})) || complain "${#found[@]} links lead to ${#leads[@]} files"
for i in "${!found[@]}"; do
	page=${found[i]%%$'\t'*} link=${found[i]#*$'\t'} target=${leads[i]}
	[[ -e $target ]] || { complain "$page: no $link"; continue; }
	[[ $target != *.md || $link == \#* ]] || linked[$page]+="$target "
	[[ $link != *#* || -v heading[$target#${link#*#}] ]] || complain "$page: no heading for $link"
done

declare -A reached=([docs/README.md]=1)
queue=(docs/README.md)
while ((${#queue[@]})); do
	page=${queue[0]}
	queue=("${queue[@]:1}")
	for target in ${linked[$page]-}; do
		[[ -v reached[$target] ]] || { reached[$target]=1; queue+=("$target"); }
	done
done
for page in "${pages[@]}"; do
	case $page in
	docs/* | results/* | machines/*) [[ -v reached[$page] ]] || complain "$page: not reachable from docs/README.md" ;;
	esac
done
[[ " ${linked[README.md]-} " == *" docs/README.md "* ]] || complain "README.md does not link docs/README.md"

# A result that is kept names no path of the machine on which it was made: not in its command, nor anywhere else.
while read -r place; do
	complain "$place: a path of one machine"
done < <(find results -name '*.json' -print0 | xargs -0 grep -nHoE '"(--[a-z-]+=)?/(home|root|tmp|work|srv|mnt|opt|usr/local|var/tmp)/[^"]*"' || true)
for folder in results/*/; do
	readme=${folder}README.md
	[[ -e $readme ]] || { complain "$folder has no README.md"; continue; }
	awk '/^```/ { inside = !inside } inside && /(lubench|bench\/studies\/)/ { found = 1 } END { exit !found }' "$readme" ||
		complain "$readme: no command in a fenced block"
done

# Paths that begin like a folder of the tree: in backticks in pages, with a file's ending in code and scripts (not of tests/tree,
# which make trees of their own). Names in capitals, patterns and the like stand for many.
folders=$(find . -mindepth 1 -maxdepth 1 -type d -not -name '.*' -not -name 'build*' -printf '%P\n' | paste -sd'|')
paths() {
	grep -HoP "\`($folders)/[^\` ]*\`|(?<![a-z])bench/(studies/[a-z.-]+|[a-z]+\b)" "${pages[@]}" | tr -d '\`'
	grep -roP --include=*.{c,h,sh,txt,cmake,json} "(?<![\w./-])($folders)/[\w/-]+\.(c|h|md|json|sh|txt)\b" --exclude-dir='build*' --exclude-dir=tree . | sed 's/^\.\///'
}
while IFS=: read -r page path; do
	[[ $path =~ [A-Z*…\<{\ ] && ! $path =~ /(README|CMakeLists)[.] && ! $path =~ ^cmake/ || $path == model/version.h ]] && continue
	[[ -e ${path%/} ]] || complain "$page: no $path"
done < <(paths | sort -u)

# Commands in indented and fenced blocks: each that runs something has to make a plan. Those with a word in capitals stand for many, and some read
# what was saved.
export XDG_DATA_HOME=/nonexistent LUBENCH_DATA_DIR=$PWD
commands() {
	awk 'FNR == 1 { inside = 0 } /^```/ { inside = !inside; next } inside || /^    / { print FILENAME ":" $0 }' "$@" |
		awk '{ line = line (line == "" ? $0 : substr($0, index($0, ":") + 1)) } /\\$/ { sub(/\\$/, "", line); next } { print line; line = "" }' |
		sed -nE 's/^([^:]*): *(build\/)?lubench (run|sweep|compare|updates) ([^#&|;>]*).*/\1:\3 \4/p'
}
tried=0
while IFS=: read -r page words; do
	[[ $words =~ (^|[ =/])[A-Z]{3,} && ! $words =~ --fault || $words =~ (…|mine|my[.]|--sweep=|--from=|--resume|--a=|--run) ]] && continue
	tried=$((tried + 1))
	read -ra words <<<"$words"
	said=$("$lubench" "${words[@]}" --dry-run 2>&1 >/dev/null) || complain "$page: lubench ${words[*]}: $said"
done < <(commands "${pages[@]}" | sort -u)
((tried > 30)) || complain "only $tried commands found"

for name in $("$lubench" --help | awk '/^Verbs:/ { inside = 1; next } /^$/ { inside = 0 } inside { print $1 }'); do
	grep -qF "| \`lubench $name\`" README.md || complain "README.md does not list lubench $name"
done
# A strategy is documented in its source; the tables are a choice, so that a new one is no edit of them.
strategies=$("$lubench" list strategies | awk '/^  [a-z]/ { print $1 }')
for page in README.md docs/reference/strategies.md; do
	shown=$(awk '/^\| strategy \|/ { inside = 1; next } !/^\|/ { inside = 0 } inside' "$page" | sed -nE 's/^\| \[?`([a-z-]+)`.*/\1/p')
	(($(wc -w <<<"$shown") > 10)) || complain "$page: no table of strategies"
	for name in $shown; do
		grep -qxF -- "$name" <<<"$strategies" || complain "$page: there is no strategy $name"
	done
done

((bad == 0)) || { echo "$bad complaints" >&2; exit 1; }
