/* SPDX-License-Identifier: MIT */
/*
 * The choices of a command line: parameters and variants, how they are written, which variants of
 * a process they mean, and whether they fit the plan.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "core/resolve_parts.h"
#include "core/template.h"

#define CHOICES_MAX 1000

/* "KEY=VALUE", or "KEY:=VALUE" as the ancestor had it. */
static int add_param(struct choices *choices, const char *text, struct error *err)
{
	size_t len = template_identifier(text);
	const char *value = text + len + (text[len] == ':');
	char *name;

	if (!len || *value != '=')
		return error_set(err, ERROR_USAGE,
				 "'%.200s' is no parameter (write KEY=VALUE; a key is made of "
				 "letters, digits and _)",
				 text);
	name = xstrndup(text, len);
	config_pairs_add(&choices->params, name, value + 1, NULL);
	free(name);
	return 0;
}

int choices_init(struct choices *choices, const char *const *params, const char *const *variants,
		 struct error *err)
{
	*choices = (struct choices){.variants = STRVEC_INIT};
	strvec_push_all(&choices->variants, variants);
	for (; params && *params; params++)
		if (add_param(choices, *params, err) < 0)
			return -1;
	/* As many as a file may define. Each is compared with each placeholder. */
	if (choices->params.nr > CHOICES_MAX || choices->variants.nr > CHOICES_MAX)
		return error_set(err, ERROR_USAGE, "more than %d %s on the command line",
				 CHOICES_MAX,
				 choices->params.nr > CHOICES_MAX ? "parameters" : "variants");
	return 0;
}

void choices_release(struct choices *choices)
{
	config_pairs_release(&choices->params);
	strvec_release(&choices->variants);
}

/* A variant as it is typed: [PROCESS:][GROUP=]NAME. */
struct wanted {
	const char *process, *group; /* NULL: any */
	size_t process_len, group_len;
	const char *name;
};

static struct wanted parse_wanted(const char *typed)
{
	struct wanted wanted = {.name = typed};
	const char *end = strchr(wanted.name, ':');

	if (end) {
		wanted.process = wanted.name;
		wanted.process_len = (size_t)(end - wanted.name);
		wanted.name = end + 1;
	}
	end = strchr(wanted.name, '=');
	if (end) {
		wanted.group = wanted.name;
		wanted.group_len = (size_t)(end - wanted.name);
		wanted.name = end + 1;
	}
	return wanted;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return name && !strncmp(word, name, len) && !name[len];
}

static bool means(const struct wanted *wanted, const struct config_process *process,
		  const struct config_variant *variant)
{
	return (!wanted->process || is_word(wanted->process, wanted->process_len, process->name)) &&
	       (!wanted->group || is_word(wanted->group, wanted->group_len, variant->group)) &&
	       !strcmp(wanted->name, variant->name);
}

static bool process_has(const struct config_process *process, const struct wanted *wanted)
{
	for (size_t i = 0; i < process->nr_variants; i++)
		if (means(wanted, process, &process->variants[i]))
			return true;
	return false;
}

/* Refuses two chosen variants of one group. */
static int check_groups(const struct config_process *process, const bool *chosen, struct error *err)
{
	for (size_t i = 0; i < process->nr_variants; i++)
		for (size_t k = 0; chosen[i] && k < i; k++) {
			const struct config_variant *a = &process->variants[k];
			const struct config_variant *b = &process->variants[i];

			if (chosen[k] && a->group && b->group && !strcmp(a->group, b->group))
				return error_set(err, ERROR_USAGE,
						 "'%.100s' and '%.100s' are both choices of the "
						 "group '%.100s' of '%s' (choose one)",
						 a->name, b->name, a->group, process->name);
		}
	return 0;
}

int choices_select(const struct choices *choices, const struct config_process *process,
		   bool *chosen, struct error *err)
{
	for (size_t i = 0; choices && i < choices->variants.nr; i++) {
		struct wanted wanted = parse_wanted(choices->variants.v[i]);

		for (size_t k = 0; k < process->nr_variants; k++)
			if (means(&wanted, process, &process->variants[k]))
				chosen[k] = true;
	}
	return check_groups(process, chosen, err);
}

/* A plan to check choices against, and who is told. */
struct judge {
	const struct choices *choices;
	const struct config *config;
	const struct config_process *const *plan;
	size_t nr;
	config_message_fn *tell;
	void *data;
	struct error *err;
	int result;
	size_t wrong; /* errors so far */
};

/* Keeps an error to be returned; the one before it is told. */
static void fail(struct judge *judge, const struct error *err)
{
	if (judge->result && judge->tell && judge->err)
		judge->tell(CONCERT_LEVEL_ERROR, judge->err->text, judge->data);
	judge->wrong++;
	judge->result = error_set(judge->err, err->code, "%s", err->text);
}

static void offer_variants(struct nearest *nearest, const struct config_process *process)
{
	for (size_t i = 0; i < process->nr_variants; i++)
		nearest_offer(nearest, process->variants[i].name);
}

