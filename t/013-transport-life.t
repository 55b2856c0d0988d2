#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The transport when something is given up at an awkward moment: while it is being opened, while others
# have news, behind a jump host, with a command that never stops talking.
use strict;
use warnings;
use lib 't/lib';
use Concert::Sshd;
use Concert::Test qw(build pids_with_env run slurp spew wait_until);
use Test::More;

my $life = build('t/tool/transport_life');
my $tool = build('t/tool/transport');
plan skip_all => "no $life (make tools)" unless -x $life;

my $lab = Concert::Sshd->new;
delete $ENV{SSH_AUTH_SOCK};

sub scene {
	my ($scene, $config, @machines) = @_;
	my $got = run([$life, $scene, $config, @machines], timeout => 40);
	is $got->{signal}, 0, "$scene: lives";
	unlike $got->{err}, qr/Sanitizer|runtime error/, "$scene: and is clean" if $got->{err};
	return $got->{out};
}

$lab->start('one', options => ['MaxSessions 1']);
like scene('opening', $lab->config, 'one'), qr/^opening status=0 output=2$/m, 'given up while opening: the slot is given back';
$lab->stop('one');

$lab->start('pc1');

{
	my @inner = map { $lab->start("inner$_", config => ['ProxyJump pc1']) } 1 .. 2;
	like scene('behind', $lab->config, 'inner1', 'inner2'), qr/^behind up=2 down=0 busy=0$/m, 'one of two behind a jump host goes';
	$lab->stop('inner1', 'inner2');
}
{
	# A login behind a jump host that is given up without the other side's closing its end.
	my $deaf = $lab->silent('deaf');
	$lab->start('behind', config => ['ProxyJump pc1']);
	my $config = spew("$lab->{dir}/config.deaf", slurp($lab->config) . "Host beyond\n\tProxyJump pc1\n\tHostName $deaf->{address}\n\tPort $deaf->{port}\n");
	my $got = run([$tool, '-F', $config, '-t', 1000, 'beyond', 'behind', '--', 'sleep 3'], timeout => 20);
	my ($cpu) = $got->{out} =~ /cpu_us=(\d+)/;
	like $got->{out}, qr/^down beyond /m, 'a silent machine behind a jump host';
	cmp_ok $cpu // 1e9, '<', 1_000_000, 'costs no time once it is given up';
	$lab->stop('behind');
}
{
	my $config = spew("$lab->{dir}/config.proxy", "Host proxy\n\tProxyCommand sleep 1000\n");
	my $got = run([$tool, '-F', $config, '-t', 500, 'proxy', '--', 'true'], timeout => 20, env => {CONCERT_LAB => "$lab->{dir}/proxy"});
	like $got->{out}, qr/^down proxy /m, 'a ProxyCommand that leads nowhere';
	my $gone = wait_until { !pids_with_env("CONCERT_LAB=$lab->{dir}/proxy\0") } 3;
	ok $gone, 'does not stay';
	kill 'KILL', pids_with_env("CONCERT_LAB=$lab->{dir}/proxy\0");
}
{
	# Whoever goes on talking when the command has ended meets a closed pipe.
	my $got = run([$tool, '-F', $lab->config, 'local', 'pc1', '--', 'yes & exit 0'], timeout => 20);
	is $got->{signal}, 0, 'a command that leaves an endless talker ends';
	is scalar(() = $got->{out} =~ /^closed \S+ 0 status=0 /mg), 2, 'here and there' or diag $got->{out};
}

done_testing;
