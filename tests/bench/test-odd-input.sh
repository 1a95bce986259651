#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-odd-input.sh LUBENCH — arguments, files, limits and programs as nobody would have them: one clear line, the right exit
# status, and nothing that a terminal would obey.
set -euo pipefail
lubench=$1
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_DATA_HOME=$here/data XDG_CONFIG_HOME=$here/config
cd "$here"
wrong=0

# expect STATUS WORDS COMMAND… — ends so, and says so in one line on standard error
expect()
{
	local status=$1 words=$2 got=0
	shift 2
	"$@" >out 2>err || got=$?
	if ((got != status)) || [[ $(wc -l <err) -ne 1 ]] || ! grep -qF -- "$words" err; then
		echo "$*: status $got, expected $status with one line: $words"
		cat -v err
		wrong=1
	fi
}

expect 2 'unexpected argument "more"' "$lubench" list strategies more
expect 2 'unexpected argument "all"' "$lubench" doctor all
expect 2 'rate_hz' "$lubench" run --guest=sim --strategy=null --rate=0x10
expect 2 'rate_hz' "$lubench" run --guest=sim --strategy=null --rate=' 10'
expect 2 'metric' "$lubench" compare --metric=
echo '{"strategy": "null", "guest": "sim", "fault": {}}' >empty-fault.json
expect 2 'fault: says neither phase nor kind' "$lubench" run empty-fault.json
expect 2 'a\x0ab.json' "$lubench" show $'a\nb.json'
expect 2 '\x1b[31mred' "$lubench" show $'\033[31mred'
expect 2 '\x0a' "$lubench" run $'--no-such\nflag'
echo '{"strategy": ["null", "pause"], "guest": "sim"}' >two.json
expect 1 'lubench: cannot write to standard output' bash -c "'$lubench' --help >/dev/full"
expect 4 'ulimit -n' bash -c "ulimit -n 12; '$lubench' list"
# AddressSanitizer reserves terabytes of addresses before main(), and looks for leaks in a process of its own.
sanitized=0
grep -q __asan_init "$lubench" && sanitized=1
((sanitized)) || expect 4 'ulimit -v' bash -c "ulimit -v 200000; '$lubench' list"
expect 1 'File too large' bash -c "ulimit -f 1; '$lubench' run -q --guest=sim --strategy=null >/dev/null"
expect 1 'File too large' bash -c "ulimit -f 16; '$lubench' sweep two.json -q -o two >/dev/null"
# The superuser has as many processes as he likes.
as=(bash -c)
((EUID)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups bash -c)
if ((!sanitized)) && "${as[@]}" "[[ -x '$lubench' ]]"; then
	expect 4 'ulimit -u' "${as[@]}" "ulimit -u 1; exec '$lubench' list"
fi

# What a result says is not obeyed either, in full or in a line.
"$lubench" run -q --guest=sim --strategy=null --output=runs >out
result=$(ls runs/*.json)
sed -i 's/"reason": null/"reason": "\\u001b]0;owned\\u0007 a\\u202eb"/' "$result"
cp "$result" "${result%.json}x.json"
for runs in "$result" runs; do
	"$lubench" show "$runs" >out 2>err || true
	if LC_ALL=C grep -q $'\033' out err; then
		echo "show $runs: an escape reaches the terminal"
		wrong=1
	fi
done
"$lubench" show "$result" | grep -qF '\x1b]0;owned' || { echo "show: the escape is not shown as one"; wrong=1; }

exit $wrong
