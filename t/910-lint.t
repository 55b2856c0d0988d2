#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The lint can fail: each fault is planted in a small project of its own, and must be told.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $top  = abs_path(dirname(__FILE__) . '/..');
my $tmp  = tempdir('concert-lint.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my %tool = map { my $name = $_; $_ => scalar grep { -x "$_/$name" } split /:/, $ENV{PATH} }
	qw(git ctags clang-format shellcheck cppcheck mandoc);

plan skip_all => 'no git' unless $tool{git};

my $MIT = '/* SPDX-License-Identifier: MIT */';
my $TOP = "$MIT\n/*\n * A file of the test.\n */\n";

sub put {
	my ($file, $text, $mode) = @_;
	make_path(dirname("$tmp/$file"));
	open my $out, '>', "$tmp/$file" or die "$file: $!\n";
	print $out $text;
	close $out;
	chmod $mode, "$tmp/$file" if $mode;
}

sub lint {
	my (@checks) = @_;
	my $said = `cd $tmp && perl tools/lint @checks 2>&1`;
	return ($? >> 8, $said);
}

# Plants one file, lints, and takes it away again.
sub fault {
	my ($check, $file, $text, $want, $name, $mode) = @_;
	put($file, $text, $mode);
	my ($status, $said) = lint($check);
	ok($status == 1 && $said =~ $want, $name) or diag $said;
	unlink "$tmp/$file";
}

open my $lint, '<', "$top/tools/lint" or die "tools/lint: $!\n";
put('tools/lint', do { local $/; <$lint> }, 0755);
open my $format, '<', "$top/.clang-format" or die ".clang-format: $!\n";
put('.clang-format', do { local $/; <$format> });
put('src/core/good.c', "$TOP#include \"base/base.h\"\n#include \"target/target.h\"\n");
system("git init -q $tmp") == 0 or die "git init failed\n";

my ($status, $said) = lint(qw(licence includes whitespace perl));
is $status, 0, 'a clean project passes' or diag $said;

fault('licence', 'src/base/a.c', "#include \"base/base.h\"\n", qr{^src/base/a\.c:1: .*SPDX}m,
	'a source without its licence');
fault('licence', 'tools/a', "#!/bin/sh\necho\n", qr{^tools/a:1: .*SPDX}m, 'a script without it');
fault('licence', 'src/base/a.h', "$MIT\nint a;\n", qr{^src/base/a\.h:2: .*what it owns}m,
	'a source that does not say what it owns');

my $BASE = "$TOP#include \"base/base.h\"\n";
for (
	[base      => 'transport/transport.h'],
	[transport => 'target/target.h'],
	[target    => 'core/plan.h'],
	[core      => 'cli/table.h'],
	[cli       => 'core/plan.h'],
	[cli       => 'transport/transport.h'],
	[target    => 'concert.h'],
	[transport => 'scripts.h'],
	[core      => 'plan.h'],
) {
	my ($room, $header) = @$_;
	fault('includes', "src/$room/a.c", "$BASE#include \"$header\"\n", qr{^src/$room/a\.c:6: }m,
		"$room includes $header");
}
fault('includes', 'src/core/a.c', "$BASE#include <libssh/libssh.h>\n",
	qr{^src/core/a\.c:6: core does not know <libssh}m, 'libssh outside of the transport');
fault('includes', 'src/core/a.c', "$TOP#include <stdio.h>\n", qr{base/base\.h}, 'no base.h');
fault('includes', 'src/attic/a.c', $BASE, qr{^src/attic/a\.c: .*room}m, 'a room of nobody');

fault('whitespace', 'notes.md', "blanks \n", qr{^notes\.md:1: }m, 'blanks at an end of line');
fault('whitespace', 'notes.md', 'no newline', qr{newline}, 'no newline at the end');
fault('perl', 'a.pl', "#!/usr/bin/perl\nprint 1 +;\n", qr{^a\.pl: syntax error}m, 'a faulty script');
fault('perl', 't/a.t', "#!/usr/bin/perl\nuse strict;\nuse warnings;\n", qr{executed},
	'a test that cannot be executed', 0644);

SKIP: {
	skip 'no ctags', 1 unless $tool{ctags};
	fault('functions', 'src/base/a.c', "${BASE}void f(void)\n{\n" . "\tg();\n" x 80 . "}\n",
		qr{^src/base/a\.c:6: f\(\) has 83 lines}m, 'a function above 80 lines');
}
SKIP: {
	skip 'no clang-format', 1 unless $tool{'clang-format'};
	fault('format', 'src/base/a.c', "${BASE}void f( void ) {}\n", qr{^src/base/a\.c:\d+: .*lays}m,
		'another layout');
}
SKIP: {
	skip 'no shellcheck', 2 unless $tool{shellcheck};
	fault('shell', 'src/target/scripts/a.sh', "echo \$1\n", qr{^src/target/scripts/a\.sh:1: }m,
		'an unquoted word in a script for machines');
	fault('shell', 'src/target/scripts/a.sh', "[[ a == b ]]\n", qr{POSIX}, 'bash in such a script');
}
SKIP: {
	skip 'no cppcheck', 1 unless $tool{cppcheck};
	fault('cppcheck', 'src/base/a.c', "${BASE}int f(void)\n{\n\tint a[2] = {0};\n\treturn a[2];\n}\n",
		qr{^src/base/a\.c:9: }m, 'a fault that cppcheck sees');
}
SKIP: {
	skip 'no mandoc', 1 unless $tool{mandoc};
	fault('manuals', 'man/a.1', ".Dd November 20, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nosuch\n",
		qr{^man/a\.1:5: }m, 'an unknown macro in a manual page');
}

done_testing;
