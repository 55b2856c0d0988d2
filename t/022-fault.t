#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What goes wrong on a machine while something is started, followed or stopped there: scripts that
# are killed half-way, a caller that is gone, a disk that is full, a tmux server that dies, files that
# somebody removed. Nothing runs twice, nothing is forgotten, nothing is said that is not so.
use strict;
use warnings;
use lib 't/lib';
use Concert::Test qw(build run start finish slurp spew stop_at_end tempdir wait_until);
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = tempdir();
mkdir "$dir/$_" for qw(home tmux);
spew("$dir/home/.bashrc", '');
my %env = (TMUX => undef, TMUX_PANE => undef, CONCERT_RUN => undef, HOME => "$dir/home", TMUX_TMPDIR => "$dir/tmux");
my $files = "$dir/home/.local/state/concert";
my $server_guard = stop_at_end(bless {}, 'Server');
sub Server::stop { tmux('kill-server') }

sub tmux  { return run(['tmux', '-u', @_], env => \%env, timeout => 20)->{out} }
sub begin { my ($verb, @words) = @_; return start([build('t/tool/target'), $verb, @words], env => \%env, timeout => 60) }
sub ask   { return finish(begin(@_))->{out} }
sub eventually(&$) { my ($code, $name) = @_; return ok &wait_until($code, 15), $name }

sub phase {
	my ($name) = @_;
	return ask('query') =~ m{^robot/\Q$name\E (\S+)}m ? $1 : 'none';
}

