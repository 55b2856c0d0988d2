/* SPDX-License-Identifier: MIT */
/*
 * Tracing: one handler, one threshold. Its contract is in log.h.
 */
#include "base/base.h"
#include "base/log.h"

static struct {
	void (*handler)(enum log_level level, const char *text, void *data);
	void *data;
	enum log_level max;
} sink;

void log_set_handler(void (*handler)(enum log_level level, const char *text, void *data),
		     void *data, enum log_level max)
{
	sink.handler = handler;
	sink.data = data;
	sink.max = max;
}

void log_trace(enum log_level level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!sink.handler || level > sink.max)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sink.handler(level, text, sink.data);
}
