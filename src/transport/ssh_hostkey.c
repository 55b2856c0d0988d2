/* SPDX-License-Identifier: MIT */
/*
 * What follows from a verdict on a machine's host key: known is good, changed and revoked are
 * refused, unknown is what StrictHostKeyChecking makes of it. The verdict is ssh_knownhosts.c's.
 */
#include "base/base.h"
#include "transport/ssh_internal.h"

/* The key that the machine showed, as text. */
struct shown_key {
	const char *type;
	char *base64;
	char print[128]; /* SHA256:… */
};

/* The question to known_hosts; its `files` are to be released. */
static void make_query(const struct ssh *ssh, struct ssh_host_query *query, struct strvec *files)
{
	const struct ssh_settings *s = &ssh->settings;

	*files = (struct strvec)STRVEC_INIT;
	strvec_push_all(files, (const char *const *)s->user_known_hosts.v);
	strvec_push_all(files, (const char *const *)s->global_known_hosts.v);
	*query = (struct ssh_host_query){
		.name = s->host_key_alias ? s->host_key_alias : s->host,
		.port = s->host_key_alias ? 0 : s->port,
		.files = (const char *const *)files->v,
	};
}

char *ssh_host_key_types(struct ssh *ssh)
{
	static const char all[] = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
				  "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";
	struct ssh_host_query query;
	struct strvec files;
	char *known, *list;

	make_query(ssh, &query, &files);
	known = ssh_known_hosts_types(ssh->shared->known_hosts, &query);
	/* Those known first; the others too, should the machine have none of them any more. */
	list = known ? xasprintf("%s,%s", known, all) : xstrdup(all);
	free(known);
	strvec_release(&files);
	return list;
}

static int keep(struct ssh *ssh, const struct ssh_host_query *query, const struct shown_key *key)
{
	const struct strvec *files = &ssh->settings.user_known_hosts;
	struct error err = ERROR_INIT;

	if (files->nr &&
	    ssh_known_hosts_add(ssh->shared->known_hosts, query, files->v[0], key->type,
				key->base64, ssh->settings.hash_known_hosts == 1, &err))
		log_warning("%s", err.text);
	return 0;
}

/* 1: yes; 0: no; -1: nobody can be asked. */
static int user_agrees(struct ssh *ssh, const struct shown_key *key)
{
	char answer[256] = "", *prompt;
	int rc;

	prompt = xasprintf("The authenticity of host '%s (%s)' can't be established.\n"
			   "%s key fingerprint is %s.\n"
			   "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
			   ssh->settings.host, ssh->where, key->type, key->print);
	rc = transport_ask(ssh->transport, prompt, true, answer, sizeof(answer));
	free(prompt);
	if (rc)
		return -1;
	return !strcasecmp(answer, "yes") || !strcmp(answer, key->print);
}

/* ssh takes a port (and brackets) in an URI only. */
static const char *uri_scheme(const char *machine)
{
	const char *colon = strchr(machine, ':');

	if (!strncmp(machine, "ssh://", 6))
		return "";
	return strchr(machine, '[') || (colon && !strchr(colon + 1, ':')) ? "ssh://" : "";
}

static int refuse_unknown(struct ssh *ssh, bool authority)
{
	const char *machine = ssh->connection->machine;
	const char *config = ssh->transport->ssh_config;

	if (authority)
		ssh_fail(ssh, "host key is not known, only an authority that may vouch for it "
			      "(@cert-authority), which concert cannot check (run 'ssh-keyscan' "
			      "and add the key to known_hosts)");
	else
		ssh_fail(ssh,
			 "host key is not known (run 'ssh %s%.200s%s%s%.200s' once, or pass "
			 "--host-key accept-new)",
			 config ? "-F " : "", config ? config : "", config ? " " : "",
			 uri_scheme(machine), machine);
	return -1;
}

static int check_unknown(struct ssh *ssh, const struct ssh_host_query *query,
			 const struct shown_key *key, bool authority)
{
	int strict = ssh->settings.strict;
	int agrees = -1;

	if (ssh->transport->options.accept_new)
		strict = HOST_KEY_ACCEPT_NEW;
	if (strict == HOST_KEY_ACCEPT_NEW || strict == HOST_KEY_NO)
		return keep(ssh, query, key);
	if (strict == HOST_KEY_ASK && ssh->settings.batch != 1)
		agrees = user_agrees(ssh, key);
	if (agrees < 0)
		return refuse_unknown(ssh, authority);
	if (agrees)
		return keep(ssh, query, key);
	ssh_fail(ssh, "host key was not accepted");
	return -1;
}

static int check_changed(struct ssh *ssh, const struct shown_key *key, const char *place)
{
	if (ssh->settings.strict == HOST_KEY_NO && !ssh->transport->options.accept_new) {
		log_warning("'%s': host key has changed; the old one is in %s",
			    ssh->connection->machine, place);
		/* As OpenSSH: no secret is sent to what may be an impostor. */
		ssh->settings.password = ssh->settings.kbdint = 0;
		return 0;
	}
	ssh_fail(ssh,
		 "host key has changed: it is not the one in %.300s, but %s %s: somebody may be "
		 "listening in, or the machine was installed anew (if so, remove that line)",
		 place, key->type, key->print);
	return -1;
}

/* A key kept without the port counts too, but only where nothing is kept with it. */
static bool known_without_port(struct ssh *ssh, const struct ssh_host_query *query,
			       const struct shown_key *key)
{
	struct ssh_host_query plain = *query;

	plain.port = 0;
	return query->port && query->port != 22 &&
	       ssh_known_hosts_check(ssh->shared->known_hosts, &plain, key->type, key->base64,
				     NULL) == SSH_HOST_KNOWN;
}

static int judge(struct ssh *ssh, const struct ssh_host_query *query, const struct shown_key *key)
{
	struct error where = ERROR_INIT;
	enum ssh_host_verdict verdict;

	verdict = ssh_known_hosts_check(ssh->shared->known_hosts, query, key->type, key->base64,
					&where);
	switch (verdict) {
	case SSH_HOST_KNOWN:
		return 0;
	case SSH_HOST_REVOKED:
		ssh_fail(ssh, "its host key (%s) is revoked in %.300s", key->print, where.text);
		return -1;
	case SSH_HOST_CHANGED:
	case SSH_HOST_OTHER_TYPE:
		return check_changed(ssh, key, where.text);
	case SSH_HOST_UNKNOWN:
	case SSH_HOST_CA:
		break;
	}
	if (known_without_port(ssh, query, key))
		return 0;
	return check_unknown(ssh, query, key, verdict == SSH_HOST_CA);
}

static void fingerprint(ssh_key key, char *out, size_t size)
{
	unsigned char *hash = NULL;
	size_t len;
	char *text = NULL;

	if (!ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len))
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
	snprintf(out, size, "%s", text ? text : "?");
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
}

int ssh_check_host_key(struct ssh *ssh)
{
	struct ssh_host_query query;
	struct shown_key shown = {.base64 = NULL};
	struct strvec files;
	ssh_key key = NULL;
	int rc = -1;

	if (ssh_get_server_publickey(ssh->session, &key) ||
	    ssh_pki_export_pubkey_base64(key, &shown.base64)) {
		ssh_fail(ssh, "its host key cannot be read");
	} else {
		shown.type = ssh_key_type_to_char(ssh_key_type(key));
		fingerprint(key, shown.print, sizeof(shown.print));
		make_query(ssh, &query, &files);
		rc = judge(ssh, &query, &shown);
		strvec_release(&files);
	}
	ssh_string_free_char(shown.base64);
	ssh_key_free(key);
	return rc;
}
