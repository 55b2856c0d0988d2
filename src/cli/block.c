/* SPDX-License-Identifier: MIT */
/*
 * Drawing in place. A drawing is one write, so that no half of it is ever seen; after a change of
 * width the lines that stand there are taken to be folded anew, as terminals do it today.
 */
#include "base/base.h"
#include "cli/block.h"
#include "cli/text.h"

void block_init(struct block *block, const struct term *term)
{
	block->term = term;
	strbuf_init(&block->shown);
	block->width = 0;
}

void block_release(struct block *block)
{
	strbuf_release(&block->shown);
}

/* Adds the first `len` bytes of `line` without their colours. */
static void add_bare(struct strbuf *out, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\033')
			i += strcspn(line + i, "m");
		else
			strbuf_addch(out, line[i]);
	}
}

/* How many rows of a terminal of `width` columns `text` takes. */
static size_t count_rows(const char *text, size_t width)
{
	struct strbuf bare = STRBUF_INIT;
	size_t rows = 0, columns;

	while (*text) {
		size_t len = strcspn(text, "\n");

		strbuf_reset(&bare);
		add_bare(&bare, text, len);
		columns = text_width(bare.buf);
		rows += columns > width ? (columns + width - 1) / width : 1;
		text += len + (text[len] == '\n');
	}
	strbuf_release(&bare);
	return rows;
}

/* How much of `text` fits into `rows` rows. */
static size_t fitting(const char *text, size_t rows)
{
	size_t len = 0;

	while (rows-- && text[len]) {
		len += strcspn(text + len, "\n");
		len += text[len] == '\n';
	}
	return len;
}

/* To the beginning of what stands there. */
static void add_return(struct strbuf *out, const struct block *block, size_t width)
{
	size_t rows = count_rows(block->shown.buf, width);

	strbuf_addch(out, '\r');
	if (rows)
		strbuf_addf(out, "\033[%zuA", rows);
}

static void flush(const struct block *block, const struct strbuf *out)
{
	size_t done = 0;

	while (done < out->len) {
		ssize_t n = write(block->term->fd, out->buf + done, out->len - done);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = block->term->fd, .events = POLLOUT}, 1, -1);
		else if (n < 0 && errno != EINTR)
			return; /* the terminal is gone, and nobody looks any more */
		done += n > 0 ? (size_t)n : 0;
	}
}

void block_draw(struct block *block, const char *text)
{
	size_t width = term_width(block->term), height = term_height(block->term);
	size_t len = fitting(text, height > 1 ? height - 1 : 1);
	struct strbuf out = STRBUF_INIT;

	if (width == block->width && len == block->shown.len &&
	    !memcmp(text, block->shown.buf, len))
		return;
	add_return(&out, block, width);
	for (size_t i = 0, n; i < len; i += n + (text[i + n] == '\n')) {
		n = strcspn(text + i, "\n");
		strbuf_add(&out, text + i, n);
		strbuf_addstr(&out, "\033[K\n");
	}
	strbuf_addstr(&out, "\033[J");
	flush(block, &out);
	strbuf_release(&out);
	strbuf_reset(&block->shown);
	strbuf_add(&block->shown, text, len);
	block->width = width;
}

void block_erase(struct block *block)
{
	struct strbuf out = STRBUF_INIT;

	if (!block->shown.len)
		return;
	add_return(&out, block, term_width(block->term));
	strbuf_addstr(&out, "\033[J");
	flush(block, &out);
	strbuf_release(&out);
	strbuf_reset(&block->shown);
}
