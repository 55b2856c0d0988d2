# SPDX-License-Identifier: MIT
package Concert::Net;

=head1 NAME

Concert::Net - a network of its own for a machine, that can be cut

=head1 SYNOPSIS

    plan skip_all => $reason if my $reason = Concert::Net->missing;
    my $net = Concert::Net->new;
    $lab->start('pc1', $net->place);    # its sshd, and all that it starts, live in there
    $net->down; $net->up;               # the carrier is lost, and comes back
    $net->drop; $net->accept;           # packets vanish both ways, and come through again
    $net->reset;                        # what reaches it is answered with a reset

=head1 DESCRIPTION

A network namespace with a veth pair to the tester's own network, in 198.18.0.0/15 (RFC 2544). It
ends with the last process in it. It needs root, ip, unshare, nsenter and iptables.

=cut

use strict;
use warnings;
use Concert::Test qw(run stop_at_end wait_until);
use POSIX ();

my $count = 0;

sub command {
	my (@words) = @_;
	my $got = run([@words], timeout => 10, env => {PATH => "$ENV{PATH}:/usr/sbin:/sbin"});
	return $got->{status} ? "@words: $got->{err}" : undef;
}

sub which {
	my ($name) = @_;
	my ($path) = grep { -x } map { "$_/$name" } qw(/usr/sbin /sbin /usr/bin /bin);
	return $path;
}

# Why there can be none here; undef if there can.
sub missing {
	return 'wants root' if $>;
	for my $name (qw(ip unshare nsenter iptables)) { return "$name is not installed" unless which($name) }
	my $failed = command(which('unshare'), '-n', 'sh', '-c',
		'ip link add cn0 type veth peer name cn1 && iptables -A INPUT -j DROP');
	return $failed ? "no network namespaces here: $failed" : undef;
}

sub new {
	my ($class) = @_;
	my $n = 4 * int rand 1 << 14;
	my $self = bless {near => sprintf('198.18.%d.%d', $n >> 8, $n + 1 & 255), far => sprintf('198.18.%d.%d', $n >> 8, $n + 2 & 255),
		if => 'cn' . $$ % 100000 . 'x' . $count++, main => $$}, $class;
	defined($self->{pid} = fork) or die "fork: $!\n";
	unless ($self->{pid}) {
		open STDOUT, '>', '/dev/null';
		{ no warnings; exec which('unshare'), '-n', 'sleep', '100000'; }
		POSIX::_exit(127);
	}
	stop_at_end($self);
	my $own = readlink '/proc/self/ns/net';
	wait_until { (readlink("/proc/$self->{pid}/ns/net") // $own) ne $own } 10 or die "no namespace\n";
	my $peer = "$self->{if}p";
	for my $line ("ip link add $self->{if} type veth peer name $peer netns $self->{pid}",
		"ip addr add $self->{near}/30 dev $self->{if}", "ip link set $self->{if} up",
		map { join ' ', $self->enter, $_ } "ip addr add $self->{far}/30 dev $peer", "ip link set $peer up", 'ip link set lo up') {
		my $failed = command(split ' ', $line);
		die "$failed\n" if $failed;
	}
	return $self;
}

sub enter { return (which('nsenter'), "--net=/proc/$_[0]{pid}/ns/net") }
sub place { my ($self) = @_; return (address => $self->{far}, port => 2222, wrap => [$self->enter]) }

sub inside {
	my ($self, @words) = @_;
	my $failed = command($self->enter, @words);
	die "$failed\n" if $failed;
}

sub down { my ($self) = @_; $self->inside(qw(ip link set), "$self->{if}p", 'down') }
sub up   { my ($self) = @_; $self->inside(qw(ip link set), "$self->{if}p", 'up') }

sub accept { $_[0]->inside(qw(iptables -F)) }
sub drop {
	my ($self) = @_;
	$self->inside(qw(iptables -A), $_, qw(-j DROP)) for qw(INPUT OUTPUT);
}
sub reset { $_[0]->inside(qw(iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset)) }

sub stop {
	my ($self) = @_;
	return unless $self->{pid} && $$ == $self->{main};
	command('ip', 'link', 'del', $self->{if});
	kill 'KILL', $self->{pid};
	waitpid delete $self->{pid}, 0;
}

1;
