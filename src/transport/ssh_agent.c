/* SPDX-License-Identifier: MIT */
/*
 * The ssh-agent, asked through the loop: one message at a time on a Unix socket, with a time limit,
 * so that an agent that is stopped or waits for its user holds up nobody. libssh's own agent client
 * would block; ssh_auth_agent.c tells how its answers get to libssh all the same.
 */
#include "base/base.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "base/base64.h"
#include "transport/ssh_internal.h"

#define ANSWER_MAX (1 << 20)
#define KEYS_MAX   256
#define LIST_MS	   2000

#define REQUEST_IDENTITIES 11
#define IDENTITIES_ANSWER  12

struct ssh_agent_request {
	struct ssh_agent_request *next;
	struct strbuf message; /* with its length */
	int64_t timeout_ms;
	void (*done)(const char *answer, size_t len, void *data); /* NULL: cancelled */
	void *data;
};

static void on_agent(int fd, short revents, void *data);
static void send_next(struct ssh_agent *agent);

static uint32_t get_u32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static void on_timer(void *data);

/* $SSH_AUTH_SOCK, unless the settings name another socket or variable, or "none". */
static const char *socket_path(const struct ssh_settings *settings)
{
	const char *path = settings->identity_agent;

	if (path && !strcasecmp(path, "none"))
		return NULL;
	if (!path || !strcmp(path, "SSH_AUTH_SOCK"))
		path = getenv("SSH_AUTH_SOCK");
	else if (*path == '$')
		path = getenv(path + 1);
	return path && *path ? path : NULL;
}

struct ssh_agent *ssh_agent_get(struct ssh_shared *shared, const struct ssh_settings *settings)
{
	const char *path = socket_path(settings);
	struct ssh_agent *agent = path ? strmap_get(&shared->agents, path) : NULL;

	if (agent || !path)
		return agent;
	agent = xcalloc(1, sizeof(*agent));
	agent->shared = shared;
	agent->path = xstrdup(path);
	agent->fd = -1;
	strbuf_init(&agent->in);
	agent->timer = loop_timer_add(shared->transport->loop, -1, on_timer, agent);
	strmap_put(&shared->agents, path, agent);
	return agent;
}

static void hang_up(struct ssh_agent *agent)
{
	loop_watch_remove(agent->watch);
	agent->watch = NULL;
	child_close(&agent->fd);
	strbuf_reset(&agent->in);
	agent->sent = 0;
	loop_timer_set(agent->timer, -1);
}

static void free_request(struct ssh_agent_request *request)
{
	strbuf_release(&request->message);
	free(request);
}

/* A length-prefixed string out of an answer; NULL where it is cut. */
static const char *take_string(const char **p, const char *end, size_t *len)
{
	const char *s = *p + 4;

	if (end - *p < 4 || (*len = get_u32(*p)) > (size_t)(end - s))
		return NULL;
	*p = s + *len;
	return s;
}

static ssh_key read_blob(const char *blob, size_t len)
{
	ssh_key key = NULL;
	struct strbuf text = STRBUF_INIT;
	const char *p = blob;
	size_t name_len;
	const char *name = take_string(&p, blob + len, &name_len);
	char *type = name ? xstrndup(name, name_len) : NULL;

	base64_encode(&text, (const uint8_t *)blob, len);
	/* The one way from a blob to a key that libssh's interface has. */
	if (type && ssh_pki_import_pubkey_base64(text.buf, ssh_key_type_from_name(type), &key))
		key = NULL;
	free(type);
	strbuf_release(&text);
	return key;
}

static void take_keys(struct ssh_agent *agent, const char *answer, size_t len)
{
	const char *p = answer + 5, *end = answer + len;
	uint32_t nr = get_u32(answer + 1);

	agent->key = xcalloc(KEYS_MAX, sizeof(*agent->key));
	while (nr-- && agent->nr_keys < KEYS_MAX) {
		size_t blob_len, comment_len;
		const char *blob = take_string(&p, end, &blob_len);
		const char *comment = blob ? take_string(&p, end, &comment_len) : NULL;
		struct ssh_agent_key *key = &agent->key[agent->nr_keys];
		char *copy;

		if (!comment)
			break;
		copy = xstrndup(comment, comment_len);
		key->blob = xmalloc(blob_len);
		memcpy(key->blob, blob, blob_len);
		key->len = blob_len;
		key->key = read_blob(blob, blob_len);
		key->comment = xmalloc(128);
		ssh_harmless(key->comment, 128, copy);
		free(copy);
		agent->nr_keys++;
	}
	agent->listed = true;
	log_debug("ssh-agent at '%s' has %zu keys", agent->path, agent->nr_keys);
}

/* Ends the first request; `answer` is NULL if there is none. */
static void answer_first(struct ssh_agent *agent, const char *answer, size_t len)
{
	struct ssh_agent_request *request = agent->queue;

	agent->queue = request->next;
	if (answer && len >= 5 && answer[0] == IDENTITIES_ANSWER && !agent->listed)
		take_keys(agent, answer, len);
	if (request->done)
		request->done(answer, len, request->data);
	free_request(request);
}

