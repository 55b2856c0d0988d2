# SPDX-License-Identifier: MIT
package Concert::Wire;

=head1 NAME

Concert::Wire - a wire to a machine that breaks when told to

=head1 SYNOPSIS

    my $wire = Concert::Wire->new($lab, 'pc1');    # from now on 'pc1' is reached through it
    $wire->break(4000, 'rst');                     # the next connection, after so many bytes
    $wire->broken;                                 # how many connections broke so
    $wire->bytes;                                  # of the last connection that ended, both ways

=head1 DESCRIPTION

A process of the test's own that forwards TCP. The ways to break: C<rst> (both ends get a reset),
C<fin> (both ends are closed), C<hang> (nothing more goes through, and nobody is told).

=cut

use strict;
use warnings;
use Concert::Test qw(slurp spew stop_at_end);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP SO_LINGER SOL_SOCKET TCP_NODELAY);

sub new {
	my ($class, $lab, $name) = @_;
	my $m = $lab->machine($name);
	my $listen = IO::Socket::INET->new(LocalAddr => $m->{address}, Listen => 20) or die "listen: $!\n";
	my $self = bless {dir => $m->{dir}, to => [@$m{qw(address port)}], main => $$}, $class;
	defined($self->{pid} = fork) or die "fork: $!\n";
	unless ($self->{pid}) {
		local $SIG{PIPE} = 'IGNORE';
		$self->forward($listen);
		POSIX::_exit(0);
	}
	$m->{port} = $listen->sockport;
	my ($type, $key) = split ' ', slurp("$m->{hostkey}.pub");
	spew($lab->known_hosts, slurp($lab->known_hosts) . "[$m->{address}]:$m->{port} $type $key\n");
	$lab->write_config;
	return stop_at_end($self);
}

sub break {
	my ($self, $bytes, $how) = @_;
	spew("$self->{dir}/wire.new", "$bytes $how");
	rename "$self->{dir}/wire.new", "$self->{dir}/wire" or die;
}

sub broken { return length(slurp("$_[0]{dir}/wire.broken") // '') }
sub bytes  { return slurp("$_[0]{dir}/wire.bytes") // 0 }

sub note_break {
	my ($self) = @_;
	open my $out, '>>', "$self->{dir}/wire.broken" or return;
	print $out 'x';
	close $out;
}

sub join_up {
	my ($self, $near) = @_;
	my $far = IO::Socket::INET->new(PeerAddr => $self->{to}[0], PeerPort => $self->{to}[1]);
	my ($limit, $how) = split ' ', slurp("$self->{dir}/wire") // '';
	unlink "$self->{dir}/wire";
	return unless $far;
	setsockopt $_, IPPROTO_TCP, TCP_NODELAY, 1 for $near, $far;
	my $pair = {limit => $limit, how => $how, bytes => 0, ends => [$near, $far]};
	return ([$near, $far, $pair], [$far, $near, $pair]);
}

sub break_pair {
	my ($self, $pair) = @_;
	$self->note_break;
	$pair->{gone} = 1;
	if ($pair->{how} eq 'hang') {
		push @{$self->{held}}, @{$pair->{ends}};
		return;
	}
	for my $end (@{$pair->{ends}}) {
		setsockopt $end, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $pair->{how} eq 'rst';
		close $end;
	}
}

sub forward {
	my ($self, $listen) = @_;
	my %way;
	my $select = IO::Select->new($listen);
	while (my @ready = $select->can_read) {
		for my $from (@ready) {
			if ($from == $listen) {
				for my $way ($self->join_up(scalar $listen->accept)) {
					$way{$way->[0]} = $way;
					$select->add($way->[0]);
				}
				next;
			}
			my ($near, $to, $pair) = @{$way{$from} // next};
			next if $pair->{gone};
			my $data;
			my $got = sysread $from, $data, 4096;
			my $left = defined $pair->{limit} ? $pair->{limit} - $pair->{bytes} : 1 << 30;
			$data = substr $data, 0, $left > 0 ? $left : 0 if $got && $got > $left;
			$pair->{bytes} += length $data if $got;
			syswrite $to, $data if $got && length $data;
			my $break = defined $pair->{limit} && $pair->{bytes} >= $pair->{limit};
			next if $got && !$break;
			$select->remove(@{$pair->{ends}});
			delete @way{@{$pair->{ends}}};
			if ($break) { $self->break_pair($pair) }
			else {
				spew("$self->{dir}/wire.bytes", $pair->{bytes});
				close $_ for @{$pair->{ends}};
			}
		}
	}
}

sub stop {
	my ($self) = @_;
	return unless $self->{pid} && $$ == $self->{main};
	kill 'KILL', $self->{pid};
	waitpid delete $self->{pid}, 0;
}

1;
