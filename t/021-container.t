#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Processes in containers, with a dockerd of the test's own: they start with a terminal inside, are
# asked whether they are ready, and nothing of them is left inside when they were stopped.
use strict;
use warnings;
use lib 't/lib';
use Concert::Docker;
use Concert::Test qw(build run slurp spew stop_at_end tempdir wait_until);
use Test::More;

my $why = Concert::Docker::missing();
plan skip_all => $why if $why;

my $docker = Concert::Docker->new;
$docker->container('ros');
$docker->container('bare', image => 'busybox');
my ($host) = $docker->env =~ /=(.*)/;

my $dir = tempdir();
mkdir "$dir/$_" for qw(home tmux);
spew("$dir/home/.bashrc", '');
my %env = (TMUX => undef, TMUX_PANE => undef, CONCERT_RUN => undef, HOME => "$dir/home",
	TMUX_TMPDIR => "$dir/tmux", DOCKER_HOST => $host);
my $guard = stop_at_end(bless {}, 'Server');
sub Server::stop { run(['tmux', 'kill-server'], env => \%env) }

sub ask {
	my ($verb, @words) = @_;
	return run([build('t/tool/target'), $verb, @words], env => \%env, timeout => 60)->{out};
}
sub start        { return ask('start', 'container=ros', 'shell=bash -ic', @_) }
sub stop_process { return ask('stop', 'container=ros', @_) }
sub inside       { return $docker->docker('exec', 'ros', @_)->{out} }
sub eventually(&$) { my ($code, $name) = @_; return ok &wait_until($code, 10), $name }
sub left         { return scalar grep { /sleep 77/ } split /\n/, inside('ps', '-o', 'args') }

my $out = start('persistent=0', 'env=GIVEN=it\'s $x', 'cwd=/tmp', 'setup=alias hi="echo hello"',
	'cmd=hi; printf "%s|" "$GIVEN" "$PWD" "$CONCERT_PROCESS" "${#CONCERT_RUN}" "${CONCERT_BODY-none}"; test -t 0 && echo tty; exit 3');
like $out, qr/^ended .* hello\\x0ait's \$x\|\/tmp\|x\|32\|none\|tty/m, 'shell, environment, directory and terminal are inside'
	or diag $out;
like $out, qr/^ended [\d.]+ exit=3 /m, 'its status comes out';
spew("$dir/big", ': ' . 'x' x 99_900 . "\necho end\n");
like start('persistent=0', "cmd=\@$dir/big"), qr/end\\x0d/, 'a command of 100 KB';
like start('process=r', 'cmd=sleep 0.3; touch /tmp/up; exec sleep 77', 'ready_cmd=echo looking; test -e /tmp/up'),
	qr/^probe [\d.]+ exit=1 signal=0 offset=0 looking\\x0a\n(?:probe.*\n)*ready/m, 'a ready check runs inside';
like start('process=t', 'cmd=sleep 77', 'ready_cmd=sleep 78', 'ready_timeout=500', 'ready_deadline=700'), qr/^notready/m,
	'one that takes too long is ended';
eventually { inside('ps', '-o', 'args') !~ /sleep 78/ } 'inside too';
like stop_process('process=t'), qr/^stopped alive=1\n.* stopped /m, 'stopped';
like stop_process('process=r'), qr/^stopped alive=1\n.* stopped /m, 'the other';
is left(), 0, 'nothing is left inside';

my %tree = (
	plain   => 'sleep 77',
	ignores => 'trap "" INT TERM HUP; while :; do sleep 77; done',
	daemon  => 'setsid sleep 77 & (setsid sleep 77 &); sleep 77',
	jobs    => 'sleep 77 & sleep 77 & wait',
	stopped => 'sleep 77 & kill -STOP $!; sleep 77',
);
for my $kind (sort keys %tree) {
	start("process=$kind", "cmd=$tree{$kind}", 'ready_cmd=true');
	eventually { left() } "$kind: it runs";
	my $got = stop_process("process=$kind", 'grace=1000', 'term=500');
	like $got, qr/^step [\d.]+ INT .*stopped alive=1\n.* stopped /ms, "$kind: it is stopped" or diag $got;
	is left(), 0, "$kind: nothing is left";
	like ask('query'), qr{^robot/$kind stopped}m, "$kind: and that is known";
}

start('process=client', 'cmd=sleep 77', 'ready_cmd=true');
run(['tmux', 'kill-window', '-t', '=robot:=client'], env => \%env);
is left(), 1, 'the client was killed: it lives on inside';
like ask('query'), qr{^robot/client orphaned}m, 'and is seen';
like stop_process('process=client'), qr/^stopped alive=1/m, 'it can be stopped';
is left(), 0, 'and is gone';

like ask('start', 'container=none'), qr/^error 1 cannot start 'x' on 'local': container 'none': .*No such container/m, 'no such container';
like ask('start', 'container=bare', 'shell=bash -ic'), qr/^error 1 .*'bare' has no 'bash' \(/m, 'no bash inside';
like ask('start', 'container=bare', 'shell=sh -c', 'cmd=sleep 77', 'ready_cmd=true'), qr/^ready/m, 'sh will do';
like ask('stop'), qr/^stopped alive=1\n.* stopped /m, 'and is stopped, wherever it is said to be';
start('process=restart', 'cmd=sleep 77', 'ready_cmd=true');
$docker->docker('restart', '-t', '0', 'ros');
eventually { ask('query') =~ m{^robot/restart ended.* signal=9}m } 'the container was restarted: it ended'
	or diag ask('query');

done_testing;
