#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The demo that the README begins with: it shows what it promises, and leaves nothing behind, also
# when it is interrupted.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use lib dirname(__FILE__) . '/lib';
use Concert::Test qw(build finish pids_with_env run start tempdir wait_until);

my $top = abs_path(dirname(__FILE__) . '/..');
my $tmp = tempdir();
my %env = (CONCERT => build('concert'), HOME => "$tmp/nobody", TMUX_TMPDIR => "$tmp/nobody", DEMO_TEST => $tmp, TMPDIR => $tmp);

sub leftovers {
	wait_until { !pids_with_env("DEMO_TEST=$tmp\0") } 10;
	return pids_with_env("DEMO_TEST=$tmp\0");
}

my $got = run(["$top/tools/demo"], env => \%env, timeout => 120, cwd => $tmp);
is $got->{status}, 0, 'the demo passes' or diag $got->{out}, $got->{err};
my $out = $got->{out};
like $out, qr/^\$ concert check$/m, 'it shows check';
my ($run, $status, $again, $kill, $after) = $out =~ /
	^\$\ concert\ -F\ ssh_config\ run\ planner\n(.*?)
	^\$\ concert\ -F\ ssh_config\ status\n(.*?)
	^\$\ concert\ -F\ ssh_config\ run\ planner\n(.*?)
	^\$\ concert\ -F\ ssh_config\ kill\ -a\n(.*?)
	^\$\ concert\ -F\ ssh_config\ status\n(.*?)^\#/xms;
ok defined $after, 'run, status, run, kill and status';
for my $process (qw(bus imu homing camera planner)) {
	like $run,    qr/\b$process\b/,                  "run tells of $process";
	like $status, qr/^$process\s+\S+\s+\S+/m,        "status has $process";
	like $after,  qr/^$process\s+\S+\s+(stopped|exited)\b/m, "after the kill $process is over";
}
like $status, qr/^bus\s+arm\s+ready\s+\d+/m,    'bus is ready on its machine, with a pid';
like $status, qr/^camera\s+head\s+ready\s+\d+/m, 'camera on the other';
like $status, qr/^planner\s+local(host)?\s+running\s+\d+/m, 'planner on this computer';
is_deeply [leftovers()], [], 'no process is left';
is_deeply [glob "$tmp/concert-demo.*"], [], 'nor a folder';
ok !-e "$tmp/nobody", "the caller's home is not touched";

my $demo = start(["$top/tools/demo"], env => \%env, timeout => 60, cwd => $tmp);
ok((wait_until { -s $demo->{out} } 30), 'a second demo begins to show something');
kill 'INT', -$demo->{pid};
$got = finish($demo);
isnt $got->{status}, 0, 'interrupted, it fails';
is_deeply [leftovers()], [], 'and leaves no process';
is_deeply [glob "$tmp/concert-demo.*"], [], 'and no folder';

done_testing;
