#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What happens on a machine, with a real tmux on this computer: starts, follows, asks, stops. Each
# group of tests has a home and a tmux server of its own, the last ones every shell that is a sh.
use strict;
use warnings;
use lib 't/lib';
use Concert::Test qw(build run start finish slurp spew stop_at_end tempdir wait_until);
use Test::More;

my %ENV_KEEP = (TMUX => undef, TMUX_PANE => undef, CONCERT_RUN => undef);

# A machine: its home, its tmux.
package Place {
	sub new {
		my ($class, %option) = @_;
		my $dir = Concert::Test::tempdir();
		mkdir "$dir/$_" for qw(home tmux);
		Concert::Test::spew("$dir/home/.bashrc",   $option{bashrc} // '');
		Concert::Test::spew("$dir/home/.tmux.conf", $option{conf}) if $option{conf};
		my %env = (%ENV_KEEP, HOME => "$dir/home", TMUX_TMPDIR => "$dir/tmux", %{$option{env} // {}});
		return Concert::Test::stop_at_end(bless {dir => $dir, env => \%env}, $class);
	}
	sub env { return ($_[0]{env}) }
	sub file { return "$_[0]{dir}/$_[1]" }

	sub begin {
		my ($self, $verb, @words) = @_;
		return Concert::Test::start([Concert::Test::build('t/tool/target'), $verb, @words],
			env => $self->{env}, timeout => 60);
	}

	# Verb and KEY=VALUE…; a value of some size goes by a file.
	sub ask {
		my ($self, @words) = @_;
		return Concert::Test::finish($self->begin(@words))->{out};
	}
	sub start { my $self = shift; return $self->ask('start', @_) }
	sub stop_process { my $self = shift; return $self->ask('stop', @_) }

	# "ended exit=0 signal=0"
	sub phase {
		my ($self, $name, $session) = @_;
		my $out = $self->ask('query', $session ? "session=$session" : ());
		my ($line) = $out =~ m{^\S+/\Q$name\E (.*)$}m or return 'none';
		$line =~ s/run=\S+ //;
		return join ' ', (split ' ', $line)[0 .. 2];
	}
	sub tmux {
		my ($self, @words) = @_;
		return Concert::Test::run(['tmux', '-u', @words], env => $self->{env}, timeout => 20)->{out};
	}
	sub log {
		my ($self, $name) = @_;
		my @logs = sort { -M $a <=> -M $b } glob "$self->{dir}/home/.local/state/concert/*/*/$name/*/log";
		return @logs ? Concert::Test::slurp($logs[0]) : undef;
	}

	sub stop {
		my ($self) = @_;
		$self->tmux('kill-server') unless $self->{stopped}++;
	}
	sub DESTROY { local ($?, $@); $_[0]->stop }
}

sub event {
	my ($out, $type) = @_;
	return $out =~ /^$type [\d.]+ (.*)$/m ? $1 : undef;
}

sub output {
	my ($out) = @_;
	my $text = join '', $out =~ /^out [\d.]+ exit=0 signal=0 offset=\d+ (.*)$/mg;
	$text =~ s/\\x(..)/chr hex $1/ge;
	$text =~ s/\r//g;
	return $text;
}

sub run_id { return $_[0] =~ /run=([0-9a-f]{32})/ ? $1 : '' }
sub ms     { return $_[0] =~ /^done ([\d.]+) ms/m ? $1 : 'no end' }

# ---- commands are byte-exact ----

my $one = Place->new;
my @nasty = (
	q{printf '%s\n' 'single '\''quotes'\'' and "double" $HOME `id` \\ $$'},
	q{printf '%s\n' "a;" ';' '&' '|' '#{pane_id} #S %% %H' '@{}' '~' '*' '?' '!!' '!$'},
	"cat <<'EOF'\n\tindented \$x\n\nEOF\n",
	"printf '%s' 'no newline at the end'",
	"# a comment; with a semicolon;\nprintf x\\\\\ny=1;",
	"-n 2>/dev/null; echo a leading dash",
	"printf '\xc3\xa9\xe2\x82\xac \x80\xff\\n' | od -An -tx1",
	"alias greet='echo hello'\ngreet you\nf() { echo \"f: \$1\"; }\nf x",
	'echo ${x:-{1,2\}} {a,b} "$(echo sub)" <(:) | sed s,/dev/fd/.*,fd,',
	"printf '%s' '" . ('0123456789' x 9990) . "' | cksum",
);
for my $i (0 .. $#nasty) {
	spew($one->file('cmd'), $nasty[$i]);
	my $out = $one->start("process=nasty.$i", 'persistent=0', 'cmd=@' . $one->file('cmd'));
	my $want = run(['bash', '-c', "shopt -s expand_aliases; . \"\$0\"", $one->file('cmd')], env => $one->{env})->{out};
	is output($out), $want, "nasty command $i";
}
like $one->phase('nasty.3'), qr/^ended exit=0/, 'a name with a dot';
is_deeply [sort split /\n/, $one->tmux('list-windows', '-t', '=robot', '-F', '#W')],
	[map { "nasty.$_" } 0 .. $#nasty], 'windows are called after their processes';

# ---- the environment ----

my $out = $one->start('process=env', 'persistent=0', 'environ=PATH=' . $ENV{PATH}, 'environ=HOME=' . $one->file('home'),
	"environ=MINE=a'b", 'env=GIVEN=$x "y"', 'setup=MORE=1$GIVEN', 'cwd=/usr', 'machine=local',
	'cmd=printf "%s|" "$MINE" "$GIVEN" "$MORE" "$PWD" "$CONCERT_SESSION" "$CONCERT_PROCESS" "$CONCERT_MACHINE" "${#CONCERT_RUN}" "$TERM" "${LANG-none}"; test -t 0 && stty size');
like output($out), qr/^a'b\|\$x "y"\|1\$x "y"\|\/usr\|robot\|env\|local\|32\|(screen|tmux)[^|]*\|none\|50 200$/,
	'environment, setup, directory, terminal';
my ($server) = $one->tmux('display', '-p', '#{pid}') =~ /(\d+)/;
unlike slurp("/proc/$server/environ"), qr/CONCERT_/, 'the tmux server bears no mark';

# ---- status and signals ----

my %end = ('exit 0' => 'exit=0 signal=0', 'exit 3' => 'exit=3 signal=0', 'exit 255' => 'exit=255 signal=0',
	'kill -KILL $$' => 'exit=-1 signal=9', 'sh -c "kill -SEGV \$\$"' => 'exit=-1 signal=11',
	'exec sh -c "kill -TERM \$\$"' => 'exit=-1 signal=15', 'no-such-command-anywhere' => 'exit=127 signal=0');
for my $cmd (sort keys %end) {
	$out = $one->start('process=end', 'persistent=0', "cmd=$cmd");
	like $out, $cmd eq 'exit 0' ? qr/^ready/m : qr/^ended \S+ $end{$cmd} /m, "'$cmd' is told to end with $end{$cmd}";
	is $one->phase('end'), "ended $end{$cmd}", "and remembered";
}
is scalar(grep { $_ eq 'end' } split /\n/, $one->tmux('list-windows', '-t', '=robot', '-F', '#W')), 1,
	'a finished window is replaced';

# ---- the log, from the first byte to the last ----

my $lost = 0;
my @jobs = map { $one->begin('start', "process=log$_", 'persistent=0', 'cmd=seq 1 2000; echo $CONCERT_PROCESS') } 1 .. 6;
for my $n (1 .. 6) { my $text = output(finish(shift @jobs)->{out}); $lost++ if $text ne join '', map { "$_\n" } 1 .. 2000, "log$n" }
for my $n (1 .. 44) {
	$out = $one->start('process=log', 'persistent=0', 'cmd=echo first; seq 1 50; printf last');
	$lost++ if output($out) ne join("\n", 'first', 1 .. 50, 'last') or $one->log('log') ne join("\r\n", 'first', 1 .. 50, 'last');
}
is $lost, 0, 'nothing is lost in 50 starts';
is scalar(() = glob $one->file('home/.local/state/concert/*/robot/log/*/log')), 5, 'the files of five runs are kept';

# ---- once, however many try ----

@jobs = map { $one->begin('start', 'process=once', 'cmd=echo $$ >>~/once; sleep 100') } 1 .. 6;
my @outs = map { finish($_)->{out} } @jobs;
is scalar(grep { /^started/m } @outs), 1, 'one of six starts is one';
is scalar(grep { /^alive/m } @outs), 5, 'the others find it';
is scalar(split /\n/, slurp($one->file('home/once'))), 1, 'and it ran once';
my ($id) = map { run_id($_) } grep { /^started/m } @outs;
is scalar(grep { /^alive.*\n.*lives run=$id/m } @outs), 5, 'with its id';
like $one->start('process=once', "run=$id"), qr/^started.*^ready/ms, 'a start asked for again is only followed';
like $one->start('process=once', "run=$id", 'follow_only=1'), qr/^ready/m, 'a run can be followed';
like $one->start('process=once', 'run=' . '0' x 32, 'follow_only=1'), qr/^error 1 .*nothing is known/m, 'an unknown one not';
is scalar(split /\n/, slurp($one->file('home/once'))), 1, 'and it still ran once';

# ---- ready checks ----

$out = $one->start('process=r1', 'cmd=sleep 0.2; touch ~/up; sleep 100',
	'ready_cmd=echo looking >&2; test -e ~/up');
like $out, qr/^probe [\d.]+ exit=1 signal=0 offset=0 looking\\x0a$/m, 'a probe that fails shows its output alone';
like $out, qr/^ready/m, 'and then one passes';
like $one->phase('r1'), qr/^lives/, 'it lives';
$out = $one->start('process=r2', 'cmd=exit 4', 'ready_cmd=sleep 20');
like event($out, 'ended'), qr/^exit=4/, 'the end of the process ends the wait';
cmp_ok ms($out), '<', 20000, 'before the probe is over';
$out = $one->start('process=r3', "ready_cmd=echo why; sleep 20.$$", 'ready_timeout=300', 'ready_deadline=3000');
like event($out, 'notready'), qr/why/, 'a deadline, with the output of the last probe';
like event($out, 'probe'), qr/exit=-1 signal=15/, 'a probe that takes too long is ended';
is run(['pgrep', '-fx', "sleep 20.$$"])->{out}, '', 'with all that it started';
$out = $one->start('process=r4', 'cmd=sleep 0.2; printf "half of "; sleep 0.2; echo a line 42; sleep 100', 'ready_log=^half of a line [0-9]+$');
like $out, qr/^ready/m, 'ready by a line of the log';
like $one->start('process=r4', 'ready_log=a(b'), qr/^error 1 .*regular expression/m, 'a wrong expression is named';
like $one->start('process=r1', 'ready_cmd=false', 'hold=0'), qr/^probe.*\npending.*\ndone/m, 'one probe if it may hold nothing';

# ---- what is not ours ----

$one->tmux('new-window', '-d', '-t', '=robot:', '-n', 'mine', 'sleep 1000');
like $one->start('process=mine'), qr/^error 5 .*not concert's/m, 'a foreign window is a conflict';
is $one->phase('mine'), 'foreign exit=-1 signal=0', 'and seen';
like $one->stop_process('process=mine'), qr/^error 5 /m, 'nor is it stopped';
is scalar(grep { $_ eq 'mine' } split /\n/, $one->tmux('list-windows', '-t', '=robot', '-F', '#W')), 1, 'it stays';
$one->start('session=rob', 'process=once', 'cmd=sleep 100');
is scalar(split /\n/, $one->tmux('list-windows', '-t', '=rob', '-F', '#W')), 1, 'a session whose name begins another is itself';
like $one->stop_process('session=rob', 'process=once'), qr/^stopped alive=1/m, 'it is stopped';
like $one->phase('once'), qr/^lives/, 'and the other is not';

# ---- stop ----

sub left {
	my ($out) = @_;
	my $run = run_id($out);
	return grep { my $e = slurp($_) // ''; $e =~ /CONCERT_RUN=$run/ } glob '/proc/[0-9]*/environ';
}
my %tree = (
	plain   => ['sleep 100', 3000],
	ignores => ['trap "" INT TERM; while :; do sleep 1; done'],
	hup     => ['trap "" HUP INT TERM; sh -c "trap \"\" HUP INT TERM; sleep 100; sleep 100"'],
	jobs    => ['sleep 100 & sleep 101 & sleep 102'],
	daemon  => ['setsid sh -c "sleep 100 & sleep 100" & (setsid sleep 100 &) ; nohup sleep 100 >/dev/null & sleep 100'],
	stopped => ['sleep 100 & kill -STOP $!; sleep 100'],
	exec    => ['exec sleep 100', 3000],
);
for my $kind (sort keys %tree) {
	my ($cmd, $grace) = (@{$tree{$kind}}, 800);
	$out = $one->start("process=$kind", "cmd=$cmd", 'ready_cmd=sleep 0.1');
	cmp_ok scalar(left($out)), '>', 0, "$kind: it runs";
	my $got = $one->stop_process("process=$kind", "grace=$grace", 'term=600');
	like $got, qr/^stopped alive=1\n.* stopped /m, "$kind: it is stopped" or diag $got;
	is_deeply [left($out)], [], "$kind: nothing is left";
}
like $one->stop_process('process=plain'), qr/^stopped alive=0/m, 'what is stopped was not alive';
$one->start('process=forced', 'cmd=sleep 100');
like $one->stop_process('process=forced', 'force=1'), qr/^step [\d.]+ KILL/m, 'force is KILL';
is $one->phase('forced'), 'stopped exit=-1 signal=9', 'and its status says so';
$one->start('process=kind', 'cmd=while ! test -e ~/please; do sleep 0.05; done; exit 6');
like $one->stop_process('process=kind', 'stop_cmd=touch ~/please'), qr/^step [\d.]+ stop.cmd 1\nstopped alive=1/m, 'stop.cmd is enough';
is $one->phase('kind'), 'stopped exit=6 signal=0', 'for this one';
$one->start('process=term', 'cmd=trap "exit 9" TERM; while :; do sleep 0.05; done', 'ready_cmd=sleep 0.1', 'shell=sh -c');
$one->stop_process('process=term', 'signal=15');
is $one->phase('term'), 'stopped exit=9 signal=0', 'another signal';

# ---- orphans, and windows that are gone ----

$out = $one->start('process=orphan', 'cmd=setsid sleep 100 & sleep 0.2; exit 0');
wait_until { $one->phase('orphan') =~ /^orphaned/ };
like $one->phase('orphan'), qr/^orphaned exit=0/, 'what it started lives on';
like $one->start('process=orphan'), qr/^error 5 .*live on/m, 'no second one beside it';
like $one->stop_process('process=orphan'), qr/^stopped alive=1/m, 'it can be stopped';
is_deeply [left($out)], [], 'all of it';
$out = $one->start('process=gone', 'cmd=trap "" HUP; sleep 100');
$one->tmux('kill-window', '-t', '=robot:=gone');
like $one->phase('gone'), qr/^orphaned/, 'its window was killed, it lives';
like $one->stop_process('process=gone'), qr/^stopped alive=1/m, 'and is found';
is_deeply [left($out)], [], 'and ended';

# ---- a user's own settings ----

my $other = Place->new(conf => <<'END', bashrc => "echo noise of a login\n");
set -g base-index 1
set -g pane-base-index 1
set -g renumber-windows on
set -g remain-on-exit off
set -g status off
set -g destroy-unattached on
set -s exit-unattached on
setw -g allow-rename on
setw -g automatic-rename on
set -g default-command 'echo default; exit 1'
set -g default-shell /bin/false
set -g history-limit 10
set -g set-titles on
new-session -d -s robot -n first
END
@jobs = map { $other->begin('start', "process=p$_", 'cmd=printf "\033kother\033\\\\"; sleep 100', 'ready_cmd=sleep 0.2') } 1 .. 4;
@outs = map { finish($_)->{out} } @jobs;
is scalar(grep { /^ready/m } @outs), 4, 'four at once on a server that is not there yet, with a hostile tmux.conf' or diag @outs;
is_deeply [grep { /^p/ } sort split /\n/, $other->tmux('list-windows', '-t', '=robot', '-F', '#W')], [map { "p$_" } 1 .. 4], 'their windows keep their names';
like $other->start('process=p1'), qr/^alive/m, 'found again';
like $other->start('process=o', 'persistent=0', 'cmd=echo one'), qr/^ready/m, 'a one-shot';
$other->start('process=o', 'persistent=0', 'cmd=echo two');
is scalar(grep { $_ eq 'o' } split /\n/, $other->tmux('list-windows', '-t', '=robot', '-F', '#W')), 1, 'whose window stays, and is replaced';
like $other->tmux('show', '-gv', 'default-command'), qr/echo default/, "the user's options are his";
like $other->stop_process("process=p$_"), qr/^stopped alive=1/m, "p$_ stopped" for 1 .. 4;
$other->tmux('kill-server');
is $other->phase('p1'), 'stopped exit=1 signal=0', 'known without a server' or diag $other->ask('query');

# ---- what prevents a start ----

my $bad = Place->new;
like $bad->start('shell=no-such-shell -c'), qr/^error 1 cannot start 'x' on 'local': the shell 'no-such-shell' is not installed/m, 'no shell';
mkdir $bad->file('elsewhere');
run(['mkdir', '-p', $bad->file('home/.local/state')]);
symlink $bad->file('elsewhere'), $bad->file('home/.local/state/concert');
like $bad->start, qr/^error 1 .*is a link/m, 'a link in place of the files';
is_deeply [glob $bad->file('elsewhere/*')], [], 'is not followed';
unlink $bad->file('home/.local/state/concert');
spew($bad->file('home/.local/state/concert'), 'a file');
like $bad->start, qr/^error 1 .*no directory/m, 'nor is a file';
unlink $bad->file('home/.local/state/concert');
mkdir $bad->file('bin');
symlink '/usr/bin/tmux', $bad->file('bin/nothing');
for my $tool (qw(sh bash env sed awk mkdir ln rm readlink timeout sleep)) {
	my ($path) = grep { -x } map { "$_/$tool" } split /:/, $ENV{PATH};
	symlink $path, $bad->file("bin/$tool") if $path;
}
$bad->{env}{PATH} = $bad->file('bin');
like $bad->start, qr/^error 1 .*tmux is not installed \(/m, 'no tmux';
spew($bad->file('bin/tmux'), "#!/bin/sh\necho tmux 2.5\n");
chmod 0755, $bad->file('bin/tmux');
like $bad->start, qr/^error 1 .*tmux 2.5 is too old/m, 'an old tmux';
spew($bad->file('bin/tmux'), "#!/bin/sh\ncase \$* in *-V*) echo tmux 3.3a;; *) echo 'server version is too old for client';; esac\n");
like $bad->start, qr/^error 1 .*server version is too old/m, 'a server of another version';
is_deeply [glob $bad->file('home/.local/state/concert/*/robot/x/*')], [], 'nothing is left of a start that failed';

# ---- the shells ----

for my $sh (qw(dash bash busybox)) {
	my ($path) = grep { -x } map { "$_/$sh" } split /:/, $ENV{PATH};
	SKIP: {
		skip "no $sh here", 5 unless $path;
		my $place = Place->new;
		mkdir $place->file('bin');
		my @tools = $sh eq 'busybox' ? qw(awk grep sed ls readlink ln rm mkdir cut tr head tail sleep wc setsid timeout cat env) : ();
		symlink $path, $place->file("bin/$_") for 'sh', @tools;
		$place->{env}{PATH} = $place->file('bin') . ":$ENV{PATH}";
		is output($place->start('persistent=0', 'cmd=echo $((1+1)); echo "é\\\\"')), "2\né\\\n", "$sh: a one-shot";
		like $place->start('process=l', 'cmd=sleep 0.1; echo up; sleep 100', 'ready_log=^up$'), qr/^ready/m, "$sh: ready by its log";
		like $place->start('process=c', 'cmd=setsid sleep 100 & sleep 101', 'ready_cmd=echo a; test -e ~/a || { touch ~/a; false; }'),
			qr/^probe [\d.]+ exit=1 signal=0 offset=0 a\\x0a\nready/m, "$sh: ready by a command";
		like $place->ask('query', 'tree=1'), qr/pid \d+ sleep 10[01]/, "$sh: its tree";
		like $place->stop_process('process=c', 'grace=500'), qr/^stopped alive=1\n.* stopped /m, "$sh: stopped";
	}
}

done_testing;
