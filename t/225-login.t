#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Start-up files of a machine's login shell that do what they should not. bash reads .bashrc when
# sshd runs it, too.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(spew);
use Test::More;

my $stack = Concert::Stack->new(machines => ['pc1'], yaml => <<'END');
context: {session: lab, shell: sh -c}
a: {cmd: exec sleep 1000, machine: pc1, ready_check: 'true'}
END
my $bashrc = $stack->lab->machine('pc1')->{home} . '/.bashrc';
plan skip_all => 'the login shell is not bash' if (getpwuid $>)[8] !~ m{/bash$};

is $stack->concert('run', 'a')->{status}, 0, 'it runs';
for my $line ('exit 3', 'cat >/dev/null') {
	spew($bashrc, "$line\n");
	my $got = $stack->concert('kill', 'a');
	is $got->{status}, 1, "$line: no kill";
	like $got->{err} . $got->{out}, qr/'pc1': the login shell did not run what it was sent \(does a start-up file/, 'and why';
	is $stack->states->{a}, 'unreachable', 'nothing is said of what cannot be seen';
}

SKIP: {
	skip 'no zsh', 3 unless grep { -x "$_/zsh" } split /:/, $ENV{PATH};
	spew($bashrc, "exec zsh\n");
	is $stack->states->{a}, 'ready', 'zsh in its place: it is seen';
	is $stack->concert('kill', 'a')->{status}, 0, 'killed';
	is_deeply [$stack->marked('a')], [], 'and gone';
}

done_testing;
