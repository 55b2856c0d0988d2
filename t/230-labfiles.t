#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The two files of a robotics lab, unchanged: they load, and they run. Their host names are test
# sshds, their containers are real ones of a dockerd of the test's own, their ROS commands stubs.
use strict;
use warnings;
use lib 't/lib';
use Concert::Docker;
use Concert::Stack;
use Concert::Test qw(slurp spew wait_until);
use Test::More;

my $data = $ENV{CONCERT_LAB_FILES} // '../shared/data';
my ($ros1, $ros2) = map { "$data/kyon_${_}_launcher_config.yaml" } qw(ros1 ros2);
plan skip_all => "the lab's files are not in $data" unless -e $ros1 && -e $ros2;
plan skip_all => Concert::Docker::missing() if Concert::Docker::missing();
plan skip_all => "needs nss_wrapper" if Concert::Test::run([qw(pkg-config --exists nss_wrapper)])->{status};

# A node runs until it is stopped and says that it is up; `topic echo` and `rostopic echo` succeed
# once any node has said so.
my $node = "#!/bin/sh\necho \"\$0 \$*\"\ntouch /tmp/up\nexec sleep 100000\n";
my $echo = "#!/bin/sh\ntest -e /tmp/up\n";
my $job  = "#!/bin/sh\necho \"\$0 \$*\"\n";
my %stub = (
	'/bin/roslaunch' => $node, '/bin/ecat_master' => $node, '/bin/xbot2-core' => $node,
	'/bin/rosrun' => "#!/bin/sh\ncase \$2 in *.py) exec /bin/job \"\$@\";; *) exec /bin/roslaunch \"\$@\";; esac\n",
	'/bin/job' => $job, '/bin/rostopic' => $echo,
	'/bin/ros2' => "#!/bin/sh\ncase \$1 in launch) exec /bin/roslaunch \"\$@\";; *) exec /bin/rostopic;; esac\n",
);
my $docker = Concert::Docker->new;
$docker->container($_, files => \%stub)
	for qw(kyon-cetc-focal-ros1-xeno-dev-1 kyon-cetc-focal-ros1-dev-1 kyon-cetc-focal-ros1-locomotion-1
	noble-ros2-xeno-dev-1 noble-ros2-dev-1);

my $stack = Concert::Stack->new;
for my $name (qw(kyon-embedded kyon-control kyon-vision)) {
	$stack->lab->start($name, env => [$docker->env], users => [qw(embedded kyon)]);
}

sub concert { return $stack->concert(@_) }

for my $file ($ros1, $ros2) {
	my @at = ('-c', $file);
	is concert(@at, 'check')->{status}, 0, "$file: check" or diag concert(@at, 'check')->{err};
	like concert(@at, 'list')->{out}, qr/^xbot2\s+embedded\@kyon-embedded/m, 'list';
	my $got = concert(@at, 'run', 'xbot2', '-v', 'dummy', 'verbose');
	is $got->{status}, 0, 'run with variants' or diag $got->{err};
	my $row = $stack->rows(@at)->{xbot2};
	is $row->{state}, 'ready', 'xbot2 is ready';
	is $row->{variants}, 'verbose ctrl=dummy', 'as asked for';
	my ($log) = glob $stack->lab->machine('kyon-embedded')->{home} . '/.local/state/concert/*/kyon/xbot2/*/log';
	like slurp($log), qr{^/bin/xbot2-core --hw dummy -V\r?$}m, 'the command with its variants';
	is concert(@at, 'kill', '-a')->{status}, 0, 'kill';
	is_deeply [grep { !/stopped/ } values %{$stack->states(@at)}], [], 'all are down';
}

my $got = concert('-c', $ros1, 'run', 'ik', 'loco', 'lidar', 'park', 'imu', 'ecat');
is $got->{status}, 0, 'many of them' or diag $got->{err};
$got = concert('-c', $ros1, 'run', 'joint_pose');
is $got->{status}, 2, 'a placeholder that nothing defines';
like $got->{err}, qr/kyon_ros1_launcher_config\.yaml:\d+:\d+: .*\{pose_name\}/, 'is told with its place';
$got = concert('-c', $ros1, 'run', 'joint_pose', '-v', 'home_lr');
is $got->{status}, 0, 'with a variant it runs' or diag $got->{err};
ok((wait_until { $stack->states('-c', $ros1)->{joint_pose} eq 'exited' } 30), 'to its end');
is concert('-c', $ros1, 'kill', '-a')->{status}, 0, 'kill all';

done_testing;
