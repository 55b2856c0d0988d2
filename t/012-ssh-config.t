#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
#
# Our reading of ssh_config beside OpenSSH's own (`ssh -G`), for a table of configurations.
use strict;
use warnings;
use lib 't/lib';
use Concert::Test qw(build run spew tempdir);
use Test::More;

my $tool = build('t/tool/ssh_config');
my $dir  = tempdir();
my $home = (getpwuid $>)[7];
my $me   = getpwuid $>;

# What ssh prints in another shape, brought to ours. Only the keys that we print are compared.
sub theirs {
	my ($text, $ours) = @_;
	my (%theirs, @files);
	for (split /\n/, $text) {
		my ($key, $value) = /^(\S+) ?(.*)$/ or next;
		push @{$theirs{$key}}, $value;
	}
	s{^~/}{$home/} for @{$theirs{identityfile} // []};
	@{$theirs{$_}} = map { split ' ' } @{$theirs{$_} // []} for qw(userknownhostsfile globalknownhostsfile);
	s{^~/}{$home/} for @{$theirs{userknownhostsfile} // []};
	# Tokens are expanded late by ssh; what they become is tested below.
	for my $key (qw(identityfile proxycommand)) {
		my $list = $theirs{$key} // [];
		$list->[$_] =~ /%/ and $list->[$_] = $ours->{$key}[$_] for 0 .. $#$list;
	}
	return {map { $_ => $theirs{$_} // ['(not printed)'] } keys %$ours};
}

sub ours {
	my ($text) = @_;
	my %ours;
	for (split /\n/, $text) { /^(\S+) (.*)$/ and push @{$ours{$1}}, $2 }
	# ssh keeps to itself what it would expand later, or prints it in ways of its own.
	return \%ours;
}

sub same {
	my ($what, $config, @hosts) = @_;
	my $file = spew("$dir/config", $config);
	for my $host (@hosts) {
		my ($user, $name) = $host =~ /^(?:(.*)@)?(.*)$/;
		my $got  = run([$tool, $file, $name, $user // '']);
		my $want = run(['/usr/bin/ssh', '-G', '-F', $file, $host]);
		if ($want->{status}) {
			is $got->{status}, 1, "$what: $host: an error, as for ssh" or diag $got->{out}, $want->{err};
			like $got->{out}, qr/^error \Q$file\E:\d+: /, "$what: $host: and where" if $want->{err} =~ /line \d+/;
			next;
		}
		my $ours = ours($got->{out});
		is_deeply $ours, theirs($want->{out}, $ours), "$what: $host" or diag explain [$ours, $got->{err}];
	}
}

# Only what one side prints is known to be a default: -G shows more than we hold.
same('nothing', '', 'pc1', 'robot@pc1');
same('host', <<'EOC', qw(pc1 PC1 pc2 other robot@pc1));
Host pc1
	HostName 10.0.0.1
	Port 2222
	User robot
	IdentityFile ~/.ssh/robot
Host pc*
	Port 4444
	IdentityFile /keys/second
	ConnectTimeout 5
EOC
same('patterns', <<'EOC', qw(a1 a2 a3 b b1 c xyz));
Host a? !a2
	User first
Host !b* *
	Port 1000
Host b c
	User second
Host *
	User last
EOC
same('syntax', <<'EOC', qw(q q2));
# a comment
   Host=q "q2"
HostName = "10.0.0.9"
	User	"some body"   # who
Port=77
  IdentityFile "/a path/with blanks"
IdentityFile=/b
IdentityFile /b
CertificateFile /c-cert.pub
ServerAliveInterval 1m
ServerAliveCountMax 7
EOC
same('tokens', <<'EOC', qw(t robot@t));
Host t
	HostName %h.example.org
	IdentityFile ~/.ssh/id_%r_%h_%n_%p_%u
	IdentityFile %d/x%%y
	UserKnownHostsFile ~/.ssh/kh1 /kh2
	StrictHostKeyChecking accept-new
EOC
like run([$tool, "$dir/config", 't', 'robot', 44])->{out}, qr{^identityfile \Q$home\E/\.ssh/id_robot_t\.example\.org_t_44_\Q$me\E\nidentityfile \Q$home\E/x%y$}m, 'tokens: what they become';
like run([$tool, spew("$dir/config", "ProxyCommand nc %h %p %%\nHostName x\n"), 'a'])->{out}, qr/^proxycommand nc x 22 %$/m, 'tokens: in a command';
like run([$tool, spew("$dir/config", "IdentityFile \${KEYS}/%L\n"), 'a'], env => {KEYS => '/k'})->{out}, qr{^identityfile /k/\w+$}m, 'a variable';
like run([$tool, spew("$dir/config", "IdentityFile %Z\n"), 'a'])->{out}, qr/^error .*%Z/m, 'no such token';
same('match', <<'EOC', qw(m1 m2 root@m1 robot@m2 10.0.0.5));
Host m1
	HostName 10.0.0.5
Match host 10.0.0.*
	Port 1234
Match originalhost m2
	Port 4321
Match user robot
	IdentityFile /robot
Match host m2 user robot
	ConnectTimeout 9
Match !originalhost m1 host "m?,x"
	ServerAliveInterval 11
Match all
	HostKeyAlias alias
EOC
same('localuser', "Match localuser $me\n\tPort 1\nMatch localuser nobody-else\n\tUser x\n", 'h');
same('final', <<'EOC', qw(f g));
Host f
	HostName resolved
Match final host resolved
	Port 99
Host resolved
	User second-pass
Match final
	ConnectTimeout 3
EOC
same('strict', "Host a\nStrictHostKeyChecking no\nHost b\nStrictHostKeyChecking yes\nHost c\nStrictHostKeyChecking off\nHost *\nStrictHostKeyChecking ask\n", qw(a b c d));
same('booleans', "BatchMode yes\nPasswordAuthentication no\nIdentitiesOnly yes\nHashKnownHosts yes\nNumberOfPasswordPrompts 1\nAddressFamily inet\nPreferredAuthentications publickey\n", 'a');
same('proxy', "Host a\nProxyJump j1,u\@j2:99\nHost b\nProxyCommand nc -X 5 %h %p\nHost c\nProxyJump none\nHost *\nProxyJump last\n", qw(a b c d));
same('proxy the other way', "Host a\nProxyCommand x\nHost *\nProxyJump y\n", 'a');
same('agent', "IdentityAgent /run/agent\nBindAddress 127.0.0.1\n", 'a');

spew("$dir/inc-1", "Host i\n\tPort 11\n");
spew("$dir/inc-2", "User included\n");
spew("$dir/inc-3", "Host j\n\tPort 33\nHost *\n\tConnectTimeout 33\n");
same('include', "Include $dir/inc-[12] /nonexistent\nHost i\n\tPort 22222\nHost *\n\tPort 5\n", qw(i k));
same('include in a block', "Host i\n\tInclude $dir/inc-3\nHost *\n\tPort 6\n", qw(i j));
same('include in a match', "Match host j\n\tInclude $dir/inc-3\n\tUser after\n", qw(i j));
spew("$dir/loop", "Include $dir/loop\n");
same('include in a circle', "Include $dir/loop\n", 'i');

same('ignored options', <<'EOC', 'a');
ControlMaster auto
ControlPath ~/.ssh/%C
ForwardAgent yes
SendEnv LANG LC_*
AddKeysToAgent yes
LogLevel QUIET
VisualHostKey no
SetEnv A=B
EOC
same('a bad port', "Port 99999\n", 'a');
same('a bad word', "Host b\n\tBatchMode perhaps\n", 'a');
same('an unknown option', "Host a\n\tNoSuchOption yes\n", 'a');
same('one that is to be ignored', "IgnoreUnknown NoSuch*\nNoSuchOption yes\n", 'a');
same('an open quote', "IdentityFile \"/a\n", 'a');
same('a missing value', "Host a\nPort\n", 'a');
same('a bad condition', "Match colour blue\n", 'a');
same('a bad time', "ConnectTimeout 5x\n", 'a');

for my $only_ssh ("Match exec true\n\tPort 7\n", "CanonicalizeHostname yes\n", "Match host a exec \"test %h\"\n\tPort 7\n") {
	my $file = spew("$dir/config", $only_ssh);
	like run([$tool, $file, 'a'])->{out}, qr/^needs ssh$/m, 'what only ssh can work out is said';
}
unlike run([$tool, spew("$dir/config", "Match host b exec false\n\tPort 7\n"), 'a'])->{out}, qr/needs/, 'but only if it matters';

done_testing;
