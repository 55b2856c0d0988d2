#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# doctor: a machine that is well, and each way of not being so, with its cure; and the removal of
# concert's files, which waits for nothing to run.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(run spew wait_until);
use Cwd qw(abs_path);
use File::Path qw(make_path);
use Test::More;

my $stack = Concert::Stack->new(machines => ['well'], yaml => <<'END');
context: {session: lab, shell: sh -c}
a: {cmd: sleep 1000, machine: well}
b: {cmd: sleep 1000, machine: bare, shell: zzsh -c}
c: {cmd: sleep 1000, machine: bare, docker: runs}
d: {cmd: sleep 1000, machine: bare, docker: ended}
e: {cmd: sleep 1000, machine: bare, docker: unknown}
f: {cmd: sleep 1000, machine: gone}
g: {cmd: sleep 1000, machine: stranger}
END
my $lab = $stack->lab;

# A machine without tmux, and with a docker that says what docker says.
my $bin = "$stack->{dir}/bin";
make_path($bin);
for my $dir (qw(/usr/bin /bin)) {
	symlink $_, "$bin/" . s{.*/}{}r for grep { !/tmux|docker|podman/ && !-e "$bin/" . s{.*/}{}r } glob "$dir/*";
}
spew("$bin/docker", <<'END', 0755);
#!/bin/sh
[ "$1" != exec ] || { echo /bin/bash; exit; }
for name; do :; done
case $name in
runs) echo running ;;
ended) echo exited ;;
*) echo "Error: No such object: $name" >&2; exit 1 ;;
esac
END
$lab->start('bare', env => ["PATH=$bin"]);
$lab->refused('gone');
$lab->start('stranger', known => 0);

# check => [level, message, cure] of one machine; of several with one name, all.
sub findings {
	my ($json, $machine) = @_;
	my %of;
	push @{$of{$_->{check}}}, join ' | ', map { $_ // '' } @$_{qw(level message cure)}
		for grep { $_->{machine} eq $machine } @{$json->{findings}};
	return {map { $_ => join "\n", @{$of{$_}} } keys %of};
}

my $got = $stack->concert('doctor', 'well');
is $got->{status}, 0, 'a machine that is well: status 0' or diag $got->{out}, $got->{err};
like $got->{out}, qr/^well +login +ok +in [\d.]+ s\n +latency +ok .*\n +clock +ok .*\n +tmux +ok +\d.*\n +shell +ok +sh\n +files +ok/m,
	'each finding is a line';
ok !-e $lab->machine('well')->{home} . '/.local', 'nothing is left there';

my $json = $stack->json('doctor');
is $json->{version}, 1, 'all machines, as JSON';
is findings($json, 'gone')->{login} =~ /^error \| .*refused/ && 1, 1, 'a machine that is not there';
like findings($json, 'stranger')->{login}, qr/^error \| .*host key is not known/, 'one whose key is not known';
my $bare = findings($json, 'bare');
like $bare->{tmux}, qr/^error \| is not installed \| apt-get install tmux$/, 'no tmux';
like $bare->{shell}, qr/^error \| 'zzsh' is not installed \| /, 'no such shell';
like $bare->{container}, qr/^info \| 'runs' runs in docker, with bash \| $/m, 'a container that runs';
like $bare->{container}, qr/^error \| 'ended' is exited \| docker start ended$/m, 'one that does not';
like $bare->{container}, qr/^error \| there is no 'unknown' \| /m, 'one that is not there';
is findings($json, 'well')->{tmux} =~ /^info/ && 1, 1, 'the others are looked at all the same';
is $stack->concert('doctor')->{status}, 4, 'status 4';
is $stack->concert('doctor', 'bare')->{status}, 1, 'status 1 where something is wrong';
$got = $stack->concert('doctor', 'bare');
like $got->{out}, qr/'zzsh' is not installed\n +cure: install it, or set 'shell'/, 'the cure stands below';

my $home = $lab->machine('well')->{home};
make_path("$home/.local/state", "$home/elsewhere");
symlink "$home/elsewhere", "$home/.local/state/concert";
like findings($stack->json('doctor', 'well'), 'well')->{files}, qr/^error \| .* is a link/, 'files behind a link';
unlink "$home/.local/state/concert";

# ---- removal ----

$stack->concert('run', 'a');
ok -d "$home/.local/state/concert", 'a run leaves files';
like findings($stack->json('doctor', 'well'), 'well')->{tmux}, qr/a server runs/, 'and a tmux server';
$got = $stack->concert('doctor', '--purge', 'well');
is $got->{status}, 5, '--purge refuses while something runs';
like $got->{err}, qr/something that concert started runs there: a \(/, 'and names it';
ok -d "$home/.local/state/concert", 'nothing is removed';
$stack->concert('kill', 'a');
$got = $stack->concert('doctor', '--purge', 'well');
is $got->{status}, 0, 'it does so once nothing runs' or diag $got->{err};
ok !-e "$home/.local/state/concert", 'all of it';
$got = $stack->concert('doctor', '--purge', 'well');
is "$got->{status} $got->{err}", "0 concert: 'well': there was nothing\n", 'again: nothing';
is $stack->concert('doctor', '--purge')->{status}, 2, '--purge wants a name';
$stack->concert('run', 'a');
is $stack->states('a')->{a}, 'running', 'and all can begin anew';
$stack->concert('kill', 'a');

done_testing;
