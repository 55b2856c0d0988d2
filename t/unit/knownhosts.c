/* SPDX-License-Identifier: MIT */
/*
 * known_hosts: which lines speak of a host is compared with what ssh-keygen -F finds in the same
 * file, hashed names with what ssh-keygen -H makes and finds; verdicts are those that sshd(8) and
 * OpenSSH's hostfile.c give. Hashes are tried with the vectors of RFC 2202.
 */
#include "base/base.h"
#include <sys/wait.h>
#include "base/base64.h"
#include "base/strbuf.h"
#include "base/strvec.h"
#include "tap.h"
#include "transport/hmac_sha1.h"
#include "transport/ssh_knownhosts.h"

#define ED    "ssh-ed25519"
#define EC    "ecdsa-sha2-nistp256"
#define RSA   "ssh-rsa"
#define LINES 40

static char folder[] = "/tmp/concert-knownhosts-XXXXXX";
static char *file; /* folder/known_hosts */

/* ---- fixtures ---- */

static void add_string(struct strbuf *sb, const void *data, size_t len)
{
	strbuf_add(sb, (const char[]){0, 0, 0, (char)len}, 4);
	strbuf_add(sb, data, len);
}

/* The nth key of a type, in base64, well formed, kept for ever. */
static const char *key(const char *type, int n)
{
	static struct strvec kept;
	struct strbuf blob = STRBUF_INIT, text = STRBUF_INIT;
	char number[32];

	if (!kept.v)
		strvec_init(&kept);
	memset(number, n + 1, sizeof(number));
	add_string(&blob, type, strlen(type));
	if (!strcmp(type, EC))
		add_string(&blob, "nistp256", 8);
	if (!strcmp(type, RSA))
		add_string(&blob, "\1\0\1", 3);
	add_string(&blob, number, sizeof(number));
	base64_encode(&text, (const uint8_t *)blob.buf, blob.len);
	strbuf_release(&blob);
	strvec_push_owned(&kept, strbuf_detach(&text));
	return kept.v[kept.nr - 1];
}

static void write_file(const char *path, const void *data, size_t len)
{
	FILE *out = fopen(path, "w");

	if (!out || fwrite(data, 1, len, out) != len || fclose(out))
		BUG("cannot write '%s'", path);
}

static char *slurp(const char *path)
{
	struct strbuf sb = STRBUF_INIT;
	FILE *in = fopen(path, "r");
	int c;

	while (in && (c = getc(in)) != EOF)
		strbuf_addch(&sb, (char)c);
	if (in)
		fclose(in);
	return strbuf_detach(&sb);
}

