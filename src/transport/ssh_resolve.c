/* SPDX-License-Identifier: MIT */
/*
 * Names of hosts, looked up in a thread, because getaddrinfo(3) may take as long as it likes and
 * cannot be interrupted. A look-up that is given up runs on alone and frees what it found. Numeric
 * addresses need no thread.
 */
#include "base/base.h"
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include "transport/ssh_internal.h"

/* Belongs to both sides; whoever leaves last frees it. */
struct lookup {
	atomic_int sides;
	char *host, port[8];
	int family, fd; /* fd: closed by the thread at its end, which wakes the loop */
	int rc, saved_errno;
	struct addrinfo *found;
};

struct ssh_resolver {
	struct lookup *lookup;
	struct loop_watch *watch;
	struct loop_timer *now;
	int fd;
	void (*done)(struct ssh_address *address, size_t nr, const char *reason, void *data);
	void *data;
};

static void look_up(struct lookup *lookup, int flags)
{
	struct addrinfo hints = {
		.ai_family = lookup->family, .ai_socktype = SOCK_STREAM, .ai_flags = flags};

	lookup->rc = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->found);
	lookup->saved_errno = errno;
}

static void leave(struct lookup *lookup)
{
	if (atomic_fetch_sub(&lookup->sides, 1) != 1)
		return;
	if (lookup->found)
		freeaddrinfo(lookup->found);
	free(lookup->host);
	free(lookup);
}

static void *run_thread(void *data)
{
	struct lookup *lookup = data;
	int fd = lookup->fd;

	/* No AI_ADDRCONFIG, as with ssh: an address that cannot be reached fails at once. */
	look_up(lookup, 0);
	leave(lookup);
	close(fd);
	return NULL;
}

static int start_thread(struct lookup *lookup)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&lookup->sides, 1);
	rc = pthread_create(&thread, &attr, run_thread, lookup);
	if (rc)
		atomic_fetch_sub(&lookup->sides, 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

static struct ssh_address *copy_addresses(const struct addrinfo *found, size_t *nr)
{
	struct ssh_address *address = NULL;
	size_t alloc = 0;

	*nr = 0;
	for (; found; found = found->ai_next) {
		ALLOC_GROW(address, *nr + 1, alloc);
		address[*nr].addr = xmalloc(found->ai_addrlen);
		memcpy(address[*nr].addr, found->ai_addr, found->ai_addrlen);
		address[(*nr)++].len = found->ai_addrlen;
	}
	return address;
}

void ssh_addresses_free(struct ssh_address *address, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(address[i].addr);
	free(address);
}

static const char *reason_of(const struct lookup *lookup)
{
	switch (lookup->rc) {
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
		return "no such host";
	case EAI_AGAIN:
		return "the name server does not answer";
	case EAI_SYSTEM:
		return strerror(lookup->saved_errno);
	default:
		return gai_strerror(lookup->rc);
	}
}

static void finish(struct ssh_resolver *resolver)
{
	struct lookup *lookup = resolver->lookup;
	void (*done)(struct ssh_address *, size_t, const char *, void *) = resolver->done;
	const char *reason = lookup->rc ? reason_of(lookup) : NULL;
	struct ssh_address *address;
	void *data = resolver->data;
	size_t nr;

	address = copy_addresses(lookup->rc ? NULL : lookup->found, &nr);
	ssh_resolve_cancel(resolver);
	done(address, nr, reason, data);
}

static void on_watch(int fd, short revents, void *data)
{
	(void)fd;
	(void)revents;
	finish(data);
}

static void on_now(void *data)
{
	finish(data);
}

/* Without a thread there is no answer, which must not read as if there were no such host. */
static int begin_thread(struct ssh_resolver *resolver, struct loop *loop)
{
	struct lookup *lookup = resolver->lookup;
	int fds[2], rc;

	if (!pipe2(fds, O_CLOEXEC)) {
		resolver->fd = fds[0];
		lookup->fd = fds[1];
		rc = start_thread(lookup);
		if (!rc) {
			resolver->watch = loop_watch_add(loop, fds[0], POLLIN, on_watch, resolver);
			return 0;
		}
		close(fds[1]);
	} else {
		rc = errno;
	}
	lookup->rc = EAI_SYSTEM;
	lookup->saved_errno = rc;
	return -1;
}

struct ssh_resolver *ssh_resolve(struct loop *loop, const char *host, int port, int family,
				 void (*done)(struct ssh_address *address, size_t nr,
					      const char *reason, void *data),
				 void *data)
{
	struct ssh_resolver *resolver = xcalloc(1, sizeof(*resolver));
	struct lookup *lookup = xcalloc(1, sizeof(*lookup));

	*resolver = (struct ssh_resolver){.lookup = lookup, .fd = -1, .done = done, .data = data};
	atomic_init(&lookup->sides, 1);
	lookup->host = xstrdup(host);
	lookup->family = family;
	snprintf(lookup->port, sizeof(lookup->port), "%d", port);
	look_up(lookup, AI_NUMERICHOST | AI_NUMERICSERV);
	if (lookup->rc != EAI_NONAME || begin_thread(resolver, loop))
		resolver->now = loop_timer_add(loop, 0, on_now, resolver);
	return resolver;
}

void ssh_resolve_cancel(struct ssh_resolver *resolver)
{
	if (!resolver)
		return;
	loop_watch_remove(resolver->watch);
	loop_timer_remove(resolver->now);
	child_close(&resolver->fd);
	leave(resolver->lookup);
	free(resolver);
}
