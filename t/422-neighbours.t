#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Who shares a machine: another user with the same names, another file with the same session, a
# window of the user's own that has a process's name. Nobody's things are taken for another's.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(run slurp spew wait_until);
use Test::More;

my $stack = Concert::Stack->new(machines => ['pc1']);
my $lab   = $stack->lab;
my $m     = $lab->machine('pc1');

sub tmux {
	my ($machine, @words) = @_;
	my ($socket) = glob "$machine->{tmux}/tmux-*/default";
	return run(['/usr/bin/tmux', '-S', $socket, @words], timeout => 5)->{out};
}

subtest 'two users on one machine' => sub {
	plan skip_all => 'wants root, to be two users' if $>;
	my $uid = 54321;
	my $eve = $lab->prepare('pc2', config => ['User eve']);
	chmod 0711, $lab->{dir};
	chmod 0644, $eve->{authorized_keys};
	chmod 0755, $eve->{dir};
	chown $uid, $uid, @$eve{qw(home tmux)}, "$eve->{home}/.bashrc";
	$lab->start('pc2', passwd => {eve => {uid => $uid}});
	$stack->write(<<'END');
context: {session: lab}
same: {cmd: "id -u >>~/same; exec sleep 1000", machine: pc1, ready_check: test -e ~/same}
END
	is $stack->concert('run', 'same')->{status}, 0, 'one of root';
	my $mine = slurp($stack->file);
	(my $hers = $mine) =~ s/machine: pc1/machine: pc2/;
	$stack->write($hers);
	is $stack->states->{same}, 'stopped', 'the other user sees none of it';
	my $got = $stack->concert('run', 'same');
	is $got->{status}, 0, 'and has one of the same name' or diag $got->{err};
	is slurp("$eve->{home}/same"), "$uid\n", 'which is his own';
	is scalar(my @both = $stack->marked('same')), 2, 'two live';
	is $stack->concert('kill', 'same')->{status}, 0, 'he kills his';
	$stack->write($mine);
	is $stack->states->{same}, 'ready', "root's lives on";
	is scalar(@both = $stack->marked('same')), 1, 'one is left';
	is $stack->concert('kill', 'same')->{status}, 0, 'until it is killed as well';
	$lab->stop('pc2');
};

subtest 'two files with the same session' => sub {
	my ($one, $two) = map { "context: {session: lab}\n$_: {cmd: exec sleep 1000, machine: pc1}\n"
		. "both: {cmd: exec sleep $_, machine: pc1}\n" } 1000, 1001;
	$one =~ s/^1000:/left:/m;
	$two =~ s/^1001:/right:/m;
	$stack->write($one);
	is $stack->concert('run', 'left', 'both')->{status}, 0, 'the first file';
	$stack->write($two);
	is $stack->concert('run', 'right')->{status}, 0, 'the second';
	my $got = $stack->concert('run', 'both');
	is $got->{status}, 5, 'a process that both have, with another command, is a conflict';
	like $got->{err}, qr/^both: it runs already with the command 'exec sleep 1000' \(use 'concert restart both'\)/m, 'that says what differs';
	my $rows = $stack->rows;
	ok !$rows->{left}{listed}, 'what only the other file has is shown as not listed';
	like $rows->{left}{state}, qr{^(?:running|ready)$}, 'as one that lives';
	is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
	is_deeply [map { scalar $stack->marked($_) } qw(left right both)], [1, 0, 0], "takes this file's alone";
	is $stack->concert('kill', '-a', '--unlisted')->{status}, 0, 'kill all, with --unlisted';
	is_deeply [map { scalar $stack->marked($_) } qw(left right both)], [0, 0, 0], 'takes the others too';
};

subtest 'a foreign window of the same name' => sub {
	$stack->write("context: {session: lab}\nmine: {cmd: exec sleep 1000, machine: pc1}\nother: {cmd: exec sleep 1000, machine: pc1}\n");
	is $stack->concert('run', 'other')->{status}, 0, 'a session that exists';
	my $pid = tmux($m, qw(new-window -d -P -F), '#{pane_pid}', qw(-t =lab: -n mine), 'exec sleep 1234');
	my $row = $stack->rows->{mine};
	is $row->{state}, 'conflict', 'a conflict';
	is $row->{reason}, 'a window has its name that concert did not make', 'with its reason';
	my $got = $stack->concert('run', 'mine');
	is $got->{status}, 5, 'run does not start beside it';
	like $got->{err}, qr/^mine: a tmux window 'mine' that concert did not make is in session 'lab' \(close or rename it\)/m, 'and says why';
	$got = $stack->concert('kill', '-a');
	is $got->{status}, 5, 'kill does not say killed';
	ok kill(0, $pid), 'and does not touch it';
	tmux($m, 'rename-window', '-t', '=lab:=mine', 'theirs');
	is $stack->concert('run', 'mine')->{status}, 0, 'renamed, it is in nobody\'s way';
	is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
	ok kill(0, $pid), 'it lives';
};

done_testing;
