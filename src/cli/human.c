/* SPDX-License-Identifier: MIT */
/*
 * Durations, sizes and percentages, to and from text. Negative numbers mean that a value is not
 * known, as in concert.h.
 */
#include "base/base.h"
#include "cli/human.h"

const char *human_seconds(char buf[HUMAN_SIZE], double seconds)
{
	long long s = seconds < 1e15 ? (long long)seconds : 0;

	buf[0] = '\0';
	if (!(seconds >= 0))
		return buf;
	if (seconds < 9.95)
		snprintf(buf, HUMAN_SIZE, "%.1fs", seconds);
	else if (s < 60)
		snprintf(buf, HUMAN_SIZE, "%llds", s);
	else if (s < 3600)
		snprintf(buf, HUMAN_SIZE, "%lldm%02llds", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, HUMAN_SIZE, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else
		snprintf(buf, HUMAN_SIZE, "%lldd%02lldh", s / 86400, s / 3600 % 24);
	return buf;
}

const char *human_ms(char buf[HUMAN_SIZE], int64_t ms)
{
	buf[0] = '\0';
	if (ms < 0)
		return buf;
	if (ms % 1000)
		snprintf(buf, HUMAN_SIZE, "%" PRId64 "ms", ms);
	else if (ms < 60000 || ms % 60000)
		snprintf(buf, HUMAN_SIZE, "%" PRId64 "s", ms / 1000);
	else if (ms % 3600000)
		snprintf(buf, HUMAN_SIZE, "%" PRId64 "m", ms / 60000);
	else
		snprintf(buf, HUMAN_SIZE, "%" PRId64 "%s", ms / 3600000, ms ? "h" : "s");
	return buf;
}

const char *human_bytes(char buf[HUMAN_SIZE], int64_t bytes)
{
	static const char unit[] = "BKMGTPE";
	double value = (double)bytes;
	size_t i = 0;

	buf[0] = '\0';
	if (bytes < 0)
		return buf;
	while (value >= 999.5 && unit[i + 1]) {
		value /= 1024;
		i++;
	}
	snprintf(buf, HUMAN_SIZE, i && value < 99.95 ? "%.1f%c" : "%.0f%c", value, unit[i]);
	return buf;
}

const char *human_percent(char buf[HUMAN_SIZE], double percent)
{
	buf[0] = '\0';
	if (percent >= 0)
		snprintf(buf, HUMAN_SIZE, percent < 99.95 ? "%.1f" : "%.0f", percent);
	return buf;
}

/* One "NUMBER UNIT" at *text, which is moved behind it. */
static int parse_part(const char **text, double *ms)
{
	static const struct {
		const char *name;
		double ms;
	} unit[] = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
	size_t digits = strspn(*text, "0123456789."), len;
	char *end;
	double value = strtod(*text, &end);

	/* Neither "inf" nor "0x1p3" nor "1e9" is a duration, although strtod would have it. */
	if (!digits || end != *text + digits)
		return -1;
	*text = end;
	len = strspn(end, "abcdefghijklmnopqrstuvwxyz");
	if (!len && *end)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(unit); i++)
		if ((!len && unit[i].ms == 1e3) ||
		    (len == strlen(unit[i].name) && !strncmp(end, unit[i].name, len))) {
			*text = end + len;
			*ms = value * unit[i].ms;
			return 0;
		}
	return -1;
}

int human_parse_ms(const char *text, int64_t *ms)
{
	double total = 0, part;

	do {
		if (parse_part(&text, &part))
			return -1;
		total += part;
	} while (*text);
	if (total > 1e15)
		return -1;
	*ms = (int64_t)(total + 0.5);
	return 0;
}
