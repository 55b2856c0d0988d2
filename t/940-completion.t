#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# Completion in bash, zsh and fish: the three offer the same for the same words, and ask nobody but
# the program's own tables and the file.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use lib dirname(__FILE__) . '/lib';
use Concert::Test qw(build run spew tempdir);

my $top  = abs_path(dirname(__FILE__) . '/..');
my $home = tempdir();
my %env  = (HOME => $home, PATH => dirname(build('concert')) . ":$ENV{PATH}", CONCERT_CONFIG => undef,
	XDG_CONFIG_HOME => undef, XDG_DATA_HOME => undef, XDG_CACHE_HOME => undef);
my $yaml = <<'END';
alpha: {cmd: a, machine: pc, category: "two words:", variants: {loud: {cmd: "{cmd} -l"}}}
beta: {cmd: b, variants: {mode: [slow: {cmd: s}, swift: {cmd: f}]}}
alpine: {cmd: c}
END
spew("$home/launcher.yaml", $yaml);
spew("$home/other.yaml", "gamma: {cmd: g}\n");

# Each returns what would be offered for the words, the last of which may be empty.
my %shell = (
	bash => sub {
		my $words = join ' ', map { "'$_'" } @_;
		return ('bash', '--norc', '-c', ". '$top/completions/concert.bash'; COMP_WORDS=($words); "
			. "COMP_CWORD=$#_; _concert; printf '%s\\n' \"\${COMPREPLY[\@]}\"");
	},
	# What _concert hands to zsh's own functions, filtered as they would.
	zsh => sub {
		my $words = join ' ', map { "'$_'" } @_;
		return ('zsh', '-f', '-c', <<"END");
_files() { print -l -- *(N) }
_message() { }
_describe() { [[ \$1 == -o ]] && shift; print -l -- \${\${(P)2}%%:*} }
compadd() { print -l -- \${(P)2} }
words=($words) CURRENT=\${#words}
. '$top/completions/_concert' | grep -e "^\${words[CURRENT]}"
END
	},
	fish => sub {
		my $line = join ' ', @_;
		return ('fish', '--no-config', '-c', "source '$top/completions/concert.fish'; complete -C '$line'");
	},
);

my @cases = (
	[['concert', 're'],                             [qw(restart)],           'a command'],
	[['concert', 'run', 'al'],                      [qw(alpha alpine)],      'processes of the file'],
	[['concert', '-c', 'other.yaml', 'run', ''],    [qw(gamma)],             'of the file that is named'],
	[['concert', 'run', 'beta', '-v', 's'],         [qw(slow swift)],        'variants'],
	[['concert', 'run', 'beta', '-v', 'slow', 'l'], [qw(loud)],              'more variants'],
	[['concert', 'kill', '--wi'],                   [qw(--with-dependencies)], 'an option of the command'],
	[['concert', 'run', '--ancest'],                [],                      'but none of another'],
	[['concert', '--color', 'a'],                   [qw(always auto)],       'the choices of an option'],
	[['concert', '-c', 'oth'],                      [qw(other.yaml)],        'files'],
	[['concert', 'help', 'gra'],                    [qw(graph)],             'commands to be explained'],
	[['concert', 'status', 'be'],                   [qw(beta)],              'processes for status too'],
);

for my $name (sort keys %shell) {
	SKIP: {
		skip "no $name", scalar @cases unless grep { -x "$_/$name" } split /:/, $ENV{PATH};
		for my $case (@cases) {
			my ($words, $want, $what) = @$case;
			my $got   = run([$shell{$name}->(@$words)], env => \%env, cwd => $home, timeout => 20);
			my @got   = sort grep { length } map { s/\t.*//r } split /\n/, $got->{out};
			is_deeply \@got, $want, "$name: $what" or diag $got->{out}, $got->{err};
		}
	}
}

done_testing;
