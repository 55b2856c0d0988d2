# SPDX-License-Identifier: MIT
package Concert::Sshd;

=head1 NAME

Concert::Sshd - machines for tests: real sshds on loopback addresses

=head1 SYNOPSIS

    use lib 't/lib';
    use Concert::Sshd;

    my $lab = Concert::Sshd->new;                     # also: dir => PATH
    my $pc1 = $lab->start('pc1');
    $lab->start('pc2', options => ['MaxSessions 1'],  # more lines of sshd_config
                config => ['ConnectTimeout 3'],       # more lines of its Host block
                known => 0,                           # leave its key out of known_hosts
                users => [qw(robot)],                 # more names for the user that the test has
                passwd => {fish => {shell => '/usr/bin/fish'}, eve => {uid => 12345}},
                                                      # the same, with what differs from his entry
                wrap => [qw(unshare -m)],             # what sshd is started through
                address => '198.18.0.2', port => 22); # where that is not this computer's
    $lab->silent('deaf');       # accepts, and never says a word
    $lab->refused('closed');    # nobody listens there
    $lab->blackhole('gone');    # does not even accept: packets vanish

    run([build('concert'), '-F', $lab->config, ...]);
    system 'ssh', '-F', $lab->config, 'pc1', 'true';

    $pc1->{home}; $pc1->{address}; $pc1->{port}; $pc1->{pid};    # and dir, key, hostkey, tmux
    $lab->stop('pc2');          # one; a later start() of that name keeps keys, home and port
    $lab->stop;                 # all; also done when $lab goes out of scope

=head1 DESCRIPTION

Each machine has a directory with its own host key, authorized_keys, HOME (with an empty .bashrc),
TMUX_TMPDIR, log, and a 127.x.y.z address with a free port. C<config> is an ssh_config with one
Host block a machine; all use one identity file (C<key>) and one known_hosts. It works as root and
as an ordinary user. Everything that runs on a machine bears CONCERT_LAB=DIR in its environment, and
C<stop> ends just that, its sshd and the tmux server of its HOME: never anything else.

=cut

use strict;
use warnings;
use Concert::Test qw(pids_with_env run slurp spew stop_at_end tempdir wait_until);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use File::Path qw(make_path);
use POSIX qw(:sys_wait_h);
use Socket;

sub new {
	my ($class, %option) = @_;
	my $self = bless {machine => {}, order => [], pid => $$}, $class;
	$self->{dir} = $option{dir} // tempdir();
	$self->{key} = $self->keygen('id');
	spew($self->known_hosts, '');
	$self->write_config;
	return stop_at_end($self);
}

sub config      { return "$_[0]{dir}/ssh_config" }
sub known_hosts { return "$_[0]{dir}/known_hosts" }
sub machine     { return $_[0]{machine}{$_[1]} }

# A new key pair in the lab's directory; returns the path of its secret half.
sub keygen {
	my ($self, $name, @option) = @_;
	my $path = "$self->{dir}/$name";
	return $path if -e $path;
	my @type = (grep { $_ eq '-t' } @option) ? () : qw(-t ed25519);
	my @pass = (grep { $_ eq '-N' } @option) ? () : ('-N', '');
	my $got  = run(['/usr/bin/ssh-keygen', '-q', @type, @pass, '-C', $name, @option, '-f', $path]);
	die "ssh-keygen: $got->{err}\n" if $got->{status};
	return $path;
}

sub user { return scalar getpwuid($>) }

sub write_config {
	my ($self) = @_;
	my $text = '';
	for my $name (@{$self->{order}}) {
		my $m = $self->{machine}{$name};
		$text .= join "\n\t", "Host $name", @{$m->{config}}, "HostName $m->{address}", "Port $m->{port}",
			'User ' . user(), "IdentityFile $self->{key}", 'IdentitiesOnly yes',
			'UserKnownHostsFile ' . $self->known_hosts, "GlobalKnownHostsFile /dev/null\n\n";
	}
	spew($self->config, $text);
}

