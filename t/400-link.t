#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The wire breaks at every stage of a run, a status and a kill: while the connection is made, the
# login, the script's way there, the answer's way back. Whatever was said of the machine is true,
# nothing is started twice, and doing it again finishes the job.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(slurp wait_until);
use Concert::Wire;
use Test::More;

my $stack = Concert::Stack->new(machines => ['pc1'], yaml => <<'END');
context: {session: lab, ready: {interval: 50ms}}
a: {cmd: "echo x >>~/a; sleep 0.1; touch ~/up; exec sleep 1000", machine: pc1, ready_check: test -e ~/up}
b: {cmd: "echo x >>~/b; exec sleep 1000", machine: pc1, depends: [a]}
END
my $lab  = $stack->lab;
my $home = $lab->machine('pc1')->{home};
push @{$lab->machine('pc1')->{config}}, 'ConnectTimeout 3', 'ServerAliveInterval 1', 'ServerAliveCountMax 2';
my $wire = Concert::Wire->new($lab, 'pc1');

my @points = defined $ENV{CONCERT_CUTS} ? map { $_ / $ENV{CONCERT_CUTS} } 0 .. $ENV{CONCERT_CUTS} : (0.02, 0.1, 0.4, 0.7, 0.95);
my @how = qw(rst fin hang);

sub lines { return scalar(() = (slurp("$home/$_[0]") // '') =~ /\n/g) }
sub fresh {
	my $got = $stack->concert('kill', '-a');
	unlink map { "$home/$_" } qw(a b up);
	return $got->{status} ? "kill: $got->{err}" : map { "$_ outlives a kill" } grep { $stack->marked($_) } qw(a b);
}
# How many bytes a command takes over the wire, when nothing happens to it.
sub measure {
	my (@words) = @_;
	my $got = $stack->concert(@words);
	die "@words: $got->{err}" if $got->{status};
	ok wait_until { $wire->bytes } 5;
	return $wire->bytes;
}

my %bytes;
$bytes{run}    = measure('run', 'b');
$bytes{status} = measure('status');
$bytes{kill}   = measure('kill', '-a');
unlink map { "$home/$_" } qw(a b up);

# One connection is broken at each point; concert may log in again, or say that it could not.
my ($nth, @wrong, %seen) = (0);
for my $command ('run', 'status', 'kill') {
	my @words = ($command, $command eq 'run' ? 'b' : $command eq 'kill' ? '-a' : ());
	for my $point (@points) {
		my $how = $how[$nth++ % @how];
		my $at  = 1 + int $point * $bytes{$command};
		my $where = "$command, $how after $at bytes";
		$stack->concert('run', 'b') unless $command eq 'run';
		$wire->break($at, $how);
		my $got = $stack->concert({timeout => 30}, @words);
		my ($error) = $got->{err} =~ /^((?:concert: |pc1: ).*)$/m;
		push @wrong, "$where: hangs" if $got->{timed_out};
		push @wrong, "$where: status $got->{status}: $got->{err}" unless $got->{status} == 0 || $got->{status} == 4;
		push @wrong, "$where: unreachable, but no reason: $got->{err}" if $got->{status} == 4 && "$got->{out}$got->{err}" !~ /pc1.*(?:lost|cannot|no answer)/;
		push @wrong, "$where: false 'stopped': $got->{out}" if $command eq 'status' && $got->{out} =~ /stopped/;
		my @living = map { scalar $stack->marked($_) } qw(a b);
		push @wrong, "$where: said to be up: @living" if $command eq 'run' && !$got->{status} && "@living" ne '1 1';
		push @wrong, "$where: false 'killed'" if $command eq 'kill' && !$got->{status} && "@living" ne '0 0';
		$seen{$command . ($got->{status} ? ' unreachable: ' : ' went on: ') . ($error // 'silently')}++;
		unlink "$lab->{dir}/pc1/wire";
		$got = $stack->concert(@words);
		push @wrong, "$where: the next fails: $got->{err}" if $got->{status};
		push @wrong, "$where: started " . lines('a') . ' and ' . lines('b') . ' times' if $command eq 'run' && lines('a') . lines('b') ne '11';
		push @wrong, "$where: not ended by the next" if $command eq 'kill' && $stack->marked('a');
		push @wrong, fresh() unless $command eq 'status';
	}
}
is_deeply \@wrong, [], "$nth broken wires, in all stages" or diag join "\n", @wrong;
cmp_ok $wire->broken, '>=', $nth - 2, 'they did break';
note "$seen{$_} x $_" for sort keys %seen;
is_deeply [fresh()], [], 'kill all';

done_testing;
