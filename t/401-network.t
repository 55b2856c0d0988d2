#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The network of a machine goes: packets vanish, the carrier is lost, resets come. It returns within
# the time of the retries, or it does not.
use strict;
use warnings;
use lib 't/lib';
use Concert::Net;
use Concert::Stack;
use Concert::Test qw(finish slurp spew wait_until);
use Test::More;

if (my $reason = Concert::Net->missing) {
	plan skip_all => $reason;
}
my $net   = Concert::Net->new;
my $stack = Concert::Stack->new(yaml => <<'END');
context: {session: lab, ready: {interval: 50ms}}
slow: {cmd: "echo x >>~/slow; exec sleep 1000", machine: pc1, ready_check: test -e ~/go}
count: {cmd: "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done", machine: pc1}
deaf: {cmd: "trap '' INT; echo x >>~/deaf; while :; do sleep 0.1; done", machine: pc1, ready_check: test -e ~/deaf, stop: {grace: 5s}}
END
my $lab  = $stack->lab;
my $m    = $lab->start('pc1', $net->place, config => ['ConnectTimeout 2']);
my $home = $m->{home};
sub lines { return scalar(() = (slurp("$home/$_[0]") // '') =~ /\n/g) }
sub said { seek $_[0]{err}, 0, 0; local $/; return readline($_[0]{err}) // '' }

# Nothing comes back.
$net->drop;
my $got = $stack->concert('run', 'slow');
is $got->{status}, 4, 'packets vanish before the login: unreachable';
like $got->{err}, qr/^(?:concert: )?cannot connect to 'pc1': no answer from [\d.]+ port \d+ within 2 s/m, 'and why';
cmp_ok $got->{seconds}, '<', 12, 'in its time';
$got = $stack->concert('status', 'slow');
is $got->{status}, 4, 'status says the same';
like $got->{out}, qr/unreachable/, 'and calls nothing stopped';
$net->accept;

# During the ready check; it comes back in time.
my $run = $stack->start_concert('run', 'slow');
ok wait_until { lines('slow') == 1 && said($run) =~ /slow: started/ } 20;
$net->drop;
ok((wait_until { said($run) =~ /'pc1' lost/ } 60), 'packets vanish during the ready check: noticed');
spew("$home/go", '');
$net->accept;
$got = finish($run);
is $got->{status}, 0, 'when they come through again, the run goes on' or diag $got->{err};
like $got->{err}, qr/^pc1: connected again$/m, 'with a new login';
is lines('slow'), 1, 'and nothing is started twice';
note $got->{err};

# The carrier is lost, and does not come back.
unlink "$home/go";
$run = $stack->start_concert('run', 'slow', '--ssh-retries', '1');
ok wait_until { said($run) =~ /pc1: connected/ } 20;
$net->down;
$got = finish($run);
is $got->{status}, 4, 'the carrier is lost for good: unreachable';
like $got->{err}, qr/'pc1' lost/, 'and why';
note $got->{err};
$net->up;
ok((wait_until { ($stack->states->{slow} // '') =~ /^(?:ready|starting)$/ } 20), 'what ran there runs on');
is lines('slow'), 1, 'as it was';

# Resets in the middle of a kill: the machine goes on with it, concert logs in again and looks.
is $stack->concert('run', 'deaf')->{status}, 0, 'one that ignores INT';
my $kill = $stack->start_concert('kill', 'deaf');
ok wait_until { said($kill) =~ /deaf: sent INT/ } 20;
$net->reset;
ok((wait_until { said($kill) =~ /'pc1' lost/ } 60), 'resets during a kill: noticed') or diag said($kill);
unlike said($kill), qr/^deaf: (?:killed|was over)/m, 'it is not called killed as long as nobody could look';
ok((wait_until { !$stack->marked('deaf') } 60), 'the machine goes on with it');
$net->accept;
$got = finish($kill);
is $got->{status}, 0, 'after a new login the end is known' or diag $got->{err};
note $got->{err};
is $stack->states->{deaf}, 'stopped', 'and true';

# watch, without a limit to its retries.
is $stack->concert('run', 'count')->{status}, 0, 'one that counts';
my $watch = $stack->start_concert('watch', 'count', '-n', '+1');
my $shown = sub { seek $watch->{out}, 0, 0; local $/; return scalar(() = (readline($watch->{out}) // '') =~ /line \d+$/mg) };
ok wait_until { $shown->() > 5 } 20;
$net->drop;
ok((wait_until { said($watch) =~ /'pc1' lost/ } 60), 'packets vanish under a watch: noticed') or diag said($watch);
my $before = $shown->();
$net->accept;
ok((wait_until { $shown->() > $before + 100 } 90), 'it goes on');
kill 'INT', $watch->{pid};
$got = finish($watch);
my @line = $got->{out} =~ /line (\d+)$/mg;
is_deeply [@line[0 .. $before + 100]], [1 .. $before + 101], 'each line once, none left out';
note $got->{err};
is $stack->concert('kill', '-a')->{status}, 0, 'kill all';

done_testing;
