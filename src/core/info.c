/* SPDX-License-Identifier: MIT */
/*
 * Shows a configuration to users of the public API, without letting them see how it is kept.
 */
#include "base/base.h"
#include "core/handle.h"
#include "core/info.h"
#include "core/resolve.h"

struct info {
	struct concert_process_info *process;
	struct spec *place; /* machine and container of each, placeholders replaced */
	size_t nr;
	struct strvec params;
};

static void fill_depends(struct concert_process_info *to, const struct config_process *from,
			 const struct config *config)
{
	struct concert_dependency_info *depends = xcalloc(from->nr_depends, sizeof(*depends));

	for (size_t i = 0; i < from->nr_depends; i++) {
		depends[i].process = config->process[from->depends[i].process].name;
		depends[i].condition = from->depends[i].condition;
		depends[i].required = from->depends[i].required;
	}
	to->depends = depends;
	to->nr_depends = from->nr_depends;
}

static void fill_variants(struct concert_process_info *to, const struct config_process *from)
{
	struct concert_variant_info *variants = xcalloc(from->nr_variants, sizeof(*variants));

	for (size_t i = 0; i < from->nr_variants; i++) {
		variants[i].name = from->variants[i].name;
		variants[i].group = from->variants[i].group;
	}
	to->variants = variants;
	to->nr_variants = from->nr_variants;
}

static void fill(struct concert_process_info *to, struct spec *place,
		 const struct config_process *from, const struct config *config)
{
	/* What only the command line can settle is shown as the file has it. */
	spec_resolve_place(place, config, from, NULL, NULL);
	to->name = from->name;
	to->cmd = from->cmd;
	to->machine = place->machine ? place->machine : from->machine;
	to->container = place->container ? place->container : from->container;
	to->session = from->session;
	to->description = from->description;
	to->category = from->category;
	to->persistent = from->persistent;
	to->show_ui = from->show_ui;
	to->file = from->mark.file;
	to->line = from->mark.line;
	fill_depends(to, from, config);
	fill_variants(to, from);
}

struct info *info_new(const struct config *config)
{
	struct info *info = xcalloc(1, sizeof(*info));

	info->nr = config->nr_processes;
	info->process = xcalloc(info->nr, sizeof(*info->process));
	info->place = xcalloc(info->nr, sizeof(*info->place));
	for (size_t i = 0; i < info->nr; i++)
		fill(&info->process[i], &info->place[i], &config->process[i], config);
	strvec_init(&info->params);
	for (size_t i = 0; i < config->params.nr; i++)
		strvec_pushf(&info->params, "%s=%s", config->params.v[i].name,
			     config->params.v[i].value);
	return info;
}

void info_free(struct info *info)
{
	if (!info)
		return;
	for (size_t i = 0; i < info->nr; i++) {
		free((void *)info->process[i].depends);
		free((void *)info->process[i].variants);
		spec_release(&info->place[i]);
	}
	free(info->process);
	free(info->place);
	strvec_release(&info->params);
	free(info);
}

const char *concert_config_path(const struct concert *concert)
{
	return concert->config->path;
}

const char *const *concert_context_params(const struct concert *concert)
{
	return (const char *const *)concert->info->params.v;
}

size_t concert_nr_processes(const struct concert *concert)
{
	return concert->info->nr;
}

const struct concert_process_info *concert_process(const struct concert *concert, size_t i)
{
	return i < concert->info->nr ? &concert->info->process[i] : NULL;
}
