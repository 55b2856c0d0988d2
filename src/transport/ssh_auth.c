/* SPDX-License-Identifier: MIT */
/*
 * Getting in: which keys and methods are tried, in which order. Keys at hand in files come first,
 * because they cost the fewest round trips; then the agent's, then encrypted ones, whose passphrase
 * is asked only once the machine would take the key; then questions to the user.
 */
#include "base/base.h"
#include "transport/ssh_auth.h"

#define PROMPTS 3

static const char *state_name(enum auth_state state)
{
	static const char *const names[] = {
		[AUTH_CHOOSE] = "choose",
		[AUTH_NONE] = "none",
		[AUTH_KEY] = "key",
		[AUTH_OFFER] = "offer",
		[AUTH_LISTING] = "listing",
		[AUTH_AGENT_OFFER] = "agent offer",
		[AUTH_AGENT_SIGN] = "agent sign",
		[AUTH_AGENT_SEND] = "agent send",
		[AUTH_INTERACTIVE] = "interactive",
		[AUTH_PASSWORD] = "password",
	};

	return names[state];
}

void auth_set_state(struct ssh *ssh, enum auth_state state)
{
	log_debug("auth '%s': [%s] -> [%s]", ssh->connection->machine, state_name(ssh->auth->state),
		  state_name(state));
	ssh->auth->state = state;
}

static struct identity *add_identity(struct ssh_auth *auth)
{
	ALLOC_GROW(auth->identity, auth->nr + 1, auth->alloc);
	memset(&auth->identity[auth->nr], 0, sizeof(*auth->identity));
	return &auth->identity[auth->nr++];
}

void ssh_auth_begin(struct ssh *ssh)
{
	const struct strvec *files = &ssh->settings.identity_files;
	struct ssh_auth *auth = ssh->auth = xcalloc(1, sizeof(*auth));

	auth->agent_fd = auth->own_fd = -1;
	strbuf_init(&auth->signature);
	strbuf_init(&auth->tried);
	for (size_t i = 0; i < files->nr; i++) {
		struct ssh_keyfile *file;

		if (!strcasecmp(files->v[i], "none"))
			continue;
		file = ssh_keyfile_get(ssh->shared, files->v[i]);
		ssh_keyfile_certify(file, &ssh->settings.certificate_files);
		if (file->secret || file->public || file->encrypted)
			add_identity(auth)->file = file;
	}
	auth->agent = ssh_agent_get(ssh->shared, &ssh->settings);
}

void auth_note(struct ssh *ssh, const char *what)
{
	struct strbuf *tried = &ssh->auth->tried;

	if (tried->len < 400)
		strbuf_addf(tried, "%s%s", tried->len ? ", " : "", what);
}

/* The agent's keys: those that a file names go with it, others stand alone unless unwanted. */
static void take_agent_keys(struct ssh *ssh)
{
	struct ssh_auth *auth = ssh->auth;
	size_t files = auth->nr;

	for (size_t k = 0; k < auth->agent->nr_keys; k++) {
		const struct ssh_agent_key *key = &auth->agent->key[k];
		bool named = false;

		for (size_t i = 0; i < files && key->key && !named; i++) {
			struct identity *identity = &auth->identity[i];

			named = identity->file->public &&
				!ssh_key_cmp(key->key, identity->file->public, SSH_KEY_CMP_PUBLIC);
			if (named)
				identity->agent = key;
		}
		if (!named && ssh->settings.identities_only != 1)
			add_identity(auth)->agent = key;
	}
}

static void on_listed(const char *answer, size_t len, void *data)
{
	struct ssh *ssh = data;

	(void)answer;
	(void)len;
	ssh->auth->request = NULL;
	take_agent_keys(ssh);
	auth_set_state(ssh, AUTH_CHOOSE);
	ssh_run(ssh);
}

static void list_agent(struct ssh *ssh)
{
	struct ssh_auth *auth = ssh->auth;

	auth->agent_asked = true;
	if (auth->agent->listed) {
		take_agent_keys(ssh);
		return;
	}
	auth_set_state(ssh, AUTH_LISTING);
	auth->request = ssh_agent_list(auth->agent, on_listed, ssh);
}

/* Loaded keys, then the agent's, then encrypted ones. */
static struct identity *next_identity(struct ssh_auth *auth)
{
	for (size_t i = 0; i < auth->nr; i++) {
		struct identity *identity = &auth->identity[i];

		if (!identity->tried && identity->file && identity->file->secret)
			return identity;
	}
	if (auth->agent && !auth->agent_asked)
		return NULL;
	for (size_t i = 0; i < auth->nr; i++)
		if (!auth->identity[i].tried && auth->identity[i].agent)
			return &auth->identity[i];
	for (size_t i = 0; i < auth->nr; i++)
		if (!auth->identity[i].tried && auth->identity[i].file->encrypted)
			return &auth->identity[i];
	return NULL;
}

