#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The command line, as far as it needs no machine: options in all their spellings, exit statuses,
# messages, help, and the commands that only read the file.
use strict;
use warnings;
use lib 't/lib';
use Concert::Test qw(build run spew tempdir);
use JSON::PP qw(decode_json);
use Cwd ();
use Test::More;

my $dir     = tempdir();
my $concert = build('concert');
my $yaml    = <<'END';
context:
  session: robot
  params: {hw_type: sim}
  .defines: [&pc robot@pc1]
roscore:
  cmd: roscore
  machine: *pc
  ready_check: rostopic list
imu:
  cmd: imu --rate {rate}
  machine: *pc
  docker: box-1
  depends: [roscore]
  category: drivers
  description: inertial measurement
  params: {rate: 100}
home:
  cmd: echo "home"; exit 0
  persistent: false
  depends: {imu: started, roscore: {condition: ready, required: false}}
xbot2:
  cmd: |-
    xbot2-core --hw {hw_type} '$HOME'
    echo "{{done}}"
  machine: robot@pc2
  depends: [home, roscore]
  variants:
    verbose: {cmd: "{cmd} -V"}
    ctrl:
      - ec_pos: {params: {hw_type: ec_pos}}
      - dummy: {params: {hw_type: dummy}}
END
spew("$dir/launcher.yaml", $yaml);
spew("$dir/cycle.yaml", "a: {cmd: x, depends: [b]}\nb: {cmd: x, depends: [c]}\nc: {cmd: x, depends: [a]}\n");
spew("$dir/typo.yaml", "a: {cmd: x, dpends: [b]}\nb: {cmd: x}\n");

