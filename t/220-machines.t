#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Machines that cannot be had: each is named with its reason, within its deadline, and costs the
# others nothing.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(slurp spew);
use Test::More;

my @good = qw(pc1 pc2);
my @bad  = qw(deaf closed gone stranger changed locked nowhere);
my $stack = Concert::Stack->new(machines => \@good);
my $lab   = $stack->lab;
my @quick = (config => ['ConnectTimeout 2']);
$lab->silent('deaf', @quick);
$lab->refused('closed');
$lab->blackhole('gone', @quick);
$lab->start('stranger', known => 0);
my $changed = $lab->start('changed', known => 0);
my ($type, $other) = split ' ', slurp($lab->machine('pc1')->{hostkey} . '.pub');
spew($lab->known_hosts, slurp($lab->known_hosts) . "[$changed->{address}]:$changed->{port} $type $other\n");
spew($lab->start('locked')->{authorized_keys}, '');
$lab->add('nowhere', address => 'no-such-host.invalid', port => 22, @quick);

my $yaml = join "\n", 'context: {session: lab}',
	(map { "on_$_: {cmd: exec sleep 1000, machine: $_}" } @good, @bad),
	'behind: {cmd: exec sleep 1000, machine: pc1, depends: [on_deaf]}', '';
$stack->write($yaml);

my $got = $stack->concert('run', map { "on_$_" } @good, @bad);
is $got->{status}, 4, 'run says that machines were unreachable' or diag $got->{err};
ok $got->{seconds} < 9, "within their time ($got->{seconds} s)";

my %reason = (
	deaf     => qr/no answer within 2 s/,
	closed   => qr/[Cc]onnection refused/,
	gone     => qr/no answer from [\d.]+ port \d+ within 2 s/,
	stranger => qr/host key is not known \(run 'ssh -F \S+ stranger' once, or pass --host-key accept-new\)/,
	changed  => qr/host key .*changed/i,
	locked   => qr/publickey/,
	nowhere  => qr/no-such-host\.invalid/,
);
for my $name (@bad) {
	my ($line) = grep { /'$name'/ } split /\n/, $got->{err};
	like $line // '', qr/^(?:concert: )?(?:\S+: )?cannot (?:log in|connect) to '$name'.*$reason{$name}/, "$name: why";
}

my $states = $stack->states;
is_deeply {map { $_ => $states->{"on_$_"} } @good, @bad},
	{(map { $_ => 'running' } @good), (map { $_ => 'unreachable' } @bad)}, 'the others run';
is $stack->concert('status', 'on_pc1')->{status}, 0, 'a status that needs none of them is 0';
$got = $stack->concert('status');
is $got->{status}, 4, 'one that does is 4';
like $got->{out}, qr/^  cannot ask for the processes: cannot connect to 'closed'/m, 'the machine is named once';

$got = $stack->concert('run', 'behind');
is $got->{status}, 4, 'a run that needs one of them is 4';
like $got->{err}, qr/^behind: skipped: the machine 'deaf' of its dependency 'on_deaf' cannot be reached/m,
	'what depends on it is skipped';

my ($at) = map { "root\@$_->{address}:$_->{port}" } $lab->machine('stranger');
$stack->write("context: {session: lab}\nx: {cmd: 'true', machine: '$at'}\ny: {cmd: 'true', machine: 'ssh://$at'}\n");
for my $process (qw(x y)) {
	like $stack->concert('status', $process)->{out}, qr{run 'ssh -F \S+ ssh://\Q$at\E' once}, 'the cure with a port is a URI';
}
$stack->write($yaml);

$got = $stack->concert('--host-key', 'accept-new', 'run', 'on_stranger');
is $got->{status}, 0, '--host-key accept-new takes an unknown key' or diag $got->{err};
is $stack->concert('status', 'on_stranger')->{status}, 0, 'and keeps it';
$got = $stack->concert('--host-key', 'accept-new', 'run', 'on_changed');
is $got->{status}, 4, 'but never a changed one';

$got = $stack->concert('kill', '-a');
is $got->{status}, 4, 'kill says that it could not reach all';
is_deeply [map { $stack->states->{"on_$_"} } @good], [qw(stopped stopped)], 'and kills what it reached';

done_testing;
