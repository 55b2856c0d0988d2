/* SPDX-License-Identifier: MIT */
/*
 * The variants of a process: a mapping stands for a flag of its own, a list of mappings for a
 * group of choices.
 */
#include "base/base.h"
#include "core/config_name.h"
#include "core/config_read.h"

#define VARIANTS_MAX 1000 /* of a process; each is compared with each */

#define AT(member) offsetof(struct config_variant, member)

static const struct config_key keys[] = {
	{"cmd", config_take_string, AT(cmd), AT(cmd_mark)},
	{"params", config_take_params, AT(params), 0},
	{"machine", config_take_name, AT(machine), AT(machine_mark)},
	{"docker", config_take_name, AT(container), AT(container_mark)},
	{"podman", config_take_name, AT(container), AT(container_mark)},
	{"ready_check", config_take_ready_cmd, AT(ready_cmd), AT(ready_mark)},
};

/* The list of variants while it grows. */
struct list {
	struct config_reader *reader;
	struct config_process *process;
	size_t alloc;
};

static void check_strings(struct config_reader *reader, const struct config_variant *variant)
{
	struct error err = ERROR_INIT;

	if (variant->machine &&
	    config_check_template(config_check_machine, variant->machine, &err) < 0)
		config_say(reader, CONCERT_LEVEL_ERROR, &variant->machine_mark, "'machine': %s",
			   err.text);
	if (variant->container &&
	    config_check_template(config_check_container, variant->container, &err) < 0)
		config_say(reader, CONCERT_LEVEL_ERROR, &variant->container_mark, "'docker': %s",
			   err.text);
}

static bool is_known(const struct list *list, const char *group, const char *name)
{
	for (size_t i = 0; i < list->process->nr_variants; i++) {
		const struct config_variant *variant = &list->process->variants[i];

		if (group && variant->group && !strcmp(variant->group, group) &&
		    !strcmp(variant->name, name))
			return true;
	}
	return false;
}

/* Adds a flag (`group` NULL) or a choice; a body of nothing changes nothing. */
static void add_variant(struct list *list, const char *group, const struct yaml_pair *pair)
{
	struct config_reader *reader = list->reader;
	struct config_process *process = list->process;
	struct config_field field = {reader, pair->key->text, pair->value};
	struct config_variant *variant;
	struct error err = ERROR_INIT;

	if (process->nr_variants == VARIANTS_MAX) {
		config_say(reader, CONCERT_LEVEL_ERROR, &process->mark,
			   "'%s': more than %d variants", process->name, VARIANTS_MAX);
		return;
	}
	if (config_check_variant_name(pair->key->text, &err) < 0)
		config_say(reader, CONCERT_LEVEL_ERROR, &pair->key->mark, "%s", err.text);
	if (is_known(list, group, pair->key->text))
		config_say(reader, CONCERT_LEVEL_ERROR, &pair->key->mark,
			   "'%s': twice in the group '%s'", pair->key->text, group);
	ALLOC_GROW(process->variants, process->nr_variants + 1, list->alloc);
	variant = &process->variants[process->nr_variants++];
	*variant = (struct config_variant){
		.name = xstrdup(pair->key->text),
		.group = xstrdup_or_null(group),
		.mark = pair->key->mark,
	};
	if (pair->value->type == YAML_NULL || !config_is_mapping(&field))
		return;
	config_read_keys(reader, pair->key->text, pair->value, keys, ARRAY_SIZE(keys), variant);
	check_strings(reader, variant);
}

static void add_group(struct list *list, const struct yaml_pair *pair)
{
	struct error err = ERROR_INIT;

	if (config_check_variant_name(pair->key->text, &err) < 0)
		config_say(list->reader, CONCERT_LEVEL_ERROR, &pair->key->mark, "%s", err.text);
	for (size_t i = 0; i < pair->value->nr; i++) {
		const struct yaml_node *item = pair->value->item[i];
		struct config_field field = {list->reader, pair->key->text, item};

		if (item->type != YAML_MAPPING) {
			config_wrong(&field, "%s, not a choice (such as '- name: {cmd: …}')",
				     yaml_type_name(item));
			continue;
		}
		for (size_t k = 0; k < item->nr; k++)
			add_variant(list, pair->key->text, &item->pair[k]);
	}
}

void config_read_variants(struct config_reader *reader, const struct yaml_node *node,
			  struct config_process *process)
{
	struct config_field field = {reader, "variants", node};
	struct list list = {.reader = reader, .process = process};

	if (!config_is_mapping(&field))
		return;
	for (size_t i = 0; i < node->nr; i++) {
		if (node->pair[i].value->type == YAML_SEQUENCE)
			add_group(&list, &node->pair[i]);
		else
			add_variant(&list, NULL, &node->pair[i]);
	}
	/* They are large, and there is a list in each process: keep no room for more. */
	process->variants = xreallocarray(process->variants, process->nr_variants + 1,
					  sizeof(*process->variants));
}
