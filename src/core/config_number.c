/* SPDX-License-Identifier: MIT */
/*
 * Durations, sizes and counts as people write them in a configuration.
 */
#include "base/base.h"
#include "core/config_read.h"

/* Ten years: longer than anybody waits, and far from what an int64_t of microseconds can hold. */
#define MS_MAX	       315360000000.0
#define SIZE_MAX_BYTES 1125899906842624.0 /* 1 PiB */

struct unit {
	const char *name;
	double factor;
};

/* Reads digits with at most one dot at *s, and moves behind them. */
static bool read_number(const char **s, double *value)
{
	double place = 0;
	bool any = false;

	*value = 0;
	for (; (**s >= '0' && **s <= '9') || (**s == '.' && place == 0); ++*s) {
		if (**s == '.') {
			place = 1;
			continue;
		}
		any = true;
		*value = *value * 10 + **s - '0';
		place *= 10;
	}
	if (place > 1)
		*value /= place;
	return any;
}

/* The factor of the unit at *s, which is moved behind it; 0 if there is none of that name. */
static double read_unit(const char **s, const struct unit *units, size_t nr)
{
	size_t len = strcspn(*s, "0123456789. ");

	for (size_t i = 0; i < nr; i++)
		if (strlen(units[i].name) == len && !strncmp(units[i].name, *s, len)) {
			*s += len;
			return units[i].factor;
		}
	return 0;
}

/* Reads "1m30s", or a plain number, of which one is worth `plain`. */
static bool read_quantity(const char *s, const struct unit *units, size_t nr, double plain,
			  double *sum)
{
	double value, factor;

	*sum = 0;
	if (!read_number(&s, &value))
		return false;
	if (!*s) {
		*sum = value * plain;
		return true;
	}
	for (;;) {
		s += *s == ' ';
		factor = read_unit(&s, units, nr);
		if (factor == 0)
			return false;
		*sum += value * factor;
		if (!*s)
			return true;
		if (!read_number(&s, &value))
			return false;
	}
}

/* A string, or a number as the file has it. */
static const char *text_of(const struct config_field *field)
{
	switch (field->value->type) {
	case YAML_STRING:
		return field->value->text;
	case YAML_INT:
	case YAML_FLOAT:
		return field->value->str;
	default:
		return "";
	}
}

void config_take_ms(const struct config_field *field, void *into)
{
	static const struct unit units[] = {
		{"ms", 1},	{"s", 1000},	{"m", 60000},
		{"min", 60000}, {"h", 3600000}, {"d", 86400000},
	};
	int64_t *ms = into;
	double value;

	if (!read_quantity(text_of(field), units, ARRAY_SIZE(units), 1000, &value))
		config_wrong(field,
			     "not a duration (such as 500ms, 10s, 2m, or a number of seconds)");
	else if (value > MS_MAX)
		config_wrong(field, "longer than ten years");
	else
		*ms = (int64_t)(value + 0.5);
}

void config_take_size(const struct config_field *field, void *into)
{
	static const struct unit units[] = {
		{"B", 1},
		{"K", 1024.0},
		{"M", 1048576.0},
		{"G", 1073741824.0},
		{"T", 1099511627776.0},
	};
	int64_t *bytes = into;
	double value;

	if (!read_quantity(text_of(field), units, ARRAY_SIZE(units), 1, &value))
		config_wrong(field, "not a size (such as 500M, 1G, or a number of bytes)");
	else if (value < 1 || value > SIZE_MAX_BYTES)
		config_wrong(field, "out of range (1 to 1024T)");
	else
		*bytes = (int64_t)value;
}

void config_take_count(const struct config_field *field, void *into)
{
	int *count = into;
	char *end;
	long value = strtol(field->value->type == YAML_INT ? field->value->str : "", &end, 10);

	if (field->value->type != YAML_INT || *end || value < 1 || value > 100000)
		config_wrong(field, "not a whole number from 1 to 100000");
	else
		*count = (int)value;
}
