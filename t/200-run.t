#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The main job: a graph over three machines comes up in order, is seen from another computer, and
# goes down again, dependents first.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(slurp wait_until);
use Test::More;

my $stack = Concert::Stack->new(machines => [qw(pc1 pc2)], yaml => <<'END');
context:
  session: lab
  params: {word: hello}
core:
  cmd: trap 'echo core >>~/../order; exit' INT; echo up >core.up; while :; do sleep 0.1; done
  machine: pc1
  ready_check: test -e core.up
driver:
  cmd: "echo {word} '{{\"a b\"}}' $HOME; exec sleep 1000"
  machine: pc2
  depends: [core]
  ready_check: {log: '^hello'}
prepare:
  cmd: echo preparing; echo done >prepared
  machine: pc2
  depends: [core]
  persistent: false
planner:
  cmd: exec sleep 1000
  machine: pc1
  depends: {driver: ready, prepare: succeeded}
here:
  cmd: test -n "$CONCERT_LAB" && exec sleep 1000
  depends: [planner]
all:
  cmd: "true"
  persistent: false
  depends: [here]
END

my $got = $stack->concert('run', 'all');
is $got->{status}, 0, 'run succeeds' or diag $got->{out}, $got->{err};
like $got->{err}, qr/prepare.*preparing/, 'the output of a one-shot is shown';

my %want = (core => 'ready', driver => 'ready', prepare => 'exited', planner => 'running',
	here => 'running', all => 'exited');
is_deeply $stack->states, \%want, 'status agrees';
is_deeply $stack->as('another')->states, {%want, here => 'stopped', all => 'stopped'},
	'another computer sees the machines, and not what is local to this one';

my $before = $stack->rows;
$got = $stack->concert('run', 'here');
is $got->{status}, 0, 'run of what runs already succeeds' or diag $got->{err};
my $after = $stack->rows;
is_deeply {map { $_ => $after->{$_}{run} } keys %$after}, {map { $_ => $before->{$_}{run} } keys %$before},
	'and starts nothing anew';

$got = $stack->concert('status', 'core', 'driver');
is $got->{status}, 0, 'status of running processes is 0';
like $got->{out}, qr/^PROCESS\s+MACHINE\s+STATE\s+PID\s+UPTIME\s+CPU\s+MEM\s+EXIT/, 'the columns';
like $got->{out}, qr/^core\s+pc1\s+ready\s+\d+/m, 'a row';

$got = $stack->concert('kill', 'core');
is $got->{status}, 0, 'kill succeeds' or diag $got->{out}, $got->{err};
is_deeply $stack->states, {%want, core => 'stopped', driver => 'stopped', planner => 'stopped',
	here => 'stopped'}, 'the process and its dependents are down, what was over stays so';
is_deeply [map { $stack->marked($_) } qw(core driver planner here)], [], 'nothing bears their marks';
is $stack->concert('status', 'core')->{status}, 3, 'status of what is stopped is 3';

my $log = join '', map { slurp($_) // '' } glob $stack->lab->machine('pc2')->{home}
	. '/.local/state/concert/*/lab/driver/*/log';
like $log, qr/^hello \{"a b"\} \Q@{[$stack->lab->machine('pc2')->{home}]}\E\r?$/m,
	'the log has what it wrote, byte for byte';

done_testing;
