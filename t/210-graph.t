#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a run decides: conditions, failures and what they skip, one-shots, settings that differ,
# restart, deadline, Ctrl-C. All on this computer; 200-run.t has the machines.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(finish slurp spew wait_until);
use Test::More;

my $stack = Concert::Stack->new;
my $home  = $stack->home;

sub file { my ($yaml) = @_; $stack->write("context: {session: lab}\n$yaml") }
sub count { my ($file) = @_; my @lines = split /\n/, slurp("$home/$file") // ''; return scalar @lines }
sub clear { my $got = $stack->concert('kill', '-a'); is $got->{status}, 0, 'all down' or diag $got->{err} }

subtest 'a failure skips what requires it, and the rest goes on' => sub {
	file(<<'END');
good: {cmd: exec sleep 1000}
bad: {cmd: "echo broken; exit 3", persistent: false}
needs: {cmd: exec sleep 1000, depends: [bad]}
needs_too: {cmd: exec sleep 1000, depends: [needs]}
likes: {cmd: exec sleep 1000, depends: {bad: {condition: ready, required: false}}}
after: {cmd: exec sleep 1000, depends: {bad: exited}}
END
	my $got = $stack->concert('run', qw(good needs_too likes after));
	is $got->{status}, 1, 'run fails';
	is_deeply $stack->states, {good => 'running', bad => 'failed', needs => 'stopped', needs_too => 'stopped',
		likes => 'running', after => 'running'}, 'who runs';
	like $got->{err}, qr/^needs: skipped: .*'bad'.*exited with status 3/m, 'the cause is named';
	like $got->{err}, qr/^needs_too: skipped: .*'needs'/m, 'along the chain';
	is $stack->rows->{bad}{exit_status}, 3, 'its status is kept';
	is $stack->concert('run', 'likes')->{status}, 0, 'what is not required does not make the run fail';
	clear();
};

subtest 'ready checks' => sub {
	file(<<'END');
slow: {cmd: "sleep 0.3; touch there; exec sleep 1000", ready_check: test -e there}
log: {cmd: "echo one; sleep 0.2; echo 'node is up'; exec sleep 1000", ready_check: {log: '^node .* up$'}}
never: {cmd: exec sleep 1000, ready_check: {cmd: "echo not yet; false", interval: 50ms, deadline: 2s}}
hangs: {cmd: exec sleep 1000, ready_check: {cmd: sleep 1000, timeout: 200ms, deadline: 600ms}}
dies: {cmd: "sleep 0.2; kill -SEGV $$", ready_check: "false"}
typo: {cmd: no-such-program}
says: {cmd: 'echo no motor; exit 3', ready_check: 'false'}
END
	my $got = $stack->concert('run', qw(slow log));
	is $got->{status}, 0, 'a command and a line of the log' or diag $got->{err};
	is_deeply [@{$stack->states}{qw(slow log)}], [qw(ready ready)], 'both are ready';
	$got = $stack->concert('run', 'never');
	is $got->{status}, 1, 'a deadline passes';
	like $got->{err}, qr/^never: not ready within 2 s.*not yet/m, 'and the last output is shown';
	is_deeply [@{$stack->rows->{never}}{qw(state reason)}],
		['failed', 'it lives, but did not become ready in time'], 'and status knows';
	$got = $stack->concert('run', 'hangs');
	is $got->{status}, 1, 'a probe that hangs is ended';
	$got = $stack->concert('run', 'dies');
	is $got->{status}, 1, 'a process that dies before it is ready';
	like $got->{err}, qr/^dies: ended by SIGSEGV before it was ready/m, 'is told at once, with the signal';
	is_deeply [@{$stack->rows->{dies}}{qw(state exit_status signal)}], ['failed', undef, 11], 'and kept';
	$got = $stack->concert('run', 'says');
	like $got->{err}, qr/^says: exited with status 3 before it was ready; it said last: no motor$/m, 'with its last words';
	$got = $stack->concert('run', 'typo');
	is $got->{status}, 1, 'a process without a ready check that dies at once';
	like $got->{err}, qr/^typo: exited with status 127/m, 'is not called running';
	clear();
};

subtest 'one-shots run when they are named or needed' => sub {
	file(<<'END');
home: {cmd: echo x >>homed, persistent: false}
robot: {cmd: exec sleep 1000, depends: [home]}
arm: {cmd: exec sleep 1000, depends: [home]}
END
	is $stack->concert('run', 'robot')->{status}, 0, 'robot up';
	is count('homed'), 1, 'homed once';
	is $stack->concert('run', 'robot')->{status}, 0, 'robot again';
	is count('homed'), 1, 'a robot that works is not moved';
	is $stack->concert('run', 'arm')->{status}, 0, 'arm up';
	is count('homed'), 2, 'something that depends on it is about to start';
	is $stack->concert('run', 'home')->{status}, 0, 'named';
	is count('homed'), 3, 'runs again';
	clear();
};

subtest 'a process that runs with other settings' => sub {
	file(<<'END');
p:
  cmd: sleep {n}
  params: {n: 1000}
  variants: {long: {params: {n: 2000}}}
q: {cmd: exec sleep 1000, depends: [p]}
END
	is $stack->concert('run', 'p')->{status}, 0, 'up';
	my $run = $stack->rows->{p}{run};
	my $got = $stack->concert('run', 'p', '-v', 'long');
	is $got->{status}, 5, 'named: a conflict';
	like $got->{err}, qr/^p: it runs already without variants, not with 'long' .*concert restart p/m, 'names the difference';
	is $stack->rows->{p}{run}, $run, 'left alone';
	$got = $stack->concert('run', 'q', '-p', 'n=3000');
	is $got->{status}, 0, 'as a dependency: a warning' or diag $got->{err};
	like $got->{err}, qr/^p: .*left alone/m, 'that says so';
	is $stack->rows->{p}{run}, $run, 'left alone again';

	is $stack->concert('restart', 'p', '-v', 'long')->{status}, 0, 'restart with a variant';
	my $row = $stack->rows->{p};
	isnt $row->{run}, $run, 'is another run';
	is $stack->concert('run', 'p', '-v', 'long')->{status}, 0, 'and is what runs now';
	is $stack->concert('restart', 'p')->{status}, 0, 'restart without choices';
	is $stack->concert('run', 'p', '-v', 'long')->{status}, 0, 'keeps those of the run before';
	clear();
};

subtest 'deadline and Ctrl-C leave running what was started' => sub {
	file("never: {cmd: exec sleep 1000, ready_check: \"false\"}\nquick: {cmd: exec sleep 1000}\n");
	my $got = $stack->concert('run', 'never', 'quick', '--deadline', '4s');
	is $got->{status}, 6, 'a deadline has its status';
	is_deeply $stack->states, {never => 'starting', quick => 'running'}, 'both were left running';
	clear();
	my $child = $stack->start_concert('run', 'never', 'quick');
	ok wait_until { ($stack->states->{quick} // '') eq 'running' } 10;
	kill 'INT', $child->{pid};
	$got = finish($child);
	is $got->{status}, 130, 'Ctrl-C has its status';
	like $got->{err}, qr/left running/, 'and says what it leaves';
	is_deeply $stack->states, {never => 'starting', quick => 'running'}, 'both run';
	clear();
};

subtest 'two runs at the same moment start each process once' => sub {
	file(join '', map { "p$_: {cmd: echo x >>p$_.count; exec sleep 1000}\n" } 1 .. 5);
	my @child = map { $stack->start_concert('run', map { "p$_" } 1 .. 5) } 1 .. 2;
	my @got = map { finish($_) } @child;
	is $_->{status}, 0, 'run succeeds' or diag $_->{err} for @got;
	is count("p$_.count"), 1, "p$_ was started once" for 1 .. 5;
	clear();
};

done_testing;
