/* SPDX-License-Identifier: MIT */
/*
 * ssh_config and what `ssh -G` prints: what comes out can be used for a login, or the error says
 * where. The lines of the input are host and user; then the file, which may include `config`, and
 * after a line "%%%" what stands in that.
 */
#include "base/base.h"
#include "fuzz/fuzz.h"
#include "transport/ssh_config.h"
#include "transport/ssh_config_file.h"

static void check_list(const struct strvec *list)
{
	for (size_t i = 0; i < list->nr; i++)
		CHECK(list->v[i], "a hole in a list");
	CHECK(!list->v[list->nr], "a list without its end");
}

static void check_settings(const struct ssh_settings *settings)
{
	CHECK(settings->original, "whose settings are these?");
	CHECK(settings->port >= -1 && settings->port <= 65535, "port %d", settings->port);
	CHECK(settings->connect_timeout >= -1 && settings->alive_interval >= -1 &&
		      settings->alive_count >= -1,
	      "%d %d %d", settings->connect_timeout, settings->alive_interval,
	      settings->alive_count);
	CHECK(settings->strict >= HOST_KEY_UNSET && settings->strict <= HOST_KEY_NO, "strict");
	CHECK(!settings->proxy_jump || !settings->proxy_command, "both kinds of proxy");
	check_list(&settings->identity_files);
	check_list(&settings->certificate_files);
	check_list(&settings->user_known_hosts);
	check_list(&settings->global_known_hosts);
}

static void read_settings(const char *path, const char *host, const char *user, const char *text)
{
	struct ssh_config config;
	struct ssh_settings settings;
	struct error err = ERROR_INIT;

	ssh_config_init(&config, path);
	if (!ssh_settings_read(&settings, &config, host, *user ? user : NULL, 0, &err))
		check_settings(&settings);
	else
		CHECK(err.code == ERROR_USAGE && *err.text, "%d '%s'", err.code, err.text);
	err = (struct error)ERROR_INIT;
	if (!ssh_settings_take(&settings, &config, text, &err))
		check_settings(&settings);
	else
		CHECK(err.code == ERROR_USAGE && *err.text, "%d '%s'", err.code, err.text);
	ssh_settings_release(&settings);
	ssh_config_release(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	char *host = fuzz_line(&input), *user = fuzz_line(&input);
	size_t len = 0, more_len = 0;
	char *text = fuzz_section(&input, "%%%", &len);
	char *more = fuzz_section(&input, "%%%", &more_len);
	char *path = fuzz_file("file", text ? text : "", len);

	free(fuzz_file("config", more ? more : "", more_len));
	if (*host)
		read_settings(path, host, user, text ? text : "");
	free(host);
	free(user);
	free(text);
	free(more);
	free(path);
	return 0;
}
