/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing a concert, waiting in its loop, and telling its observer. What the calls of
 * the public API do is in run.c, kill.c and query.c; what the configuration says in info.c.
 */
#include "base/base.h"
#include "core/handle.h"
#include "core/info.h"

#define TICK_MS 100

void tell_text(enum concert_level level, const char *text, void *data)
{
	struct concert *concert = data;

	if (concert->observer.message)
		concert->observer.message(level, text, concert->observer.data);
}

void tell_message(struct concert *concert, enum concert_level level, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell_text(level, text, concert);
}

enum concert_status tell_error(struct concert *concert, const struct error *err)
{
	tell_text(CONCERT_LEVEL_ERROR, err->text, concert);
	return status_of_error(err->code);
}

void tell_event(struct concert *concert, const struct concert_event *event)
{
	struct concert_event full = *event;
	struct timespec now;

	if (!concert->observer.event)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	full.time = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	if (full.message && !full.message_len)
		full.message_len = strlen(full.message);
	concert->observer.event(&full, concert->observer.data);
}

enum concert_status status_max(enum concert_status a, enum concert_status b)
{
	return a > b ? a : b;
}

enum concert_status status_of_error(enum error_code code)
{
	/* error.h gives the codes the numbers of the exit statuses, so that this is all. */
	return (enum concert_status)code;
}

static int ask_observer(const char *prompt, bool echo, char *answer, size_t size, void *data)
{
	struct concert *concert = data;

	if (!concert->observer.ask)
		return -1;
	return concert->observer.ask(prompt, echo, answer, size, concert->observer.data);
}

static int open_fleet(struct concert *concert, const struct concert_options *options,
		      struct error *err)
{
	struct fleet_options fleet = {
		.transport =
			{
				.ssh_config = options->ssh_config ? options->ssh_config
								  : concert->config->ssh_config,
				.connect_timeout_ms = options->connect_timeout_ms,
				.ask = ask_observer,
				.data = concert,
			},
		.tmux_socket = concert->config->tmux_socket,
		.log_keep = concert->config->log_keep,
		.log_max_bytes = concert->config->log_max_bytes,
	};

	if (options->host_key && strcmp(options->host_key, "accept-new"))
		return error_set(err, ERROR_USAGE,
				 "'%s' is not a host key policy (it can be accept-new)",
				 options->host_key);
	fleet.transport.accept_new = options->host_key != NULL;
	concert->loop = loop_new();
	concert->fleet = fleet_new(concert, &fleet);
	return 0;
}

struct concert *concert_open(const struct concert_options *options,
			     const struct concert_observer *observer, enum concert_status *status)
{
	struct concert *concert = xcalloc(1, sizeof(*concert));
	struct error err = ERROR_INIT;

	if (observer)
		concert->observer = *observer;
	*status = CONCERT_USAGE;
	concert->config = config_load(options, tell_text, concert);
	if (!concert->config)
		goto fail;
	if (open_fleet(concert, options, &err)) {
		*status = tell_error(concert, &err);
		goto fail;
	}
	concert->info = info_new(concert->config);
	*status = CONCERT_OK;
	return concert;
fail:
	concert_close(concert);
	return NULL;
}

void concert_close(struct concert *concert)
{
	if (!concert)
		return;
	info_free(concert->info);
	fleet_free(concert->fleet);
	loop_free(concert->loop);
	config_free(concert->config);
	free(concert);
}

void concert_interrupt(struct concert *concert)
{
	concert->interrupted = 1;
	loop_wake(concert->loop);
}

enum concert_status handle_drive(struct concert *concert, bool (*over)(void *data), void *data,
				 int64_t deadline_ms)
{
	int64_t deadline = deadline_ms ? loop_now_ms() + deadline_ms : INT64_MAX;
	int64_t tick = 0;

	while (!over(data)) {
		int64_t now = loop_now_ms();

		if (concert->interrupted)
			return CONCERT_INTERRUPTED;
		if (now >= deadline)
			return CONCERT_DEADLINE;
		if (concert->observer.tick && now >= tick) {
			concert->observer.tick(concert->observer.data);
			tick = now + TICK_MS;
		}
		loop_step(concert->loop, deadline - now < TICK_MS ? deadline - now : TICK_MS);
	}
	return CONCERT_OK;
}
