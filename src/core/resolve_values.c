/* SPDX-License-Identifier: MIT */
/*
 * Which value a parameter has for a process, and putting values in the place of placeholders. The
 * order of precedence is the manual's; a value is never searched for placeholders itself.
 */
#include "base/base.h"
#include <pwd.h>
#include "base/nearest.h"
#include "core/resolve_parts.h"
#include "core/template.h"
#include "target/target.h"
#include "transport/machine.h"

int values_init(struct values *values, const struct config *config,
		const struct config_process *process, const struct choices *choices,
		const struct spec *spec, struct error *err)
{
	bool *chosen = xcalloc(process->nr_variants + 1, sizeof(*chosen));
	int r = choices_select(choices, process, chosen, err);

	*values = (struct values){
		.config = config, .process = process, .choices = choices, .spec = spec};
	values->chosen = xreallocarray(NULL, process->nr_variants + 1, sizeof(*values->chosen));
	for (size_t i = 0; i < process->nr_variants; i++)
		if (chosen[i])
			values->chosen[values->nr_chosen++] = &process->variants[i];
	values->used = xcalloc(choices ? choices->params.nr + 1 : 1, sizeof(*values->used));
	free(chosen);
	return r;
}

void values_release(struct values *values)
{
	free(values->chosen);
	free(values->used);
}

int values_fail(const struct values *values, const struct source *source, struct error *err,
		const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	error_set(err, ERROR_USAGE, "%s:%d:%d: '%s' of '%s': %s", source->mark->file,
		  source->mark->line, source->mark->column, source->key, values->process->name,
		  text.buf);
	strbuf_release(&text);
	return -1;
}

static const char *given(const struct values *values, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; values->choices && i < values->choices->params.nr; i++)
		if (!strcmp(values->choices->params.v[i].name, name)) {
			values->used[i] = true;
			value = values->choices->params.v[i].value;
		}
	return value;
}

const char *values_param(const struct values *values, const char *name)
{
	const char *value = given(values, name);

	for (size_t i = values->nr_chosen; !value && i-- > 0;)
		value = config_pairs_get(&values->chosen[i]->params, name);
	if (!value)
		value = config_pairs_get(&values->process->params, name);
	return value ? value : config_pairs_get(&values->config->params, name);
}

/* A placeholder that is being replaced. */
struct placing {
	struct values *values;
	const struct source *source;
	struct strbuf *out;
	struct error *err;
};

static int put(struct placing *placing, const char *value)
{
	strbuf_addstr(placing->out, value ? value : "");
	return 0;
}

static int put_user(struct placing *placing, const struct machine_name *name)
{
	const struct passwd *pw;

	if (name->user)
		return put(placing, name->user);
	pw = name->local ? getpwuid(geteuid()) : NULL;
	if (pw)
		return put(placing, pw->pw_name);
	return values_fail(placing->values, placing->source, placing->err,
			   "'{user}': the file does not say which user (write machine: user@host)");
}

static int put_machine_part(struct placing *placing, const char *part)
{
	struct machine_name name;
	int r;

	if (machine_name_parse(&name, placing->values->spec->machine, placing->err) < 0)
		return -1;
	r = !strcmp(part, "user") ? put_user(placing, &name)
				  : put(placing, name.local ? "localhost" : name.host);
	machine_name_release(&name);
	return r;
}

static int put_log(struct placing *placing)
{
	if (placing->source->has_log)
		return put(placing, TARGET_LOG_MARK);
	return values_fail(placing->values, placing->source, placing->err,
			   "'{log}' is known in cmd, ready_check and setup only");
}

static int fail_undefined(struct placing *placing, const char *name)
{
	const struct values *values = placing->values;
	struct nearest nearest;
	const char *best;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < values->process->params.nr; i++)
		nearest_offer(&nearest, values->process->params.v[i].name);
	for (size_t i = 0; i < values->config->params.nr; i++)
		nearest_offer(&nearest, values->config->params.v[i].name);
	best = nearest_best(&nearest);
	if (best)
		return values_fail(values, placing->source, placing->err,
				   "no parameter defines '{%.100s}' (did you mean '{%.100s}'?)",
				   name, best);
	return values_fail(values, placing->source, placing->err,
			   "no parameter defines '{%.100s}' (give it with -p %.100s=VALUE%s%s%s)",
			   name, name, placing->source->is_cmd ? ", or write '{{" : "",
			   placing->source->is_cmd ? name : "",
			   placing->source->is_cmd ? "}}' for the text itself" : "");
}

/* What the program itself knows; {machine} and the like only once the machine is known. */
static int put_built_in(struct placing *placing, const char *name)
{
	const struct values *values = placing->values;

	if (!strcmp(name, "process"))
		return put(placing, values->process->name);
	if (!strcmp(name, "session"))
		return put(placing, values->process->session);
	if (!strcmp(name, "log"))
		return put_log(placing);
	if (values->spec && values->spec->machine) {
		if (!strcmp(name, "machine"))
			return put(placing, values->spec->machine);
		if (!strcmp(name, "container") && strcmp(placing->source->key, "docker") != 0)
			return put(placing, values->spec->container);
		if (!strcmp(name, "host") || !strcmp(name, "user"))
			return put_machine_part(placing, name);
	}
	return fail_undefined(placing, name);
}

static int put_piece(struct placing *placing, const struct template_piece *piece)
{
	char *name;
	const char *value;
	int r;

	if (piece->type == TEMPLATE_TEXT) {
		strbuf_add(placing->out, piece->text, piece->len);
		return 0;
	}
	name = xstrndup(piece->text, piece->len);
	value = values_param(placing->values, name);
	if (piece->type == TEMPLATE_NAME)
		r = value ? put(placing, value) : put_built_in(placing, name);
	else if (piece->type == TEMPLATE_MAYBE_FORMAT && !value)
		r = put(placing, "{");
	else
		r = values_fail(placing->values, placing->source, placing->err,
				"'%.*s': formats are not supported (write '{%.100s}')",
				(int)(piece->raw_len < 100 ? piece->raw_len : 100), piece->raw,
				name);
	free(name);
	return r;
}

int values_expand(struct values *values, const struct source *source, char **out, struct error *err)
{
	struct template template = TEMPLATE_INIT(source->text, source->is_cmd);
	struct template_piece piece;
	struct strbuf sb = STRBUF_INIT;
	struct placing placing = {values, source, &sb, err};
	int r = 0;

	*out = NULL;
	while (!r && template_next(&template, &piece)) {
		r = put_piece(&placing, &piece);
		if (!r && sb.len > TARGET_COMMAND_MAX)
			r = values_fail(values, source, err, "longer than %d bytes",
					TARGET_COMMAND_MAX);
	}
	if (!r)
		*out = strbuf_detach(&sb);
	strbuf_release(&sb);
	return r;
}
