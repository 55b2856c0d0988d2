/* SPDX-License-Identifier: MIT */
/*
 * What the files of the SSH backend share. One `struct ssh` is one login, from looking up its
 * settings to the loss of the wire; ssh.c drives it through its states, the other files each know
 * one of them. All of it runs on the loop's thread; only names are looked up in another.
 */
#ifndef TRANSPORT_SSH_INTERNAL_H
#define TRANSPORT_SSH_INTERNAL_H

/* Its old names, channel_write() and the like, would be ours twice. */
#define LIBSSH_LEGACY_0_4
#include <libssh/libssh.h>
#include <libssh/callbacks.h>
#include <libssh/server.h>
#include "base/log.h"
#include "transport/child.h"
#include "transport/internal.h"
#include "transport/sigpipe.h"
#include "transport/ssh.h"
#include "transport/ssh_config.h"
#include "transport/ssh_knownhosts.h"

enum login_state {
	LOGIN_NEW,	  /* nothing done yet */
	LOGIN_SETTINGS,	  /* ssh itself is asked for its configuration */
	LOGIN_JUMPING,	  /* waits for the jump host's login */
	LOGIN_RESOLVING,  /* a thread looks the name up */
	LOGIN_WAITING,	  /* others log in at this address, or a pause before another try */
	LOGIN_CONNECTING, /* TCP */
	LOGIN_KEX,	  /* banners and key exchange */
	LOGIN_AUTH,	  /* the host key is good; the user is not let in yet */
	LOGIN_UP,	  /* logged in */
	LOGIN_FAILED,	  /* `err` says why; torn down in the next run */
	LOGIN_CLOSED,	  /* not wanted any more */
};

struct ssh_auth;
struct ssh_resolver;
struct ssh_agent;
struct ssh_jump;
struct ssh_forward;
struct ssh_asking;
struct ssh_orphan;

struct ssh_address {
	struct sockaddr *addr; /* in the same piece of memory */
	unsigned len;
};

struct ssh {
	struct connection *connection;
	struct transport *transport;
	struct ssh_shared *shared;
	enum login_state state;
	struct error err;
	bool running;	 /* ssh_run() stands on it */
	int guard_depth; /* of ssh_guard() */
	struct sigpipe guard;

	struct ssh_settings settings;
	struct ssh_asking *asking;     /* LOGIN_SETTINGS */
	struct ssh_resolver *resolver; /* LOGIN_RESOLVING */
	struct ssh_jump *jump;	       /* the host that it goes through, or NULL */
	struct child proxy;	       /* ProxyCommand */
	struct ssh_address *address;
	size_t nr_addresses, next_address;
	char where[128];	  /* "192.0.2.1 port 22", for messages and the gate */
	unsigned tries;		  /* sessions begun, whichever way */
	int64_t deadline_ms;	  /* of the login as a whole; 0: not begun */
	int64_t due_ms;		  /* of the state: when its own time is over; 0: none */
	struct loop_timer *timer; /* the next of all that is due */
	struct loop_timer *again; /* run in the next step */

	int fd;
	struct loop_watch *watch;
	ssh_session session;
	ssh_event event;
	struct ssh_auth *auth;
	int64_t heard_ms;	      /* when the machine last said something */
	int alive_missed;	      /* keepalives without an answer */
	struct ssh_forward *forwards; /* that go through this connection */
	struct ssh_orphan *orphans;   /* channels given up before they were open */
};

/* What all logins of a transport share. */
struct ssh_shared {
	struct transport *transport;
	struct ssh_config config;
	struct strmap keys;   /* path → struct ssh_keyfile */
	struct strmap agents; /* socket → struct ssh_agent */
	struct ssh_known_hosts *known_hosts;
	struct ssh_jump *jumps;
	void *scratch; /* SSH_SCRATCH bytes for bulk reading; NULL until needed */
};

#define SSH_SCRATCH (16 << 20)

