# SPDX-License-Identifier: MIT
package Concert::Stack;

=head1 NAME

Concert::Stack - a configuration, its machines, and concert as a user calls it

=head1 SYNOPSIS

    use lib 't/lib';
    use Concert::Stack;

    my $stack = Concert::Stack->new(machines => [qw(pc1 pc2)], yaml => <<'END');
    context: {session: lab}
    a: {cmd: sleep 1000, machine: pc1}
    END
    my $got = $stack->concert('run', 'a');           # as Concert::Test::run returns it
    is $stack->states->{a}, 'ready';                 # process => state, from status --json
    my $row = $stack->rows('--check')->{a};          # process => object
    my $child = $stack->start_concert('run', 'a');   # without waiting; Concert::Test::finish it
    $stack->lab;                                     # the Concert::Sshd behind it

=head1 DESCRIPTION

Each machine is an sshd of its own. The computer that concert runs on has a HOME and a TMUX_TMPDIR
of its own too, so neither the tester's files nor his tmux are touched; everything that runs there
bears CONCERT_LAB=DIR and ends with the object. C<write(TEXT)> replaces the configuration.
C<forget_caller> drops the launcher's own side as if on another computer: C<as('other')> gives the
environment of another user's computer, with a HOME of its own.

=cut

use strict;
use warnings;
use Concert::Sshd;
use Concert::Test qw(build finish pids_with_env run spew start stop_at_end wait_until);
use File::Path qw(make_path);
use JSON::PP ();

sub new {
	my ($class, %option) = @_;
	my $lab = Concert::Sshd->new;
	my $self = bless {lab => $lab, dir => $lab->{dir}, pid => $$, as => 'here'}, $class;
	$lab->start($_) for @{$option{machines} // []};
	$self->write($option{yaml}) if defined $option{yaml};
	return stop_at_end($self);
}

sub lab  { return $_[0]{lab} }
sub file { return "$_[0]{dir}/launcher.yaml" }

sub write {
	my ($self, $yaml) = @_;
	spew($self->file, $yaml);
}

# The same stack as seen from another computer: another HOME, so nothing of the first is there.
sub as {
	my ($self, $name) = @_;
	return bless {%$self, as => $name, pid => 0}, ref $self;
}

sub home { my ($self) = @_; return "$self->{dir}/on-$self->{as}" }

sub env {
	my ($self) = @_;
	my $home = $self->home;
	unless (-d $home) {
		make_path("$home/tmux", {mode => 0700});
		spew("$home/.bashrc", '');
	}
	my %env = map { $_ => undef } grep { /^(SSH_|TMUX|XDG_|CONCERT_(?!NO_SKIP))/ } keys %ENV;
	return {%env, HOME => $home, TMUX_TMPDIR => "$home/tmux", CONCERT_LAB => "$home"};
}

sub command {
	my ($self, @words) = @_;
	return [build('concert'), '-c', $self->file, '-F', $self->{lab}->config, @words];
}

# Options for run() may come first, as a hash reference.
sub start_concert {
	my ($self, @words) = @_;
	my %option = ref $words[0] ? %{shift @words} : ();
	return start($self->command(@words), timeout => 60, env => $self->env, %option);
}

sub concert { return finish(start_concert(@_)) }

sub json {
	my ($self, @words) = @_;
	my $got = $self->concert(@words, '--json');
	my $json = eval { JSON::PP->new->utf8->decode($got->{out}) };
	die "no JSON from '@words': $got->{out}$got->{err}\n" unless $json;
	return $json;
}

sub rows {
	my ($self, @words) = @_;
	return {map { $_->{process} => $_ } @{$self->json('status', @words)->{processes}}};
}

sub states {
	my ($self, @words) = @_;
	my $rows = $self->rows(@words);
	return {map { $_ => $rows->{$_}{state} } keys %$rows};
}

# What bears the mark of a process, on whatever machine.
sub marked {
	my ($self, $process) = @_;
	my %ours = map { $_ => 1 } pids_with_env("CONCERT_LAB=$self->{dir}/");
	return grep { $ours{$_} } pids_with_env("CONCERT_PROCESS=$process\0");
}

sub stop {
	my ($self) = @_;
	for my $socket (glob "$self->{dir}/on-*/tmux/tmux-*/*") {
		run(['/usr/bin/tmux', '-S', $socket, 'kill-server'], timeout => 5) if -S $socket;
	}
	wait_until {
		my @left = pids_with_env("CONCERT_LAB=$self->{dir}/on-");
		kill 'KILL', @left;
		!@left
	} 5;
	$self->{lab}->stop if $self->{lab};
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	$self->stop if $$ == $self->{pid};
}

1;
