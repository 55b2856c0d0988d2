/* SPDX-License-Identifier: MIT */
/*
 * Placeholders, parameters and variants. The lines of the input are: a command, the command of a
 * variant, a machine, a container, a folder, a ready check, an environment value; then parameters
 * (KEY=VALUE) and, where a line begins with "-v ", variants, in which 0x1f is a line end.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/config_name.h"
#include "core/plan.h"
#include "core/template.h"
#include "fuzz/fuzz.h"
#include "target/target.h"

static const char file[] = "context: {params: {a: A, hw: sim, host_name: pc1}}\n"
			   "x:\n"
			   "  cmd: c\n"
			   "  machine: m\n"
			   "  docker: d\n"
			   "  cwd: w\n"
			   "  ready_check: r\n"
			   "  env: {E: e}\n"
			   "  params: {b: '{a}', p: P}\n"
			   "  variants:\n"
			   "    wrap: {cmd: '{cmd}'}\n"
			   "    gui: {params: {a: G}}\n"
			   "    ctrl:\n"
			   "      - pos: {params: {hw: pos}}\n"
			   "      - vel: {params: {hw: vel}, cmd: '{cmd} -v {hw}'}\n";

static struct config *make_config(struct fuzz_input *input)
{
	struct config *config = config_parse("f.yaml", file, strlen(file), NULL, NULL, NULL);
	struct config_process *process;
	char **strings[7];

	CHECK(config, "the file is wrong");
	process = &config->process[0];
	strings[0] = &process->cmd;
	strings[1] = &process->variants[0].cmd;
	strings[2] = &process->machine;
	strings[3] = &process->container;
	strings[4] = &process->cwd;
	strings[5] = &process->ready.cmd;
	strings[6] = &process->env.v[0].value;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		char *line = fuzz_line(input);

		free(*strings[i]);
		*strings[i] = line;
		if (!*line && i >= 2 && i <= 5) {
			*strings[i] = NULL;
			free(line);
		}
	}
	return config;
}

/* The pieces of a template are the template. */
static void check_pieces(const char *text, bool braces)
{
	struct template template = TEMPLATE_INIT(text, braces);
	struct template_piece piece;
	const char *at = text;

	while (template_next(&template, &piece)) {
		CHECK(piece.raw == at && piece.raw_len, "a piece is left out");
		CHECK(piece.raw + piece.raw_len <= text + strlen(text), "beyond the end");
		at += piece.type == TEMPLATE_MAYBE_FORMAT ? 1 : piece.raw_len;
		if (piece.type != TEMPLATE_TEXT)
			CHECK(piece.len && template_identifier(piece.text) >= piece.len, "'%.*s'",
			      (int)piece.len, piece.text);
	}
	CHECK(!*at, "the end is left out");
}

/* What `cmd` becomes without variants; NULL if it is refused. */
static char *resolve_cmd(struct config *config, const char *cmd, const char *param)
{
	struct config_process process = config->process[0];
	const char *const params[] = {param, NULL};
	struct choices choices;
	struct error err = ERROR_INIT;
	struct spec spec;
	char *result = NULL;

	process.cmd = (char *)(uintptr_t)cmd;
	process.machine = process.container = process.cwd = process.ready.cmd = NULL;
	process.env.nr = 0;
	CHECK(!choices_init(&choices, params, NULL, &err), "%s", err.text);
	if (!spec_resolve(&spec, config, &process, &choices, &err))
		result = xstrdup(spec.cmd);
	else
		CHECK(err.code == ERROR_USAGE && *err.text, "'%s'", err.text);
	spec_release(&spec);
	choices_release(&choices);
	return result;
}

/* A value is opaque, and doubled braces are the text itself. */
static void check_bytes(struct config *config, const char *text)
{
	struct strbuf doubled = STRBUF_INIT;
	char *param = xasprintf("p=%s", text), *got;
	bool fits = strlen(text) <= TARGET_COMMAND_MAX;

	got = resolve_cmd(config, "{p}", param);
	CHECK(fits ? got && !strcmp(got, text) : !got, "'%s' becomes '%s'", text, got);
	free(got);
	for (const char *s = text; *s; s++)
		strbuf_addf(&doubled, *s == '{' || *s == '}' ? "%c%c" : "%c", *s, *s);
	got = resolve_cmd(config, doubled.buf, "p=");
	if (!strstr(text, TARGET_LOG_MARK))
		CHECK(fits ? got && !strcmp(got, text) : !got, "'%s' becomes '%s'", doubled.buf,
		      got);
	free(got);
	free(param);
	strbuf_release(&doubled);
}

static void check_spec(const struct spec *spec)
{
	struct error err = ERROR_INIT;

	CHECK(spec->cmd && strlen(spec->cmd) <= TARGET_COMMAND_MAX, "too long");
	CHECK(!config_check_machine(spec->machine, &err), "%s", err.text);
	CHECK(!spec->container || !config_check_container(spec->container, &err), "%s", err.text);
	CHECK(!spec->cwd || !config_check_cwd(spec->cwd, &err), "%s", err.text);
	CHECK(spec->env.nr == 1 && !strncmp(spec->env.v[0], "E=", 2), "the environment");
}

/* A run's record gives the same run again. */
static void check_record(const struct config *config, const struct spec *spec)
{
	struct plan plan = {.config = config};
	struct plan_step step = {.process = spec->process};
	char *variants = record_list(&spec->variants), *params = record_list(&spec->given);
	char *first = spec_fingerprint(spec), *second;
	struct error err = ERROR_INIT;

	CHECK(!plan_settle(&plan, &step, variants, params, &err), "%s", err.text);
	second = spec_fingerprint(&step.spec);
	CHECK(!strcmp(first, second) && !strcmp(spec->cmd, step.spec.cmd), "'%s' becomes '%s'",
	      spec->cmd, step.spec.cmd);
	spec_release(&step.spec);
	free(variants);
	free(params);
	free(first);
	free(second);
}

static void resolve(struct config *config, const struct strvec *params,
		    const struct strvec *variants)
{
	const struct config_process *process = &config->process[0];
	struct choices choices;
	struct error err = ERROR_INIT;
	struct spec spec;

	if (!choices_init(&choices, (const char *const *)params->v,
			  (const char *const *)variants->v, &err)) {
		choices_check(&choices, config, &process, 1, NULL, NULL, &err);
		if (!spec_resolve(&spec, config, process, &choices, &err)) {
			check_spec(&spec);
			check_record(config, &spec);
		} else {
			CHECK(err.code == ERROR_USAGE && *err.text, "'%s'", err.text);
		}
		spec_release(&spec);
	}
	choices_release(&choices);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	struct config *config = make_config(&input);
	struct strvec params = STRVEC_INIT, variants = STRVEC_INIT;
	char *line;

	while (input.left) {
		line = fuzz_line(&input);
		for (char *c = line; *c; c++)
			*c = *c == '\x1f' ? '\n' : *c;
		if (!strncmp(line, "-v ", 3))
			strvec_push(&variants, line + 3);
		else
			strvec_push(&params, line);
		free(line);
	}
	check_pieces(config->process[0].cmd, true);
	check_pieces(config->process[0].cmd, false);
	check_bytes(config, config->process[0].cmd);
	resolve(config, &params, &variants);
	strvec_release(&params);
	strvec_release(&variants);
	config_free(config);
	return 0;
}
