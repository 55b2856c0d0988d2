#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# Files that cannot be used: each ends every command with status 2 and a message that says where and
# what, within a second and little memory, before any machine is touched.
use strict;
use warnings;
use lib 't/lib';
use Concert::Test qw(build run slurp spew tempdir);
use Test::More;

my $dir     = tempdir();
my $concert = build('concert');
my $touched = "$dir/touched";

# A trap: whoever is logged in to, or is asked for a window here, leaves a file.
mkdir "$dir/bin" or die "$dir/bin: $!\n";
spew("$dir/bin/tmux", "#!/bin/sh\n: > '$touched'\n", 0755);
spew("$dir/ssh_config", "Host *\n  ProxyCommand : > '$touched'; false\n");

my %env = (
	HOME            => $dir,
	XDG_CONFIG_HOME => "$dir/none",
	PATH            => "$dir/bin:$ENV{PATH}",
	map { $_ => undef } qw(CONCERT_CONFIG CONCERT_LAUNCHER_DEFAULT_CONFIG TMUX SSH_AUTH_SOCK));

# The limit of memory, in KiB, is of no use to a program that reserves it all for its shadow.
my $limit = build('') =~ m{/asan/} ? '' : 'ulimit -v 2000000;';

sub concert {
	my (@arguments) = @_;
	return run(['sh', '-c', "$limit cd '$dir' && exec \"\$@\"", 'sh', $concert, '-F', "$dir/ssh_config", @arguments],
		env => \%env, timeout => 60);
}

