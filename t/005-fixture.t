#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The fixtures themselves: machines that can be logged in to, and those that cannot.
use strict;
use warnings;
use lib 't/lib';
use Concert::Sshd;
use Concert::Test qw(pids_with_env run slurp wait_until);
use Test::More;

my $lab = Concert::Sshd->new;
my $pc1 = $lab->start('pc1');
my $pc2 = $lab->start('pc2', options => ['MaxSessions 3']);

sub ssh {
	my ($name, $command) = @_;
	return run(['/usr/bin/ssh', '-F', $lab->config, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=2', $name, $command], timeout => 20);
}

my $got = ssh('pc1', 'echo $HOME $TMUX_TMPDIR $CONCERT_LAB');
is $got->{out}, "$pc1->{home} $pc1->{tmux} $pc1->{dir}\n", 'a machine has a home of its own' or diag $got->{err}, slurp($pc1->{log});
is ssh('pc2', 'exit 7')->{status}, 7, 'another one, and an exit status';
isnt $pc1->{address}, $pc2->{address}, 'each has an address of its own';

$lab->silent('deaf');
$lab->refused('closed');
$lab->blackhole('gone');
like ssh('closed', 'true')->{err}, qr/refused/, 'refused';
like ssh('deaf', 'true')->{err}, qr/timed out/, 'silent';
like ssh('gone', 'true')->{err}, qr/timed out/, 'black hole';

ssh('pc1', 'nohup sleep 1000 >/dev/null 2>&1 & tmux -f /dev/null new-session -d sleep 1001');
ok pids_with_env("CONCERT_LAB=$pc1->{dir}\0"), 'things run on it';
my $dir = $pc1->{dir};
$lab->stop('pc1');
ok !pids_with_env("CONCERT_LAB=$dir\0"), 'nothing is left after stop';
isnt ssh('pc1', 'true')->{status}, 0, 'it is gone';
my $port = $pc1->{port};
$lab->start('pc1');
is $lab->machine('pc1')->{port}, $port, 'it comes back where it was';
is ssh('pc1', 'true')->{status}, 0, 'and lets us in';

done_testing;
