/* SPDX-License-Identifier: MIT */
/*
 * Tracing for people who look for a fault: what the program does, step by step, at four levels.
 * Nothing is printed here: the text goes to the one handler that was set, or nowhere. Results and
 * errors for the user never travel this way.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/*
 * `handler` gets every text of `max` and more serious levels; NULL switches tracing off. One for
 * the whole program; set it before threads start. It may be called from any thread.
 */
void log_set_handler(void (*handler)(enum log_level level, const char *text, void *data),
		     void *data, enum log_level max);

void log_trace(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_trace(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_trace(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_trace(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_trace(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