/* A passphrase is asked for only where that can help: OpenSSH too offers the public half first. */
static bool begin_encrypted(struct ssh *ssh, struct identity *identity)
{
	if (identity->file->asked || !ssh->transport->options.ask || ssh->settings.batch == 1) {
		char *note = xasprintf("%s (encrypted)", identity->file->path);

		identity->tried = true;
		auth_note(ssh, note);
		free(note);
		return false;
	}
	if (identity->file->public) {
		auth_set_state(ssh, AUTH_OFFER);
		return true;
	}
	if (ssh_keyfile_unlock(ssh->shared, identity->file)) {
		identity->tried = true;
		return false;
	}
	auth_set_state(ssh, AUTH_KEY);
	return true;
}

static void begin_file(struct ssh *ssh, struct identity *identity)
{
	struct ssh_auth *auth = ssh->auth;

	/* The certificate first, then the key without it. */
	auth->certified = identity->file->certified && !identity->plain_tried;
	identity->plain_tried = true;
	identity->tried = !auth->certified;
	auth_note(ssh, identity->file->path);
	auth_set_state(ssh, AUTH_KEY);
}

/* Returns whether something was begun. */
static bool begin_key(struct ssh *ssh)
{
	struct ssh_auth *auth = ssh->auth;
	struct identity *identity;

	for (;;) {
		identity = next_identity(auth);
		if (!identity && auth->agent && !auth->agent_asked) {
			list_agent(ssh);
			if (auth->state == AUTH_LISTING)
				return true;
			continue;
		}
		auth->current = identity;
		if (!identity)
			return false;
		if (identity->file && identity->file->secret) {
			begin_file(ssh, identity);
			return true;
		}
		if (identity->agent) {
			identity->tried = true;
			auth_note(ssh, identity->agent->comment);
			auth_agent_begin(ssh);
			if (auth->state == AUTH_AGENT_OFFER)
				return true;
			continue;
		}
		if (begin_encrypted(ssh, identity))
			return true;
	}
}

static bool can_ask(struct ssh *ssh)
{
	return ssh->transport->options.ask && ssh->settings.batch != 1 && !ssh->auth->nobody;
}

static int prompts(const struct ssh *ssh)
{
	return ssh->settings.prompts >= 0 ? ssh->settings.prompts : PROMPTS;
}

static bool begin_method(struct ssh *ssh, const char *method)
{
	struct ssh_auth *auth = ssh->auth;
	int methods = auth->methods;

	if (!strcmp(method, "publickey"))
		return ssh->settings.pubkey != 0 &&
		       (!methods || (methods & SSH_AUTH_METHOD_PUBLICKEY)) && begin_key(ssh);
	if (!strcmp(method, "keyboard-interactive") && ssh->settings.kbdint != 0 && can_ask(ssh) &&
	    (methods & SSH_AUTH_METHOD_INTERACTIVE) && auth->interactive_tries < prompts(ssh)) {
		auth->interactive_tries++;
		auth_set_state(ssh, AUTH_INTERACTIVE);
		return true;
	}
	if (!strcmp(method, "password") && ssh->settings.password != 0 && can_ask(ssh) &&
	    (methods & SSH_AUTH_METHOD_PASSWORD) && auth->password_tries < prompts(ssh)) {
		auth->password_tries++;
		auth_password_begin(ssh);
		return auth->state == AUTH_PASSWORD;
	}
	return false;
}

