/* SPDX-License-Identifier: MIT */
/*
 * `check --ancestor`: which of the chosen differences from concert_launcher touch this file. One
 * message a difference, at the first process that it touches, with the number of all.
 */
#include "base/base.h"
#include "core/config_read.h"

/* Returns where a process is touched, or NULL. */
typedef const struct yaml_mark *touch_fn(const struct config *config,
					 const struct config_process *process);

static const struct yaml_mark *needs_one_shot(const struct config *config,
					      const struct config_process *process)
{
	for (size_t i = 0; i < process->nr_depends; i++) {
		const struct config_dependency *on = &process->depends[i];

		if (on->required && !config->process[on->process].persistent)
			return &on->mark;
	}
	return NULL;
}

static const struct yaml_mark *expands_in_container(const struct config *config,
						    const struct config_process *process)
{
	(void)config;
	return process->container && process->cmd && strpbrk(process->cmd, "$`")
		       ? &process->cmd_mark
		       : NULL;
}

static const struct yaml_mark *has_ready_check(const struct config *config,
					       const struct config_process *process)
{
	(void)config;
	return process->ready.cmd ? &process->ready_mark : NULL;
}

static const struct yaml_mark *has_variants(const struct config *config,
					    const struct config_process *process)
{
	(void)config;
	return process->nr_variants ? &process->variants[0].mark : NULL;
}

static const struct yaml_mark *has_variant_params(const struct config *config,
						  const struct config_process *process)
{
	(void)config;
	for (size_t i = 0; i < process->nr_variants; i++)
		if (process->variants[i].params.nr)
			return &process->variants[i].mark;
	return NULL;
}

static const struct yaml_mark *begins_with_quit(const struct config *config,
						const struct config_process *process)
{
	(void)config;
	return process->stop.signal == SIGQUIT ? &process->mark : NULL;
}

static const struct yaml_mark *any(const struct config *config,
				   const struct config_process *process)
{
	(void)config;
	return &process->mark;
}

static const struct difference {
	touch_fn *touch;
	const char *text;
} differences[] = {
	{needs_one_shot, "a failed one-shot skips what depends on it; it went on "
			 "('required: false' gives that back)"},
	{expands_in_container,
	 "the command is interpreted once, in the container; '$' and '`' were "
	 "the host's"},
	{has_ready_check, "a ready check runs in the same shell as the command; it did not"},
	{has_variants, "an unknown name after -v is an error; it was ignored"},
	{has_variant_params, "a variant and -p that disagree are an error; the variant won"},
	{begins_with_quit, "kill begins with QUIT as it did, but --force is KILL; it was QUIT"},
	{any, "kill escalates to TERM and KILL; it waited for ever. Alone it asks first"},
	{any, "logs are in the user's home, one run a file; they were /tmp/NAME.stdout"},
	{any, "windows are in the configured session alone; each also had a session of its own"},
	{any, "mon opens no terminal emulator"},
};

static void tell(struct config_reader *reader, const struct difference *difference)
{
	const struct config *config = reader->config;
	const struct yaml_mark *first = NULL;
	const char *name = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < config->nr_processes; i++) {
		const struct yaml_mark *mark = difference->touch(config, &config->process[i]);

		nr += mark != NULL;
		if (mark && !first) {
			first = mark;
			name = config->process[i].name;
		}
	}
	if (nr > 1)
		config_say(reader, CONCERT_LEVEL_INFO, first, "'%s' and %zu more: %s", name, nr - 1,
			   difference->text);
	else if (nr)
		config_say(reader, CONCERT_LEVEL_INFO, first, "'%s': %s", name, difference->text);
}

void config_tell_ancestor(struct config_reader *reader)
{
	for (size_t i = 0; i < ARRAY_SIZE(differences); i++)
		tell(reader, &differences[i]);
}
