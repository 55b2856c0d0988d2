#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The transport against real sshds, driven through t/tool/transport.c: what reaches a machine, what
# comes back, how everything that can go wrong is told, and that none of it holds up the others.
use strict;
use warnings;
use lib 't/lib';
use Concert::Sshd;
use Concert::Test qw(build finish pids_with_env run slurp spew start wait_until);
use Test::More;

my $tool = build('t/tool/transport');
plan skip_all => "no $tool (make tools)" unless -x $tool;

my $lab = Concert::Sshd->new;
my $pc1 = $lab->start('pc1');
delete $ENV{SSH_AUTH_SOCK};

sub drive {
	my ($args, %option) = @_;
	my $config = delete $option{config} // $lab->config;
	# What a local channel leaves running is found by this mark and ended at the end.
	$option{env}{CONCERT_LAB} = "$lab->{dir}/local";
	my $got = run([$tool, '-F', $config, @$args], timeout => 40, %option);
	is $got->{signal}, 0, "the tool lives (@$args)" or diag $got->{err};
	unlike $got->{err}, qr/Sanitizer|runtime error/, 'and is clean' or diag $got->{err} if $got->{err};
	return $got;
}

# The `closed` lines as hashes.
sub ends {
	my ($got) = @_;
	my @ends;
	while ($got->{out} =~ /^closed (\S+) (\d+) status=(-?\d+) signal=(\d+) code=(\d+) cut=(\d) out=(\d+):(\w+) err=(\d+):(\w+) ms=(\d+) (.*)$/mg) {
		push @ends, {machine => $1, number => $2, status => $3, signal => $4, code => $5, cut => $6,
			out => $7, sum => $8, err => $9, ms => $11, text => $12};
	}
	return @ends;
}