/* The typed variant is none of the plan: says whose it is, or which is the nearest. */
static void tell_unknown(struct judge *judge, const char *typed, const struct wanted *wanted)
{
	struct error err = ERROR_INIT;
	struct nearest nearest;

	nearest_init(&nearest, wanted->name);
	for (size_t i = 0; i < judge->config->nr_processes; i++) {
		const struct config_process *process = &judge->config->process[i];

		if (process_has(process, wanted)) {
			error_set(&err, ERROR_USAGE,
				  "'%.200s' is a variant of '%s', which is not asked for", typed,
				  process->name);
			fail(judge, &err);
			return;
		}
	}
	for (size_t i = 0; i < judge->nr; i++)
		offer_variants(&nearest, judge->plan[i]);
	error_set(&err, ERROR_USAGE, "'%.200s' is not a variant of %s%s%s%s", typed,
		  judge->nr == 1 ? judge->plan[0]->name : "any process that is asked for",
		  nearest_best(&nearest) ? " (did you mean '" : "",
		  nearest_best(&nearest) ? nearest_best(&nearest) : "",
		  nearest_best(&nearest) ? "'?)" : "");
	fail(judge, &err);
}

static void check_variant(struct judge *judge, const char *typed)
{
	struct wanted wanted = parse_wanted(typed);
	struct error err = ERROR_INIT;

	if (wanted.process) {
		char *name = xstrndup(wanted.process, wanted.process_len);
		const struct config_process *process = config_find(judge->config, name, &err);

		free(name);
		if (!process) {
			fail(judge, &err);
			return;
		}
	}
	for (size_t i = 0; i < judge->nr; i++)
		if (process_has(judge->plan[i], &wanted))
			return;
	tell_unknown(judge, typed, &wanted);
}

static void mark_string(const struct choices *choices, bool *used, const char *text, bool is_cmd)
{
	struct template template = TEMPLATE_INIT(text, is_cmd);
	struct template_piece piece;

	while (text && template_next(&template, &piece))
		for (size_t i = 0; piece.type != TEMPLATE_TEXT && i < choices->params.nr; i++)
			used[i] |= is_word(piece.text, piece.len, choices->params.v[i].name);
}

/* Which of the parameters any string of the process as it is chosen asks for. */
static void mark_process(const struct choices *choices, bool *used, const struct values *values)
{
	const struct config_process *process = values->process;
	struct source cmd;
	char *owned = NULL;

	if (!source_cmd(values, &cmd, &owned, NULL))
		mark_string(choices, used, cmd.text, true);
	free(owned);
	mark_string(choices, used, source_machine(values).text, false);
	mark_string(choices, used, source_container(values).text, false);
	mark_string(choices, used, source_ready(values).text, false);
	mark_string(choices, used, process->setup, false);
	mark_string(choices, used, process->cwd, false);
	mark_string(choices, used, process->stop.cmd, false);
	for (size_t i = 0; i < process->env.nr; i++)
		if (!process->env.v[i].literal)
			mark_string(choices, used, process->env.v[i].value, false);
}

static void warn_unused(const struct judge *judge, const char *name)
{
	struct strbuf text = STRBUF_INIT;
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < judge->config->params.nr; i++)
		nearest_offer(&nearest, judge->config->params.v[i].name);
	for (size_t i = 0; i < judge->nr; i++)
		for (size_t k = 0; k < judge->plan[i]->params.nr; k++)
			nearest_offer(&nearest, judge->plan[i]->params.v[k].name);
	strbuf_addf(&text, "'%s': nothing that is asked for uses this parameter", name);
	if (nearest_best(&nearest) && strcmp(nearest_best(&nearest), name) != 0)
		strbuf_addf(&text, " (did you mean '%s'?)", nearest_best(&nearest));
	if (judge->tell)
		judge->tell(CONCERT_LEVEL_WARNING, text.buf, judge->data);
	strbuf_release(&text);
}

/* Looks at each process of the plan: two choices of a group, and what is used. */
static void check_processes(struct judge *judge, bool *used)
{
	for (size_t i = 0; i < judge->nr; i++) {
		struct values values;
		struct error err = ERROR_INIT;

		if (values_init(&values, judge->config, judge->plan[i], judge->choices, NULL,
				&err) < 0)
			fail(judge, &err);
		else if (judge->choices->params.nr)
			mark_process(judge->choices, used, &values);
		values_release(&values);
	}
}

int choices_check(const struct choices *choices, const struct config *config,
		  const struct config_process *const *plan, size_t nr, config_message_fn *tell,
		  void *data, struct error *err)
{
	struct judge judge = {choices, config, plan, nr, tell, data, err, 0, 0};
	bool *used = xcalloc(choices->params.nr + 1, sizeof(*used));

	for (size_t i = 0; i < choices->variants.nr && judge.wrong < CONFIG_WRONG_MAX; i++)
		check_variant(&judge, choices->variants.v[i]);
	if (choices->variants.nr || choices->params.nr)
		check_processes(&judge, used);
	for (size_t i = 0; !judge.result && i < choices->params.nr; i++)
		if (!used[i])
			warn_unused(&judge, choices->params.v[i].name);
	free(used);
	return judge.result;
}