/* Runs ssh-keygen; its output, heap. */
static char *keygen(const char *const *argv)
{
	struct strbuf sb = STRBUF_INIT;
	char buf[4096];
	ssize_t got;
	int fds[2];
	pid_t pid;

	if (pipe(fds) || (pid = fork()) < 0)
		BUG("cannot fork");
	if (!pid) {
		dup2(fds[1], 1);
		dup2(open("/dev/null", O_WRONLY), 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fds[1]);
	while ((got = read(fds[0], buf, sizeof(buf))) > 0)
		strbuf_add(&sb, buf, (size_t)got);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return strbuf_detach(&sb);
}

static enum ssh_host_verdict check(const char *name, int port, const char *type, const char *blob,
				   struct error *where)
{
	const char *files[] = {file, NULL};
	struct ssh_host_query query = {.name = name, .port = port, .files = files};
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	enum ssh_host_verdict verdict = ssh_known_hosts_check(known, &query, type, blob, where);

	ssh_known_hosts_free(known);
	return verdict;
}

static char *types(const char *name)
{
	const char *files[] = {file, NULL};
	struct ssh_host_query query = {.name = name, .files = files};
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	char *list = ssh_known_hosts_types(known, &query);

	ssh_known_hosts_free(known);
	return list;
}

static void write_text(const char *text)
{
	write_file(file, text, strlen(text));
}

/* ---- compared with ssh-keygen ---- */

/* %K stands for a key of the line's own. */
static const char *const lines[] = {
	"plain ssh-ed25519 %K",
	"a.example.org,b.example.org,192.0.2.10 ssh-ed25519 %K comment here",
	"*.example.org,!c.example.org ssh-ed25519 %K",
	"!c.example.org,*.example.org ssh-ed25519 %K",
	"!a.example.org ssh-ed25519 %K",
	"h?st ssh-ed25519 %K",
	"*o*t* ssh-ed25519 %K",
	"* ssh-ed25519 %K",
	"MiXed.Example.ORG ssh-ed25519 %K",
	"[plain]:2222 ssh-ed25519 %K",
	"[::1]:2222,[2001:db8::1]:2222 ssh-ed25519 %K",
	"::1,2001:db8::1 ssh-ed25519 %K",
	"[plain]:22 ssh-ed25519 %K",
	"[*]:2222 ssh-ed25519 %K",
	"# plain ssh-ed25519 %K",
	"",
	"   \t ",
	"  plain ssh-ed25519 %K",
	"plain\tssh-ed25519\t%K",
	"plain   ssh-ed25519 \t %K",
	"plain ssh-ed25519 %K\r",
	"plain ssh-ed25519",
	"plain",
	"plain ssh-ed25519 #%K",
	"plain ssh-rsa %K",
	"plain ED25519 %K",
	"plain 2048 65537 %K",
	"plain ssh-ed25519 %Kx",
	"plain ssh-ed25519 %K=",
	"plain ssh-ed25519 AAAA",
	"@revoked plain ssh-ed25519 %K",
	"@revoked *.example.org ssh-ed25519 %K",
	"@cert-authority *.example.org ssh-ed25519 %K",
	"@revoked @cert-authority plain ssh-ed25519 %K",
	"@unknown plain ssh-ed25519 %K",
	"@revoked",
	"a.example.org,,plain ssh-ed25519 %K",
	",plain, ssh-ed25519 %K",
	"|1|plain ssh-ed25519 %K",
};

static const struct {
	const char *name;
	int port;
} hosts[] = {
	{"plain", 22},
	{"PLAIN", 0},
	{"plain", 2222},
	{"a.example.org", 22},
	{"b.example.org", 22},
	{"c.example.org", 22},
	{"c.example.org", 2222},
	{"192.0.2.10", 22},
	{"host", 22},
	{"hoist", 22},
	{"hst", 22},
	{"mixed.example.org", 22},
	{"Mixed.Example.Org", 22},
	{"::1", 22},
	{"::1", 2222},
	{"2001:db8::1", 2222},
	{"2001:DB8::1", 22},
	{"example.org", 22},
	{"elsewhere", 22},
};

static void write_lines(void)
{
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *mark = strstr(lines[i], "%K");

		strbuf_add(&sb, lines[i], mark ? (size_t)(mark - lines[i]) : strlen(lines[i]));
		if (mark)
			strbuf_addf(&sb, "%s%s", key(ED, (int)i), mark + 2);
		strbuf_addch(&sb, '\n');
	}
	write_file(file, sb.buf, sb.len);
	strbuf_release(&sb);
}

/* The lines that ssh-keygen finds for a host and whose key it can read: "3 5R 8". */
static char *found_by_keygen(const char *name, int port)
{
	char *host = port && port != 22 ? xasprintf("[%s]:%d", name, port) : xstrdup(name);
	const char *argv[] = {"ssh-keygen", "-l", "-F", host, "-f", file, NULL};
	char *said = keygen(argv);
	struct strbuf sb = STRBUF_INIT;

	for (char *at = said; (at = strstr(at, "found: line ")); at++) {
		long nr = strtol(at + strlen("found: line "), &at, 10);

		if (strncmp(at, " CA", 3))
			strbuf_addf(&sb, " %ld%s", nr, strncmp(at, " REVOKED", 8) ? "" : "R");
	}
	free(said);
	free(host);
	return strbuf_detach(&sb);
}

static char *found_by_us(const char *name, int port)
{
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		enum ssh_host_verdict verdict = check(name, port, ED, key(ED, (int)i), NULL);

		if (verdict == SSH_HOST_KNOWN || verdict == SSH_HOST_REVOKED)
			strbuf_addf(&sb, " %zu%s", i + 1, verdict == SSH_HOST_KNOWN ? "" : "R");
	}
	return strbuf_detach(&sb);
}

static void test_lines(void)
{
	write_lines();
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		char *want = found_by_keygen(hosts[i].name, hosts[i].port);
		char *got = found_by_us(hosts[i].name, hosts[i].port);
		char *what = xasprintf("lines for %s, port %d", hosts[i].name, hosts[i].port);

		is_str(got, want, what);
		free(want);
		free(got);
		free(what);
	}
}

