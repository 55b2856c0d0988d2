# SPDX-License-Identifier: MIT
package Concert::Screen;

=head1 NAME

Concert::Screen - terminals to look at: panes of a tmux server of the test's own

=head1 SYNOPSIS

    use lib 't/lib';
    use Concert::Screen;

    my $screen = Concert::Screen->new(width => 80, height => 24, env => $stack->env, cwd => DIR);
    $screen->type('concert status; echo status $?');    # and Enter, at a sh's "$ "
    $screen->press('C-b', 'd');                          # keys as tmux names them
    my $seen = $screen->shows(qr/status 0/, 'name');     # a test; waits up to 20 s
    $screen->size(100, 30);
    $screen->text;  $screen->tmux(...)->{out};  $screen->stop;

=head1 DESCRIPTION

Each has its own server, on a socket in a directory of its own, with status line off. The shell in it
has the environment of C<env> (C<undef> takes a variable away) and C<TMUX> only with C<< inside => 1 >>.

=cut

use strict;
use warnings;
use Concert::Test qw(run stop_at_end tempdir wait_until);
use Test::More ();

sub new {
	my ($class, %option) = @_;
	my $self = bless {dir => tempdir(), env => {%{$option{env} // {}}}, pid => $$}, $class;
	my @unset = $option{inside} ? () : ('-u', 'TMUX', '-u', 'TMUX_PANE');
	stop_at_end($self);
	$self->tmux('-f', '/dev/null', 'new-session', '-d', '-x', $option{width} // 80, '-y',
		$option{height} // 24, '-c', $option{cwd} // $self->{dir},
		join ' ', 'exec env', @unset, 'ENV=', "PS1='\$ '", 'sh');
	$self->tmux('set-option', '-g', 'status', 'off');
	wait_until { $self->text =~ /\$/ } 10;
	return $self;
}

sub tmux {
	my ($self, @words) = @_;
	my %env = (LC_ALL => 'C.UTF-8', COLUMNS => undef, LINES => undef, NO_COLOR => undef, TMUX => undef, %{$self->{env}});
	return run(['tmux', '-u', '-S', "$self->{dir}/s", @words], env => \%env, timeout => 20);
}

sub press { my ($self, @keys) = @_; return $self->tmux('send-keys', @keys) }
sub type  { my ($self, $text) = @_; return $self->press("clear; $text", 'Enter') }
sub text  { return $_[0]->tmux('capture-pane', '-p')->{out} }

sub size {
	my ($self, $width, $height) = @_;
	return $self->tmux('resize-window', '-x', $width, '-y', $height);
}

sub shows {
	my ($self, $what, $name, $seconds) = @_;
	my $seen = '';
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Test::More::ok((wait_until { ($seen = $self->text) =~ $what } $seconds // 20), $name)
		or Test::More::diag($seen);
	return $seen;
}

sub stop {
	my ($self) = @_;
	$self->tmux('kill-server') if $$ == $self->{pid};
}

1;
