#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Faults of a machine: it reboots, its tmux server is killed, its disk is full, its clock jumps, its
# sshd serves one at a time. Each is told as what it is, and no state is wrong.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(finish pids_with_env run slurp spew wait_until);
use Test::More;

my $stack = Concert::Stack->new;
my $lab   = $stack->lab;
my $root  = !$>;

sub ssh {
	my ($machine, $command) = @_;
	return run(['ssh', '-F', $lab->config, $machine, $command], timeout => 20);
}

# The pid of the tmux server of a machine.
sub tmux_server {
	my ($m) = @_;
	my ($socket) = glob "$m->{tmux}/tmux-*/default";
	my $got = run(['/usr/bin/tmux', '-S', $socket, 'display-message', '-p', '#{pid}'], timeout => 5);
	return $got->{out} =~ /^(\d+)$/m ? $1 : die "no tmux server: $got->{err}\n";
}

sub file {
	my ($text) = @_;
	$stack->write("context: {session: lab, ready: {interval: 50ms}}\n$text");
}

# ---- the tmux server is killed ----

subtest 'the tmux server is killed' => sub {
	my $m = $lab->start('pc1');
	file(<<'END');
plain: {cmd: exec sleep 1000, machine: pc1}
tough: {cmd: "trap '' HUP; echo x >>~/tough; while :; do sleep 0.1; done", machine: pc1, ready_check: test -e ~/tough}
job: {cmd: echo done, machine: pc1, persistent: false}
END
	is $stack->concert('run', 'plain', 'tough', 'job')->{status}, 0, 'three processes';
	kill 'KILL', tmux_server($m);
	ok((wait_until { !$stack->marked('plain') } 10), 'what minds a lost terminal ends with it');
	my $rows = $stack->rows;
	is $rows->{plain}{state}, 'failed', 'that is a failure';
	is $rows->{plain}{reason}, 'its tmux window was killed', 'with its reason';
	is $rows->{tough}{state}, 'orphaned', 'what ignores HUP is orphaned, not stopped';
	is $rows->{tough}{reason}, 'processes that it started live on', 'and why';
	is $rows->{job}{state}, 'exited', 'what was done before stays done';
	my $got = $stack->concert('run', 'tough');
	is $got->{status}, 5, 'a run does not start a second one';
	like $got->{err}, qr/^tough: processes of an earlier run live on without their window \(end them with 'concert kill tough'\)/m,
		'and says what to do';
	$got = $stack->concert('kill', 'tough');
	is $got->{status}, 0, 'kill finds it' or diag $got->{err};
	is_deeply [$stack->marked('tough')], [], 'and ends it';
	is $stack->concert('run', 'plain', 'tough')->{status}, 0, 'a run starts both again';
	is scalar(() = slurp("$m->{home}/tough") =~ /x/g), 2, 'once';
	is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
	$lab->stop('pc1');
};

# ---- the machine reboots ----

# Another boot id, an uptime and pids that begin again: namespaces. All ends when sshd does.
sub boot {
	my ($m, $id, $uptime) = @_;
	spew("$lab->{dir}/boot", "$id\n");
	return $lab->start('pc2', wrap => [qw(unshare -m -p -T --boottime), $uptime, '--monotonic', $uptime,
		qw(--fork --kill-child --mount-proc sh -c),
		"mount --bind $lab->{dir}/boot /proc/sys/kernel/random/boot_id && exec \"\$@\"", 'sh']);
}

