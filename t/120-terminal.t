#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# What people see: the live display of run and kill, questions, status -w, Ctrl-C; on terminals of
# three sizes, which are panes of a tmux server of the test's own. Everything runs on this computer.
use strict;
use warnings;
use lib 't/lib';
use Concert::Test qw(build run spew stop_at_end tempdir wait_until);
use JSON::PP qw(decode_json);
use Test::More;

my $dir     = tempdir();
my $concert = build('concert');
my $socket  = "$dir/test.sock";
mkdir "$dir/tmux", 0700;
# Of the processes' tmux server and files, and of the panes that we look at.
my %env = (
	HOME => $dir, TMUX_TMPDIR => "$dir/tmux", TMUX => undef, LC_ALL => 'C.UTF-8', NO_COLOR => undef,
	COLUMNS => undef, LINES => undef, CONCERT_CONFIG => undef, PS1 => '$ ',
);
spew("$dir/.bashrc", '');
spew("$dir/launcher.yaml", <<'END');
context: {session: screen, shell: sh -c}
base:
  cmd: sleep 1000
  ready_check: test -e base.ok || { echo no base yet; exit 1; }
  cwd: DIR
home:
  cmd: echo moving; test -e fail.now && exit 3; echo arrived
  persistent: false
  depends: [base]
  cwd: DIR
a-process-with-a-very-long-name-that-is-cut-on-small-terminals:
  cmd: sleep 1000
  depends: [home]
END
run(['sed', '-i', "s|DIR|$dir|", "$dir/launcher.yaml"]);

sub tmux { return run(['tmux', '-S', $socket, '-f', '/dev/null', @_], env => \%env, timeout => 20) }

sub concert { return run([$concert, @_], cwd => $dir, env => \%env, timeout => 60) }

{
	package Ender;
	sub stop { main::tmux('kill-server'); main::concert('kill', '-a'); main::run(['tmux', '-L', 'default', 'kill-server'], env => \%env) }
}
our $ender = bless {}, 'Ender';
stop_at_end($ender);

sub terminal {
	my ($width, $height) = @_;
	tmux('kill-server');
	wait_until { tmux('new-session', '-d', '-x', $width, '-y', $height, '-c', $dir, "ENV= PS1='\$ ' exec sh")->{status} == 0 } 10;
	tmux('set', '-g', 'status', 'off');
	wait_until { screen() =~ /\$/ } 10;
}

sub press { return tmux('send-keys', @_) }

sub type { press("clear; $concert $_[0]; echo status \$?", 'Enter') }

sub screen { return tmux('capture-pane', '-p')->{out} }

# Waits until the screen matches, and says what stood there if it never did.
sub shows {
	my ($what, $name) = @_;
	my $seen = '';
	ok((wait_until { ($seen = screen()) =~ $what } 20), $name) or diag $seen;
	return $seen;
}

sub fits {
	my ($screen, $width, $name) = @_;
	my @long = grep { my $line = $_; utf8::decode($line); length $line > $width } split /\n/, $screen;
	is_deeply \@long, [], $name;
}

for ([120, 50], [80, 24], [40, 15]) {
	my ($width, $height) = @$_;
	my $size = "${width}x$height";
	unlink "$dir/base.ok";
	terminal($width, $height);
	type('run -c launcher.yaml a-process-with-a-very-long-name-that-is-cut-on-small-terminals');
	my $seen = shows(qr/base\s.*starting.*no base yet.*home\s.*waiting.*waits for base.*a-proc.*waits for home.*0 of 3 ready, 1 starting/s,
		"$size: what runs, and what waits for what");
	fits($seen, $width, "$size: no line is too long");
	is tmux('display', '-p', '#{cursor_flag}')->{out}, "0\n", "$size: no cursor meanwhile";
	spew("$dir/base.ok", '');
	$seen = shows(qr/home \| moving.*home \| arrived.*base\s.*ready.*home\s.*exited.*a-proc\S*\s.*running.*status 0/s,
		"$size: the output of the one-shot, and the table in the end");
	unlike $seen, qr/of 3 ready|waits for/, "$size: the display is gone";
	is tmux('display', '-p', '#{cursor_flag}')->{out}, "1\n", "$size: the cursor is back";
	type('kill');
	shows(qr/kill all 3 processes.*\[\s*y\/N\]/s, "$size: kill asks");
	press('n', 'Enter');
	shows(qr/nothing was killed.*status 1/s, "$size: n is no");
	type('kill');
	shows(qr/kill all 3 processes.*\[\s*y\/N\]/s, "$size: kill asks again");
	press('y', 'Enter');
	shows(qr/base\s.*stopped.*status 0/s, "$size: y is yes");
}

unlink "$dir/base.ok";
terminal(80, 24);
type('run base');
shows(qr/no base yet/, 'a run that waits');
for my $width (50, 100, 40) {
	# What a frame leaves that was drawn before the news of the width came may stand above.
	tmux('resize-window', '-x', $width, '-y', 24);
	my $seen = '';
	ok((wait_until { ($seen = screen()) =~ /no base yet.*0 of 1 ready, 1 starting, \S+\n*\z/s } 10),
		"the display follows a change of width to $width") or diag $seen;
}
tmux('resize-window', '-x', 80, '-y', 24);
press('C-c');
shows(qr/concert: interrupted; left running: base\nstatus 130/, 'Ctrl-C says what it leaves');
type('status -w');
shows(qr/^base +local +starting/m, 'status -w');
spew("$dir/base.ok", '');
concert('run', 'base');
shows(qr/^base +local +ready/m, 'refreshes by itself');
press('C-c');
shows(qr/status 130/, 'until Ctrl-C');
is tmux('display', '-p', '#{cursor_flag}')->{out}, "1\n", 'the cursor is back';
press('export TERM=dumb', 'Enter');
type('restart base');
shows(qr/^base: .*^base: .*status 0/ms, 'a dumb terminal gets lines');

# ---- no terminal ----

my $got = concert('run', 'base', '--json');
my @events = map { decode_json($_) } split /\n/, $got->{out};
ok @events > 0, 'run --json: a line an event';
is_deeply [sort keys %{$events[-1]}], [qw(level machine message process state time type)], 'with these keys';
is "$events[-1]{process} $events[-1]{type} $events[-1]{state}", 'base ready ready', 'the last of them';
is $got->{err}, '', 'and nothing beside it';
my $status = decode_json(concert('status', 'base', '--json')->{out});
is $status->{version}, 1, 'status --json';
for my $key (qw(process machine container session state reason run started_by listed pid exit_status
	signal ready_age_s uptime_s cpu_percent memory_bytes)) {
	ok exists $status->{processes}[0]{$key}, "it has '$key'";
}
is $status->{processes}[0]{state}, 'ready', 'the state';

$got = concert('kill', 'base');
is $got->{status}, 0, 'no terminal: kill';
like $got->{err}, qr/^base: /m, 'a line an event';
unlike $got->{err} . $got->{out}, qr/\e/, 'and no escape sequence';

done_testing;
