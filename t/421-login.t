#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Odd logins: banners, megabytes, other shells, start-up files that exit, read or hang, answers that
# are cut or garbled. What can work works; what cannot is an error that names the machine and says
# why, and nothing is started that is not told.
use strict;
use warnings;
use lib 't/lib';
use Concert::Stack;
use Concert::Test qw(slurp spew wait_until);
use Test::More;

my $stack = Concert::Stack->new;
my $lab   = $stack->lab;

# A machine that logs in as a user with this shell and these start-up files, and one process on it.
sub machine {
	my ($name, $shell, $files, @options) = @_;
	my $m = $lab->prepare($name, config => ["User $name"]);
	spew("$m->{home}/$_", $files->{$_}) for keys %$files;
	return $lab->start($name, passwd => {$name => {shell => $shell}}, options => \@options);
}

sub configure {
	my (@names) = @_;
	$stack->write(join '', "context: {session: lab, shell: sh -c}\n",
		map { "on_$_: {cmd: 'echo x >>~/on; exec sleep 1000', machine: $_, ready_check: test -e ~/on}\n" } @names);
}

my %works = (
	plain  => ['/bin/bash', {}],
	banner => ['/bin/bash', {'.bashrc' => "printf '\\033[31mWelcome!\\033[0m\\nconcert 1 0\\nend\\n'; echo to stderr >&2\n"}],
	loud   => ['/bin/bash', {'.bashrc' => "head -c 5000000 /dev/zero | tr '\\0' y; head -c 300000 /dev/zero | tr '\\0' '\\n'\n"}],
	asks   => ['/bin/bash', {'.bashrc' => "read -p 'which ROS? ' line\n"}],
	key    => ['/bin/bash', {'.bashrc' => "read -n 12 key\n"}],
	posix  => ['/bin/sh',   {}],
	fish   => ['/usr/bin/fish', {}],
	csh    => ['/bin/tcsh', {'.cshrc' => "echo 'Hello from csh!'\nset prompt='% '\n", '.tcshrc' => "echo tcsh\n"}],
	zsh    => ['/usr/bin/zsh', {'.zshenv' => "echo zsh\n"}],
);
for my $name (sort keys %works) {
	next if -x $works{$name}[0];
	diag "no $works{$name}[0]: left out";
	delete $works{$name};
}
machine($_, @{$works{$_}}) for sort keys %works;
configure(sort keys %works);
my $got = $stack->concert('run', map { "on_$_" } sort keys %works);
is $got->{status}, 0, "a process on each: @{[sort keys %works]}" or diag $got->{err};
is_deeply [map { slurp($lab->machine($_)->{home} . '/on') } sort keys %works], [map { "x\n" } keys %works], 'started once each';
is_deeply $stack->states, {map { ("on_$_" => 'ready') } keys %works}, 'and status reads them all';
unlike $got->{out} . $got->{err}, qr/Welcome|yyyy|Hello/, 'what the logins print is shown to nobody';
is $stack->concert('kill', '-a')->{status}, 0, 'kill all';
is_deeply $stack->states, {map { ("on_$_" => 'stopped') } keys %works}, 'all are stopped';
$lab->stop(sort keys %works);

# What is sent back is changed on its way: cut, garbled, nothing, endless.
my $answer = 'ForceCommand sh -c';
my %fails = (
	exits   => ['/bin/bash', {'.bashrc' => "exit 0\n"}],
	exits3  => ['/bin/bash', {'.bashrc' => "echo 'this account is closed' >&2; exit 3\n"}],
	reads   => ['/bin/bash', {'.bashrc' => "read one; read two\n"}],
	reads5  => ['/bin/bash', {'.bashrc' => "read one; read -n 12 x\n"}],
	eats    => ['/bin/bash', {'.bashrc' => "cat >/dev/null\n"}],
	nologin => ['/usr/sbin/nologin', {}],
	cut     => ['/bin/sh', {}, "$answer 'sh -s | head -c 120'"],
	cut1    => ['/bin/sh', {}, "$answer 'sh -s | head -c 20'"],
	half    => ['/bin/sh', {}, "$answer 'head -c 3000 | sh -s'"],
	garbled => ['/bin/sh', {}, "$answer 'sh -s | tr 0-9 5678901234'"],
	endless => ['/bin/sh', {}, "$answer 'yes'"],
);
my $before = qr/the login shell did not run what it was sent \(does a start-up file there, such as ~\/\.bashrc, exit, start another shell or read the input\?\)/;
my %why = (
	(map { $_ => $before } qw(exits reads reads5 eats nologin garbled cut1)),
	exits3  => qr/$before; it said 'this account is closed'/,
	cut     => qr/its answer was cut short/,
	half    => qr/$before; it said '.*[Uu]nterminated/,
	endless => qr/the answer of the machine cannot be read: it is too long/,
);
machine($_, @{$fails{$_}}) for sort keys %fails;
machine('good', @{$works{plain}});
configure('good', sort keys %fails);
$got = $stack->concert('run', map { "on_$_" } 'good', sort keys %fails);
is $got->{status}, 1, 'logins that do not work: the run fails' or diag $got->{err};
for my $name (sort keys %fails) {
	my @line = grep { /'$name'/ } split /\n/, $got->{err};
	like $line[0] // '', qr/^on_$name: .*on '$name': .*$why{$name}/, "$name: $line[0]";
}
my $rows = $stack->rows;
is $rows->{on_good}{state}, 'ready', 'the good one runs';
is_deeply [grep { $rows->{"on_$_"}{state} ne 'unreachable' } sort keys %fails], [],
	'of none of the others is anything claimed';
like $rows->{"on_$_"}{reason}, $why{$_}, "$_: status says the same" for sort keys %fails;
is_deeply [map { my $n = $_; map { "$n $_" } $stack->marked("on_$n") } qw(exits exits3 reads reads5 eats nologin cut1 half endless)],
	[], 'and nothing was started behind the back';
$got = $stack->concert('kill', '-a');
is $got->{status}, 1, 'kill does not claim to have killed them' or diag $got->{err};
unlike $got->{err}, qr/^on_(?!good).*: killed$/m, 'none';
like $got->{err}, qr/^on_good: killed$/m, 'but the good one';

done_testing;
