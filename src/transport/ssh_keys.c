/* SPDX-License-Identifier: MIT */
/*
 * Key files: each is read once and shared by all logins, because an encrypted one costs a tenth of
 * a second of key derivation, and its user one passphrase.
 */
#include "base/base.h"
#include "transport/ssh_internal.h"

#define PASSPHRASE_TRIES 3

/* libssh asks for a passphrase only where it needs one. */
static int note_encrypted(const char *prompt, char *buf, size_t len, int echo, int verify,
			  void *data)
{
	(void)prompt;
	(void)buf;
	(void)len;
	(void)echo;
	(void)verify;
	*(bool *)data = true;
	return -1;
}

/* As OpenSSH: a secret that others may read is none. */
static const char *check_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT || errno == ENOTDIR ? "" : strerror(errno);
	if (st.st_uid == getuid() && (st.st_mode & 077))
		return "it can be read by others";
	return NULL;
}

static void load_public(struct ssh_keyfile *file)
{
	char *path = xasprintf("%s.pub", file->path);

	if (ssh_pki_import_pubkey_file(path, &file->public) &&
	    ssh_pki_import_pubkey_file(file->path, &file->public))
		file->public = NULL;
	free(path);
}

static void add_certificate(struct ssh_keyfile *file, const char *path)
{
	ssh_key certificate = NULL, copy;

	if (file->certified || !file->secret || access(path, R_OK) ||
	    ssh_pki_import_cert_file(path, &certificate))
		return;
	copy = ssh_key_dup(file->secret);
	if (copy && !ssh_pki_copy_cert_to_privkey(certificate, copy))
		file->certified = copy;
	else
		ssh_key_free(copy);
	ssh_key_free(certificate);
}

static void add_own_certificate(struct ssh_keyfile *file)
{
	char *path = xasprintf("%s-cert.pub", file->path);

	add_certificate(file, path);
	free(path);
}

static void load(struct ssh_keyfile *file)
{
	const char *trouble = check_mode(file->path);
	int rc;

	if (trouble) {
		file->trouble = *trouble ? trouble : NULL;
		load_public(file);
		return;
	}
	rc = ssh_pki_import_privkey_file(file->path, NULL, note_encrypted, &file->encrypted,
					 &file->secret);
	if (!rc) {
		file->encrypted = false;
		ssh_pki_export_privkey_to_pubkey(file->secret, &file->public);
		add_own_certificate(file);
		return;
	}
	file->secret = NULL;
	load_public(file);
	/* Of a hardware key the file holds but a handle; the agent can use it. */
	if (!file->encrypted && !file->public)
		file->trouble = "it is not a key that libssh can read";
}

struct ssh_keyfile *ssh_keyfile_get(struct ssh_shared *shared, const char *path)
{
	struct ssh_keyfile *file = strmap_get(&shared->keys, path);

	if (file)
		return file;
	file = xcalloc(1, sizeof(*file));
	file->path = xstrdup(path);
	load(file);
	strmap_put(&shared->keys, path, file);
	log_debug("key '%s': %s", path,
		  file->secret	    ? "loaded"
		  : file->encrypted ? "encrypted"
		  : file->trouble   ? file->trouble
		  : file->public    ? "public half only"
				    : "not there");
	return file;
}

int ssh_keyfile_unlock(struct ssh_shared *shared, struct ssh_keyfile *file)
{
	char *prompt = xasprintf("Enter passphrase for key '%s': ", file->path);
	char answer[1024];

	for (int i = 0; i < PASSPHRASE_TRIES && !file->secret && !file->asked; i++) {
		if (transport_ask(shared->transport, prompt, false, answer, sizeof(answer)) ||
		    !*answer) {
			file->asked = true;
			break;
		}
		if (ssh_pki_import_privkey_file(file->path, answer, NULL, NULL, &file->secret))
			file->secret = NULL;
		explicit_bzero(answer, sizeof(answer));
	}
	explicit_bzero(answer, sizeof(answer));
	free(prompt);
	file->asked = true;
	if (!file->secret)
		return -1;
	file->encrypted = false;
	add_own_certificate(file);
	return 0;
}

void ssh_keyfile_certify(struct ssh_keyfile *file, const struct strvec *certificates)
{
	for (size_t i = 0; i < certificates->nr; i++)
		add_certificate(file, certificates->v[i]);
}

void ssh_keyfile_free(void *data)
{
	struct ssh_keyfile *file = data;

	ssh_key_free(file->secret);
	ssh_key_free(file->public);
	ssh_key_free(file->certified);
	free(file->path);
	free(file);
}