# An address of its own for each, so that no two tests meet.
sub new_address {
	my ($self) = @_;
	return join '.', 127, 1 + int rand 250, int rand 256, 2 + int rand 250;
}

sub bind_socket {
	my ($address) = @_;
	socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
	bind $socket, pack_sockaddr_in(0, inet_aton($address)) or die "bind $address: $!\n";
	my ($port) = unpack_sockaddr_in(getsockname $socket);
	return ($socket, $port);
}

sub add {
	my ($self, $name, %field) = @_;
	push @{$self->{order}}, $name unless $self->{machine}{$name};
	$self->{machine}{$name} = {config => [], %field, name => $name};
	$self->write_config;
	return $self->{machine}{$name};
}

# `backlog` undef: not even listening.
sub dummy {
	my ($self, $name, $backlog, %option) = @_;
	my $address = $self->new_address;
	my ($socket, $port) = bind_socket($address);
	listen $socket, $backlog if defined $backlog;
	return $self->add($name, address => $address, port => $port, socket => $socket, %option);
}

sub silent  { my ($self, $name, %option) = @_; return $self->dummy($name, 100,   %option) }
sub refused { my ($self, $name, %option) = @_; return $self->dummy($name, undef, %option) }

# Linux drops the SYN of a connection for which the queue has no place.
sub blackhole {
	my ($self, $name, %option) = @_;
	my $m = $self->dummy($name, 0, %option);
	for (1 .. 3) {
		socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
		fcntl $socket, F_SETFL, O_NONBLOCK;
		connect $socket, pack_sockaddr_in($m->{port}, inet_aton($m->{address}));
		push @{$m->{full}}, $socket;
	}
	select undef, undef, undef, 0.05;
	return $m;
}