/* Names of many lengths, so that hashes of one block and of several are met. */
static void test_hashed_by_keygen(void)
{
	const char *argv[] = {"ssh-keygen", "-H", "-f", file, NULL};
	struct strbuf sb = STRBUF_INIT, name = STRBUF_INIT;
	int known = 0, unknown = 0;
	char *text;

	for (int i = 0; i < LINES; i++) {
		strbuf_reset(&name);
		strbuf_addchars(&name, 'a', 1 + 5 * (size_t)i);
		strbuf_addf(&sb, "%s%s%s " ED " %s\n", i % 2 ? "[" : "", name.buf,
			    i % 2 ? "]:2222" : "", key(ED, i));
	}
	write_file(file, sb.buf, sb.len);
	free(keygen(argv));
	text = slurp(file);
	ok(!strncmp(text, "|1|", 3) && !strstr(text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	   "ssh-keygen has hashed the names");
	for (int i = 0; i < LINES; i++) {
		strbuf_reset(&name);
		strbuf_addchars(&name, 'A', 1 + 5 * (size_t)i);
		known += check(name.buf, i % 2 ? 2222 : 22, ED, key(ED, i), NULL) == SSH_HOST_KNOWN;
		unknown += check(name.buf, i % 2 ? 22 : 2222, ED, key(ED, i), NULL) ==
			   SSH_HOST_UNKNOWN;
	}
	is_int(known, LINES, "each of the names that ssh-keygen has hashed is known");
	is_int(unknown, LINES, "and none at another port");
	free(text);
	strbuf_release(&sb);
	strbuf_release(&name);
}

/* ---- verdicts ---- */

static void is_verdict(const char *name, const char *type, const char *blob,
		       enum ssh_host_verdict want, int line, const char *what)
{
	struct error where = ERROR_INIT;
	char *place = line ? xasprintf("%s:%d", file, line) : xstrdup("");

	is_int(check(name, 22, type, blob, &where), want, what);
	is_str(where.text, place, "  and where");
	free(place);
}

static void test_verdicts(void)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "one " ED " %s\n", key(ED, 1));
	strbuf_addf(&sb, "two " ED " %s\ntwo " ED " %s\n", key(ED, 1), key(ED, 2));
	strbuf_addf(&sb, "mix " RSA " %s\nmix " EC " %s\n", key(RSA, 1), key(EC, 1));
	strbuf_addf(&sb, "bad " ED " %s\n@revoked bad " ED " %s\n", key(ED, 1), key(ED, 1));
	strbuf_addf(&sb, "@revoked * " ED " %s\n", key(ED, 9));
	strbuf_addf(&sb, "@cert-authority ca " ED " %s\n", key(ED, 3));
	strbuf_addf(&sb, "@revoked\ttab " ED " %s\n", key(ED, 4));
	strbuf_addf(&sb, "junk " ED " %sAAAA\ncut " ED " %.64s\n", key(ED, 1), key(ED, 1));
	write_file(file, sb.buf, sb.len);
	strbuf_release(&sb);

	is_verdict("one", ED, key(ED, 1), SSH_HOST_KNOWN, 1, "the key is there");
	is_verdict("one", ED, key(ED, 2), SSH_HOST_CHANGED, 1, "another key of this type is");
	is_verdict("one", RSA, key(RSA, 2), SSH_HOST_OTHER_TYPE, 1, "only another type is");
	is_verdict("two", ED, key(ED, 2), SSH_HOST_KNOWN, 3, "one key of several is enough");
	is_verdict("two", ED, key(ED, 3), SSH_HOST_CHANGED, 2, "none of several");
	is_verdict("mix", EC, key(EC, 2), SSH_HOST_CHANGED, 5, "the line of the same type speaks");
	is_verdict("mix", "rsa-sha2-512", key(RSA, 1), SSH_HOST_KNOWN, 4, "rsa by its signature");
	is_verdict("mix", "unheard-of", key(RSA, 2), SSH_HOST_OTHER_TYPE, 4, "an unknown type");
	is_verdict("bad", ED, key(ED, 1), SSH_HOST_REVOKED, 7, "revoked, though also known");
	is_verdict("bad", ED, key(ED, 9), SSH_HOST_REVOKED, 8, "revoked for all hosts");
	is_verdict("new", ED, key(ED, 1), SSH_HOST_UNKNOWN, 0, "nothing speaks of it");
	is_verdict("new", ED, key(ED, 9), SSH_HOST_REVOKED, 8, "revoked, and not known either");
	is_verdict("ca", ED, key(ED, 1), SSH_HOST_CA, 9, "only an authority is known");
	is_verdict("ca", ED, key(ED, 3), SSH_HOST_CA, 9, "its own key is no host key");
	is_verdict("junk", ED, key(ED, 2), SSH_HOST_UNKNOWN, 0, "bytes after a key make it none");
	is_verdict("cut", ED, key(ED, 2), SSH_HOST_UNKNOWN, 0, "as does its end missing");
	is_verdict("tab", ED, key(ED, 4), SSH_HOST_REVOKED, 10, "a tab after the marker");
}