sub children { my ($pid) = @_; return split ' ', slurp("/proc/$pid/task/$pid/children") // '' }

# The script's pid: the driver's child, once it reads its input.
sub script {
	my ($job) = @_;
	return (children($job->{pid}))[0];
}

sub living {
	my ($name) = @_;
	return grep { my $e = slurp("/proc/$_/environ") // ''; $e =~ /CONCERT_RUN=/ && $e =~ /CONCERT_PROCESS=\Q$name\E\0/ }
		map { m{(\d+)} } glob '/proc/[0-9]*';
}

# ---- the script is killed at any moment of a start ----

ask('start', 'process=first');
my ($twice, $never, $wrong) = (0, 0, 0);
for my $n (1 .. 30) {
	my $id  = sprintf '%032x', $n;
	my @how = ("process=k$n", "run=$id", "cmd=echo \$\$ >>~/k$n; sleep 1000", 'ready_cmd=true');
	my $job = begin('start', @how);
	wait_until { script($job) } 5;
	my $pid = script($job);
	sleep rand 0.05;
	kill KILL => $pid if $pid;
	finish($job);
	my @again = map { begin('start', $_ ? @how : @how[0, 2, 3]) } 0, 1;
	my @out   = map { finish($_)->{out} } @again;
	my $runs  = grep { length } split /\n/, slurp("$dir/home/k$n") // '';
	$twice++ if $runs > 1;
	$never++ if $runs < 1;
	my $seen = ask('query');
	if ($seen !~ m{^robot/k$n lives}m or grep { !/^ready/m } @out) { $wrong++; diag "k$n: @out $seen" }
	ask('stop', "process=k$n", 'force=1');
}
is $twice, 0, 'a start that was killed half-way, twice again: never two';
is $never, 0, 'never none';
is $wrong, 0, 'and always ready in the end';

# ---- nobody listens any more ----

my $job = begin('start', 'process=left', 'cmd=sleep 1000', "ready_cmd=sleep 30.$$; false");
my $script;
eventually { $script = script($job); $script && grep { /^sleep\x0030\.$$\0/ } map { slurp("/proc/$_/cmdline") // '' } map { m{(\d+)} } glob '/proc/[0-9]*' }
	'a probe is at work';
kill KILL => $job->{pid};
finish($job);
eventually { !-e "/proc/$script" } 'the script ends when its reader is gone';
is scalar(grep { /^sleep\x0030\.$$\0/ } map { slurp("/proc/$_/cmdline") // '' } map { m{(\d+)} } glob '/proc/[0-9]*'), 0, 'its probe too';
is phase('left'), 'lives', 'the process does not';
ask('start', 'process=slow', 'cmd=trap "" INT; while :; do sleep 1; done', 'ready_cmd=sleep 0.1');
$job = begin('stop', 'process=slow', 'grace=2000');
wait_until { phase('slow') eq 'stopping' } 10;
kill KILL => $job->{pid};
finish($job);
eventually { phase('slow') eq 'stopped' } 'a stop whose caller is gone goes on to its end';

# A stop that was killed itself.
ask('start', 'process=stubborn', 'cmd=trap "" INT TERM HUP; while :; do sleep 1; done', 'ready_cmd=sleep 0.1');
$job = begin('stop', 'process=stubborn', 'grace=20000');
eventually { phase('stubborn') eq 'stopping' } 'a stop is under way, and seen by others';
kill KILL => script($job);
finish($job);
is phase('stubborn'), 'lives', 'it was killed, and nobody says that it still stops';
like ask('stop', 'process=stubborn', 'grace=200', 'term=200'), qr/^stopped alive=1\n.* stopped /m, 'the next one finishes the job';
is scalar(living('stubborn')), 0, 'nothing is left';

# A stop in the midst of a start.
my $between = 0;
for my $n (1 .. 10) {
	my $start = begin('start', "process=race$n", 'ready_cmd=true');
	sleep rand 0.06;
	ask('stop', "process=race$n", 'force=1');
	finish($start);
	my $phase = phase("race$n");
	my @alive = living("race$n");
	$between++ if $phase eq 'lives' ? !@alive : @alive;
	diag "race$n: $phase, @alive" if $phase eq 'lives' ? !@alive : @alive;
	ask('stop', "process=race$n", 'force=1');
}
is $between, 0, 'a stop in the midst of a start leaves all or nothing';

# ---- tmux dies ----

ask('start', "process=t$_", 'cmd=trap "" HUP; while :; do sleep 0.2; done', 'ready_cmd=sleep 0.1') for 1, 2;
ask('start', 'process=t3', 'ready_cmd=true');
my ($server) = tmux('display', '-p', '#{pid}') =~ /(\d+)/;
kill KILL => $server;
eventually { phase('t3') !~ /lives|orphaned/ } 'what died with tmux is not said to live';
is phase('t1'), 'orphaned', 'what did not, is';
like ask('start', 'process=t1'), qr/^error 5 .*live on/m, 'and not started beside itself';
like ask('stop', 'process=t1', 'grace=200', 'term=200'), qr/^stopped alive=1/m, 'but can be ended';
is scalar(living('t1')), 0, 'all of it';
like ask('start', 'process=t1', 'ready_cmd=true'), qr/^ready/m, 'and started again';
like ask('stop', 'process=t2', 'force=1'), qr/^stopped alive=1/m, 'the other too';

# ---- the files are gone ----

ask('start', 'process=purged', 'ready_cmd=true');
run(['rm', '-rf', $files]);
is phase('purged'), 'lives', 'without its files it lives';
my $got = ask('start', 'process=purged', 'ready_cmd=true');
like $got, qr/^alive.*^ready/ms, 'and is not started beside itself';
like ask('stop', 'process=purged'), qr/^stopped alive=1/m, 'and can be stopped';
is scalar(living('purged')), 0, 'all of it';
like ask('start', 'process=purged', 'ready_cmd=true'), qr/^ready/m, 'and started again';

# ---- the machine starts anew: pids and times say nothing any more ----

my ($claim) = sort { $b cmp $a } glob "$files/*/robot/purged/claim.*";
my ($id, $pid, $since) = split ' ', readlink $claim;
$since =~ s/@.*/\@00000000/;
my $run = "$claim/../$id" =~ s{claim\.\d+/../}{}r;
ask('stop', 'process=purged', 'force=1');
unlink "$run/status", "$run/stopped";
my $innocent = start(['sleep', '1000']);
my @stat = split ' ', (slurp("/proc/$innocent->{pid}/stat") =~ s/.*\) //sr);
spew("$run/wrapper.pid", "%0 $innocent->{pid} $stat[19]\@00000000\n");
spew("$run/info", slurp("$run/info") =~ s/^boot=.*/boot=00000000-0000-0000-0000-000000000000/mr);
like ask('query'), qr{^robot/purged vanished.*\n.*reason=the machine was rebooted}m, 'a run of before a reboot has vanished';
like ask('stop', 'process=purged'), qr/^stopped alive=0/m, 'there is nothing to stop';
ok -e "/proc/$innocent->{pid}", 'and what has its pid by chance is not harmed';
kill TERM => $innocent->{pid};
finish($innocent);

# ---- the disk is full ----

SKIP: {
	skip 'needs root to mount a small disk', 8 if $>;
	my $disk = "$dir/home/.local";
	run(['rm', '-rf', $disk]);
	mkdir $disk;
	skip 'cannot mount', 8 if run(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'none', $disk])->{status};
	our $disk_guard = stop_at_end(bless {}, 'Disk');
	sub Disk::stop { tmux('kill-server'); run(['umount', '-l', "$dir/home/.local"]) }
	like ask('start', 'process=full', 'cmd=sleep 0.5; yes', 'ready_cmd=true'), qr/^ready/m, 'a process that fills the disk';
	eventually { ask('query') =~ m{^robot/full lives .*log_failed=1}m } 'is seen to log nothing any more';
	like ask('start', 'process=another'), qr/^error 1 .*(disk is full|No space left).*\(free some space/m, 'the next start says so';
	is phase('another'), 'none', 'and nothing of it stays';
	like ask('stop', 'process=full'), qr/^stopped alive=1\n.* stopped /m, 'killing needs no space';
	is scalar(living('full')), 0, 'nothing is left';
	is phase('full'), 'stopped', 'and that is known';
}

done_testing;