# Every command that reads the file refuses it; `like` is what all of them say.
sub refuses {
	my ($name, $yaml, $like, %option) = @_;
	my @commands = $option{commands} ? @{$option{commands}} : (
		['run', 'a'], ['run', '--dry-run', 'a'], ['restart', 'a'], ['kill', '-a'], ['status'], ['list'], ['check']);
	spew("$dir/f.yaml", $yaml);
	my $slowest = 0;
	my @wrong;
	for my $command (@commands) {
		my $got = concert('-c', 'f.yaml', @$command);
		push @wrong, "@$command: status " . ($got->{status} // "signal $got->{signal}") unless ($got->{status} // -1) == 2;
		push @wrong, "@$command: prints '" . substr($got->{out}, 0, 200) . q(') if $got->{out} ne '';
		push @wrong, "@$command: says '" . substr($got->{err}, 0, 500) . q(') unless $got->{err} =~ $like;
		push @wrong, "@$command: control characters" if $got->{err} =~ /[^\P{Cntrl}\n]/;
		$slowest = $got->{seconds} if $got->{seconds} > $slowest;
	}
	ok !@wrong, $name or diag join "\n", @wrong;
	ok $slowest < 30, "$name: at once" or diag "$slowest s";
	ok !-e $touched, "$name: no machine was touched";
	unlink $touched;
	return;
}

# ---- no file ----

for my $command (['run', 'a'], ['kill', '-a'], ['status'], ['list'], ['check']) {
	my $got = concert(@$command);
	is $got->{status}, 2, "@$command without a file";
	like $got->{err}, qr/launcher\.yaml/, 'says what is missing';
	$got = concert('-c', 'nowhere.yaml', @$command);
	is $got->{status}, 2, "@$command with a file that does not exist";
	like $got->{err}, qr/'nowhere\.yaml': No such file/, 'names it';
}
like concert('-c', $dir, 'list')->{err}, qr/^concert: cannot read .*: Is a directory|is a directory/m, 'a folder';

# ---- not what it should be ----

refuses('an empty file',          '',                        qr/^f\.yaml:1:1: nothing in it/);
refuses('only a comment',         "# nothing\n",             qr/^f\.yaml:1:1: nothing in it/);
refuses('only a context',         "context: {session: s}\n", qr/^f\.yaml:1:1: no process in it/);
refuses('not YAML',               "a: {cmd: x\nb: ]\n",      qr/^f\.yaml:2:\d+: /);
refuses('a tab for indentation',  "a:\n\tcmd: x\n",          qr/^f\.yaml:2:\d+: /);
refuses('a quote without its end', "a: {cmd: \"x}\n",        qr/^f\.yaml:\d+:\d+: /);
refuses('a list',                 "- a\n- b\n",              qr/^f\.yaml:1:1: a list, not a mapping/);
refuses('a string',               "hello\n",                 qr/^f\.yaml:1:1: a string, not a mapping/);
refuses('two documents',          "a: {cmd: x}\n---\nb: {}\n", qr/^f\.yaml:2:1: a second document/);
refuses('an unknown tag',         "a: !!python/object {cmd: x}\n", qr/^f\.yaml:1:4: .*unknown tag/);
refuses('an unknown anchor',      "a: *b\n",                 qr/^f\.yaml:1:4: '\*b': no such anchor/);
refuses('a tree within itself',   "a: &a {cmd: x, params: *a}\n", qr/^f\.yaml:1:\d+: .*within what it names/);
refuses('invalid UTF-8',          "a: {cmd: \"x\xff\"}\n",   qr/^f\.yaml:1:\d+: not a text in UTF-8/);
refuses('a NUL',                  "a: {cmd: \"x\\0y\"}\n",   qr/^f\.yaml:1:10: .*NUL/);
refuses('a binary',               join('', map { chr } 0 .. 255), qr/^f\.yaml:1:\d+: /);

# ---- wrong types, and all of them are told ----

refuses('no command',             "a: {machine: pc}\n",                qr/^f\.yaml:1:1: .*'a'.*cmd/);
refuses('a command that is a list', "a: {cmd: [x, y]}\n",              qr/^f\.yaml:1:10: 'cmd': a list/);
refuses('a process that is a string', "a: x\n",                        qr/^f\.yaml:1:\d: 'a': a string/);
refuses('params that are a list', "a: {cmd: x, params: [p]}\n",        qr/^f\.yaml:1:21: 'params': a list/);
refuses('a time that is none',    "a: {cmd: x, stop: {grace: soon}}\n", qr/^f\.yaml:1:\d+: 'stop\.grace': /);
refuses('a signal that is none',  "a: {cmd: x, stop: {signal: BANG}}\n", qr/^f\.yaml:1:\d+: 'stop\.signal': /);
refuses('a bad expression',       "a: {cmd: x, ready_check: {log: '('}}\n", qr/^f\.yaml:1:\d+: 'ready_check\.log': /);
refuses('three faults',           "a: {cmd: [], persistent: perhaps}\nb: {cmd: x, depends: 7}\n",
	qr/^f\.yaml:1:10: .*^f\.yaml:1:26: .*^f\.yaml:2:22: /ms);

# ---- names ----

refuses('a name with a space',    "\"a b\": {cmd: x}\n",               qr/^f\.yaml:1:1: 'a b' is no name for a process/);
refuses('a name with a colon',    "\"a:b\": {cmd: x}\n",               qr/^f\.yaml:1:1: 'a:b' is no name for a process/);
refuses('a name with a dash first', "\"-a\": {cmd: x}\n",              qr/^f\.yaml:1:1: '-a' is no name for a process/);
refuses('a name with escapes',    "\"a\\e[2J\": {cmd: x}\n",           qr/^f\.yaml:1:1: 'a.+' is no name for a process/);
refuses('a name too long',        'a' x 65 . ": {cmd: x}\n",           qr/^f\.yaml:1:1: 'a+' is no name for a process/);
refuses('a session with a colon', "a: {cmd: x, session: 'a:b'}\n",     qr/^f\.yaml:1:\d+: 'session': 'a:b' is no name/);
refuses('a machine that is an option', "a: {cmd: x, machine: -oProxyCommand=x}\n", qr/^f\.yaml:1:\d+: 'machine': /);
refuses('a machine that is a command', "a: {cmd: x, machine: 'u\@h;reboot'}\n",    qr/^f\.yaml:1:\d+: 'machine': /);
refuses('a container that is an option', "a: {cmd: x, docker: --privileged}\n",    qr/^f\.yaml:1:\d+: 'docker': /);
refuses('an unknown dependency',  "roscore: {cmd: x}\na: {cmd: x, depends: [rocore]}\n",
	qr/^f\.yaml:2:23: .*'rocore' \(did you mean 'roscore'\?\)/);
refuses('a file that is not there',        "a: {cmd: x}\ninclude: g.yaml\n", qr/^f\.yaml:2:\d+: .*g\.yaml/);
spew("$dir/g.yaml", "a: {cmd: y}\n");
refuses('a process in two files', "a: {cmd: x}\ninclude: g.yaml\n", qr/^g\.yaml:1:1: 'a'.*f\.yaml:1/);

# ---- cycles: all of each ----

refuses('on itself', "a: {cmd: x, depends: [a]}\n", qr/^f\.yaml:1:23: .*a -> a/);
refuses('a cycle of three', "a: {cmd: x, depends: [b]}\nb: {cmd: x, depends: [c]}\nc: {cmd: x, depends: [a]}\n",
	qr/^f\.yaml:1:23: .*a -> b -> c -> a/);
refuses('two cycles', "a: {cmd: x, depends: [b]}\nb: {cmd: x, depends: [a]}\n"
		. "c: {cmd: x, depends: [d]}\nd: {cmd: x, depends: [c]}\n",
	qr/a -> b -> a.*c -> d -> c/s);
refuses('a cycle of 10,000', join('', map { "p$_: {cmd: x, depends: [p" . ($_ + 1) % 10000 . "]}\n" } 0 .. 9999),
	qr/^f\.yaml:1:\d+: .*p0 -> p1 -> p2 .*p9999 -> p0/);
spew("$dir/h.yaml", "include: f.yaml\n");
refuses('a file that includes itself', "include: h.yaml\na: {cmd: x}\n", qr/^h\.yaml:1:\d+: .*f\.yaml -> .*h\.yaml -> .*f\.yaml/);

# ---- size and depth ----

my @bomb = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]";
push @bomb, "x$_: &x$_ [" . join(', ', ('*x' . ($_ - 1)) x 10) . ']' for 1 .. 9;
refuses('an alias bomb', join("\n", @bomb, "a: {cmd: x}\n"), qr/^f\.yaml:\d+:\d+: .*too large/);

my @merge = '.m0: &m0 {' . join(', ', map { "k$_: 1" } 1 .. 1000) . '}';
push @merge, ".m$_: &m$_ {<<: [" . join(', ', ('*m' . ($_ - 1)) x 10) . ']}' for 1 .. 500;
refuses('a bomb of merge keys', join("\n", @merge, "a: {cmd: x}\n"), qr/^f\.yaml:\d+:\d+: .*too large/);
refuses('deep lists',    'a: ' . '[' x 100_000 . "\n",  qr/^f\.yaml:1:\d+: nested more than \d+ levels deep/);
refuses('deep mappings', '{a: ' x 100_000 . "\n",       qr/^f\.yaml:1:\d+: nested more than \d+ levels deep/);
refuses('70 MiB',        '# ' . 'x' x (70 << 20),       qr/^f\.yaml:1:1: too large: more than 64 MiB/, commands => [['list']]);
refuses('a command of 1 MB', "a:\n  cmd: " . 'x' x 1_000_000 . "\n", qr/^f\.yaml:2:8: 'cmd': 1000000 bytes long \(at most 100000\)/);
refuses('a command of 1 MB after substitution', "a:\n  params: {p: " . 'y' x 10_000 . "}\n  cmd: '" . '{p}' x 100 . "'\n",
	qr/^f\.yaml:3:8: 'cmd'.*longer than 100000 bytes/, commands => [['run', 'a'], ['show', 'a']]);
refuses('100,000 dependencies', 'a: {cmd: x, depends: [' . join(', ', map { "b$_" } 1 .. 100_000) . "]}\n",
	qr/^f\.yaml:1:\d+: .*'b1'/, commands => [['run', 'a'], ['list']]);

# ---- what is asked for ----

spew("$dir/f.yaml", <<'END');
roscore: {cmd: x, machine: pc, variants: {verbose: {cmd: "{cmd} -V"}, ctrl: [one: {}, two: {}]}}
rate: {cmd: "x {hz}", machine: pc}
END
for (
	[['run', 'rocore'], qr/'rocore' is not a process of f\.yaml \(did you mean 'roscore'\?\)/],
	[['kill', 'rocore'],   qr/did you mean 'roscore'/],
	[['status', 'rocore'], qr/did you mean 'roscore'/],
	[['run', 'roscore', '-v', 'verbos'], qr/'verbos' is not a variant .*did you mean 'verbose'/],
	[['run', 'roscore', '-v', 'one', 'two'], qr/both choices of the group 'ctrl'/],
	[['run', 'rate'],      qr/^f\.yaml:2:13: 'cmd' of 'rate': no parameter defines '\{hz\}'/m],
	[['run', 'roscore', '-p', 'x'], qr/'x' is no parameter/],
	[['run', "ros\ecore"], qr/is not a process/],
	[['run', map { "rosc$_" } 1 .. 2000], qr/rosc1/],
) {
	my ($command, $like) = @$_;
	my $got  = concert('-c', 'f.yaml', @$command);
	my $name = join ' ', map { s/\e/\\e/r } @$command[0 .. ($#$command > 4 ? 4 : $#$command)];
	is $got->{status}, 2, "$name: status 2";
	like $got->{err}, $like, "$name: what is wrong";
	unlike $got->{err}, qr/\e/, "$name: no escapes";
	ok !-e $touched, "$name: no machine was touched";
}

# The trap works: a good file touches the machine.
concert('-c', 'f.yaml', 'status');
ok -e $touched, 'the trap would have told';
unlink $touched;
spew("$dir/f.yaml", "a: {cmd: x}\n");
concert('-c', 'f.yaml', 'status');
ok -e $touched, 'here as well';

done_testing;