static void is_types(const char *name, const char *want)
{
	char *got = types(name);

	is_str(got, want, name);
	free(got);
}

static void test_types(void)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "all,rsa " RSA " %s\nall " EC " %s\nall " ED " %s\n", key(RSA, 1),
		    key(EC, 1), key(ED, 1));
	strbuf_addf(&sb, "rev " ED " %s\nrev " EC " %s\n@revoked * " ED " %s\n", key(ED, 5),
		    key(EC, 5), key(ED, 5));
	strbuf_addf(&sb, "@cert-authority ca " ED " %s\n", key(ED, 6));
	write_file(file, sb.buf, sb.len);
	strbuf_release(&sb);

	is_types("all", ED "," EC ",rsa-sha2-512,rsa-sha2-256");
	is_types("rsa", "rsa-sha2-512,rsa-sha2-256");
	is_types("rev", EC);
	is_types("ca", NULL);
	is_types("new", NULL);
}

static enum ssh_host_verdict check_both(const char *name, const char *address, const char *blob)
{
	const char *files[] = {file, NULL};
	struct ssh_host_query query = {.name = name, .address = address, .files = files};
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	enum ssh_host_verdict verdict = ssh_known_hosts_check(known, &query, ED, blob, NULL);

	ssh_known_hosts_free(known);
	return verdict;
}

static void test_address(void)
{
	char *text = xasprintf("name " ED " %s\n10.0.0.1 " ED " %s\n10.0.0.2 " ED " %s\n",
			       key(ED, 1), key(ED, 1), key(ED, 2));

	write_text(text);
	free(text);
	is_int(check_both("name", "10.0.0.1", key(ED, 1)), SSH_HOST_KNOWN, "both agree");
	is_int(check_both("name", "10.0.0.3", key(ED, 1)), SSH_HOST_KNOWN, "a new address");
	is_int(check_both("name", "10.0.0.2", key(ED, 1)), SSH_HOST_CHANGED,
	       "the address has another key");
	is_int(check_both("new", "10.0.0.1", key(ED, 1)), SSH_HOST_UNKNOWN,
	       "an address alone makes no host known");
	is_int(check_both("name", "10.0.0.2", key(ED, 2)), SSH_HOST_CHANGED,
	       "nor does it excuse a changed one");
}

/* ---- files ---- */

static void test_files(void)
{
	char *second = xasprintf("%s/global", folder), *none = xasprintf("%s/none", folder);
	const char *files[] = {none, file, folder, second, "/dev/null", NULL};
	struct ssh_host_query query = {.name = "late", .files = files};
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	struct error where = ERROR_INIT;
	char *text = xasprintf("@revoked x " ED " %s\nlate " ED " %s", key(ED, 1), key(ED, 2));

	write_text("");
	write_file(second, text, strlen(text));
	is_int(ssh_known_hosts_check(known, &query, ED, key(ED, 2), &where), SSH_HOST_KNOWN,
	       "a later file counts, without a newline at its end, too");
	unlink(second);
	is_int(ssh_known_hosts_check(known, &query, ED, key(ED, 2), NULL), SSH_HOST_KNOWN,
	       "each file is read once");
	query.name = "new";
	is_int(ssh_known_hosts_check(known, &query, ED, key(ED, 2), &where), SSH_HOST_UNKNOWN,
	       "a folder holds no hosts");
	ok(strstr(where.text, folder) && strstr(where.text, strerror(EISDIR)),
	   "and that is reported: %s", where.text);
	unlink(file);
	if (mkfifo(file, 0600))
		BUG("no fifo");
	is_int(check("new", 22, ED, key(ED, 1), NULL), SSH_HOST_UNKNOWN, "a fifo does not block");
	unlink(file);
	ssh_known_hosts_free(known);
	ssh_known_hosts_free(NULL);
	free(text);
	free(second);
	free(none);
}

