#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The launcher is killed with KILL at random moments of a run, and the run is done again: the graph
# is the same as after a run that nobody disturbed, nothing was started twice, and at no moment does
# status call something stopped that lives. $CONCERT_DEATHS says how many moments (50 are the
# figure to report; a minute and a half).
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(finish slurp wait_until);
use Test::More;
use Time::HiRes qw(sleep time);

my $deaths = $ENV{CONCERT_DEATHS} // 10;
my $seed   = $ENV{CONCERT_SEED} // time ^ $$;
srand $seed;

# Each long-running process writes a line when it begins and never ends by itself: two lines are two
# starts. The one-shot may run again, but never twice at once.
my $stack = Concert::Stack->new(machines => [qw(pc1 pc2)], yaml => <<'END');
context: {session: lab, ready: {interval: 50ms}}
imu: {cmd: "echo x >>\"$HOME/imu\"; exec sleep 1000", machine: pc1}
arm: {cmd: "echo x >>\"$HOME/arm\"; sleep 0.1; touch up; exec sleep 1000", cwd: ~, machine: pc2, ready_check: test -e ~/up}
home: {cmd: "mkdir once || echo x >>twice; sleep 0.15; rmdir once; echo homed", cwd: ~, machine: pc2, persistent: false, depends: [arm]}
core: {cmd: "echo x >>\"$HOME/core\"; echo core is up; exec sleep 1000", machine: pc1, depends: [imu, home], ready_check: {log: is up}}
desk: {cmd: "echo x >>\"$HOME/desk\"; exec sleep 1000", depends: [core]}
END
my @lasting = qw(imu arm core desk);
my %home    = (imu => 'pc1', core => 'pc1', arm => 'pc2');
my %final   = (imu => 'running', arm => 'ready', home => 'exited', core => 'ready', desk => 'running');

sub home_of {
	my ($process) = @_;
	return $home{$process} ? $stack->lab->machine($home{$process})->{home} : $stack->home;
}
sub starts { return scalar(() = (slurp(home_of($_[0]) . "/$_[0]") // '') =~ /\n/g) }
sub living { return {map { $_ => scalar $stack->marked($_) } @lasting, 'home'} }

# States that say the opposite of what was true before and after the question. The one-shot may well
# have run when it was asked about and be over a moment later.
sub wrong_states {
	my ($before, $states, $after) = @_;
	return map { "$_ is called $states->{$_}" } grep {
		my $lives = $states->{$_} =~ /^(?:starting|running|ready|stopping)$/;
		$before->{$_} && $after->{$_} && !$lives or $_ ne 'home' && $states->{$_} =~ /^(?:running|ready)$/ && !$after->{$_}
	} sort keys %$after;
}

# Back to nothing; what is wrong about that is returned.
sub clean_up {
	my $got  = $stack->concert('kill', '-a');
	my @left = grep { $stack->marked($_) } @lasting, 'home';
	unlink map { home_of($_) . "/$_" } @lasting;
	unlink home_of('arm') . '/up';
	return ($got->{status} ? "kill: $got->{err}" : (), map { "$_ outlives a kill" } @left);
}

my $began = time;
is $stack->concert('run', 'desk')->{status}, 0, 'a run that nobody disturbs';
my $length = time - $began;
is_deeply $stack->states, \%final, 'ends like this';
is_deeply [clean_up()], [], 'and is killed';

my (@double, @wrong, @failed, @unclean, %seen);
for my $nth (1 .. $deaths) {
	# Even over the run's time, and a little beyond: not two deaths at the same moment.
	my $moment = ($nth - rand) / $deaths * $length * 1.1;
	my $child = $stack->start_concert('run', 'desk');
	sleep $moment;
	kill 'KILL', $child->{pid};
	finish($child);
	my $before = living();
	my $states = $stack->states;
	push @wrong, wrong_states($before, $states, living());
	$seen{join ' ', map { "$_:$states->{$_}" } sort keys %$states}++;
	my $got = $stack->concert('run', 'desk');
	push @failed, sprintf "after %.3f s: %s", $moment, $got->{err} if $got->{status};
	push @double, map { sprintf "$_ has %d starts after %.3f s", starts($_), $moment } grep { starts($_) != 1 } @lasting;
	$states = $stack->states;
	push @wrong, map { "$_ ends as $states->{$_}" } grep { $states->{$_} ne $final{$_} } keys %final;
	push @unclean, clean_up();
}
push @double, 'the one-shot ran twice at once' if -e home_of('arm') . '/twice';
is_deeply \@failed,  [], "$deaths deaths of the launcher: the next run goes through";
is_deeply \@double,  [], 'nothing was started twice, nothing was left out';
is_deeply \@wrong,   [], 'no state was wrong';
is_deeply \@unclean, [], 'and all of it could be killed';
note sprintf 'seed %s, a run takes %.2f s, found half-way: %s', $seed, $length, join '; ', sort keys %seen;
Test::More->builder->is_passing or diag "seed $seed";

done_testing;
