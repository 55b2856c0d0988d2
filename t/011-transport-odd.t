#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The transport against servers that are odd or hostile: keyboard-interactive, several methods in a
# row, statuses in the wrong order, escape sequences in what they say.
use strict;
use warnings;
use lib 't/lib';
use Concert::Sshd;
use Concert::Test qw(build finish run slurp spew start tempdir wait_until);
use Socket;
use Test::More;

my $tool = build('t/tool/transport');
my $fake = build('t/tool/fake_sshd');
plan skip_all => 'no t/tool (make tools)' unless -x $tool && -x $fake;

my $lab = Concert::Sshd->new;
my $key = $lab->keygen('hostkey');
delete $ENV{SSH_AUTH_SOCK};

sub config_for {
	my ($port) = @_;
	return spew("$lab->{dir}/config", "Host odd\n\tHostName 127.0.0.1\n\tPort $port\n\tUser robot\n\tIdentityFile none\n"
		. "\tUserKnownHostsFile $lab->{dir}/known\n\tGlobalKnownHostsFile /dev/null\n\tConnectTimeout 4\n");
}

sub drive {
	my ($mode, @args) = @_;
	my $server = start([$fake, $key, $mode], timeout => 60);
	my $port;
	wait_until { seek $server->{out}, 0, 0; $port = readline $server->{out} } 10;
	chomp $port;
	my ($type, $blob) = split ' ', slurp("$key.pub");
	spew("$lab->{dir}/known", "[127.0.0.1]:$port $type $blob\n");
	my $got = run([$tool, '-F', config_for($port), @args, 'odd', '--', 'command'], timeout => 30);
	kill 'TERM', $server->{pid};
	$got->{server} = finish($server)->{out};
	is $got->{signal}, 0, "$mode: the tool lives" or diag $got->{err};
	unlike $got->{err}, qr/Sanitizer|runtime error/, "$mode: and is clean";
	unlike $got->{out}, qr/[^\n -~]/, "$mode: no control characters in what is told";
	return $got;
}

my $got = drive('interactive', '-A', '42', '-A', 'blue');
like $got->{out}, qr/^asked 0 \(robot\@127\.0\.0\.1\) \?\[31mCode: $/m, 'keyboard-interactive: asked, harmless';
like $got->{out}, qr/^asked 1 \(robot\@127\.0\.0\.1\) Colour: $/m, 'a second question, with echo';
like $got->{out}, qr/^closed odd 0 status=0 .*out=7:/m, 'let in';
like $got->{server}, qr/^answers 42 blue$/m, 'the answers got there';
$got = drive('interactive', map { ('-A', $_) } 1 .. 6);
like $got->{out}, qr/^down odd code=4 .*permission denied \(the machine offers keyboard-interactive/m, 'wrong answers';
is scalar(() = $got->{out} =~ /^asked 0/mg), 3, 'three times';
like drive('interactive')->{out}, qr/permission denied \(the machine offers keyboard-interactive/, 'nobody to ask';
$got = drive('both', '-A', '42', '-A', 'blue', '-A', 'secret');
like $got->{out}, qr/^asked 0 \(robot\@127\.0\.0\.1\) Password: $/m, 'a password after that';
like $got->{out}, qr/^closed odd 0 status=0 /m, 'two methods in a row';
like drive('early')->{out}, qr/^closed odd 0 status=7 .*out=7:/m, 'output after the exit status';
like drive('signal')->{out}, qr/^closed odd 0 status=-1 signal=11 code=0 .*out=7:/m, 'a signal';
like drive('nostatus')->{out}, qr/^closed odd 0 status=-1 signal=0 code=4 .*without a status/m, 'no status is an error';
like drive('mute', '-T', 500)->{out}, qr/^closed odd 0 status=-1 signal=0 code=6 /m, 'no answer to a channel: its deadline';
like drive('mute', '-t', 500)->{out}, qr/^closed odd 0 status=-1 signal=0 code=6 .*no channel within 0\.5 s/m, 'nor has opening one none';
$got = drive('pushy', '-T', 5000);
like $got->{out}, qr/^closed odd 0 status=0 .*out=7:/m, 'a machine that asks for a channel of its own';
like $got->{server}, qr/^refused 1$/m, 'is refused it';
like drive('hostile')->{out}, qr/^closed odd 0 status=-1 signal=0 code=4 .*refuses to open a channel/m, 'no channel at all';

# Something that is no SSH server, and says so in colours, at length.
sub no_ssh {
	my ($what, $text, $want) = @_;
	socket my $listener, PF_INET, SOCK_STREAM, 0 or die;
	bind $listener, pack_sockaddr_in(0, INADDR_LOOPBACK) or die;
	listen $listener, 10;
	my ($port) = unpack_sockaddr_in(getsockname $listener);
	my $pid = fork // die;
	unless ($pid) {
		alarm 30;
		$SIG{PIPE} = 'IGNORE';
		while (accept my $socket, $listener) { syswrite $socket, $text; close $socket }
		POSIX::_exit(0);
	}
	my $result = run([$tool, '-F', config_for($port), 'odd', '--', 'true'], timeout => 30);
	kill 'KILL', $pid;
	waitpid $pid, 0;
	is $result->{signal}, 0, "$what: the tool lives" or diag $result->{err};
	unlike $result->{err}, qr/Sanitizer|runtime error/, "$what: and is clean";
	unlike $result->{out}, qr/[^\n -~]/, "$what: no control characters";
	like $result->{out}, $want, $what;
	cmp_ok length($result->{out}), '<', 3000, "$what: bounded";
}
no_ssh('a web server', "HTTP/1.1 400 \e[31mBad\e[0m\r\n\r\n", qr/^down odd code=4 .*cannot connect to 'odd'/m);
no_ssh('a flood', "\e]0;x\a" x 100_000, qr/^down odd code=4 .*cannot connect to 'odd'/m);
no_ssh('a hang-up', '', qr/^down odd code=4 .*cannot connect to 'odd': 127\.0\.0\.1 port \d+ broke off/m);
no_ssh('noise after a banner', "SSH-2.0-x\r\n" . "\xff" x 50_000, qr/^down odd code=4 /m);

done_testing;
