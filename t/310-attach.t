#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# attach: a process's own window in a terminal, over SSH and on this computer; keys, sizes, several
# people at once, every way of leaving; what is left behind (nothing) and how the terminal is then.
use strict;
use warnings;
use lib 't/lib';
use Concert::Screen;
use Concert::Stack;
use Concert::Test qw(run spew wait_until);
use Test::More;
our $TODO;

my $stack = Concert::Stack->new(machines => [qw(pc1 pc2)], yaml => <<'END');
context: {session: lab, shell: sh -c}
echo: {cmd: 'while read x; do echo got $x; done', machine: pc1}
size: {cmd: 'trap "stty size" WINCH; stty size; while :; do sleep 0.1; done', machine: pc1}
here: {cmd: 'while read x; do echo here $x; done'}
over: {cmd: 'echo last words; exit 3', machine: pc1, persistent: false}
none: {cmd: 'true', machine: pc2}
END
my $pc1 = $stack->lab->machine('pc1');
my @concert = map { "'$_'" } @{$stack->command};
my $concert = "@concert";

sub on_pc1 { return run(['tmux', @_], env => {HOME => $pc1->{home}, TMUX_TMPDIR => $pc1->{tmux}, TMUX => undef}) }

sub sessions { return join ' ', sort split /\n/, on_pc1('list-sessions', '-F', '#{session_name}')->{out} }

sub screen { return Concert::Screen->new(env => $stack->env, @_) }

# The shell's terminal is as it was: it echoes what is typed, and a line ends where it should.
sub is_sane {
	my ($screen, $name) = @_;
	$screen->press('stty -a | grep -c " -icanon\| -echo \| -opost"', 'Enter');
	$screen->shows(qr/^\$ stty -a.*^0$/ms, "$name: the terminal is as it was");
	is $screen->tmux('display', '-p', '#{alternate_on} #{cursor_flag} #{mouse_any_flag}')->{out}, "0 1 0\n",
		"$name: so is the screen";
}

$stack->concert('run', 'echo', 'size', 'here');
$stack->concert('run', 'over');

my $one = screen();
$one->type("$concert attach echo; echo status \$?");
wait_until { sessions() =~ /attach/ } 20;
$one->press('hello', 'Enter');
$one->shows(qr/\A(?!.*status)hello\ngot hello\n/s, 'a window over SSH, and keys');
is_deeply [split / /, sessions() =~ s/attach-\w+/attach-x/r], [qw(concert-attach-x lab)], 'a session of its own';

my $two = screen(width => 100, height => 30);
$two->type("$concert attach size; echo status \$?");
$two->shows(qr/30 100\n/, 'a second one, at another window of the same session, in its own size');
$one->press('still', 'Enter');
$one->shows(qr/got hello\nstill\ngot still\n/, 'the first stays where it was');
$two->size(90, 20);
$two->shows(qr/20 90\n/, 'a change of size gets through');
is on_pc1('list-windows', '-t', '=lab', '-F', '#{window_name} #{window_width}x#{window_height}')->{out} =~ /^echo (.*)/m && $1,
	'80x24', 'and leaves the other window alone';
my $states = $stack->states;
is "$states->{echo} $states->{size}", 'running running', 'status is not confused by it';

$one->press('C-b', 'd');
$one->shows(qr/^status 0$/m, 'C-b d leaves');
is_sane($one, 'C-b d');
$two->press('C-]', 'C-]', 'C-]');
$two->shows(qr/^status 0$/m, 'Ctrl-] three times leaves');
is_sane($two, 'Ctrl-]');
ok((wait_until { sessions() eq 'lab' } 10), 'nothing is left of the two') or diag sessions();
is $stack->states->{echo}, 'running', 'and the process goes on';

$one->type("$concert attach -r echo; echo status \$?");
wait_until { sessions() =~ /attach/ } 20;
$one->shows(qr/got still/, '-r shows it');
$one->press('nothing', 'Enter');
$two->type("$concert attach echo; echo status \$?");
$two->shows(qr/got still/, 'beside it one that may type');
$two->press('typed', 'Enter');
$one->shows(qr/got still\ntyped\ngot typed/, '-r types nothing, and sees it');

# A restart puts the new window where the old one was, before the eyes of whoever looks.
my $restart = $stack->concert('restart', 'echo');
is $restart->{status}, 0, 'a restart' or diag $restart->{err};
wait_until { $two->text !~ /got typed/ } 10;
$two->press('again', 'Enter');
TODO: {
	local $TODO = 'a busy machine: now and then the window of the old run stays before the eyes';
	$two->shows(qr/\A(?!.*typed).*got again/s, 'after a restart the window is that of the new run');
}
$stack->concert('kill', 'echo');
$two->shows(qr/Pane is dead|\A(?!.*status)/s, 'a kill leaves the last screen');
$two->press('C-b', 'd');
$two->shows(qr/^status 0$/m, 'which can be left');
$one->press('C-b', 'd');
$one->shows(qr/^status 0$/m, 'with -r too');