sub sshd_config {
	my ($self, $m) = @_;
	my $env = join ' ', map { "\"$_\"" } "HOME=$m->{home}", "TMUX_TMPDIR=$m->{tmux}",
		"CONCERT_LAB=$m->{dir}", @{$m->{env} // []};
	return join "\n", @{$m->{options} // []}, "ListenAddress $m->{address}", "Port $m->{port}",
		"HostKey $m->{hostkey}", "AuthorizedKeysFile $m->{authorized_keys}", "PidFile none",
		'UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'UseDNS no', 'PrintMotd no',
		'PasswordAuthentication no', 'KbdInteractiveAuthentication no', "SetEnv $env", '';
}

sub prepare {
	my ($self, $name, %option) = @_;
	my $dir     = "$self->{dir}/$name";
	my $address = $option{address} // $self->new_address;
	my $port    = $option{port} // (bind_socket($address))[1];
	make_path("$dir/home", "$dir/tmux", {mode => 0700});
	spew("$dir/home/.bashrc", '') unless -e "$dir/home/.bashrc";
	spew("$dir/authorized_keys", slurp("$self->{key}.pub"), 0600);
	my $m = $self->add($name, config => $option{config} // [], address => $address, port => $port, dir => $dir, home => "$dir/home",
		tmux => "$dir/tmux", hostkey => $self->keygen("$name/hostkey"),
		authorized_keys => "$dir/authorized_keys", log => "$dir/sshd.log");
	$self->know($m) if $option{known} // 1;
	return $m;
}

# Adds a machine's host key to known_hosts.
sub know {
	my ($self, $m) = @_;
	my ($type, $key) = split ' ', slurp("$m->{hostkey}.pub");
	open my $out, '>>', $self->known_hosts or die "known_hosts: $!\n";
	print $out "[$m->{address}]:$m->{port} $type $key\n";
	close $out;
}

sub listening {
	my ($m) = @_;
	socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
	return connect $socket, pack_sockaddr_in($m->{port}, inet_aton($m->{address}));
}

# User names that only this sshd knows, all of them the tester himself.
sub users_env {
	my ($m) = @_;
	return () unless $m->{users} || $m->{passwd};
	my @names = (scalar getpwuid($>), 'sshd', @{$m->{users} // []}, sort keys %{$m->{passwd} // {}});
	my %id = (sshd => [(getpwnam 'sshd')[2, 3], '/run/sshd', '/usr/sbin/nologin']);
	spew("$m->{dir}/passwd", join '', map {
		my ($uid, $gid, $home, $shell) = @{$id{$_} // [(getpwuid $>)[2, 3, 7, 8]]};
		my $differs = $m->{passwd}{$_} // {};
		join(q{:}, $_, q{x}, $differs->{uid} // $uid, $differs->{uid} // $gid, q{}, $home,
			$differs->{shell} // $shell) . "\n"
	} @names);
	spew("$m->{dir}/group", slurp('/etc/group'));
	return (LD_PRELOAD => 'libnss_wrapper.so', NSS_WRAPPER_PASSWD => "$m->{dir}/passwd",
		NSS_WRAPPER_GROUP => "$m->{dir}/group");
}

sub start_sshd {
	my ($self, $m) = @_;
	spew("$m->{dir}/sshd_config", $self->sshd_config($m));
	defined(my $pid = fork) or die "fork: $!\n";
	unless ($pid) {
		open STDIN,  '<',  '/dev/null';
		open STDOUT, '>>', $m->{log};
		open STDERR, '>>', $m->{log};
		delete @ENV{grep { /^(SSH|TMUX)/ } keys %ENV};
		%ENV = (%ENV, users_env($m));
		{ no warnings; exec @{$m->{wrap} // []}, '/usr/sbin/sshd', '-D', '-e', '-f', "$m->{dir}/sshd_config" }
		POSIX::_exit(127);
	}
	$m->{pid} = $pid;
	return if wait_until { waitpid($pid, WNOHANG) == $pid or listening($m) } 20
		and kill 0, $pid;
	die "sshd of $m->{name} does not start: " . slurp($m->{log}) . "\n";
}

sub start {
	my ($self, $name, %option) = @_;
	mkdir '/run/sshd', 0755 if !$> && !-d '/run/sshd';
	my $m = $self->{machine}{$name};
	$m = $self->prepare($name, %option) unless $m && $m->{dir};
	$m->{$_} = $option{$_} for grep { exists $option{$_} } qw(options env config users passwd wrap);
	$self->write_config;
	$self->start_sshd($m);
	return $m;
}

# The pids that descend from `root`, itself not included.
sub descendants {
	my ($root) = @_;
	my %children;
	for my $file (glob '/proc/[0-9]*/stat') {
		my $stat = slurp($file) // next;
		push @{$children{$2}}, $1 if $stat =~ /^(\d+) .*\) \S (\d+)/s;
	}
	my @found = @{$children{$root} // []};
	for (my $i = 0; $i < @found; $i++) { push @found, @{$children{$found[$i]} // []} }
	return @found;
}

# The sshd processes that serve the connections to a machine.
sub sessions { my ($self, $name) = @_; return descendants($self->{machine}{$name}{pid}) }

sub stop_machine {
	my ($self, $m) = @_;
	delete @$m{qw(socket full)};
	return unless $m->{pid};
	my @pids = (descendants($m->{pid}), $m->{pid});
	for my $socket (glob "$m->{tmux}/tmux-*/*") {
		run(['/usr/bin/tmux', '-S', $socket, 'kill-server'], timeout => 5) if -S $socket;
	}
	kill 'KILL', @pids;
	waitpid $m->{pid}, 0;
	delete $m->{pid};
	wait_until {
		my @left = pids_with_env("CONCERT_LAB=$m->{dir}\0");
		kill 'KILL', @left;
		!@left
	} 5;
}

sub stop {
	my ($self, @names) = @_;
	@names = @{$self->{order}} unless @names;
	$self->stop_machine($self->{machine}{$_}) for @names;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	$self->stop if $$ == $self->{pid};
}

1;
