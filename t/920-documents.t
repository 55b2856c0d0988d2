#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# What the documents promise: the examples and the README's launcher.yaml are without a fault, the
# README's commands exist, every link leads somewhere, and every make target is explained.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use lib dirname(__FILE__) . '/lib';
use Concert::Test qw(build run slurp spew tempdir);

chdir(dirname(__FILE__) . '/..') or die "cannot enter the project: $!\n";
my $concert = build('concert');
my $home    = tempdir();
my %clean   = (HOME => $home, XDG_CONFIG_HOME => undef, CONCERT_CONFIG => undef);

sub check_strictly {
	my ($file, $name) = @_;
	my $got = run([$concert, '-c', $file, 'check', '--strict'], env => \%clean);
	is $got->{status}, 0, "$name is without a fault" or diag $got->{out}, $got->{err};
}

for my $file ('launcher.yaml.example', glob 'examples/*.yaml') {
	next if $file =~ m{/cameras\.yaml$};    # is included by another, and no file by itself
	check_strictly($file, $file);
}

my $readme = slurp('README.md');
my @yaml   = $readme =~ /^```yaml\n(.*?)^```/msg;
is scalar @yaml, 1, 'the README has one launcher.yaml';
my $file = spew("$home/launcher.yaml", $yaml[0]);
check_strictly($file, 'it');

# Of each command line of the README: does it parse, and can it be planned?
for my $line (grep { /^concert / } map { split /\n/ } $readme =~ /^```sh\n(.*?)^```/msg) {
	my ($words) = $line =~ /^concert ([^#]*?)\s*(?:#.*)?$/;
	my ($command) = split ' ', $words;
	my $got = run([$concert, 'help', $command], env => \%clean);
	is $got->{status}, 0, "'concert $command' of the README has help";
	next unless $words =~ /--dry-run/;
	$got = run([$concert, '-c', $file, split ' ', $words], env => \%clean);
	is $got->{status}, 0, "'concert $words' of the README works" or diag $got->{err};
}

for my $document (qw(README.md CONTRIBUTING.md examples/README.md)) {
	for my $link (slurp($document) =~ /\]\(([^)#:]+)\)/g) {
		my $path = dirname($document) . "/$link";
		ok -e $path, "$document links to $link";
	}
}

for my $file (slurp('CONTRIBUTING.md') =~ m{`([\w/]+(?:\.[ch]|/))`}g) {
	ok scalar(grep { -e } glob "{.,include,src/*}/$file"), "CONTRIBUTING.md speaks of $file";
}

my $help = `MAKEFLAGS= make help`;
for my $target (grep { $_ ne 'all' } map { split ' ' } slurp('Makefile') =~ /^\.PHONY: (.*)/mg) {
	next if $target =~ /^(units|tools|fuzzers|install-strip|help)$/;
	like $help, qr/^make \Q$target\E /m, "make help explains $target";
}

done_testing;