sub end_of { my ($got) = @_; my @ends = ends($got); return $ends[0] // {text => $got->{out} . $got->{err}} }

for my $machine ('local', 'pc1') {
	my $end = end_of(drive([$machine, '--', 'echo out; echo error >&2; exit 3']));
	is_deeply [@$end{qw(status signal code out err)}], [3, 0, 0, 4, 6], "$machine: exit status, both outputs";
	$end = end_of(drive([$machine, '--', 'kill -TERM $$']));
	is_deeply [@$end{qw(status signal)}], [-1, 15], "$machine: ended by a signal";
	my $input = spew("$lab->{dir}/input", join '', map { chr int rand 256 } 1 .. 1_000_000);
	$end = end_of(drive(['-i', $input, $machine, '--', 'cat; echo done >&2']));
	is_deeply [@$end{qw(status out err)}], [0, 1_000_000, 5], "$machine: a megabyte there and back";
	my $again = end_of(drive(['-i', $input, 'local', '--', 'cat']));
	is $end->{sum}, $again->{sum}, "$machine: and it is the same";
	$end = end_of(drive(['-i', $input, $machine, '--', 'exec true']));
	is $end->{status}, 0, "$machine: input that nobody reads";
	$end = end_of(drive([$machine, '--', 'sleep 1000 & echo x']));
	is_deeply [@$end{qw(status out)}], [0, 2], "$machine: a background child that holds the output";
	cmp_ok $end->{ms}, '<', 3000, "$machine: does not hold up the end";
	SKIP: {
	# sshd without root cannot have a pty where /dev/pts is mounted without gid=5.
	skip 'no pty here', 2
		if $machine ne 'local' && run(['/usr/bin/ssh', '-F', $lab->config, '-tt', $machine, 'true'])->{status};
	my $got = drive(['-p', '-o', $machine, '--', 'stty size; echo $TERM; test -t 0 && echo tty']);
	like $got->{out}, qr/33 77\s+xterm\s+tty/, "$machine: a pty";
	}
	$end = end_of(drive(['-T', 300, $machine, '--', 'sleep 1000']));
	is $end->{code}, 6, "$machine: a deadline";
	like $end->{text}, qr/no end of the command within 0\.3 s/, "$machine: told";
	$end = end_of(drive(['-m', 1000, $machine, '--', 'cat /dev/zero']));
	is_deeply [@$end{qw(cut out)}], [1, 1000], "$machine: more output than allowed";
	$end = end_of(drive([$machine, '--', 'head -c 30000000 /dev/zero']));
	is $end->{out}, 30_000_000, "$machine: much output";
	my $got2 = drive(['-P', $machine, '--', 'head -c 20000000 /dev/zero']);
	is end_of($got2)->{out}, 20_000_000, "$machine: a pause loses nothing";
	unlike $got2->{out}, qr/while paused/, "$machine: and is one";
	cmp_ok end_of($got2)->{ms}, '>=', 300, "$machine: for its time";
	$got2 = end_of(drive(['-w', 20, $machine, '--', 'wc -c']));
	is $got2->{out}, 8, "$machine: input that comes later";
	my @ends = ends(drive(['-n', 30, $machine, '--', 'sleep 0.1; echo a']));
	is scalar(grep { $_->{status} == 0 && $_->{out} == 2 } @ends), 30, "$machine: 30 channels";
	@ends = ends(drive(['-n', 30, '-b', $machine, '--', 'echo a']));
	is scalar(grep { $_->{out} == 2 } @ends), 30, "$machine: 30 channels in the background";
	is drive(['-k', 500, '-n', 3, $machine, '--', 'sleep 1000'])->{status}, 0, "$machine: given up half-way";
}

{
	$lab->start('one', options => ['MaxSessions 1']);
	my @ends = ends(drive(['-n', 12, 'one', '--', 'sleep 0.02; echo a']));
	is scalar(grep { $_->{status} == 0 && $_->{out} == 2 } @ends), 12, 'MaxSessions 1: all get their turn'
		or diag explain \@ends;
	$lab->stop('one');
}

# ---- logins that fail ----

sub fails {
	my ($name, $want, %option) = @_;
	my $got = drive([@{$option{args} // []}, $name, '--', 'true'], %{$option{run} // {}});
	like $got->{out}, qr/^down \S+ code=4 /m, "$name: unreachable" or diag $got->{out};
	like $got->{out}, $want, "$name: says why";
	is end_of($got)->{code}, 4, "$name: its channel is told";
	return $got;
}

{
	my $new = $lab->start('unknown', known => 0);
	fails('unknown', qr/cannot log in to 'unknown': host key is not known \(run 'ssh .*unknown' once, or pass --host-key accept-new\)/);
	my $got = drive(['-a', 'unknown', '--', 'true']);
	is end_of($got)->{status}, 0, 'accept-new lets it in';
	is end_of(drive(['unknown', '--', 'true']))->{status}, 0, 'and keeps the key';
	my $known = slurp($lab->known_hosts);
	(my $changed = $known) =~ s/^(\[\Q$new->{address}\E\]\S+ ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI).{8}/$1AAAAAAAA/m;
	isnt $changed, $known, 'another key';
	spew($lab->known_hosts, $changed);
	fails('unknown', qr/host key has changed: it is not the one in \S+known_hosts:\d+/, args => ['-a']);
	$known =~ s/^(\[\Q$new->{address}\E\])/\@revoked $1/m;
	spew($lab->known_hosts, $known);
	fails('unknown', qr/is revoked in/, args => ['-a']);
	$known =~ s/^\@revoked.*\n//m;
	spew($lab->known_hosts, $known);
	$got = drive(['-A', 'yes', 'unknown', '--', 'true']);
	like $got->{out}, qr/^asked 1 The authenticity of host/m, 'the user is asked';
	is end_of($got)->{status}, 0, 'and says yes';
	$lab->stop('unknown');
}

{
	my $m = $lab->start('wrong');
	spew($m->{authorized_keys}, '');
	my $got = fails('wrong', qr/permission denied \(the machine offers publickey; tried .*id\b.*ssh-copy-id wrong/);
	$lab->stop('wrong');
}

{
	my $m = $lab->start('password', options => ['PasswordAuthentication yes']);
	spew($m->{authorized_keys}, '');
	fails('password', qr/permission denied \(the machine offers publickey, password; tried/);
	my $got = drive([qw(-A one -A two -A three password -- true)]);
	my @asked = $got->{out} =~ /^asked 0 \(\S+\) Password: $/mg;
	is scalar(@asked), 3, 'a password is asked for three times';
	like $got->{out}, qr/^down password code=4/m, 'and not taken';
	unlike $got->{out} . $got->{err}, qr/three/, 'nor told';
	$lab->stop('password');
}
{
	my $config = "$lab->{dir}/config.exec";
	my $m = $lab->machine('pc1');
	spew($config, "Match exec \"test %h = which\"\n\tHostName $m->{address}\n" . slurp($lab->config) =~ s/^Host pc1/Host which/r =~ s/HostName.*//r);
	my $got = drive(['which', '--', 'echo $HOME'], config => $config);
	is end_of($got)->{status}, 0, 'what only ssh can work out is asked of ssh' or diag $got->{out};
}

$lab->refused('closed');
$lab->silent('deaf');
$lab->blackhole('gone');
fails('closed', qr/cannot connect to 'closed': connection refused by 127\.[\d.]+ port \d+/);
{
	my $got = drive(['-t', 1500, qw(deaf gone closed pc1), '--', 'true']);
	my %end = map { $_->{machine} => $_ } ends($got);
	is $end{pc1}{status}, 0, 'the good one among bad ones';
	cmp_ok $end{pc1}{ms}, '<', 1200, 'is not held up';
	like $end{deaf}{text}, qr/no answer within 1\.5 s \(the machine accepts connections but says nothing\)/, 'silent';
	like $end{gone}{text}, qr/no answer from 127\.\S+ port \d+ within 1\.5 s/, 'black hole';
	cmp_ok $end{$_}{ms}, '<', 2500, "$_: in time" for qw(deaf gone closed);
}
{
	my $got = drive(['no-such-host.invalid', '--', 'true']);
	like $got->{out}, qr/cannot connect to 'no-such-host\.invalid': (no such host|the name server)/, 'no such host';
	like drive(['x@-oProxyCommand=x', '--', 'true'])->{out}, qr/^error code=2 /, 'an option is not a machine';
	like drive(['--', 'true'], config => '/nonexistent')->{out}, qr/total/, 'no machine, no question';
	like drive(['pc1', '--', 'true'], config => '/nonexistent')->{out}, qr/code=2.*no such file/, 'no ssh_config';
}

# ---- keys ----

# A Host block of its own that differs in some options from that of `name`.
sub variant {
	my ($alias, $m, @lines) = @_;
	my $path = "$lab->{dir}/config.$alias";
	spew($path, join "\n\t", "Host $alias", @lines, "HostName $m->{address}", "Port $m->{port}",
		'User ' . getpwuid($>), 'UserKnownHostsFile ' . $lab->known_hosts, "GlobalKnownHostsFile /dev/null\n");
	return $path;
}

{
	my $key = $lab->keygen('locked_key', '-N', 'sesame');
	my $m   = $lab->start('locked');
	spew($m->{authorized_keys}, slurp("$key.pub"));
	my $config = variant('locked', $m, "IdentityFile $key", 'IdentityAgent none');
	my $got = drive(['-A', 'wrong', '-A', 'sesame', 'locked', '--', 'true'], config => $config);
	is end_of($got)->{status}, 0, 'an encrypted key, the passphrase right at the second time' or diag $got->{out};
	like $got->{out}, qr/^asked 0 Enter passphrase for key '\Q$key\E'/m, 'asked without echo';
	$got = drive(['locked', '--', 'true'], config => $config);
	like $got->{out}, qr/permission denied.*locked_key \(encrypted\).*ssh-add/, 'nobody to ask' or diag $got->{out};

	my $agent = run(['/usr/bin/ssh-agent', '-s', '-a', "$lab->{dir}/agent"]);
	my ($pid) = $agent->{out} =~ /SSH_AGENT_PID=(\d+)/;
	my $askpass = spew("$lab->{dir}/askpass", "#!/bin/sh\necho sesame\n", 0700);
	# libssh 0.10 loses 150 bytes when a session lists an agent's keys for the second time.
	my $known = spew("$lab->{dir}/leaks", "leak:ssh_userauth_agent\n");
	my %env = (SSH_AUTH_SOCK => "$lab->{dir}/agent", SSH_ASKPASS => $askpass, SSH_ASKPASS_REQUIRE => 'force',
		LSAN_OPTIONS => "suppressions=$known:print_suppressions=0", ASAN_OPTIONS => 'fast_unwind_on_malloc=0');
	is run(['/usr/bin/ssh-add', $key], env => \%env)->{status}, 0, 'an agent';
	$lab->keygen("more$_"), run(['/usr/bin/ssh-add', "$lab->{dir}/more$_"], env => \%env) for 1 .. 2;
	$config = variant('locked', $m, "IdentityFile $key");
	$got = drive(['locked', '--', 'true'], config => $config, env => \%env);
	is end_of($got)->{status}, 0, 'the agent signs' or diag $got->{out};
	$config = variant('locked', $m, 'IdentityFile none');
	$got = drive(['locked', 'locked', '--', 'true'], config => $config, env => \%env);
	is scalar(grep { ($_->{status} // 1) == 0 } ends($got)), 2, 'with a key that no file names' or diag $got->{out};
	$config = variant('locked', $m, "IdentityFile $lab->{key}", 'IdentitiesOnly yes');
	$got = drive(['locked', '--', 'true'], config => $config, env => \%env);
	like $got->{out}, qr/permission denied/, 'IdentitiesOnly';
	kill 'STOP', $pid;
	$config = variant('locked', $m, "IdentityFile $key");
	$got = drive(['locked', 'pc1', '--', 'true'], config => $config, env => \%env);
	like $got->{out}, qr/locked.*permission denied.*ssh-agent: it does not answer/, 'a stopped agent' or diag $got->{out};
	kill 'CONT', $pid;
	kill 'TERM', $pid;
	$lab->stop('locked');
}
{
	# RSA, and a certificate
	my $rsa = $lab->keygen('rsa', '-t', 'rsa');
	my $ca  = $lab->keygen('ca');
	my $certified = $lab->keygen('certified');
	run(['/usr/bin/ssh-keygen', '-q', '-s', $ca, '-I', 'me', '-n', scalar(getpwuid $>), "$certified.pub"]);
	my $m = $lab->start('keys', options => ["TrustedUserCAKeys $ca.pub"]);
	spew($m->{authorized_keys}, slurp("$rsa.pub"));
	is end_of(drive(['keys', '--', 'true'], config => variant('keys', $m, "IdentityFile $rsa")))->{status}, 0, 'RSA';
	my $got = drive(['keys', '--', 'true'], config => variant('keys', $m, "IdentityFile $certified"));
	is end_of($got)->{status}, 0, 'a certificate' or diag $got->{out};
	$lab->stop('keys');
}

# ---- the way there ----

{
	my $inner = $lab->start('inner');
	my $mid   = $lab->start('mid', config => ['ProxyJump pc1']);
	my $config = "$lab->{dir}/config.jump";
	spew($config, slurp($lab->config)
		. "Host far\n\tProxyJump mid\n\tHostName $inner->{address}\n\tPort $inner->{port}\n\tIdentityFile $lab->{key}\n\tUserKnownHostsFile @{[$lab->known_hosts]}\n"
		. "Host piped\n\tProxyCommand /usr/bin/ssh -F @{[$lab->config]} -W %h:%p pc1\n\tHostName $inner->{address}\n\tPort $inner->{port}\n\tIdentityFile $lab->{key}\n\tUserKnownHostsFile @{[$lab->known_hosts]}\n"
		. "Host circle\n\tProxyJump circle\n"
		. "Host stuck\n\tProxyJump closed\n\tHostName $inner->{address}\n\tPort $inner->{port}\n");
	my $got = drive(['mid', 'far', '--', 'echo $HOME; head -c 3000000 /dev/zero'], config => $config);
	is_deeply [map { $_->{status} } ends($got)], [0, 0], 'one jump and two' or diag $got->{out};
	ok !(grep { $_->{out} < 3_000_000 } ends($got)), 'with much output';
	is end_of(drive(['piped', '--', 'true'], config => $config))->{status}, 0, 'ProxyCommand';
	fails('stuck', qr/through its jump host: cannot connect to 'closed': connection refused/, run => {config => $config});
	like drive(['circle', '--', 'true'], config => $config)->{out}, qr/^down circle code=\d/m, 'a circle ends';
	$lab->stop('inner', 'mid');
}

{
	# localhost is ::1 first and 127.0.0.1 second, and only there somebody listens.
	my $m = $lab->start('two', address => '127.0.0.1', known => 0);
	my $config = "$lab->{dir}/config.two";
	spew($config, slurp($lab->config) =~ s/HostName 127\.0\.0\.1$/HostName localhost/mr);
	my $got = drive(['-a', 'two', '--', 'true'], config => $config);
	is end_of($got)->{status}, 0, 'all addresses of a name are tried' or diag $got->{out};
	$lab->stop('two');
}

# ---- connections that are lost ----

{
	my $child = start([$tool, '-F', $lab->config, 'pc1', '--', 'echo begun; sleep 1000'], timeout => 30);
	ok wait_until { my @s = $lab->sessions('pc1'); my $out = $child->{out}; -s $out && @s } 10;
	sleep 1;
	kill 'KILL', $lab->sessions('pc1');
	my $got = finish($child);
	like $got->{out}, qr/^closed pc1 0 status=-1 signal=0 code=4 .*connection to 'pc1' lost/m, 'sshd killed: the channel is told';
	like $got->{out}, qr/^down pc1 code=4 /m, 'and the connection';
}

{
	# A machine that stops in the middle: its kernel answers, its sshd does not.
	my $m = $lab->start('stops', config => ['ServerAliveInterval 1', 'ServerAliveCountMax 1']);
	my $child = start([$tool, '-F', $lab->config, 'stops', '--', 'echo begun; sleep 1000'], timeout => 30);
	wait_until { $lab->sessions('stops') >= 2 } 10;
	sleep 1;
	my @pids = $lab->sessions('stops');
	kill 'STOP', @pids;
	my $got = finish($child);
	kill 'CONT', @pids;
	like $got->{out}, qr/^closed stops .*code=4 .*has not answered for 2 s/m, 'ServerAliveInterval' or diag $got->{out};
	cmp_ok $got->{seconds}, '<', 10, 'in time';
	$lab->stop('stops');
}

# ---- many ----

{
	my @names = map { "many$_" } 1 .. 20;
	$lab->start($_) for @names;
	my $got = drive([@names, '--', 'echo $HOME']);
	is scalar(grep { $_->{status} == 0 } ends($got)), 20, '20 machines at once' or diag $got->{out};
	# MaxStartups would drop some of 40 at once; the gate and the retries let all of them in.
	my $m = $lab->start('busy', options => ['MaxStartups 3:80:5']);
	$got = drive([('busy') x 40, '--', 'true']);
	is scalar(grep { $_->{status} == 0 } ends($got)), 40, '40 logins to one sshd that drops some' or diag $got->{out};
	$lab->stop(@names, 'busy');
}

ok wait_until { my @left = pids_with_env("CONCERT_LAB=$lab->{dir}/local\0"); kill 'KILL', @left; !@left } 10;

done_testing;
