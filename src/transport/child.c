/* SPDX-License-Identifier: MIT */
/*
 * Starting and reaping children. Between fork and exec only async-signal-safe calls are made,
 * because other threads may hold locks of the C library: all that allocates comes before.
 */
#include "base/base.h"
#include <sys/ioctl.h>
#include <termios.h>
#include "base/loop.h"
#include "base/strvec.h"
#include "transport/child.h"
#include "transport/internal.h"

#define LEFTOVERS_MS 200

extern char **environ;

/* The ends of one child that will be its standard descriptors. */
struct ends {
	int in, out, err;
	bool pty;
};

void child_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void set_nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int open_pipe(int *reader, int *writer)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -1;
	*reader = fds[0];
	*writer = fds[1];
	return 0;
}

void child_resize(const struct child *child, int rows, int columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	if (rows > 0 && columns > 0)
		ioctl(child->out, TIOCSWINSZ, &size);
}

/* The slave is opened here, so that the master never sees a moment without any. */
static int open_pty(struct child *child, struct ends *ends, const struct child_options *options)
{
	char name[64];

	child->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (child->out < 0 || grantpt(child->out) || unlockpt(child->out) ||
	    ptsname_r(child->out, name, sizeof(name)))
		return -1;
	ends->in = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends->in < 0)
		return -1;
	ends->pty = true;
	child_resize(child, options->rows, options->columns);
	return 0;
}

static int open_ends(struct child *child, struct ends *ends, const struct child_options *options)
{
	if (options->pty_term)
		return open_pty(child, ends, options);
	if (options->quiet)
		ends->err = open("/dev/null", O_WRONLY | O_CLOEXEC);
	else if (open_pipe(&child->err, &ends->err))
		return -1;
	if (options->socket) {
		ends->in = options->socket;
		return 0;
	}
	return open_pipe(&ends->in, &child->in) || open_pipe(&child->out, &ends->out) ? -1 : 0;
}

static void default_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* dup2 onto itself would leave close-on-exec set: descriptors 0 to 2 are moved away first. */
static int move_up(int fd)
{
	return fd >= 0 && fd <= 2 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : fd;
}

static void run_child(const struct ends *ends, const char *const *argv, char *const *env)
{
	int in = move_up(ends->in);
	int out = ends->out >= 0 ? move_up(ends->out) : in;
	int err = ends->err >= 0 ? move_up(ends->err) : in;

	if (ends->pty) {
		setsid();
		ioctl(in, TIOCSCTTY, 0);
	} else {
		setpgid(0, 0);
	}
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	default_signals();
	execve(argv[0], (char *const *)argv, env);
	_exit(127);
}

static void copy_environment(struct strvec *env, const char *term)
{
	for (char **v = environ; v && *v; v++)
		if (!term || strncmp(*v, "TERM=", 5))
			strvec_push(env, *v);
	if (term)
		strvec_pushf(env, "TERM=%s", term);
}

static void close_ends(struct ends *ends, const struct child_options *options)
{
	if (options->socket)
		ends->in = -1;
	child_close(&ends->in);
	child_close(&ends->out);
	child_close(&ends->err);
}

/* Signals wait until the child has its own handlers: else ours could run there. */
static pid_t fork_with(const struct ends *ends, const char *const *argv, char *const *env)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (!pid)
		run_child(ends, argv, env);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

int child_spawn(struct child *child, const struct child_options *options, struct error *err)
{
	struct ends ends = {.in = -1, .out = -1, .err = -1};
	struct strvec env = STRVEC_INIT;
	int rc = 0;

	*child = (struct child)CHILD_INIT;
	copy_environment(&env, options->pty_term);
	if (open_ends(child, &ends, options) ||
	    (child->pid = fork_with(&ends, options->argv, env.v)) < 0) {
		rc = error_set_errno(err, ERROR_FAILED, errno, "cannot start '%s'",
				     options->argv[0]);
		child->pid = 0;
		child_close(&child->in);
		child_close(&child->out);
		child_close(&child->err);
	}
	close_ends(&ends, options);
	strvec_release(&env);
	if (rc)
		return rc;
	for (int *fd[] = {&child->in, &child->out, &child->err}, **p = fd; p < fd + 3; p++)
		if (**p >= 0)
			set_nonblock(**p);
	return 0;
}

/* Where the program ignores SIGCHLD the kernel reaps, and the status is lost. */
bool child_reap(struct child *child)
{
	pid_t pid;

	if (child->exited || !child->pid)
		return child->exited;
	do
		pid = waitpid(child->pid, &child->status, WNOHANG);
	while (pid < 0 && errno == EINTR);
	if (!pid)
		return false;
	if (pid < 0)
		child->status = 255 << 8;
	child->exited = true;
	return true;
}

void child_hang_up(struct child *child)
{
	/* Until it is reaped the number cannot be another's. */
	if (child->pid > 0 && !child_reap(child))
		kill(child->pid, SIGHUP);
}

void child_abandon(struct transport *transport, struct child *child)
{
	child_close(&child->in);
	child_close(&child->out);
	child_close(&child->err);
	if (child->pid && !child_reap(child)) {
		struct child *left = xmalloc(sizeof(*left));

		*left = *child;
		left->next = transport->leftovers;
		transport->leftovers = left;
		loop_timer_set(transport->reaper, LEFTOVERS_MS);
	}
	child->pid = 0;
}

void child_reap_leftovers(void *data)
{
	struct transport *transport = data;
	struct child **p = &transport->leftovers;

	while (*p) {
		struct child *child = *p;

		if (child_reap(child)) {
			*p = child->next;
			free(child);
		} else {
			p = &child->next;
		}
	}
	if (transport->leftovers)
		loop_timer_set(transport->reaper, LEFTOVERS_MS);
}

void child_forget_leftovers(struct transport *transport)
{
	struct child *child;

	child_reap_leftovers(transport);
	while ((child = transport->leftovers)) {
		transport->leftovers = child->next;
		free(child);
	}
}