subtest 'the machine reboots' => sub {
	plan skip_all => 'wants root, for namespaces' unless $root;
	my $m = boot(undef, '11111111-1111-1111-1111-111111111111', 3_000_000);
	file(<<'END');
tough: {cmd: "trap '' HUP; echo x >>~/tough; while :; do sleep 0.1; done", machine: pc2, ready_check: test -e ~/tough}
home: {cmd: sleep 0.1, machine: pc2, persistent: false, depends: [tough]}
user: {cmd: exec sleep 1000, machine: pc2, depends: [home]}
END
	is $stack->concert('run', 'user')->{status}, 0, 'a graph is up';
	kill 'KILL', $m->{pid};
	waitpid $m->{pid}, 0;
	ok((wait_until { !pids_with_env("CONCERT_LAB=$m->{dir}\0") } 10), 'all of the machine ends');
	my $got = $stack->concert('status');
	is $got->{status}, 4, 'while it is down it is unreachable';
	is_deeply [sort { $a cmp $b } values %{$stack->states}], [('unreachable') x 3], 'and nothing is called stopped';

	boot($m, '22222222-2222-2222-2222-222222222222', 30);
	my $rows = $stack->rows;
	is "$rows->{$_}{state}: $rows->{$_}{reason}", 'failed: the machine was rebooted', "$_ did not survive" for qw(tough user);
	$got = $stack->concert('kill', 'tough');
	is $got->{status}, 0, 'there is nothing to kill';
	unlike $got->{out} . $got->{err}, qr/killed/, 'and nothing is called killed';
	$got = $stack->concert('run', 'user');
	is $got->{status}, 0, 'a run brings the graph back' or diag $got->{err};
	$rows = $stack->rows;
	is_deeply {map { $_ => $rows->{$_}{state} } keys %$rows}, {tough => 'ready', home => 'exited', user => 'running'}, 'all of it';
	cmp_ok $rows->{tough}{uptime_s}, '<', 30, 'its uptime is that of the new run';
	cmp_ok $rows->{tough}{uptime_s}, '>=', 0, 'and not negative';
	is scalar(() = slurp("$m->{home}/tough") =~ /x/g), 2, 'each was started once';
	is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
	$lab->stop('pc2');
};

# ---- the disk is full ----

