#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The connection is cut while concert waits: it logs in again and goes on, nothing is started
# twice, and what cannot be had again is told as such.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(finish slurp wait_until);
use Test::More;

my $stack = Concert::Stack->new(machines => ['pc1'], yaml => <<'END');
context: {session: lab}
slow: {cmd: "echo x >>count; exec sleep 1000", machine: pc1, ready_check: test -e go}
job: {cmd: "echo first; until test -e go; do sleep 0.05; done; echo last", machine: pc1, persistent: false}
stubborn: {cmd: "trap '' INT; echo x >trapped; while :; do sleep 0.1; done", machine: pc1, ready_check: test -e trapped, stop: {grace: 2s}}
END
my $lab  = $stack->lab;
my $home = $lab->machine('pc1')->{home};

sub cut {
	my @pids = $lab->sessions('pc1');
	kill 'KILL', @pids;
	return scalar @pids;
}
sub lines { return scalar(() = (slurp("$home/$_[0]") // '') =~ /\n/g) }

my $child = $stack->start_concert('run', 'slow', 'job');
ok wait_until { lines('count') == 1 && $stack->states->{job} eq 'running' } 20;
cmp_ok cut(), '>', 0, 'the connection is cut while it waits for ready';
ok wait_until { scalar $lab->sessions('pc1') } 20;
open my $go, '>', "$home/go" or die;
close $go;
my $got = finish($child);
is $got->{status}, 0, 'the run goes on' or diag $got->{err};
like $got->{err}, qr/'?pc1'?: connected again/, 'and says that it logged in again';
is lines('count'), 1, 'nothing was started twice';
is_deeply [$got->{err} =~ /^job \| (.*)$/mg], [qw(first last)], 'the output is whole, each line once';

unlink "$home/go";
$child = $stack->start_concert('run', 'job', '--ssh-retries', '0');
ok wait_until { $stack->states->{job} eq 'running' } 20;
cut();
$got = finish($child);
is $got->{status}, 4, 'without retries the machine is unreachable';
like $got->{err}, qr/'pc1'/, 'and named';
is $stack->states->{job}, 'running', 'what ran there runs on';

is $stack->concert('run', 'stubborn')->{status}, 0, 'a process that ignores INT';
$child = $stack->start_concert('kill', 'stubborn');
ok wait_until { $stack->states->{stubborn} eq 'stopping' } 20;
cut();
$got = finish($child);
is $got->{status}, 0, 'a kill that was cut goes on' or diag $got->{err};
is_deeply [$stack->marked('stubborn')], [], 'to the end';
is $stack->concert('kill', '-a')->{status}, 0, 'kill all';

done_testing;