static void test_bounds(void)
{
	struct error where = ERROR_INIT;
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(&sb, "long," ED " %s", key(ED, 1));
	strbuf_addchars(&sb, ' ', 1 << 16);
	strbuf_addf(&sb, "\nnext " ED " %s\n", key(ED, 2));
	write_file(file, sb.buf, sb.len);
	is_int(check("long", 22, ED, key(ED, 1), NULL), SSH_HOST_UNKNOWN, "too long a line");
	is_int(check("next", 22, ED, key(ED, 2), NULL), SSH_HOST_KNOWN, "and the one after it");

	for (size_t len = 1022; len <= 1023; len++) {
		char *want, *got;

		strbuf_reset(&sb);
		strbuf_addchars(&sb, 'x', len);
		strbuf_addf(&sb, ",many " ED " %s\n", key(ED, 0));
		write_file(file, sb.buf, sb.len);
		want = found_by_keygen("many", 22);
		got = found_by_us("many", 22);
		is_str(got, want, len > 1022 ? "too long a pattern" : "a long pattern");
		free(want);
		free(got);
	}
	strbuf_release(&sb);

	if (truncate(file, (64 << 20) + 1))
		BUG("cannot truncate");
	is_int(check("next", 22, ED, key(ED, 2), &where), SSH_HOST_UNKNOWN, "too long a file");
	ok(strstr(where.text, "64 MiB"), "and that is reported: %s", where.text);
	unlink(file);
}

/* A recursive match of this would not end before the sun does. */
static void test_stars(void)
{
	struct strbuf sb = STRBUF_INIT, name = STRBUF_INIT;

	for (int i = 0; i < 500; i++)
		strbuf_addstr(&sb, "*a");
	strbuf_addf(&sb, "b " ED " %s\n", key(ED, 1));
	strbuf_addchars(&name, 'a', 10000);
	write_file(file, sb.buf, sb.len);
	is_int(check(name.buf, 22, ED, key(ED, 1), NULL), SSH_HOST_UNKNOWN, "many stars");
	strbuf_release(&sb);
	strbuf_release(&name);
}

static void test_noise(void)
{
	static const char alphabet[] = "@revoked |1|=,*?![]:22\t\r\n\0#ssh-ed25519 AAAAC3\377\200";
	struct strbuf sb = STRBUF_INIT;
	uint32_t random = 1;

	write_lines();
	char *good = slurp(file);
	size_t len = strlen(good);
	for (int round = 0; round < 500; round++) {
		strbuf_reset(&sb);
		strbuf_add(&sb, good, len);
		for (int i = 0; i < 60; i++) {
			random = random * 1664525 + 1013904223;
			sb.buf[(random >> 8) % len] = alphabet[(random >> 3) % sizeof(alphabet)];
		}
		write_file(file, sb.buf, sb.len - random % 100);
		check("plain", 22, ED, key(ED, 1), NULL);
		free(types("a.example.org"));
	}
	ok(true, "500 damaged files");
	free(good);
	strbuf_release(&sb);
}

/* ---- adding ---- */

static int add(struct ssh_known_hosts *known, const char *name, const char *address, int port,
	       const char *blob, bool hashed)
{
	const char *files[] = {file, NULL};
	struct ssh_host_query query = {name, address, port, files};
	struct error err = ERROR_INIT;
	int rc = ssh_known_hosts_add(known, &query, file, ED, blob, hashed, &err);

	ok(!rc == !err.code, "add '%s': %s", name, rc ? err.text : "done");
	if (!rc)
		is_int(ssh_known_hosts_check(known, &query, ED, blob, NULL), SSH_HOST_KNOWN,
		       "  it is remembered");
	return rc;
}

static void is_file(const char *want, const char *what)
{
	char *got = slurp(file);

	is_str(got, want, what);
	free(got);
}

