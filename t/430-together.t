#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Several concerts on one graph: a run completes what is half up, runs at the same time start
# nothing twice, and a kill and a run that meet end in one state or the other, never in between.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(finish slurp wait_until);
use Test::More;

my $stack = Concert::Stack->new(machines => [qw(pc1 pc2)], yaml => <<'END');
context: {session: lab, ready: {interval: 50ms}}
a: {cmd: "echo x >>~/a; exec sleep 1000", machine: pc1}
b: {cmd: "echo x >>~/b; sleep 0.1; touch ~/up; exec sleep 1000", machine: pc2, depends: [a], ready_check: test -e ~/up}
c: {cmd: "mkdir ~/once || echo x >>~/twice; sleep 0.1; rmdir ~/once; echo done", machine: pc1, depends: [b], persistent: false}
d: {cmd: "echo x >>~/d; exec sleep 1000", machine: pc2, depends: [c]}
slow: {cmd: "trap '' INT; echo x >>~/slow; while :; do sleep 0.05; done", machine: pc1, ready_check: test -e ~/slow, stop: {grace: 1s}}
END
my %home  = map { $_ => $stack->lab->machine($_)->{home} } qw(pc1 pc2);
my %where = (a => 'pc1', b => 'pc2', d => 'pc2', slow => 'pc1');

sub starts { return scalar(() = (slurp("$home{$where{$_[0]}}/$_[0]") // '') =~ /\n/g) }
sub all_starts { return join ' ', map { starts($_) } qw(a b d) }
sub fresh {
	my $got = $stack->concert('kill', '-a');
	unlink map { ("$home{$where{$_}}/$_", "$home{$where{$_}}/up") } keys %where;
	return $got->{status} == 0 && !grep { $stack->marked($_) } keys %where;
}
sub survivors { return [map { my $p = $_; map { "$p $_" } $stack->marked($p) } keys %where] }

# A graph that is half up.
is $stack->concert('run', 'b')->{status}, 0, 'half of a graph';
my $got = $stack->concert('run', 'd');
is $got->{status}, 0, 'is completed' or diag $got->{err};
is all_starts(), '1 1 1', 'and what ran already is not started again';
is_deeply {%{$stack->states}{qw(a b c d)}}, {a => 'running', b => 'ready', c => 'exited', d => 'running'},
	'all of it is up';
kill 'KILL', $stack->marked('b');
ok((wait_until { $stack->states->{b} eq 'failed' } 10), 'one in the middle dies');
unlink "$home{pc2}/up";
$got = $stack->concert('run', 'd');
is $got->{status}, 0, 'the next run puts it back' or diag $got->{err};
is all_starts(), '1 2 1', 'and only that';
ok fresh(), 'kill all';

# Two and four at once. Everyone may say "started" or "ran already", but all succeed.
for my $many (2, 4, 4) {
	my @child = map { $stack->as("desk$_")->start_concert('run', 'd') } 1 .. $many;
	my @end   = map { finish($_) } @child;
	is join(' ', map { $_->{status} } @end), join(' ', (0) x $many), "$many runs at once: all succeed"
		or diag map { $_->{err} } @end;
	is all_starts(), '1 1 1', 'each process was started once';
	ok !-e "$home{pc1}/twice", 'the one-shot never ran twice at once';
	is_deeply [map { scalar $stack->marked($_) } qw(a b d)], [1, 1, 1], 'and one of each lives';
	ok fresh(), 'kill all';
}

# Two kills at once, of one that ignores INT: both wait for the end, and both are right.
is $stack->concert('run', 'slow')->{status}, 0, 'one that ignores INT';
my @kill = map { $stack->as("desk$_")->start_concert('kill', 'slow') } 1 .. 2;
my @end = map { finish($_) } @kill;
is join(' ', map { $_->{status} } @end), '0 0', 'two kills at once: both succeed' or diag map { $_->{err} } @end;
is_deeply survivors(), [], 'and nothing is left';

# A run that comes while a kill is under way: refused with the reason, or started after the end;
# never two at once.
is $stack->concert('run', 'slow')->{status}, 0, 'once more';
my $kill = $stack->start_concert('kill', 'slow');
ok wait_until { $stack->states->{slow} eq 'stopping' } 10;
$got = $stack->concert('run', 'slow');
my $killed = finish($kill);
is $killed->{status}, 0, 'a run during a kill: the kill succeeds' or diag $killed->{err};
is $got->{status}, 5, 'the run is refused';
like $got->{err}, qr/^slow: another kill of it is under way \(try again\)/m, 'and says what to do';
is_deeply survivors(), [], 'nothing is left';
is $stack->states->{slow}, 'stopped', 'and that is what status says';

# A kill that comes at any moment of a run: what it calls killed is gone or was started after it,
# and the run never calls ready what the kill ended.
my (@lies, @doubles);
for my $moment (0, 0.05, 0.1, 0.2, 0.3, 0.4) {
	my $run = $stack->start_concert({timeout => 20}, 'run', 'd');
	select undef, undef, undef, $moment;
	my $ended = $stack->concert('kill', '-a');
	my $ran   = finish($run);
	push @lies, "kill after $moment: $ended->{err}" if $ended->{status};
	push @lies, "run after $moment hangs" if $ran->{timed_out};
	my $states = $stack->states;
	for my $process (qw(a b d)) {
		my $nr    = $stack->marked($process);
		my $lives = $states->{$process} =~ /^(?:ready|running|starting)$/ ? 1 : 0;
		push @doubles, "$process lives $nr times" if $nr > 1;
		push @lies, "$process: $states->{$process}, $nr of it live" if $nr != $lives;
	}
	fresh() or push @lies, "after $moment not all could be killed";
}
is_deeply \@lies,    [], 'a kill at six moments of a run: nobody lies';
is_deeply \@doubles, [], 'and nothing lives twice';

done_testing;
