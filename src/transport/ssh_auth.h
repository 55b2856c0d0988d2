/* SPDX-License-Identifier: MIT */
/*
 * The inside of a login's authentication: what has been tried, what is under way. ssh_auth.c
 * chooses, ssh_auth_agent.c brings the agent's signatures to libssh, ssh_auth_ask.c asks the user.
 */
#ifndef TRANSPORT_SSH_AUTH_H
#define TRANSPORT_SSH_AUTH_H

#include "transport/ssh_internal.h"

enum auth_state {
	AUTH_CHOOSE,	  /* what comes next */
	AUTH_NONE,	  /* asks which methods there are */
	AUTH_KEY,	  /* signs with a key from a file */
	AUTH_OFFER,	  /* would the public half of an encrypted key be taken? */
	AUTH_LISTING,	  /* the agent is asked for its keys */
	AUTH_AGENT_OFFER, /* would a key of the agent be taken? if so, libssh wants a signature */
	AUTH_AGENT_SIGN,  /* the agent is asked for it */
	AUTH_AGENT_SEND,  /* and it goes to the machine */
	AUTH_INTERACTIVE, /* keyboard-interactive */
	AUTH_PASSWORD,
};

/* One key to try; of the file and the agent's key at least one is there. */
struct identity {
	struct ssh_keyfile *file;
	const struct ssh_agent_key *agent;
	bool tried;
	bool plain_tried; /* without its certificate */
};

struct ssh_auth {
	enum auth_state state;
	struct identity *identity;
	size_t nr, alloc;
	struct identity *current;
	struct ssh_agent *agent;
	struct ssh_agent_request *request;
	bool agent_asked;
	bool certified; /* AUTH_KEY: with the certificate */
	int methods;	/* that the machine would take; 0: not known */
	bool partial;	/* one method was taken, and it wants another */
	int interactive_tries, password_tries;
	bool nobody; /* the user could not be asked */
	char password[1024];

	int agent_fd, own_fd;	 /* libssh's end and ours; -1 */
	struct strbuf signature; /* the agent's answer */
	struct strbuf tried;	 /* names, for the error */
};

void auth_set_state(struct ssh *ssh, enum auth_state state);
/* What libssh answered. The login goes on, is over, or fails. */
void auth_result(struct ssh *ssh, int rc);
/* Back to choosing: the current key is of no use. */
void auth_next(struct ssh *ssh);
void auth_note(struct ssh *ssh, const char *what);

/* ssh_auth_agent.c */
void auth_agent_begin(struct ssh *ssh);
void auth_agent_offer(struct ssh *ssh);
void auth_agent_send(struct ssh *ssh);
void auth_agent_end(struct ssh_auth *auth);

/* ssh_auth_ask.c */
void auth_interactive(struct ssh *ssh);
void auth_password_begin(struct ssh *ssh);
void auth_password(struct ssh *ssh);

#endif