sub concert {
	my ($arguments, %option) = @_;
	return run([$concert, @$arguments], timeout => 20, cwd => $dir, %option, env => {
		HOME => $dir, XDG_CONFIG_HOME => undef, CONCERT_CONFIG => undef, COLUMNS => undef,
		CONCERT_LAUNCHER_DEFAULT_CONFIG => undef, NO_COLOR => undef, LC_ALL => 'C.UTF-8',
		%{$option{env} // {}},
	});
}

# What is printed, exactly: [arguments], status, standard output, standard error (strings or qr//).
sub prints {
	my ($arguments, $status, $out, $err, %option) = @_;
	my $got  = concert($arguments, %option);
	my $name = join ' ', 'concert', @$arguments;
	is $got->{status}, $status, "$name: exit status $status" or diag $got->{err};
	ref $out ? like $got->{out}, $out, "$name: output" : is $got->{out}, $out, "$name: output";
	ref $err ? like $got->{err}, $err, "$name: errors" : is $got->{err}, $err, "$name: errors";
	return $got;
}

# ---- usage ----

prints ['--version'], 0, qr/\Aconcert \d+\.\d+\.\d+\n\z/, '';
prints ['status', '-V'], 0, qr/\Aconcert \d/, '';
prints [], 2, '', "concert: no command given (see 'concert help')\n";
prints ['stauts'], 2, '', "concert: unknown command 'stauts', did you mean 'status'? (see 'concert help')\n";
prints ['frobnicate'], 2, '', "concert: unknown command 'frobnicate' (see 'concert help')\n";
prints ['run'], 2, '',
	"concert: 'run' wants the name of a process, before -p and -v or after '--' (see 'concert help run')\n";
prints ['run', '--dryrun', 'imu'], 2, '',
	"concert: unknown option '--dryrun', did you mean '--dry-run'? (see 'concert help run')\n";
prints ['list', 'imu'], 2, '', "concert: 'list' does not take 'imu' (see 'concert help list')\n";
prints ['show', 'imu', 'home'], 2, '', "concert: 'show' does not take 'home' (see 'concert help show')\n";
prints ['run', 'imu', '--deadline', 'soon'], 2, '',
	"concert: 'soon' is not a value of '--deadline': it takes a time like 10s or 500ms (see 'concert help run')\n";
prints ['--json', 'status'], 2, '', "concert: option '--json' belongs after the command (see 'concert help')\n";
prints ['kill'], 2, '', "concert: name processes, or give -a to kill all of the file (see 'concert help kill')\n";
prints ['kill', 'imu', '-a'], 2, '', qr/\Aconcert: -a means all processes.*\(see 'concert help kill'\)\n\z/;
prints ['kill', '--grace=later', '-a'], 2, '', qr/'later' is not a value of '--grace'/;

# ---- help ----

my $help = concert(['help']);
is $help->{status}, 0, 'help';
like $help->{out}, qr/^  $_ /m, "help names $_" for qw(run restart kill status list show graph check help);
unlike $help->{out}, qr/^  completion /m, 'help names no command that does not exist';
is concert($_)->{out}, $help->{out}, "@$_ prints the same" for ['-h'], ['--help'];
my $run = concert(['help', 'run']);
like $run->{out}, qr/^usage: concert run PROC\.\.\. /, 'help run';
like $run->{out}, qr/^  -v, --variants VARIANT\.\.\. /m, 'an option in it';
is concert($_)->{out}, $run->{out}, "@$_ prints the same"
	for ['run', '-h'], ['run', 'imu', '--help'], ['-h', 'run'], ['help', 'run', '-h'];
prints ['help', 'rum'], 2, '', qr/\Aconcert: unknown command 'rum', did you mean 'run'\?/;

# ---- the file ----

prints ['check'], 0, qr/\A\S*launcher\.yaml: ok, 4 processes on 3 machines\n\z/, '';
prints ['check', '-c', '-'], 0, qr/: ok, 1 process on 1 machine\n\z/, '', stdin => "a: {cmd: x}\n";
prints ['-c', '/nonexistent/x.yaml', 'check'], 2, '', qr{/nonexistent/x\.yaml};
prints ['list'], 2, '', qr/\Aconcert: /, cwd => '/';
prints ['check', '-c', 'cycle.yaml'], 2, '', qr/a.*b.*c/s;
prints ['check', '-c', 'typo.yaml'], 0, qr/: ok, 2 processes on 1 machine, 1 warning\n/,
	qr/\A\S*typo\.yaml:1:13: warning: .*dpends.*depends/;
prints ['check', '-c', 'typo.yaml', '--strict'], 2, '', qr/\A\S*typo\.yaml:1:13: .*dpends.*depends/;
prints ['list', '-c', 'typo.yaml'], 0, qr/^a /m, '';
prints ['check'], 2, '', qr/\A\S*:\d+:\d+: /, env => {CONCERT_CONFIG => spew("$dir/no.yaml", "a: [\n")};

# ---- names ----

prints ['show', 'rosrcore'], 2, '', qr/'rosrcore'.*\(did you mean 'roscore'\?\)/;
prints ['run', 'xbot', '--dry-run'], 2, '', qr/'xbot'.*'xbot2'/;
prints ['run', 'xbot2', '-v', 'verbos', '--dry-run'], 2, '', qr/'verbos'.*'verbose'/;
prints ['run', 'xbot2', '-v', 'ec_pos', 'dummy', '--dry-run'], 2, '', qr/ctrl/;
prints ['run', 'xbot2', '-v', 'dummy', '-p', 'hw_type=ec_pos', '--dry-run'], 2, '', qr/hw_type/;

# ---- show, --dry-run ----

my $xbot2 = "xbot2-core --hw %s '\$HOME'\necho \"{done}\"%s";

sub shown {
	my ($name, $hw, $flag, @arguments) = @_;
	my $got = concert(['show', 'xbot2', '--json', @arguments]);
	is $got->{status}, 0, $name or diag $got->{err};
	my $step = eval { decode_json($got->{out}) } // {};
	is $step->{cmd}, sprintf($xbot2, $hw, $flag), "$name: the command, byte for byte";
	return $step;
}

my $step = shown('as it is', 'sim', '');
is $step->{machine}, 'robot@pc2', 'its machine';
is $step->{session}, 'robot', 'its session';
is $step->{shell}, 'bash -ic', 'its shell';
is_deeply $step->{stop}, {signal => 'INT', grace_ms => 10000, cmd => undef}, 'how it is stopped';
is_deeply $step->{depends}, [map { {process => $_, condition => 'ready', required => JSON::PP::true} } qw(home roscore)],
	'what it depends on';
# The spellings of the ancestor, and ours.
shown('-v a b',           'ec_pos', ' -V', '-v', 'ec_pos', 'verbose');
shown('--variants',       'ec_pos', ' -V', '--variants', 'ec_pos', 'verbose');
shown('--variant twice',  'dummy',  ' -V', '--variant', 'dummy', '--variant=verbose');
shown('GROUP=CHOICE',     'dummy',  '',    '-v', 'ctrl=dummy');
shown('PROCESS:CHOICE',   'dummy',  '',    '-v', 'xbot2:dummy');
shown('-p k:=v',          'real',   '',    '-p', 'hw_type:=real');
shown('--params k=v',     'real',   ' -V', '--params', 'hw_type=real', '-v', 'verbose');
shown('-l and --verbose', 'sim',    '',    '-l', 'WARNING', '--verbose');

my $text = prints ['show', 'xbot2', '-v', 'verbose'], 0, qr/\Axbot2 \(\S*launcher\.yaml:21\)\n/, '';
like $text->{out}, qr/^  machine    robot\@pc2\n/m, 'show: the machine';
like $text->{out}, qr/^  command    xbot2-core --hw sim '\$HOME'\n {13}echo "\{done\}" -V\n\z/m, 'show: the command';

my $plan = prints ['run', 'xbot2', '--dry-run'], 0, qr/^1\. roscore\n.*^2\. imu\n.*^3\. home\n.*^4\. xbot2\n/ms, '';
like $plan->{out}, qr/^  command    imu --rate 100\n/m, 'every step has its command';
like $plan->{out}, qr/^  container  box-1/m,            'and its container';
my @steps = map { decode_json($_) } split /\n/, concert(['run', 'xbot2', '--dry-run', '--json'])->{out};
is_deeply [map { $_->{process} } @steps], [qw(roscore imu home xbot2)], '--dry-run --json: an object a step';
is_deeply [map { $_->{level} } @steps], [0 .. 3], 'with its level';
prints ['restart', 'imu', '--dry-run'], 0, qr/^  command    imu --rate 100\n/m, '';
prints ['run', 'imu', '--dry-run', '-p', 'unused=1'], 0, qr/imu --rate 100/, qr/warning: .*'unused'/;

# ---- list, graph ----

my $list = prints ['list'], 0, qr/^PROCESS\s+MACHINE/, '';
like $list->{out}, qr/^drivers:\nPROCESS .*\nimu\s+robot\@pc1\s+inertial measurement\n/m, 'a category';
like $list->{out}, qr/^xbot2\s+robot\@pc2\s+verbose, ctrl=\(ec_pos\|dummy\)\n/m, 'variants';
my $json = decode_json(concert(['list', '--json'])->{out});
is $json->{version}, 1, 'list --json: version';
is_deeply [map { $_->{process} } @{$json->{processes}}], [qw(roscore imu home xbot2)], 'the processes';
is_deeply $json->{processes}[3]{variants},
	[{name => 'verbose', group => undef}, map { {name => $_, group => 'ctrl'} } qw(ec_pos dummy)], 'variants';
is $json->{processes}[2]{persistent}, JSON::PP::false, 'a one-shot';

prints ['graph'], 0, <<'END', '';
xbot2  robot@pc2
├─ home  local
│  ├─ imu  robot@pc1 (box-1), started
│  │  └─ roscore  robot@pc1
│  └─ roscore  robot@pc1, not required
└─ roscore  robot@pc1
END
prints ['graph', '--dot'], 0, <<'END', '';
digraph concert {
	node [shape=box];
	subgraph cluster_0 {
		label="robot@pc1";
		"roscore";
		"imu";
	}
	subgraph cluster_1 {
		label="local";
		"home" [style=rounded];
	}
	subgraph cluster_2 {
		label="robot@pc2";
		"xbot2";
	}
	"imu" -> "roscore";
	"home" -> "imu" [label="started"];
	"home" -> "roscore" [label="", style=dashed];
	"xbot2" -> "home";
	"xbot2" -> "roscore";
}
END

# ---- output ----

unlike concert(['list'])->{out}, qr/\e/, 'no colours where there is no terminal';
like concert(['list', '--color=always'])->{out}, qr/\e\[/, '--color=always';
my $evil = concert(['list', '-c', '-'], stdin => qq(a: {cmd: x, description: "\\e[2J\\e]0;x\\a\\u202e"}\n));
unlike $evil->{out}, qr/[\e\a]|\xe2\x80\xae/, 'escape sequences of a file are made harmless';
is run(['sh', '-c', '"$0" list >/dev/full', $concert], cwd => $dir)->{status}, 1, 'a full disk is an error';
my $pipe = run(['bash', '-c', '"$0" graph | true; echo ${PIPESTATUS[0]}', $concert], cwd => $dir);
is $pipe->{out} . $pipe->{err}, "0\n", 'a reader that goes away is none';

# ---- the real files, where they are at hand ----

for my $ros (1, 2) {
	my $file = "../shared/data/kyon_ros${ros}_launcher_config.yaml";
	SKIP: {
		skip "$file is not here", 3 unless -e $file;
		my $path = Cwd::abs_path($file);
		prints ['check', '-c', $path], 0, qr/: ok, \d+ processes on \d+ machines?$/m, qr//;
		my @all = map { $_->{process} } @{decode_json(concert(['list', '--json', '-c', $path])->{out})->{processes}};
		# This one has a placeholder that only its variants define.
		my @variant = grep({ $_ eq 'joint_pose' } @all) ? qw(-v home_lr) : ();
		is concert(['run', '--dry-run', '-c', $path, @all, @variant])->{status}, 0, 'and can be planned';
	}
}

done_testing;