static void describe_methods(struct strbuf *out, int methods)
{
	static const struct {
		int bit;
		const char *name;
	} known[] = {
		{SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
		{SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
		{SSH_AUTH_METHOD_PASSWORD, "password"},
		{SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
		{SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"},
	};
	bool first = true;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!(methods & known[i].bit))
			continue;
		strbuf_addf(out, "%s%s", first ? "" : ", ", known[i].name);
		first = false;
	}
	if (first)
		strbuf_addstr(out, "nothing that concert knows");
}

static void add_advice(struct ssh *ssh, struct strbuf *text)
{
	const struct ssh_auth *auth = ssh->auth;
	const char *trouble = auth->agent ? auth->agent->trouble : NULL;
	bool encrypted = false;

	for (size_t i = 0; i < auth->nr; i++)
		encrypted |= auth->identity[i].file && auth->identity[i].file->encrypted;
	for (size_t i = 0; i < ssh->settings.identity_files.nr; i++) {
		const struct ssh_keyfile *file =
			strmap_get(&ssh->shared->keys, ssh->settings.identity_files.v[i]);

		if (file && file->trouble)
			strbuf_addf(text, "; key '%.200s' was left out: %s", file->path,
				    file->trouble);
	}
	if (trouble)
		strbuf_addf(text, "; ssh-agent: %s", trouble);
	if (encrypted)
		strbuf_addstr(text, "; 'ssh-add' unlocks an encrypted key");
	else if (auth->methods & SSH_AUTH_METHOD_PUBLICKEY)
		strbuf_addf(text, "; 'ssh-copy-id %.100s' makes it accept a key",
			    ssh->connection->machine);
}

static void give_up(struct ssh *ssh)
{
	struct strbuf text = STRBUF_INIT;

	describe_methods(&text, ssh->auth->methods);
	strbuf_addf(&text, "; tried %s", ssh->auth->tried.len ? ssh->auth->tried.buf : "no key");
	add_advice(ssh, &text);
	ssh_fail(ssh, "permission denied%s (the machine offers %s)",
		 ssh->auth->partial ? ", more than one method is wanted" : "", text.buf);
	strbuf_release(&text);
}

/* The methods in the order of PreferredAuthentications, as far as the machine offers them. */
static void choose(struct ssh *ssh)
{
	const char *preferred = ssh->settings.preferred ? ssh->settings.preferred
							: "publickey,keyboard-interactive,password";
	char *list = xstrdup(preferred), *rest = list, *method;
	bool begun = false;

	while (!begun && (method = strsep(&rest, ",")))
		begun = begin_method(ssh, method);
	free(list);
	if (begun)
		return;
	if (!ssh->auth->methods)
		auth_set_state(ssh, AUTH_NONE);
	else
		give_up(ssh);
}

void auth_next(struct ssh *ssh)
{
	auth_set_state(ssh, AUTH_CHOOSE);
}

static void got_in(struct ssh *ssh)
{
	ssh_auth_free(ssh);
	ssh->deadline_ms = 0;
	ssh_heard(ssh);
	ssh_set_state(ssh, LOGIN_UP);
	connection_came_up(ssh->connection);
}

void auth_result(struct ssh *ssh, int rc)
{
	char reason[256];

	if (rc == SSH_AUTH_AGAIN || rc == SSH_AUTH_INFO)
		return;
	if (rc == SSH_AUTH_SUCCESS) {
		got_in(ssh);
		return;
	}
	if (!ssh_is_connected(ssh->session)) {
		ssh_reason(ssh, reason, sizeof(reason));
		ssh_fail(ssh, "the machine broke off: %s%s%s", reason,
			 ssh->auth->tried.len ? "; tried " : "", ssh->auth->tried.buf);
		return;
	}
	ssh->auth->partial |= rc == SSH_AUTH_PARTIAL;
	/* 0 would mean that nothing is known yet, and be asked again without end. */
	ssh->auth->methods = ssh_userauth_list(ssh->session, NULL) | SSH_AUTH_METHOD_NONE;
	auth_next(ssh);
}

static int sign_with_file(struct ssh *ssh)
{
	const struct ssh_auth *auth = ssh->auth;
	const struct ssh_keyfile *file = auth->current->file;

	return ssh_userauth_publickey(ssh->session, NULL,
				      auth->certified ? file->certified : file->secret);
}

static void offer(struct ssh *ssh)
{
	struct identity *identity = ssh->auth->current;
	int rc = ssh_userauth_try_publickey(ssh->session, NULL, identity->file->public);

	if (rc != SSH_AUTH_SUCCESS) {
		identity->tried = identity->tried || rc != SSH_AUTH_AGAIN;
		if (identity->tried)
			auth_note(ssh, identity->file->path);
		auth_result(ssh, rc);
		return;
	}
	if (ssh_keyfile_unlock(ssh->shared, identity->file)) {
		char *note = xasprintf("%s (not unlocked)", identity->file->path);

		identity->tried = true;
		auth_note(ssh, note);
		free(note);
	}
	auth_next(ssh);
}

static void step_once(struct ssh *ssh)
{
	switch (ssh->auth->state) {
	case AUTH_CHOOSE:
		choose(ssh);
		break;
	case AUTH_NONE:
		auth_result(ssh, ssh_userauth_none(ssh->session, NULL));
		break;
	case AUTH_KEY:
		auth_result(ssh, sign_with_file(ssh));
		break;
	case AUTH_OFFER:
		offer(ssh);
		break;
	case AUTH_AGENT_OFFER:
		auth_agent_offer(ssh);
		break;
	case AUTH_AGENT_SEND:
		auth_agent_send(ssh);
		break;
	case AUTH_INTERACTIVE:
		auth_interactive(ssh);
		break;
	case AUTH_PASSWORD:
		auth_password(ssh);
		break;
	case AUTH_LISTING:
	case AUTH_AGENT_SIGN:
		break;
	}
}

void ssh_step_auth(struct ssh *ssh)
{
	enum auth_state before;
	char reason[256];

	ssh_guard(ssh);
	if (ssh_pump(ssh) && !ssh_is_connected(ssh->session)) {
		ssh_reason(ssh, reason, sizeof(reason));
		ssh_fail(ssh, "the machine broke off: %s", reason);
	}
	while (ssh->state == LOGIN_AUTH) {
		before = ssh->auth->state;
		step_once(ssh);
		if (ssh->state != LOGIN_AUTH || ssh->auth->state == before)
			break;
	}
	ssh_unguard(ssh);
}

void ssh_auth_free(struct ssh *ssh)
{
	struct ssh_auth *auth = ssh->auth;

	if (!auth)
		return;
	ssh->auth = NULL;
	ssh_agent_cancel(auth->request);
	auth_agent_end(auth);
	explicit_bzero(auth->password, sizeof(auth->password));
	strbuf_release(&auth->signature);
	strbuf_release(&auth->tried);
	free(auth->identity);
	free(auth);
}
