#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-includes.sh LUBENCH — cmake/Includes.cmake lets a right tree pass and names the line of a wrong one; each folder with C files is
# looked at by the build, and the layers are what docs/design/architecture.md says: arrows down, siblings apart.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { printf '%s\n' "$@" >&2; exit 1; }

# FOLDER ALLOWED [OPTION…]
check() {
	cmake -DSOURCE="${SOURCE:-$dir}" -DFOLDER="$1" -DALLOWED="$2" "${@:3}" -DSTAMP="$dir/stamp" -P "$LU_SOURCE_DIR/cmake/Includes.cmake" 2>"$dir/said"
}
passes() { check "$@" || fail "a right tree does not pass: $*" "$(cat "$dir/said")"; }
# LINE REASON FOLDER ALLOWED [OPTION…]: "FILE: LINE" is the one thing to be said, with that reason
refuses() {
	check "${@:3}" && fail "passes: $1"
	grep '[.][ch]: ' "$dir/said" >"$dir/lines"
	[[ $(wc -l <"$dir/lines") == 1 && $(cat "$dir/lines") == *"$1: $2"* ]] || fail "not said: $1: $2" "$(cat "$dir/said")"
}
# FILE LINE…
put() {
	mkdir -p "$(dirname "$dir/$1")"
	printf '%s\n' "${@:2}" >"$dir/$1"
}

put record/gaps.c '#include <string.h>' '#include "record/gaps.h"'
put model/plan.c '#include "model/plan.h"' '#include "record/gaps.h"'
put strategies/cold.c '#include "strategies/kit/quiesced.h"' '#include "model/plan.h"'
put strategies/kexec/choice.c '#include "strategies/kexec/choice.h"'
put workloads/tick/tick.c '#include "workloads/kit/service.h"' '#include "workloads/tick/protocol.h"'
put workloads/tick/guest/tick.c '#include "workloads/kit/guest/line.h"' '#include "workloads/tick/guest/state.h"' '#include "kmod/queue/tap.h"'
put kmod/block/v1.c '#include "swap/swap.h"'
host=(-DAPART=ON)
guest=(-DAPART=ON -DGUEST=ON)
passes record record
passes model model,record
passes strategies strategies,model,record "${host[@]}"
passes workloads workloads,model,record "${host[@]}"
passes workloads workloads,kmod "${guest[@]}"
SOURCE=$dir/kmod passes . block,swap

put record/x.c '#include "record/gaps.h"' '#include "model/plan.h"'
refuses 'record/x.c: #include "model/plan.h"' 'record/ may include only: record' record record
put record/x.c '  #  include  "model/plan.h"  /* why not */'
refuses 'record/x.c:   #  include  "model/plan.h"  /* why not */' 'record/ may include only: record' record record
put record/x.c '#include "gaps.h"'
refuses 'record/x.c: #include "gaps.h"' 'a file of the tree is included by its path' record record
put record/x.c '#include "record/../model/plan.h"'
refuses 'record/x.c: #include "record/../model/plan.h"' 'a file of the tree is included by its path' record record
put strategies/x.c '#include "workloads/kit/service.h"'
refuses 'strategies/x.c: #include "workloads/kit/service.h"' 'strategies/ may include only: strategies, model, record' \
	strategies strategies,model,record "${host[@]}"
put strategies/x.c '#include "strategies/kexec/choice.h"'
refuses 'strategies/x.c: #include "strategies/kexec/choice.h"' 'strategies/x may include of strategies/ only itself and kit/' \
	strategies strategies,model,record "${host[@]}"
rm "$dir/strategies/x.c"
put strategies/kit/x.c '#include "strategies/kexec/choice.h"'
refuses 'strategies/kit/x.c: #include "strategies/kexec/choice.h"' 'strategies/kit may include of strategies/ only itself' \
	strategies strategies,model,record "${host[@]}"
put workloads/tick/x.h '#include "workloads/tick/guest/state.h"'
refuses 'workloads/tick/x.h: #include "workloads/tick/guest/state.h"' 'that is of a program for guests' workloads workloads,model,record "${host[@]}"
put workloads/tick/guest/x.c '#include "workloads/tick/protocol.h"'
refuses 'workloads/tick/guest/x.c: #include "workloads/tick/protocol.h"' 'that is not of a program for guests' workloads workloads,kmod "${guest[@]}"
put workloads/tick/guest/x.c '#include "model/plan.h"'
refuses 'workloads/tick/guest/x.c: #include "model/plan.h"' 'workloads/ may include only: workloads, kmod' workloads workloads,kmod "${guest[@]}"
put kmod/block/x.c '#include "model/plan.h"'
SOURCE=$dir/kmod refuses 'block/x.c: #include "model/plan.h"' './ may include only: block, swap' . block,swap

# The build has looked at every folder of the tree that has C files; tests may include all of them.
looked=$LU_BUILD_DIR/includes
cd "$LU_SOURCE_DIR"
for folder in */; do
	folder=${folder%/}
	[[ $folder == tests || $folder == results || $folder == build* ]] && continue
	[[ -z $(find "$folder" -name '*.[ch]' -print -quit) || -e $looked/$folder ]] || fail "includes of $folder/ are not checked (cmake/Layer.cmake)"
done
[[ -e $looked/services ]] || fail "includes of services are not checked"

# FOLDER OTHER…: does not include any of these.
never() {
	local other
	for other in "${@:2}"; do
		! tr ',' '\n' <"$looked/$1" | grep -qx "$other" || fail "$1/ may include $other/: $(cat "$looked/$1")"
	done
}
[[ $(cat "$looked/record") == record ]] || fail "record/ may include $(cat "$looked/record")"
[[ $(cat "$looked/model") == model,record ]] || fail "model/ may include $(cat "$looked/model")"
[[ $(cat "$looked/agent") == agent ]] || fail "agent/ may include $(cat "$looked/agent")"
never strategies workloads host assets qemu sim engine bench
never workloads strategies host assets qemu sim engine bench
never host model assets qemu sim engine bench
never assets qemu sim engine bench
never qemu sim engine bench strategies workloads
never sim qemu engine bench strategies workloads assets
never engine qemu sim bench strategies workloads assets
never bench agent kmod strategies workloads
never services model record