# ---- here, within tmux and without ----

my $inside = screen(inside => 1);
for my $screen ($one, $inside) {
	my $name = $screen == $one ? 'outside tmux' : 'inside tmux';
	$screen->type("$concert attach here; echo status \$?");
	$screen->shows(qr/\A(?!.*\$ clear)/s, "$name: on this computer");
	wait_until { $stack->states->{here} eq 'running' && run(['tmux', 'ls'], env => {%{$stack->env}})->{out} =~ /attach/ } 10;
	$screen->press('hi', 'Enter');
	$screen->shows(qr/here hi/, "$name: keys");
	# The outer server has no client, so its prefix is not looked at: this reaches the inner one.
	$screen->press('C-b', 'd');
	$screen->shows(qr/^status 0$/m, "$name: and out");
	is_sane($screen, $name);
}
ok((wait_until { run(['tmux', 'ls'], env => {%{$stack->env}})->{out} !~ /attach/ } 10), 'no session left here');

# ---- what is not there ----

$one->type("$concert attach over; echo status \$?");
$one->shows(qr/Pane is dead/, 'what is over shows its last screen');
$one->press('C-b', 'd');
$one->shows(qr/'over' is over; this is its last screen.*status 0/s, 'and says so');
$one->type("$concert attach none; echo status \$?");
$one->shows(qr/'none' has no window: it does not run \(start it: concert run none\)\nstatus 3/s, 'no window: status 3');
$one->type("$concert attach nobody; echo status \$?");
$one->shows(qr/'nobody' is not a process.*status 2/s, 'no such process: status 2');
$one->type("$concert attach echo </dev/null; echo status \$?");
$one->shows(qr/must be a\s+terminal.*status 2/s, 'no terminal: status 2');

# ---- losses ----

$stack->concert('run', 'echo');
$one->type("$concert attach echo; echo status \$?");
wait_until { sessions() =~ /attach/ } 20;
$one->press('x', 'Enter');
$one->shows(qr/got x/, 'before the link is cut');
kill 'KILL', $stack->lab->sessions('pc1');
$one->shows(qr/'echo' was left:.*pc1.*status 4/s, 'a cut link: status 4, with its reason');
is_sane($one, 'a cut link');
ok((wait_until { sessions() !~ /attach/ } 10), 'and no session is left');

for my $signal (qw(TERM HUP QUIT ABRT)) {
	$one->type("$concert attach echo; echo status \$?");
	wait_until { sessions() =~ /attach/ } 20;
	$one->shows(qr/got x/, "before SIG$signal");
	my ($pid) = run(['pgrep', '-f', '^' . quotemeta("@{$stack->command} attach echo")])->{out} =~ /(\d+)/;
	kill $signal, $pid;
	$one->shows(qr/^status (143|130|129|131|134)$/m, "SIG$signal ends it");
	is_sane($one, "SIG$signal");
}
ok((wait_until { sessions() !~ /attach/ } 10), 'no session is left of these either');

# --keep: waits, comes back.
$one->type("$concert attach --keep none; echo status \$?");
$one->shows(qr/none\s+not running; its window appears here/, '--keep waits');
$stack->write(($stack->{yaml} = Concert::Test::slurp($stack->file)) =~ s/cmd: 'true'/cmd: 'cat'/r);
$stack->concert('run', 'none');
wait_until { $one->text !~ /not running/ } 20;
$one->press('meow', 'Enter');
$one->shows(qr/meow\nmeow/, '--keep: there it is');
kill 'KILL', $stack->lab->sessions('pc2');
wait_until { ($stack->lab->sessions('pc2')) > 0 } 10;
$one->shows(qr/meow\nmeow/, '--keep: back after a cut');
$one->press('purr', 'Enter');
$one->shows(qr/purr\npurr/, 'with keys');
$one->press('C-b', 'd');
$one->shows(qr/^status 0$/m, 'and out');
is_sane($one, '--keep');

$one->type("$concert attach size; echo status \$?");
$one->shows(qr/24 80\n/, 'before its tmux server dies');
on_pc1('kill-server');
$one->shows(qr/'size': its tmux session has ended.*status 1/s, 'a tmux server that goes away: status 1');
is_sane($one, 'no server');

done_testing;
