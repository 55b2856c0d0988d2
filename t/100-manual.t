#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# The manual and the program say the same: concert(1) has every command and every option of the
# tables that `concert help` is made from, with the same argument, and no other; the pages are
# clean; and the header's functions are those of libconcert(3).
use strict;
use warnings;
use File::Basename qw(dirname);
use Test::More;

my $root    = dirname(__FILE__) . '/..';
my $concert = ($ENV{BUILD} // "$root/build") . '/concert';

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return <$in>;
}

# "-p, --params KEY=VALUE..."
sub spelling {
	my ($letter, $name, $argument) = @_;
	return ($letter ne '' ? "-$letter, " : '') . "--$name" . ($argument ne '' ? " $argument" : '');
}

# command ('' for global options) => [spellings], in the order of the tables
my (%program, @commands);
open my $dump, '-|', $concert, 'help', '--dump' or die "$concert: $!\n";
while (<$dump>) {
	chomp;
	my ($kind, $command, @field) = split /\t/, $_, -1;
	if ($kind eq 'command') {
		push @commands, $command;
		$program{$command} = [];
	} else {
		push @{$program{$command}}, spelling(@field[0 .. 2]);
	}
}
close $dump;
ok(!$?, 'concert help --dump') or BAIL_OUT('there is no program to compare with');

# The same from the page: a subsection a command, an item an option.
my (%page, $section, @sections);
for (split /\n/, slurp("$root/man/concert.1")) {
	if (/^\.Ss (.*)/) {
		$section = $1 eq 'Global options' ? '' : $1;
		push @sections, $section if $section ne '';
		$page{$section} = [];
	} elsif (/^\.Sh /) {
		$section = undef;
	} elsif (defined $section && /^\.It (Fl .*)/) {
		my ($flags, $argument) = $1 =~ /^(.*?)(?: Ar (.*))?$/;
		my @flags = map { s/^Fl //r } split / , /, $flags;
		my ($letter) = grep { length == 1 } @flags;
		my ($name) = map { s/^-//r } grep { /^-/ } @flags;
		push @{$page{$section}}, spelling($letter // '', $name // '', $argument // '');
	}
}

is_deeply([sort @sections], [sort @commands], 'the commands of the page are those of the program');
for my $command ('', @commands) {
	is_deeply($page{$command}, $program{$command},
		$command eq '' ? 'global options' : "options of $command");
}

SKIP: {
	my ($mandoc) = grep { -x } map { "$_/mandoc" } split /:/, $ENV{PATH};
	skip 'mandoc is not installed', 1 unless $mandoc;
	my @said = grep { !/outdated mandoc\.db/ } `cd '$root/man' && $mandoc -Tlint -Wstyle *.[135] 2>&1`;
	is("@said", '', 'the pages are clean');
}

my %declared = map { $_ => 1 } slurp("$root/include/concert.h") =~ /\b(concert_\w+)\(/g;
my @unknown  = grep { !$declared{$_} } slurp("$root/man/libconcert.3") =~ /^\.Fn (concert_\w+)/mg;
is_deeply(\@unknown, [], 'libconcert(3) names only functions that there are');

# launcher.yaml(5) has every key of the tables that the configuration is read by.
my %key;
for my $file (map { "$root/src/core/config_$_.c" } qw(process context)) {
	$key{$_} = 1 for slurp($file) =~ /^\s*\{"(\w+)", \w+, /mg;
}
my %documented = map { $_ => 1 } map { /(\w+)/g } slurp("$root/man/launcher.yaml.5") =~ /^\.It (.*)/mg;
ok(keys %key > 20, 'the tables of keys are where they were');
is_deeply([grep { !$documented{$_} } sort keys %key], [], 'launcher.yaml(5) has every key');

# What the example in launcher.yaml(5) says is a file that concert takes.
my ($example) = slurp("$root/man/launcher.yaml.5") =~ /^\.Sh EXAMPLES\n\.Bd [^\n]*\n(.*?)^\.Ed/ms;
open my $check, '|-', "'$concert' -c - check --strict >/dev/null" or die "$concert: $!\n";
print $check $example;
ok(close $check, 'the example of launcher.yaml(5) passes check --strict');

done_testing();
