/* SPDX-License-Identifier: MIT */
/*
 * Runs commands and tells what each cost: `spawn N FILE -- COMMAND… -- COMMAND…` runs them in turn,
 * N times round, each with its output in FILE, and prints a line for each run: the number of the
 * command, wall time and CPU time (its own and its children's) in microseconds, peak memory in
 * KiB, and the exit status. It ends where one fails: a failure is quick, and no figure. A small
 * program, because a fork from a large one is measured too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 8

extern char **environ;

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static double timeval_us(const struct timeval *tv)
{
	return (double)tv->tv_sec * 1e6 + (double)tv->tv_usec;
}

static int run(int number, char **argv, posix_spawn_file_actions_t *files)
{
	struct rusage usage;
	double began = now_us();
	int wait_status, err;
	pid_t pid;

	err = posix_spawnp(&pid, argv[0], files, NULL, argv, environ);
	if (err) {
		fprintf(stderr, "spawn: '%s': %s\n", argv[0], strerror(err));
		return -1;
	}
	while (wait4(pid, &wait_status, 0, &usage) < 0) {
		if (errno != EINTR) {
			perror("wait4");
			return -1;
		}
	}
	printf("%d %.0f %.0f %ld %d\n", number, now_us() - began,
	       timeval_us(&usage.ru_utime) + timeval_us(&usage.ru_stime), usage.ru_maxrss,
	       WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status));
	return wait_status ? -1 : 0;
}

int main(int argc, char **argv)
{
	char **command[MAX_COMMANDS];
	posix_spawn_file_actions_t files;
	int nr = 0;

	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (nr < MAX_COMMANDS && argv[i + 1])
			command[nr++] = argv + i + 1;
	}
	if (!nr) {
		fputs("usage: spawn N FILE -- COMMAND… [-- COMMAND…]\n", stderr);
		return 2;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	for (int round = 0; round < atoi(argv[1]); round++) {
		for (int i = 0; i < nr; i++) {
			if (run(i, command[i], &files))
				return 1;
		}
	}
	posix_spawn_file_actions_destroy(&files);
	return 0;
}