static void give_up(struct ssh_agent *agent, const char *trouble)
{
	log_warning("ssh-agent at '%s': %s", agent->path, trouble);
	agent->trouble = trouble;
	agent->listed = true;
	hang_up(agent);
	while (agent->queue)
		answer_first(agent, NULL, 0);
}

static void on_timer(void *data)
{
	struct ssh_agent *agent = data;

	if (agent->trouble) /* known already: those who ask now are told from here */
		give_up(agent, agent->trouble);
	else if (agent->fd < 0)
		send_next(agent);
	else
		give_up(agent, "it does not answer");
}

static int connect_agent(struct ssh_agent *agent)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (strlen(agent->path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(addr.sun_path, agent->path, strlen(agent->path) + 1);
	agent->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (agent->fd < 0 || connect(agent->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return -1;
	agent->watch = loop_watch_add(agent->shared->transport->loop, agent->fd, POLLIN | POLLOUT,
				      on_agent, agent);
	return 0;
}

/* The connection is kept only as long as there is something to ask. */
static void send_next(struct ssh_agent *agent)
{
	if (!agent->queue) {
		hang_up(agent);
		return;
	}
	if (agent->fd < 0 && connect_agent(agent)) {
		give_up(agent, strerror(errno));
		return;
	}
	agent->sent = 0;
	strbuf_reset(&agent->in);
	loop_watch_set(agent->watch, POLLIN | POLLOUT);
	loop_timer_set(agent->timer, agent->queue->timeout_ms);
}

static int write_some(struct ssh_agent *agent)
{
	const struct strbuf *message = &agent->queue->message;
	ssize_t n = send(agent->fd, message->buf + agent->sent, message->len - agent->sent,
			 MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	agent->sent += (size_t)n;
	if (agent->sent == message->len)
		loop_watch_set(agent->watch, POLLIN);
	return 0;
}

/* 1: the answer is whole. */
static int read_some(struct ssh_agent *agent)
{
	char buf[4096];
	ssize_t n = recv(agent->fd, buf, sizeof(buf), 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (!n || strbuf_add_max(&agent->in, buf, (size_t)n, ANSWER_MAX))
		return -1;
	return agent->in.len >= 4 && agent->in.len - 4 >= get_u32(agent->in.buf);
}

static void on_agent(int fd, short revents, void *data)
{
	struct ssh_agent *agent = data;
	struct strbuf answer;
	int rc = 0;

	(void)fd;
	if ((revents & POLLOUT) && agent->sent < agent->queue->message.len)
		rc = write_some(agent);
	if (!rc && (revents & (POLLIN | POLLHUP | POLLERR)))
		rc = read_some(agent);
	if (rc < 0) {
		give_up(agent, "it hung up");
	} else if (rc) {
		answer = agent->in;
		strbuf_init(&agent->in);
		answer_first(agent, answer.buf + 4, get_u32(answer.buf));
		strbuf_release(&answer);
		send_next(agent);
	}
}

struct ssh_agent_request *ssh_agent_ask(struct ssh_agent *agent, const void *message, size_t len,
					int64_t timeout_ms,
					void (*done)(const char *answer, size_t len, void *data),
					void *data)
{
	struct ssh_agent_request *request = xcalloc(1, sizeof(*request)), **p = &agent->queue;
	const char head[4] = {(char)(len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len};

	request->done = done;
	request->data = data;
	request->timeout_ms = timeout_ms;
	strbuf_init(&request->message);
	strbuf_add(&request->message, head, sizeof(head));
	strbuf_add(&request->message, message, len);
	if (!agent->queue)
		loop_timer_set(agent->timer, 0);
	while (*p)
		p = &(*p)->next;
	*p = request;
	return request;
}

void ssh_agent_cancel(struct ssh_agent_request *request)
{
	if (request)
		request->done = NULL;
}

struct ssh_agent_request *ssh_agent_list(struct ssh_agent *agent,
					 void (*done)(const char *answer, size_t len, void *data),
					 void *data)
{
	static const char question = REQUEST_IDENTITIES;

	return ssh_agent_ask(agent, &question, 1, LIST_MS, done, data);
}

void ssh_agent_free(void *data)
{
	struct ssh_agent *agent = data;

	hang_up(agent);
	while (agent->queue) {
		struct ssh_agent_request *request = agent->queue;

		agent->queue = request->next;
		free_request(request);
	}
	for (size_t i = 0; i < agent->nr_keys; i++) {
		free(agent->key[i].blob);
		free(agent->key[i].comment);
		ssh_key_free(agent->key[i].key);
	}
	free(agent->key);
	loop_timer_remove(agent->timer);
	strbuf_release(&agent->in);
	free(agent->path);
	free(agent);
}
