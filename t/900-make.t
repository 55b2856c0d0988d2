#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# What GNU make users expect: install and uninstall below DESTDIR and prefix, a library that
# others can link, and a message that helps where something is missing.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find;
use File::Spec::Functions qw(abs2rel);
use File::Temp qw(tempdir);
use Test::More;

chdir(dirname(__FILE__) . '/..') or die "cannot enter the project: $!\n";
my $build = $ENV{BUILD} || abs_path('build');
my $tmp   = tempdir('concert-make.XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Where `make check` called us, its variables (CFLAGS of asan, …) are in MAKEFLAGS and must be the
# same here, or everything would be built anew; its job server is not ours.
$ENV{MAKEFLAGS} = ($ENV{MAKEFLAGS} // '') =~ /(-- .*)/ ? $1 : '';
delete @ENV{qw(MAKELEVEL MFLAGS)};
my @where = $ENV{MAKEFLAGS} =~ /\bB=/ ? () : 'B=' . abs2rel($build);

sub make {
	my (@arguments) = @_;
	open my $out, '-|', 'sh', '-c', 'exec make "$@" 2>&1', 'sh', @where, @arguments
		or die "make: $!\n";
	local $/;
	my $said = <$out>;
	close $out;
	return ($? >> 8, $said);
}

sub files_below {
	my ($dir) = @_;
	my @files;
	find({ no_chdir => 1, wanted => sub { push @files, $File::Find::name if -f } }, $dir);
	s/^\Q$dir\E// for @files;
	return sort @files;
}

my ($status, $said) = make('install', "DESTDIR=$tmp/root");
is $status, 0, 'make install' or diag $said;
my @installed = files_below("$tmp/root");
for (qw(bin/concert lib/libconcert.a lib/pkgconfig/concert.pc include/concert.h)) {
	ok -f "$tmp/root/usr/local/$_", "installs $_";
}
for my $page (glob 'man/*.[1-9]') {
	my ($name, $section) = $page =~ m{man/(.*\.(\d))};
	ok -f "$tmp/root/usr/local/share/man/man$section/$name", "installs the manual page $name";
}
ok -x "$tmp/root/usr/local/bin/concert", 'the program can be executed';
is scalar(grep { !m{^/usr/local/(bin|lib|include|share)/} } @installed), 0, 'and nothing elsewhere';

open my $c, '>', "$tmp/user.c" or die "$tmp/user.c: $!\n";
print $c "#include <concert.h>\n#include <stdio.h>\n",
	"int main(void) { puts(concert_state_name(CONCERT_STATE_READY)); return 0; }\n";
close $c;
my ($flags) = ($ENV{MAKEFLAGS} =~ /(-fsanitize=[\w,]+)/, '');
$ENV{PKG_CONFIG_PATH}        = "$tmp/root/usr/local/lib/pkgconfig:" . ($ENV{PKG_CONFIG_PATH} // '');
my $libs = `pkg-config --define-variable=prefix=$tmp/root/usr/local --cflags --libs concert`;
is $?, 0, 'pkg-config knows concert';
chomp $libs;
is system("cc $flags -o $tmp/user $tmp/user.c $libs"), 0, 'another program links libconcert';
is `$tmp/user`, "ready\n", 'and runs';
is `pkg-config --modversion concert`, `sed -n 's/^#define CONCERT_VERSION "\\(.*\\)"/\\1/p' include/concert.h`,
	'pkg-config has the version of concert.h';

($status, $said) = make('uninstall', "DESTDIR=$tmp/root");
is $status, 0, 'make uninstall' or diag $said;
is_deeply [files_below("$tmp/root")], [], 'leaves no file';

($status, $said) = make('-n', 'install', "DESTDIR=$tmp/other", 'libdir=/l i b', 'mandir=/m');
like $said, qr{\Q$tmp\E/other/l i b}, 'libdir is honoured';

# ---- what is missing ----

($status, $said) = make('PKG_CONFIG=no-such-pkg-config');
isnt $status, 0, 'without pkg-config nothing is built';
like $said, qr/^  pkg-config/m, 'which is named';
like $said, qr/apt-get install .*pkg-config/, 'with the command for Debian';
like $said, qr/^\s+\Q$_\E /m, "and for $_" for qw(Fedora Arch Alpine macOS);

open my $fake, '>', "$tmp/pkg-config" or die "$tmp/pkg-config: $!\n";
print $fake "#!/bin/sh\ncase \"\$*\" in *libssh*) exit 1 ;; *) exec pkg-config \"\$@\" ;; esac\n";
close $fake;
chmod 0755, "$tmp/pkg-config";
($status, $said) = make("PKG_CONFIG=$tmp/pkg-config");
isnt $status, 0, 'nor with a libssh that is too old';
like $said, qr/libssh 0\.10 or newer/, 'which is named';
unlike $said, qr/jansson/, 'alone';

($status, $said) = make('-n', 'CC=no-such-cc');
like $said, qr/a C compiler/, 'a missing compiler is named';

($status, $said) = make('help', 'PKG_CONFIG=no-such-pkg-config', 'CC=no-such-cc');
is $status, 0, 'make help needs none of that';
($status, $said) = make('-n', 'clean', 'PKG_CONFIG=no-such-pkg-config', 'CC=no-such-cc');
is $status, 0, 'nor does make clean';

done_testing;
