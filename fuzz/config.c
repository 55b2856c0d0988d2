/* SPDX-License-Identifier: MIT */
/*
 * The file as a whole: from its text to the plan of everything in it. The input is launcher.yaml,
 * then after a line "%%%" what b.yaml and b.env hold, to be included.
 */
#include "base/base.h"
#include "core/config.h"
#include "core/config_name.h"
#include "core/plan.h"
#include "fuzz/fuzz.h"
#include "target/shell.h"
#include "target/target.h"

struct told {
	size_t errors, warnings;
};

/* "FOLDER/FILE:LINE:COLUMN: something" */
static bool has_place(const char *text)
{
	size_t len = strlen(fuzz_folder());
	int line = 0, column = 0, used = 0;

	if (strncmp(text, fuzz_folder(), len) != 0)
		return false;
	text += len + strcspn(text + len, ":");
	return sscanf(text, ":%d:%d: %n", &line, &column, &used) == 2 && used && line >= 1 &&
	       column >= 1 && text[used];
}

static void on_load(enum concert_level level, const char *text, void *data)
{
	struct told *told = data;

	CHECK(has_place(text), "a message without its place: '%s'", text);
	if (level == CONCERT_LEVEL_ERROR)
		told->errors++;
	else
		told->warnings++;
}

static void on_plan(enum concert_level level, const char *text, void *data)
{
	(void)level, (void)data;
	CHECK(*text, "a message without a text");
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 32 || *s == 127)
			return true;
	return false;
}

static void check_env(const struct strvec *env)
{
	for (size_t i = 0; i < env->nr; i++)
		CHECK(strchr(env->v[i], '=') && shell_is_name(env->v[i]), "'%s'", env->v[i]);
}

static void check_process(const struct config *config, const struct config_process *process)
{
	struct error err = ERROR_INIT;

	CHECK(!config_check_process_name(process->name, &err), "%s", err.text);
	CHECK(!config_check_session(process->session, &err), "%s", err.text);
	CHECK(process->cmd && process->shell && *process->shell, "without a command or shell");
	CHECK(config_find(config, process->name, &err) == process, "'%s' is lost", process->name);
	CHECK(process->stop.signal > 0 && process->stop.grace_ms >= 0 &&
		      process->ready.interval_ms >= 0 && process->ready.timeout_ms >= 0 &&
		      process->ready.deadline_ms >= 0,
	      "times or signal of '%s'", process->name);
	CHECK(!process->ready.cmd || !process->ready.log, "two ready checks");
	for (size_t i = 0; i < process->nr_depends; i++)
		CHECK(process->depends[i].process < config->nr_processes &&
			      &config->process[process->depends[i].process] != process,
		      "'%s' depends on nothing or itself", process->name);
	for (size_t i = 0; i < process->nr_variants; i++)
		CHECK(!config_check_variant_name(process->variants[i].name, &err), "%s", err.text);
}

static void check_step(const struct plan *plan, size_t i)
{
	const struct plan_step *step = &plan->step[i];
	const struct spec *spec = &step->spec;
	struct error err = ERROR_INIT;

	for (size_t k = 0; k < step->nr_depends; k++)
		CHECK(step->depends[k].step < i, "'%s' comes too early", step->process->name);
	CHECK(strlen(spec->cmd) <= TARGET_COMMAND_MAX, "%zu bytes", strlen(spec->cmd));
	CHECK(!config_check_machine(spec->machine, &err) && !has_control(spec->machine) &&
		      *spec->machine != '-',
	      "machine '%s'", spec->machine);
	CHECK(!spec->container || !config_check_container(spec->container, &err), "%s", err.text);
	CHECK(!spec->cwd || (!has_control(spec->cwd) && *spec->cwd != '-'), "%s", spec->cwd);
	check_env(&spec->env);
}

/* Plans all processes with `variants`; these may be impossible together. */
static void plan_all(const struct config *config, const char *const *names,
		     const char *const *variants)
{
	static const char *const params[] = {"a=1", "hw_type:={b}", NULL};
	struct concert_request request = {
		.processes = names, .variants = variants, .params = variants ? params : NULL};
	struct error err = ERROR_INIT;
	struct plan *plan = plan_run(config, &request, on_plan, NULL, &err);

	if (!plan) {
		CHECK(err.code == ERROR_USAGE && *err.text, "error %d: '%s'", err.code, err.text);
		return;
	}
	CHECK(plan->nr == config->nr_processes, "%zu steps", plan->nr);
	for (size_t i = 0; i < plan->nr; i++)
		check_step(plan, i);
	plan_free(plan);
}

static void check_config(const struct config *config)
{
	struct strvec names = STRVEC_INIT, variants = STRVEC_INIT;

	CHECK(config->nr_processes, "no process, and no error");
	for (size_t i = 0; i < config->nr_processes; i++) {
		const struct config_process *process = &config->process[i];

		check_process(config, process);
		strvec_push(&names, process->name);
		for (size_t k = 0; k < process->nr_variants; k++)
			if (variants.nr < 8 && (!k || !process->variants[k].group))
				strvec_push(&variants, process->variants[k].name);
	}
	plan_all(config, (const char *const *)names.v, NULL);
	plan_all(config, (const char *const *)names.v, (const char *const *)variants.v);
	strvec_release(&names);
	strvec_release(&variants);
}

static bool load(const char *path, const char *text, size_t len,
		 const struct concert_options *options)
{
	struct told told = {0};
	struct config *config = config_parse(path, text, len, options, on_load, &told);
	bool good = config != NULL;

	CHECK(good == !told.errors, "%zu errors told, but %s", told.errors, good ? "read" : "not");
	if (good)
		check_config(config);
	config_free(config);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct concert_options check = {.check = true, .ancestor = true};
	struct fuzz_input input = {(const char *)data, size};
	size_t len = 0, more_len = 0;
	char *text = fuzz_section(&input, "%%%", &len), *more;
	char *path = xasprintf("%s/launcher.yaml", fuzz_folder());
	bool plain;

	more = fuzz_section(&input, "%%%", &more_len);
	free(fuzz_file("b.yaml", more ? more : "", more_len));
	free(fuzz_file("b.env", more ? more : "", more_len));
	plain = load(path, text ? text : "", len, NULL);
	CHECK(!load(path, text ? text : "", len, &check) || plain, "check is less strict than run");
	free(path);
	free(text);
	free(more);
	return 0;
}