static void test_add(void)
{
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	const char *k = key(ED, 1);
	char *want =
		xasprintf("# old\nhost " ED " %s\n[other]:2222,[10.0.0.1]:2222 " ED " %s\n", k, k);

	write_text("# old");
	is_int(add(known, "Host", NULL, 22, k, false), 0, "a name");
	is_int(add(known, "other", "10.0.0.1", 2222, k, false), 0, "a name and an address");
	is_int(add(known, "HOST", "host", 22, k, false), 0, "what is known already");
	is_file(want, "two lines were added, after a newline");
	for (const char *const *bad = (const char *const[]){"", "*", "a,b", "a b", "!a", "h?", "#a",
							    "|1|a", "@revoked", "a\nb", NULL};
	     *bad; bad++)
		is_int(add(known, *bad, NULL, 22, k, false), -1, "no name");
	is_int(add(known, "x", NULL, 22, "AAAA", false), -1, "no key");
	is_int(add(known, "x", NULL, 22, key(RSA, 1), false), -1, "a key of another type");
	is_int(add(known, "x", "*", 22, k, false), -1, "no address");
	is_file(want, "and nothing of that is written");
	free(want);
	ssh_known_hosts_free(known);
}

static void test_add_hashed(void)
{
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	char *text, *found;

	write_text("");
	is_int(add(known, "Secret", "10.0.0.1", 2222, key(ED, 1), true), 0, "hashed");
	is_int(add(known, "secret", NULL, 2222, key(ED, 1), true), 0, "and again");
	text = slurp(file);
	ok(!strncmp(text, "|1|", 3) && !strstr(text, "secret") && !strstr(text, "10.0"),
	   "names are hidden");
	found = found_by_keygen("secret", 2222);
	is_str(found, " 1", "ssh-keygen finds the name");
	free(found);
	found = found_by_keygen("10.0.0.1", 2222);
	is_str(found, " 2", "and the address, on a line of its own");
	free(found);
	free(text);
	ssh_known_hosts_free(known);
}

static void test_add_makes_folder(void)
{
	char *sub = xasprintf("%s/ssh", folder), *deep = xasprintf("%s/ssh/known_hosts", folder);
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	mode_t before = umask(0);
	char *outer = file;
	struct stat st;

	file = deep;
	is_int(add(known, "host", NULL, 22, key(ED, 1), false), 0, "nothing is there yet");
	is_int(stat(sub, &st) ? 0 : st.st_mode & 07777, 0700, "the folder is private");
	is_int(stat(deep, &st) ? 0 : st.st_mode & 07777, 0600, "the file, too");
	unlink(deep);
	rmdir(sub);
	file = sub;
	if (mkdir(sub, 0700))
		BUG("no folder");
	is_int(add(known, "host", NULL, 22, key(ED, 1), false), -1, "a folder in the file's place");
	rmdir(sub);
	file = outer;
	umask(before);
	ssh_known_hosts_free(known);
	free(sub);
	free(deep);
}

/* ---- hashes ---- */

static void is_mac(const uint8_t *secret, size_t len, const char *data, const char *want)
{
	struct hmac_sha1 hmac;
	struct strbuf got = STRBUF_INIT;
	uint8_t mac[HMAC_SHA1_SIZE];

	hmac_sha1_init(&hmac, secret, len);
	hmac_sha1(&hmac, data, strlen(data), mac);
	for (int i = 0; i < HMAC_SHA1_SIZE; i++)
		strbuf_addf(&got, "%02x", mac[i]);
	is_str(got.buf, want, "RFC 2202");
	strbuf_release(&got);
}

static void test_hmac(void)
{
	uint8_t secret[20];
	char data[51] = "";

	memset(secret, 0x0b, sizeof(secret));
	is_mac(secret, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00");
	is_mac((const uint8_t *)"Jefe", 4, "what do ya want for nothing?",
	       "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	memset(secret, 0xaa, sizeof(secret));
	memset(data, 0xdd, 50);
	is_mac(secret, 20, data, "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
}

int main(void)
{
	char *old;

	if (!mkdtemp(folder))
		BUG("no temporary folder");
	file = xasprintf("%s/known_hosts", folder);
	test_hmac();
	test_lines();
	test_hashed_by_keygen();
	test_verdicts();
	test_types();
	test_address();
	test_files();
	test_bounds();
	test_stars();
	test_noise();
	test_add();
	test_add_hashed();
	test_add_makes_folder();
	old = xasprintf("%s.old", file);
	unlink(old);
	unlink(file);
	rmdir(folder);
	free(old);
	free(file);
	return done_testing();
}
