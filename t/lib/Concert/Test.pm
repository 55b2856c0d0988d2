# SPDX-License-Identifier: MIT
package Concert::Test;

=head1 NAME

Concert::Test - what every whole-program test needs

=head1 SYNOPSIS

    use lib 't/lib';
    use Concert::Test qw(run tempdir wait_until build);

    my $dir = tempdir();                    # removed at the end, kept if a test failed
    my $got = run([build('concert'), 'status'], timeout => 20, stdin => '', env => {HOME => $dir});
    is $got->{status}, 0;                   # also: signal, timed_out, out, err, seconds
    ok wait_until { -e "$dir/done" } 10;    # polls until true; 10 s (default 30) at most

=head1 DESCRIPTION

C<run> starts a program in a process group of its own, with its standard input from a string,
collects both outputs, and ends the group if it takes longer than C<timeout> seconds (default 60).
In C<env>, C<undef> takes a variable away. C<build> is the path of something that make built
(C<$BUILD>, which C<make check> sets, or F<build>). C<start> is C<run> without waiting: it returns
an object for C<finish>. C<stop_at_end(OBJECT)> calls its C<stop> when the test ends, before the
directories are removed (Perl would destroy it after that). C<pids_with_env(STRING)> lists processes whose environment has STRING.

=cut

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Path qw(remove_tree);
use File::Temp ();
use POSIX qw(:sys_wait_h setpgid);
use Test::More ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(build finish pids_with_env run slurp spew start stop_at_end tempdir wait_until);

my $main = $$;
my @dirs;
my @stop;

sub build {
	my ($name) = @_;
	my $dir = $ENV{BUILD} // 'build';
	return abs_path($dir) . "/$name";
}

# Sockets have short paths: everything is directly below the temporary directory.
sub tempdir {
	my $dir = File::Temp::tempdir('concert-XXXXXX', TMPDIR => 1, CLEANUP => 0);
	push @dirs, $dir;
	return $dir;
}

sub spew {
	my ($path, $text, $mode) = @_;
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out $text;
	close $out or die "$path: $!\n";
	chmod $mode, $path if defined $mode;
	return $path;
}

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or return;
	local $/;
	return scalar <$in> // '';
}

sub wait_until (&;$) {
	my ($done, $seconds) = @_;
	my $until = time + ($seconds // 30);
	my $pause = 0.005;
	until ($done->()) {
		return 0 if time > $until;
		sleep $pause;
		$pause *= 1.5 if $pause < 0.1;
	}
	return 1;
}

sub exec_child {
	my ($command, $option, $in, $out, $err) = @_;
	setpgid(0, 0);
	open STDIN,  '<&', $in  or POSIX::_exit(126);
	open STDOUT, '>&', $out or POSIX::_exit(126);
	open STDERR, '>&', $err or POSIX::_exit(126);
	my $env = $option->{env} // {};
	for my $name (keys %$env) {
		if   (defined $env->{$name}) { $ENV{$name} = $env->{$name} }
		else                         { delete $ENV{$name} }
	}
	chdir $option->{cwd} or POSIX::_exit(126) if $option->{cwd};
	{ no warnings; exec {$command->[0]} @$command }
	POSIX::_exit(127);
}

# Files instead of pipes: nothing can block, and nothing has to be pumped.
sub start {
	my ($command, %option) = @_;
	my ($in, $out, $err) = map { open my $file, '+>:raw', undef or die "temporary file: $!\n"; $file } 1 .. 3;
	print $in $option{stdin} // '';
	seek $in, 0, 0 or die "seek: $!\n";
	$_->flush for $in, *STDOUT, *STDERR;
	defined(my $pid = fork) or die "fork: $!\n";
	exec_child($command, \%option, $in, $out, $err) unless $pid;
	setpgid($pid, $pid);
	return {pid => $pid, out => $out, err => $err, began => time, timeout => $option{timeout} // 60};
}

sub finish {
	my ($child) = @_;
	my %got = (pid => $child->{pid}, timed_out => 0);
	my $left = $child->{began} + $child->{timeout} - time;
	unless (wait_until { waitpid($child->{pid}, WNOHANG) == $child->{pid} } $left) {
		$got{timed_out} = 1;
		kill 'KILL', -$child->{pid};
		waitpid $child->{pid}, 0;
	}
	$got{status}  = WIFEXITED($?) ? WEXITSTATUS($?) : -1;
	$got{signal}  = WIFSIGNALED($?) ? WTERMSIG($?) : 0;
	$got{seconds} = time - $child->{began};
	for my $name (qw(out err)) {
		seek $child->{$name}, 0, 0;
		local $/;
		$got{$name} = readline($child->{$name}) // '';
	}
	return \%got;
}

sub run { return finish(start(@_)) }

sub pids_with_env {
	my ($want) = @_;
	my @found;
	for my $file (glob '/proc/[0-9]*/environ') {
		my $environ = slurp($file) // next;
		push @found, $file =~ m{(\d+)} if index("\0$environ", "\0$want") >= 0 && $file !~ m{/$$/};
	}
	return @found;
}

sub stop_at_end {
	my ($object) = @_;
	push @stop, $object;
	return $object;
}

END {
	my $status = $?;
	if ($$ == $main) { $_->stop for reverse @stop }
	$? = $status;
	if ($$ == $main && @dirs) {
		if (Test::More->builder->is_passing && !$?) {
			remove_tree($_) for @dirs;
		} else {
			Test::More::diag("kept: @dirs");
		}
	}
}

1;
