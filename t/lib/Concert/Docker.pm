# SPDX-License-Identifier: MIT
package Concert::Docker;

=head1 NAME

Concert::Docker - a container engine of the test's own

=head1 SYNOPSIS

    use lib 't/lib';
    use Concert::Docker;

    Concert::Docker->available or skip_all;
    my $docker = Concert::Docker->new;               # a dockerd with its own socket and images
    $docker->container('ros');                       # bash and busybox inside
    $docker->container('bare', image => 'busybox');  # no bash
    $docker->container('x', options => ['--init'], files => {'/bin/roslaunch' => "#!/bin/sh\n..."});
    $lab->start('pc1', env => [$docker->env]);       # so that `docker` there finds it
    $docker->docker('exec', 'ros', 'true');          # as Concert::Test::run returns it

=head1 DESCRIPTION

Needs root and dockerd. Images are made from the busybox and the bash of this computer, so nothing
is fetched. Containers have no network. All ends with the object: containers, daemon, files.

=cut

use strict;
use warnings;
use Concert::Test qw(run slurp spew stop_at_end tempdir wait_until);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use POSIX qw(:sys_wait_h);

sub which {
	my ($name) = @_;
	for my $dir (split(/:/, $ENV{PATH}), qw(/usr/sbin /sbin)) { return "$dir/$name" if -x "$dir/$name" }
	return;
}

# Why there can be no engine here; undef if there can.
sub missing {
	return 'needs root' if $>;
	for my $name (qw(dockerd docker busybox)) { return "needs $name" unless which($name) }
	return;
}

sub available { return !missing() }

sub new {
	my ($class) = @_;
	my $dir  = tempdir();
	my $self = bless {dir => $dir, socket => "$dir/docker.sock", pid => $$, image => {}}, $class;
	defined(my $daemon = fork) or die "fork: $!\n";
	unless ($daemon) {
		open STDIN,  '<', '/dev/null';
		open STDOUT, '>', "$dir/log";
		open STDERR, '>&', \*STDOUT;
		{ no warnings; exec which('dockerd'), '--data-root', "$dir/data", '--exec-root', "$dir/exec",
			'-H', "unix://$self->{socket}", '--pidfile', "$dir/pid", '--bridge=none',
			'--iptables=false', '--ip6tables=false', '--storage-driver=vfs' }
		POSIX::_exit(127);
	}
	$self->{daemon} = $daemon;
	wait_until { $self->docker('version')->{status} == 0 or waitpid($daemon, WNOHANG) == $daemon } 60;
	die "dockerd does not start: " . (slurp("$dir/log") // '') . "\n"
		if $self->docker('version')->{status};
	return stop_at_end($self);
}

sub env { return "DOCKER_HOST=unix://$_[0]{socket}" }

sub docker {
	my ($self, @words) = @_;
	return run([which('docker'), '-H', "unix://$self->{socket}", @words], timeout => 60);
}

sub must {
	my ($self, @words) = @_;
	my $got = $self->docker(@words);
	die "docker @words: $got->{err}\n" if $got->{status};
	chomp $got->{out};
	return $got->{out};
}

sub install {
	my ($root, $path) = @_;
	my ($dir) = $path =~ m{^(.*)/};
	make_path("$root$dir");
	copy($path, "$root$path") or die "$path: $!\n";
	chmod 0755, "$root$path";
}

sub install_bash {
	my ($root) = @_;
	my $ldd = run(['ldd', '/bin/bash'])->{out};
	install($root, $_) for '/bin/bash', $ldd =~ m{(/\S+) \(0x}g;
}

# A tree with busybox, for the image 'bash' also with bash; `files` on top.
sub tree {
	my ($self, $name, $files) = @_;
	my $root = tempdir();
	make_path(map { "$root/$_" } qw(bin sbin usr/bin etc root proc sys dev tmp));
	copy(which('busybox'), "$root/bin/busybox") or die "busybox: $!\n";
	chmod 0755, "$root/bin/busybox";
	my $list = run([which('busybox'), '--list'])->{out};
	for my $applet (grep { $_ ne 'busybox' } split ' ', $list) { symlink '/bin/busybox', "$root/bin/$applet" }
	install_bash($root) if $name eq 'bash';
	spew("$root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n");
	spew("$root/etc/group", "root:x:0:\nuser:x:1000:\n");
	for my $path (keys %$files) {
		my ($dir) = $path =~ m{^(.*)/};
		make_path("$root$dir");
		unlink "$root$path";
		spew("$root$path", $files->{$path}, 0755);
	}
	return $root;
}

sub image {
	my ($self, $name, $files) = @_;
	my $key = join "\0", $name, map { ($_, $files->{$_}) } sort keys %$files;
	return $self->{image}{$key} if $self->{image}{$key};
	my $root = $self->tree($name, $files);
	my $tag  = 'test' . scalar keys %{$self->{image}};
	my $tar  = "$self->{dir}/$tag.tar";
	my $got  = run(['tar', '-C', $root, '-cf', $tar, '.']);
	die "tar: $got->{err}\n" if $got->{status};
	$self->must('import', $tar, $tag);
	unlink $tar;
	remove_tree($root);
	return $self->{image}{$key} = $tag;
}

# Starts a container that idles; its first process is a busybox sleep.
sub container {
	my ($self, $name, %option) = @_;
	my $image = $self->image($option{image} // 'bash', $option{files} // {});
	$self->must('run', '-d', '--name', $name, '--network', 'none', @{$option{options} // []}, $image,
		@{$option{command} // ['sleep', '100000']});
	return $name;
}

sub stop {
	my ($self) = @_;
	return unless $self->{daemon};
	my @ids = split ' ', $self->docker('ps', '-aq')->{out};
	$self->docker('rm', '-f', @ids) if @ids;
	kill 'TERM', $self->{daemon};
	my $gone = wait_until { waitpid($self->{daemon}, WNOHANG) == $self->{daemon} } 20;
	kill 'KILL', $self->{daemon} unless $gone;
	waitpid $self->{daemon}, 0 unless $gone;
	delete $self->{daemon};
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	$self->stop if $$ == $self->{pid};
}

1;