/* ssh.c: from the loop only; does all that can be done now. */
void ssh_run(struct ssh *ssh);
/* Runs it in the next step of the loop. */
void ssh_again(struct ssh *ssh);
void ssh_set_state(struct ssh *ssh, enum login_state state);
/* The login cannot succeed, or is lost; `fmt` follows "cannot log in to 'machine': ". */
void ssh_fail(struct ssh *ssh, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As ssh_fail, but the whole text. */
void ssh_fail_with(struct ssh *ssh, enum error_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Around calls of libssh that may write to the socket. May nest. */
void ssh_guard(struct ssh *ssh);
void ssh_unguard(struct ssh *ssh);
/* After calls of libssh from outside ssh_run: what the socket is watched for may have changed. */
void ssh_touch(struct ssh *ssh);
/* libssh's last error, harmless: no control characters, bounded. */
const char *ssh_reason(struct ssh *ssh, char *buf, size_t size);
/* Copies text from a machine: control characters become '?', `size` includes the NUL. */
void ssh_harmless(char *out, size_t size, const char *text);
int64_t ssh_login_timeout_ms(const struct ssh *ssh);

/* ssh_connect.c: LOGIN_NEW to LOGIN_CONNECTING */
void ssh_step_new(struct ssh *ssh);
void ssh_step_settings(struct ssh *ssh);
void ssh_step_jumping(struct ssh *ssh);
void ssh_step_resolving(struct ssh *ssh);
void ssh_step_waiting(struct ssh *ssh);
void ssh_step_connecting(struct ssh *ssh);
/* The address broke off before the login: another try if there may be one, or failure. */
void ssh_try_failed(struct ssh *ssh, const char *reason);
void ssh_connect_end(struct ssh *ssh);
/* Has what was just received acknowledged at once; holds until the kernel changes its mind. */
void ssh_quick_ack(const struct ssh *ssh);

/* ssh_session.c: LOGIN_KEX, and the session until its end */
int ssh_session_begin(struct ssh *ssh); /* on ssh->fd */
void ssh_step_kex(struct ssh *ssh);
void ssh_session_end(struct ssh *ssh);
/* Moves bytes both ways; -1 once the wire is dead. */
int ssh_pump(struct ssh *ssh);

/* ssh_hostkey.c */
/* Whether the key that the machine showed is the right one; fails the login otherwise. */
int ssh_check_host_key(struct ssh *ssh);
/* Types of the keys known for the machine, best first, as SSH_OPTIONS_HOSTKEYS wants them. */
char *ssh_host_key_types(struct ssh *ssh);

/* ssh_resolve.c */
struct ssh_resolver *ssh_resolve(struct loop *loop, const char *host, int port, int family,
				 void (*done)(struct ssh_address *address, size_t nr,
					      const char *reason, void *data),
				 void *data);
void ssh_resolve_cancel(struct ssh_resolver *resolver);
void ssh_addresses_free(struct ssh_address *address, size_t nr);

/* ssh_keys.c */
/* A key in files, loaded once for all logins. */
struct ssh_keyfile {
	char *path;
	ssh_key secret;	     /* NULL while it is not known */
	ssh_key public;	     /* NULL if not even that can be read */
	ssh_key certified;   /* the secret with its certificate, or NULL */
	bool encrypted;	     /* and `secret` is not known yet */
	bool asked;	     /* for its passphrase, in vain */
	const char *trouble; /* why it is of no use; NULL if it is, or is not there */
};
/* Never NULL. */
struct ssh_keyfile *ssh_keyfile_get(struct ssh_shared *shared, const char *path);
/* Asks for the passphrase, up to three times. 0 once `secret` is there, else -1. */
int ssh_keyfile_unlock(struct ssh_shared *shared, struct ssh_keyfile *file);
/* Tries certificates of CertificateFile on it. */
void ssh_keyfile_certify(struct ssh_keyfile *file, const struct strvec *certificates);
void ssh_keyfile_free(void *file);

/* ssh_agent.c */
struct ssh_agent_key {
	char *blob; /* as the agent sent it */
	size_t len;
	char *comment; /* harmless */
	ssh_key key;   /* NULL if libssh cannot read it */
};
struct ssh_agent {
	struct ssh_shared *shared;
	char *path;
	struct ssh_agent_key *key;
	size_t nr_keys;
	bool listed;	     /* `key` holds what it has */
	const char *trouble; /* why it cannot be asked any more */
	struct ssh_agent_request *queue;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct strbuf in;
	size_t sent;
};
/* The agent that the settings name; NULL if there is none. */
struct ssh_agent *ssh_agent_get(struct ssh_shared *shared, const struct ssh_settings *settings);
/*
 * Sends a message, without its length. `done` is called once, from the loop: with the answer, or
 * with NULL if there is none in time. The first message to an agent is the question for its keys.
 */
struct ssh_agent_request *ssh_agent_ask(struct ssh_agent *agent, const void *message, size_t len,
					int64_t timeout_ms,
					void (*done)(const char *answer, size_t len, void *data),
					void *data);
/* Has the agent's keys listed, once for all; `done` is told when they are there, or never will. */
struct ssh_agent_request *ssh_agent_list(struct ssh_agent *agent,
					 void (*done)(const char *answer, size_t len, void *data),
					 void *data);
void ssh_agent_cancel(struct ssh_agent_request *request); /* NULL is allowed */
void ssh_agent_free(void *agent);

/* ssh_alive.c: ServerAliveInterval */
void ssh_heard(struct ssh *ssh);
void ssh_step_alive(struct ssh *ssh);
int64_t ssh_alive_due_ms(const struct ssh *ssh); /* 0: never */

/* ssh_auth.c */
void ssh_auth_begin(struct ssh *ssh);
void ssh_step_auth(struct ssh *ssh);
void ssh_auth_free(struct ssh *ssh);

/* ssh_channel.c: LOGIN_UP */
void ssh_step_channels(struct ssh *ssh);
void ssh_tell_channels(struct ssh *ssh); /* may call the user */
int64_t ssh_channels_due_ms(const struct ssh *ssh);
void ssh_channel_exec(struct channel *channel);
void ssh_channel_feed(struct channel *channel);
void ssh_channel_resize(struct channel *channel);
void ssh_channel_drop(struct channel *channel);
void ssh_channel_release(struct channel *channel);

/* ssh_orphan.c */
/*
 * Lets go of a channel, whose callbacks are removed. `opening`: the machine was asked for it and has
 * not answered yet.
 */
void ssh_let_go(struct ssh *ssh, ssh_channel handle, bool opening);
void ssh_step_orphans(struct ssh *ssh);
void ssh_orphans_end(struct ssh *ssh);

/* ssh_jump.c */
int ssh_jump_begin(struct ssh *ssh, struct error *err); /* settings.proxy_jump */
bool ssh_jump_is_up(const struct ssh *ssh);
void ssh_jump_end(struct ssh *ssh);
/* A socket that leads through the jump host; -1 with `err`. */
int ssh_jump_socket(struct ssh *ssh, struct error *err);
void ssh_step_forwards(struct ssh *ssh);
void ssh_forwards_end(struct ssh *ssh);
void ssh_jumps_free(struct ssh_shared *shared);

/* ssh_ask_ssh.c */
int ssh_ask_ssh(struct ssh *ssh, struct error *err);
void ssh_ask_ssh_end(struct ssh *ssh);

#endif
