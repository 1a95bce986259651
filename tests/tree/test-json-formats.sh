#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Usage: test-json-formats.sh LUBENCH — each call of json_pack and json_unpack has as many arguments as its format takes: the compiler does not
# look, and one that is missing is whatever lies on the stack, which one architecture survives and another does not.
set -euo pipefail
root=${LU_SOURCE_DIR:-$(dirname "$0")/../..}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { printf '%s\n' "$@" >&2; exit 1; }

cat >"$dir/look.pl" <<'E2'
use strict; use warnings;
my %first = (json_pack => 0, json_pack_ex => 2, json_unpack => 1, json_unpack_ex => 3);
for my $file (@ARGV) {
	open(my $in, '<', $file) or die "$file: $!\n";
	my $text = do { local $/; <$in> };
	$text =~ s{(/\*.*?\*/)}{ (my $lines = $1) =~ tr/\n//cd; $lines }gse;
	while ($text =~ /\b(json_(?:un)?pack(?:_ex)?)\(/g) {
		my ($call, $at, $depth, $arg, @args) = ($1, pos($text), 1, '');
		while ($depth && $text =~ /\G("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|.)/gs) {
			my $token = $1;
			$depth++ if $token =~ /^[(\[{]$/;
			$depth-- if $token =~ /^[)\]}]$/;
			if ($depth == 1 && $token eq ',') { push @args, $arg; $arg = '' }
			elsif ($depth) { $arg .= $token }
		}
		my @rest = ((@args, $arg)[$first{$call} .. @args]);
		my $format = shift @rest;
		my $line = 1 + (substr($text, 0, $at) =~ tr/\n//);
		if ($format !~ /^\s*(?:"[^"]*"\s*)+$/) { print "$file:$line: the format of $call is no text\n"; next }
		$format = join '', $format =~ /"([^"]*)"/g;
		my $taken = () = $format =~ /[sSiIbfFoO#%+]/g;
		print "$file:$line: $call has ", scalar @rest, " arguments, \"$format\" takes $taken\n" if @rest != $taken;
	}
}
E2

cat >"$dir/wrong.c" <<'E2'
a = json_pack("{s:I, s:I}", "one", f(1, 2));
b = json_pack("{s:s, s:[i, f]}", "a,(b", ",", "c", 1, 2.0);
c = json_unpack(json, "{s:i, "
		"s?s#}", "a", &i, "b", &text);
json_pack_ex(&e, 0, "[o, n]", g(",", (x)), 1); /* json_pack("i") */
json_unpack_ex(json, &e, 0, "{s:{s:s!}}", "a", "b", &text);
json_pack(format, 1);
E2
[[ $(perl "$dir/look.pl" "$dir/wrong.c" | cut -d: -f2 | xargs) == "1 3 5 7" ]] || fail "not these four are found:" "$(perl "$dir/look.pl" "$dir/wrong.c")"
found=$(cd "$root" && find . \( -path './build*' -o -path ./.git -o -path ./.cache \) -prune -o -name '*.[ch]' -print0 | xargs -0 perl "$dir/look.pl")
[[ -z $found ]] || fail "$found"
