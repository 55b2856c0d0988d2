#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What processes write, as watch, wait and run -w show it: each byte once, whatever happens to the
# link, the process or the log.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(build finish slurp spew wait_until);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = Concert::Stack->new(machines => ['pc1', 'pc2']);
my $lab   = $stack->lab;
my $home  = $lab->machine('pc1')->{home};

sub file { my ($yaml, $context) = @_; $stack->write('context: {session: lab' . ($context // '') . "}\n$yaml") }
sub clear { my $got = $stack->concert('kill', '-a', '--force'); is $got->{status}, 0, 'all down' or diag $got->{err} }
sub up { my $got = $stack->concert('run', @_); is $got->{status}, 0, "up: @_" or diag $got->{err}, $got->{out} }

sub soon (&$$) {
	my ($true, $seconds, $name) = @_;
	return ok(&wait_until($true, $seconds), $name);
}

# What a child has written so far.
sub so_far {
	my ($child, $name) = @_;
	my $file = $child->{$name // 'out'};
	return slurp("/proc/$$/fd/" . fileno $file);
}

sub ended {
	my ($child) = @_;
	kill 'INT', $child->{pid};
	return finish($child);
}

sub comm { my $comm = slurp("/proc/$_[0]/comm") // ''; chomp $comm; return $comm }

# The scripts of a watch on a machine, and what they run.
sub scripts {
	my ($name) = @_;
	return grep { comm($_) !~ /^sshd/ } $lab->sessions($name);
}

sub numbers { return join '', map { "$_\n" } $_[0] .. $_[1] }

# Beginning with 1, or whatever comes first: each number once, in order, and nothing else.
sub is_gapless {
	my ($text, $name) = @_;
	my @lines = split /\n/, $text;
	my $first = $lines[0] // 1;
	for my $i (0 .. $#lines) {
		next if $lines[$i] eq $first + $i;
		return fail("$name: line $i is '$lines[$i]', not " . ($first + $i));
	}
	return ok(scalar @lines, $name);
}

subtest 'from the start, the end, a line on' => sub {
	file(<<'END');
p: {cmd: "seq 20; exec sleep 1000", machine: pc1, ready_check: {log: ^20}}
END
	up('p');
	my $watch = sub { $stack->concert('watch', '--no-follow', @_)->{out} };
	is $watch->('p', '-n', '+1'),  numbers(1, 20),  'from the first line';
	is $watch->('p', '-n', '+15'), numbers(15, 20), 'from a line on';
	is $watch->('p', '-n', '3'),   numbers(18, 20), 'the last lines';
	is $watch->('p'),              numbers(11, 20), 'ten by default';
	is $watch->('p', '-n', '0'),   '',              'none';
	is $watch->('p', '-n', '+1', '--grep', '^1(1|2)$'), "11\n12\n", 'those that match';
	my @json = map { JSON::PP->new->utf8->decode($_) } split /\n/, $watch->('p', '-n', '2', '--json');
	is_deeply [map { $_->{message} } @json], [19, 20], 'JSON: the lines';
	is_deeply [map { $_->{offset} } @json], [63, 67], 'and where they stand';
	like $watch->('p', '-n', '1', '--timestamps'), qr/^ {29}20\n$/, 'older lines have no time';
	is $stack->concert('watch', 'p', '--grep', '(')->{status}, 2, 'no regular expression';
	is $stack->concert('watch', 'p', '-n', 'many')->{status}, 2, 'no number';
	is $stack->concert('watch', 'nobody')->{status}, 2, 'no process';
	clear();
};

subtest 'lines as they come' => sub {
	file(<<'END');
p: {cmd: "cat", machine: pc1}
cut: {cmd: "printf 'a \\033[31mred\\033[m line\\n10%%\\r20%%\\r30%%\\n\\377\\tx\\nno end'; sleep 0.2; exit 3", machine: pc1}
long: {cmd: "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo short; sleep 0.5", machine: pc2}
END
	up('p');
	my $child = $stack->start_concert('watch', '-n', '0', '--timestamps', 'p');
	soon { scripts('pc1') } 10, 'so far';
	my $tmux = sub { Concert::Test::run(['tmux', @_], env => {TMUX => undef, TMUX_TMPDIR => $lab->machine('pc1')->{tmux}}) };
	soon { $tmux->('send-keys', '-t', 'lab:p', 'hello', 'Enter'); sleep 0.2; so_far($child) =~ /hello/ } 10,
		'a line that is typed is shown';
	my ($time) = so_far($child) =~ /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}[+-]\d{4} hello$/m;
	ok $time, 'with its time' or diag so_far($child);
	is ended($child)->{status}, 130, 'Ctrl-C';
	soon { !scripts('pc1') } 5, 'nothing is left on the machine' or diag join ' ', map { comm($_) } scripts('pc1');

	my $got = $stack->concert('run', '-w', 'cut');
	is $got->{status}, 3, 'run -w: the exit status';
	is $got->{out}, "a red line\n30%\n\xff\tx\nno end\n", 'and lines made plain';
	like $got->{err}, qr/^--- cut: exited with status 3 ---$/m, 'its end is marked';
	$got = $stack->concert('run', '-w', 'long');
	is $got->{out}, ('x' x 1_000_000) . "\nshort\n", 'a line of a megabyte';
	$got = $stack->concert('watch', '--no-follow', '-n', '1', 'cut', 'long');
	is join('', sort map { "$_\n" } split /\n/, $got->{out}), "cut  | no end\nlong | short\n", 'prefixes of one width';
	clear();
};

subtest 'exit statuses' => sub {
	file(<<'END');
ok: {cmd: "echo fine; sleep 0.3", machine: pc1}
three: {cmd: "sleep 0.3; exit 3", machine: pc1}
killed: {cmd: "sleep 0.3; kill -9 $$", machine: pc2}
once: {cmd: "echo out; exit 7", machine: pc2, persistent: false}
stays: {cmd: exec sleep 1000, machine: pc1}
never: {cmd: "true"}
END
	is $stack->concert('run', '-w', 'once')->{status}, 7, 'run -w of a one-shot';
	is $stack->concert('run', '-w', 'killed')->{status}, 137, 'run -w: a signal';
	my $two = $stack->concert('run', '-w', 'ok', 'three');
	is $two->{status}, 3, 'run -w of two: the largest' or diag $two->{err};
	is $stack->concert('wait', 'three')->{status}, 3, 'wait for what is over';
	is $stack->concert('wait', 'three', 'killed')->{status}, 137, 'wait for two';
	is $stack->concert('wait', 'never')->{status}, 255, 'what never ran';
	up('stays');
	is $stack->concert('wait', 'stays', '--deadline', '300ms')->{status}, 6, 'a deadline';
	my $child = $stack->start_concert('wait', 'stays');
	soon { scripts('pc1') } 10, 'so far';
	is $stack->concert('kill', 'stays')->{status}, 0, 'killed meanwhile';
	is finish($child)->{status}, 130, 'wait: ended by SIGINT';
	is $stack->concert('run', '-w', 'nobody')->{status}, 255, 'run -w: concert failed';
	clear();
};

subtest 'a link that is cut again and again' => sub {
	file(<<'END');
p: {cmd: "i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo $i; [ $((i % 10)) -gt 0 ] || sleep 0.01; done; echo over; sleep 1000", machine: pc1}
END
	up('p');
	my $child = $stack->start_concert('watch', '-n', '+1', 'p');
	for (1 .. 4) {
		my $before = length so_far($child);
		soon { length so_far($child) > $before + 100 } 20, 'it goes on';
		kill 'KILL', grep { comm($_) =~ /^sshd/ } $lab->sessions('pc1');
	}
	soon { so_far($child) =~ /^over$/m } 40, 'it comes to the end';
	my $got = ended($child);
	is $got->{out}, numbers(1, 3000) . "over\n", 'no gap and no repeat';
	like $got->{err}, qr/connected again/, 'what happened is told';
	clear();
};

subtest 'restart' => sub {
	file("again: {cmd: 'echo run \$CONCERT_RUN; i=0; while sleep 0.01; do i=\$((i + 1)); echo \$i; done', machine: pc1}\n");
	my $child = $stack->start_concert('watch', '-n', '+1', 'again');
	soon { so_far($child, 'err') =~ /not started yet/ } 10, 'a process that is not there yet';
	up('again');
	soon { so_far($child) =~ /^5$/m } 10, 'it is followed when it comes';
	for (1 .. 2) {
		is $stack->concert('restart', 'again')->{status}, 0, 'restart';
		my $run = $stack->rows->{again}{run};
		soon { so_far($child) =~ /^run $run\n(?:\d+\n)*5\n/m } 10, 'the next run is followed';
	}
	my $got  = ended($child);
	my @runs = split /^run .*\n/m, $got->{out};
	shift @runs;
	is scalar @runs, 3, 'three runs';
	is_gapless($_, 'a run from its first line to its last') for @runs;
	is scalar(() = $got->{err} =~ /^--- again: started/mg), 3, 'three beginnings' or diag $got->{err};
	is scalar(() = $got->{err} =~ /^--- again: ended by SIGINT|^--- again: exited/mg), 2, 'two ends' or diag $got->{err};
	clear();
};

subtest 'the cap of the log' => sub {
	file("capped: {cmd: 'echo begin; i=0; while [ \$i -lt 60000 ]; do i=\$((i + 1)); echo \$i; done; echo over; exec sleep 1000', machine: pc1}\n",
		', log: {max: 128K}');
	my $child = $stack->start_concert('watch', '-n', '+1', 'capped');
	soon { so_far($child, 'err') =~ /not started yet/ } 10, 'so far';
	up('capped');
	soon { so_far($child) =~ /^over$/m } 30, 'all of it is written';
	my $got = ended($child);
	if ($got->{err} =~ /are gone/) {
		like $got->{out}, qr/\n59999\n60000\nover\n$/, 'a watcher that is too slow is told';
	} else {
		is $got->{out}, "begin\n" . numbers(1, 60000) . "over\n", 'a watcher sees all across segments';
	}
	my ($dir) = glob "$home/.local/state/concert/*/lab/capped";
	my $size = 0;
	$size += -s $_ for glob "$dir/*/log.1*";
	cmp_ok $size, '<=', 131072, 'the cap holds';
	cmp_ok $size, '>', 65536, 'and is made use of';
	my $late = $stack->concert('watch', '-n', '+1', '--no-follow', 'capped');
	like $late->{err}, qr/^--- capped: the log passed its cap/m, 'what is gone is told';
	(my $lines = $late->{out}) =~ s/^[^\n]*\n// or fail 'lines';
	$lines =~ s/over\n$// or fail 'the end';
	is_gapless($lines, 'the rest is whole');
	is $stack->concert('watch', '-n', '2000', '--no-follow', 'capped')->{out}, numbers(58002, 60000) . "over\n",
		'the last lines, across segments';
	clear();
};

subtest 'ready by the log and one-shots across segments' => sub {
	file(<<'END', ', log: {max: 128K}');
p: {cmd: "seq 20000; echo now; exec sleep 1000", machine: pc1, ready_check: {log: ^now}}
one: {cmd: "i=0; while [ $i -lt 400 ]; do i=$((i + 1)); printf '%0100d\\n' $i; sleep 0.002; done", machine: pc1, persistent: false}
END
	up('p');
	my $got = $stack->concert('run', '-w', 'one');
	is $got->{out}, join('', map { sprintf "%0100d\n", $_ } 1 .. 400), 'all of a one-shot';
	clear();
};

subtest 'a flood' => sub {
	file(<<'END');
flood: {cmd: "yes 'a line of the flood, again and again and again and again and again'", machine: pc1}
calm: {cmd: "i=0; while sleep 0.1; do i=$((i + 1)); echo $i; done", machine: pc1}
END
	up('flood', 'calm');
	my $child = $stack->start_concert('watch', '-n', '0', 'flood', 'calm');
	my $count = sub { return scalar(() = (so_far($child)) =~ /^calm  \| \d+$/mg) };
	soon { $count->() > 2 } 10, 'both are watched';
	my $before = $count->();
	sleep 3;
	cmp_ok $count->() - $before, '>=', 10, 'the calm one is not starved';
	my ($peak) = (slurp("/proc/$child->{pid}/status") // '') =~ /^VmHWM:\s*(\d+) kB/m;
	# A sanitizer keeps a quarantine and shadows of its own; what swells shows there too.
	my $most = slurp(build('concert')) =~ /__asan_init/ ? 600_000 : 30_000;
	cmp_ok $peak, '<', $most, "memory stays small ($peak kB)";
	my $got = ended($child);
	is_gapless(join("\n", $got->{out} =~ /^calm  \| (\d+)$/mg), 'its lines are whole');
	clear();
	soon { !scripts('pc1') } 5, 'nothing is left on the machine';
};

# A machine of busybox, with a dd that cannot skip bytes.
sub busybox_tools {
	my ($busybox) = grep { -x } map { "$_/busybox" } split /:/, $ENV{PATH} or return;
	my $dir = Concert::Test::tempdir();
	symlink $busybox, "$dir/$_" for split ' ', `$busybox --list`;
	unlink "$dir/dd";
	spew("$dir/dd", "#!$dir/sh\ncase \$1 in iflag*) exit 1 ;; esac\nexec $busybox dd \"\$@\"\n", 0755);
	return $dir;
}

subtest 'a machine with busybox' => sub {
	my $tools = busybox_tools() or plan skip_all => 'busybox is not installed';
	$lab->start('small', env => ["PATH=$tools:$ENV{PATH}"]);
	file(<<'END', ', log: {max: 256K}');
n: {cmd: "i=0; while [ $i -lt 5000 ]; do i=$((i + 1)); echo $i; done; echo over; exec sleep 1000", machine: small}
t: {cmd: "i=0; while sleep 0.5; do echo $((i += 1)) $(/usr/bin/date +%s.%N); done", machine: small}
END
	my $child = $stack->start_concert('watch', '-n', '+1', 'n');
	soon { so_far($child, 'err') =~ /not started yet/ } 20, 'it waits';
	up('n', 't');
	soon { so_far($child) =~ /^over$/m } 30, 'it comes to the end';
	is ended($child)->{out}, numbers(1, 5000) . "over\n", 'no gap and no repeat';
	is $stack->concert('watch', '-n', '2000', '--no-follow', 'n')->{out}, numbers(3002, 5000) . "over\n", 'the last lines';
	$child = $stack->start_concert('watch', '-n', '0', 't');
	my (@late, %seen);
	soon {
		for (so_far($child) =~ /^\d+ ([0-9.]+)$/mg) { push @late, time - $_ unless $seen{$_}++ }
		@late >= 5
	} 20, 'five lines';
	cmp_ok((sort { $a <=> $b } @late)[$#late / 2], '<', 1, "lines are shown at once: @late");
	ended($child);
	soon { !scripts('small') } 5, 'nothing is left';
	clear();
};

subtest 'a client that is gone without a word' => sub {
	file("p: {cmd: 'exec sleep 1000', machine: pc1}\n");
	up('p');
	my $child = $stack->start_concert('watch', 'p');
	soon { scripts('pc1') } 10, 'it watches';
	kill 'STOP', $child->{pid};
	soon { !scripts('pc1') } 40, 'what it left ends by itself' or diag join ' ', map { comm($_) } scripts('pc1');
	kill 'CONT', $child->{pid};
	soon { scripts('pc1') } 20, 'and is there again when the client is';
	ended($child);
	clear();
};

done_testing;