subtest 'the disk is full' => sub {
	plan skip_all => 'wants root, to mount a small disk' unless $root;
	my $m = $lab->prepare('pc3');
	$lab->start('pc3', wrap => ['unshare', '-m', 'sh', '-c',
		"mount -t tmpfs -o size=1m tmpfs $m->{home} && exec \"\$@\"", 'sh']);
	file(<<'END');
quiet: {cmd: exec sleep 1000, machine: pc3}
noisy: {cmd: "until test -e go; do sleep 0.05; done; i=0; while test $i -lt 20; do i=$((i+1)); head -c 65536 /dev/zero | tr '\\0' x; done; exec sleep 1000", cwd: /tmp, machine: pc3}
fresh: {cmd: exec sleep 1000, machine: pc3, ready_check: 'true'}
END
	my $home = "/proc/$m->{pid}/root$m->{home}";
	my $yaml = slurp($stack->file);
	$yaml =~ s{cwd: /tmp}{cwd: $m->{dir}};
	$stack->write($yaml);
	is $stack->concert('run', 'quiet', 'noisy')->{status}, 0, 'two processes on a small disk';
	spew("$m->{dir}/go", '');
	ok((wait_until { ($stack->rows->{noisy}{reason} // '') =~ /log/ } 20), 'when the log fills the disk, status says so');
	my $row = $stack->rows->{noisy};
	is $row->{state}, 'running', 'the process runs on';
	is $row->{reason}, 'its log cannot be written any more (is the disk full?)', 'with the reason';
	like ssh('pc3', 'df ~')->{out}, qr/100%/, 'the disk is full';
	is $stack->states->{quiet}, 'running', 'the other is seen as before';

	my $got = $stack->concert('run', 'fresh');
	is $got->{status}, 1, 'a start on a full disk fails';
	like $got->{err}, qr/^fresh: cannot start 'fresh' on 'pc3': cannot write below '\S+'.*full.*\(free some space there\)/mi, 'and says why';
	is $stack->states->{fresh}, 'stopped', 'nothing is said to have run';
	is_deeply [$stack->marked('fresh')], [], 'and nothing does';
	$got = $stack->concert('kill', '-a');
	is $got->{status}, 0, 'killing needs no room' or diag $got->{err};
	is_deeply [map { $stack->marked($_) } qw(quiet noisy)], [], 'both end';
	is_deeply $stack->states, {map { $_ => 'stopped' } qw(quiet noisy fresh)}, 'and status knows';
	is ssh('pc3', 'rm -f ~/.local/state/concert/*/lab/noisy/*/log.*')->{status}, 0, 'somebody makes room';
	is $stack->concert('run', 'fresh')->{status}, 0, 'and it starts';
	is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
	$lab->stop('pc3');
};

# ---- the clock jumps ----

my ($faketime) = glob '/usr/lib/*/faketime/libfaketime.so.1';
subtest 'the clock of the machine jumps' => sub {
	plan skip_all => 'libfaketime is not installed' unless $faketime;
	my $clock = spew("$lab->{dir}/clock", "+0\n");
	my $m = $lab->start('pc4', env => ["LD_PRELOAD=$faketime", "FAKETIME_TIMESTAMP_FILE=$clock", 'FAKETIME_NO_CACHE=1',
		'FAKETIME_DONT_FAKE_MONOTONIC=1']);
	file(<<'END');
slow: {cmd: "echo x >>~/slow; date +%Y >~/year; exec sleep 1000", machine: pc4, ready_check: {cmd: test -e ~/go, deadline: 20s}}
deaf: {cmd: "trap '' INT; echo x >>~/deaf; while :; do sleep 0.1; done", machine: pc4, ready_check: test -e ~/deaf, stop: {grace: 600ms}}
END
	my $run = $stack->start_concert('run', 'slow', 'deaf');
	ok wait_until { -e "$m->{home}/year" && $stack->states->{deaf} eq 'ready' } 20;
	spew($clock, "+20y\n");
	like ssh('pc4', 'date +%Y')->{out}, qr/^20[4-9]/, 'twenty years forward';
	is $stack->states->{slow}, 'starting', 'a ready check with a deadline of 20 s is not over';
	spew($clock, "-30y\n");
	like ssh('pc4', 'date +%Y')->{out}, qr/^(?:199|200)/, 'fifty years back';
	spew("$m->{home}/go", '');
	my $got = finish($run);
	is $got->{status}, 0, 'the run goes on' or diag $got->{err};
	my $rows = $stack->rows;
	is_deeply {map { $_ => $rows->{$_}{state} } keys %$rows}, {slow => 'ready', deaf => 'ready'}, 'both are ready';
	for (qw(slow deaf)) {
		ok $rows->{$_}{uptime_s} >= 0 && $rows->{$_}{uptime_s} < 60, "$_: uptime $rows->{$_}{uptime_s}";
		ok $rows->{$_}{ready_age_s} >= 0 && $rows->{$_}{ready_age_s} < 60, "$_: ready $rows->{$_}{ready_age_s} ago";
	}
	my $kill = $stack->start_concert('kill', '-a');
	ok wait_until { $stack->states->{deaf} =~ /stopp/ } 20;
	spew($clock, "+10y\n");
	$got = finish($kill);
	is $got->{status}, 0, 'a jump during a kill changes nothing' or diag $got->{err};
	is_deeply [$stack->marked('deaf')], [], 'all ends';
	is_deeply $stack->states, {slow => 'stopped', deaf => 'stopped'}, 'and is stopped';
	$lab->stop('pc4');
};

# ---- MaxSessions 1, MaxStartups 1 ----

subtest 'MaxSessions 1' => sub {
	my $m = $lab->start('pc5', options => ['MaxSessions 1']);
	file(<<'END');
first: {cmd: exec sleep 1000, machine: pc5, ready_check: test -e ~/up}
second: {cmd: "touch ~/up; exec sleep 1000", machine: pc5}
third: {cmd: sleep 0.2; echo done, machine: pc5, persistent: false}
END
	# The check of the first passes only once the second has been started: one that waits must
	# not keep the only channel.
	my $got = $stack->concert({timeout => 25}, 'run', 'first', 'second', 'third');
	is $got->{status}, 0, 'one channel at a time is enough' or diag $got->{err};
	is_deeply $stack->states, {first => 'ready', second => 'running', third => 'exited'}, 'for all';
	is $stack->concert('kill', '-a')->{status}, 0, 'to kill too';
	is_deeply $stack->states, {first => 'stopped', second => 'stopped', third => 'exited'}, 'all';
	$lab->stop('pc5');
};

subtest 'MaxStartups 1' => sub {
	my $m = $lab->start('pc6', options => ['MaxStartups 1']);
	file("a: {cmd: \"echo x >>~/a; exec sleep 1000\", machine: pc6}\n");
	my @child = map { $stack->as("desk$_")->start_concert({timeout => 25}, 'run', 'a') } 1 .. 4;
	my @end   = map { finish($_) } @child;
	is join(' ', map { $_->{status} } @end), '0 0 0 0', 'four log in at once, where one at a time may'
		or diag map { $_->{err} } @end;
	is slurp("$m->{home}/a"), "x\n", 'and start it once';
	is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
	$lab->stop('pc6');
};

done_testing;
