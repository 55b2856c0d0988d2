/* SPDX-License-Identifier: MIT */
/*
 * `concert list`: the processes of the file by category, in the order in which the categories and
 * the processes first occur in it; those without one come first.
 */
#include "base/base.h"
#include "base/strmap.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"

/* "verbose, ctrl=(ec_pos|dummy)" */
static void add_variants(struct strbuf *out, const struct concert_process_info *info)
{
	const char *group = NULL;

	for (size_t i = 0; i < info->nr_variants; i++) {
		const struct concert_variant_info *variant = &info->variants[i];
		bool same = group && variant->group && !strcmp(group, variant->group);

		if (group && !same)
			strbuf_addch(out, ')');
		strbuf_addstr(out, same ? "|" : i ? ", " : "");
		if (variant->group && !same)
			strbuf_addf(out, "%s=(", variant->group);
		strbuf_addstr(out, variant->name);
		group = variant->group;
	}
	strbuf_addstr(out, group ? ")" : "");
}

static void add_process(struct table *table, const struct concert_process_info *info)
{
	struct strbuf variants = STRBUF_INIT;

	add_variants(&variants, info);
	table_row(table);
	table_cell(table, TERM_PLAIN, info->name);
	table_cell(table, TERM_PLAIN, info->machine);
	table_cell(table, TERM_CYAN, variants.buf);
	table_cell(table, TERM_PLAIN, info->description);
	strbuf_release(&variants);
}

static void add_category(struct strbuf *out, const struct cli *cli, const char *category)
{
	static const struct table_column columns[] = {
		{.title = "PROCESS"},
		{"MACHINE", .min = 8, .expendable = 1},
		{"VARIANTS", .min = 12},
		{"DESCRIPTION", .min = 12, .expendable = 2},
	};
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t nr = concert_nr_processes(cli->concert);

	for (size_t i = 0; i < nr; i++) {
		const struct concert_process_info *info = concert_process(cli->concert, i);

		if (!strcmp(info->category ? info->category : "", category))
			add_process(table, info);
	}
	if (out->len)
		strbuf_addch(out, '\n');
	if (*category) {
		strbuf_addstr(out, term_sgr(&cli->out, TERM_BOLD));
		text_addstr(out, category);
		strbuf_addf(out, ":%s\n", term_sgr(&cli->out, TERM_PLAIN));
	}
	table_render(table, out, &cli->out, term_width(&cli->out));
	table_free(table);
}

static void add_categories(struct strbuf *out, const struct cli *cli)
{
	struct strmap categories = STRMAP_INIT;
	size_t nr = concert_nr_processes(cli->concert);

	for (size_t i = 0; i < nr; i++) {
		const char *category = concert_process(cli->concert, i)->category;

		strmap_put(&categories, category ? category : "", NULL);
	}
	if (strmap_index(&categories, "") >= 0)
		add_category(out, cli, "");
	for (size_t i = 0; i < categories.nr; i++)
		if (*categories.entry[i].key)
			add_category(out, cli, categories.entry[i].key);
	strmap_release(&categories, NULL);
}

int cmd_list(struct cli *cli)
{
	enum concert_status status = cli_open(cli, OBSERVE_ERRORS);
	struct strbuf out = STRBUF_INIT;

	if (status)
		return status;
	if (cli->opt.json)
		json_add_list(&out, cli->concert);
	else
		add_categories(&out, cli);
	cli_write(&out);
	strbuf_release(&out);
	return CONCERT_OK;
}
