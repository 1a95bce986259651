#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-plugin.sh LUBENCH — strategies from shared objects: one that is compiled out of the tree against the installed headers
# runs and is recorded with its hash; every other kind of file is refused in one line, and the rest goes on.
set -euo pipefail
lubench=$(realpath "$1")
tree=${LU_SOURCE_DIR:-$(dirname "$0")/../..}
build=$(dirname "$lubench")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME=$work/data LUBENCH_PLUGINS=$work/plugins
mkdir "$work/plugins" "$work/include"
fail() { echo "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 || { cat "$work/install.log"; fail "cannot be installed"; }
headers=$work/prefix/include/lubench
[[ -e $headers/model/plugin.h ]] || fail "plugin.h is not installed"

compile() { # NAME SOURCE [FLAG…]
	local name=$1 source=$2
	shift 2
	cc -std=gnu17 -D_GNU_SOURCE -shared -fPIC -Wall -Werror -Wno-missing-field-initializers -I "$headers" \
		$(pkg-config --cflags glib-2.0 jansson) "$@" -o "$work/plugins/$name.so" "$source"
}
refused() { # NAME TEXT: what `list` says of it, and nothing else fails
	local said
	said=$("$lubench" list strategies 2>&1 >/dev/null) || fail "list failed with $1.so: $said"
	[[ $said == *"/$1.so: "*"$2"* ]] || fail "$1.so: '$said' does not say '$2'"
	[[ $(wc -l <<<"$said") == 1 ]] || fail "$1.so: more than one line: $said"
	"$lubench" run --guest=sim --strategy=null >/dev/null 2>&1 || fail "null does not run beside $1.so"
	rm "$work/plugins/$1.so"
}

compile nap "$tree/examples/plugins/nap.c"
"$lubench" list strategies | grep -q '^ *nap\b' || fail "nap is not listed"
"$lubench" run --guest=sim --strategy=nap --param nap_ms=700 --json >"$work/result.json"
blackout=$(jq '.metrics.blackout_ns' "$work/result.json")
((blackout > 650000000 && blackout < 800000000)) || fail "a nap of 700 ms is a blackout of $blackout ns"
[[ $(jq -r '.environment.plugin.sha256' "$work/result.json") == $(sha256sum <"$work/plugins/nap.so" | cut -d' ' -f1) ]] ||
	fail "the result does not hold the plugin's hash"
[[ $(jq -r '.environment.plugin.name' "$work/result.json") == nap ]] || fail "the result does not name the plugin"
"$lubench" run --guest=sim --strategy=null --json | jq -e '.environment.plugin == null' >/dev/null || fail "null has a plugin"
rm "$work/plugins/nap.so"

sed 's/^LU_PLUGIN(strategy);/#undef LU_PLUGIN_ABI\n#define LU_PLUGIN_ABI 999\n&/' "$tree/examples/plugins/nap.c" >"$work/abi.c"
compile abi "$work/abi.c"
refused abi "plugin ABI 999"
if "$lubench" run --guest=sim --strategy=nap 2>"$work/said"; then fail "a refused plugin runs"; else status=$?; fi
[[ $status == 2 ]] || fail "an unknown strategy ends with $status"

sed 's/^LU_PLUGIN(strategy);/int nothing;/; s/^static const struct lu_strategy/const struct lu_strategy/' "$tree/examples/plugins/nap.c" >"$work/symbol.c"
compile symbol "$work/symbol.c"
refused symbol "no symbol lu_plugin"

echo 'char lu_plugin[128] = "something else";' >"$work/magic.c"
compile magic "$work/magic.c"
refused magic "not of lubench"

sed 's/^LU_PLUGIN(strategy);/const struct lu_plugin lu_plugin = {LU_PLUGIN_MAGIC, LU_PLUGIN_ABI, 1, .strategy = \&strategy};/' \
	"$tree/examples/plugins/nap.c" >"$work/size.c"
compile size "$work/size.c"
refused size "other headers"

sed 's/"nap",$/"kexec",/' "$tree/examples/plugins/nap.c" >"$work/name.c"
compile name "$work/name.c"
refused name "'kexec' already"

sed 's/{LU_SWITCH, "nap", nap},/{LU_SWITCH, "nap", NULL},/; s/^static bool nap/bool nap(struct lu_run *run, GError **error);\nbool nap/' \
	"$tree/examples/plugins/nap.c" >"$work/body.c"
compile body "$work/body.c"
refused body "has no body"

echo 'void no_such_function(void); void f(void); void f(void) { no_such_function(); }' >"$work/unresolved.c"
compile unresolved "$work/unresolved.c"
refused unresolved "no_such_function"

echo "no ELF file" >"$work/plugins/text.so"
refused text ""
LUBENCH_PLUGINS=$work/none "$lubench" list strategies 2>&1 >/dev/null | grep -q "$work/none" || fail "a folder that is not there is not told"
