/*
 * scn_cur.c - where a parser of a form stands in the words of its statement.
 *
 * Every parser of a form reads its words from left to right through these
 * functions, so that all of them report the same mistake in the same way: at
 * the first word that does not fit, or just behind the last one if something
 * is missing.  The hint is the closest word that would fit, or the form.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

bool
scn_word_is(const struct scn_word *w, const char *s)
{
	return (!w->quoted && strcmp(w->s, s) == 0);
}

bool
scn_cur_fail(
    struct scn_cur *c, uint32_t i, const char *hint, const char *fmt, ...)
{
	struct scn_pos pos = c->end;
	char buf[256];
	va_list ap;

	if (i < c->n) {
		pos.line = c->w[i].line;
		pos.col = c->w[i].col;
	}
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return (scn_err(c->p, pos, hint != NULL ? hint : c->form, "%s", buf));
}

bool
scn_cur_done(const struct scn_cur *c)
{
	return (c->i == c->n);
}

bool
scn_cur_ahead(const struct scn_cur *c, uint32_t n, const char *kw)
{
	return (c->i + n < c->n && scn_word_is(&c->w[c->i + n], kw));
}

bool
scn_cur_is(const struct scn_cur *c, const char *kw)
{
	return (scn_cur_ahead(c, 0, kw));
}

bool
scn_cur_digit(const struct scn_cur *c)
{
	const char *s = c->i < c->n ? c->w[c->i].s : "";

	return (*s >= '0' && *s <= '9' && strchr(s, '.') == NULL);
}

bool
scn_cur_accept(struct scn_cur *c, const char *kw)
{
	if (!scn_cur_is(c, kw))
		return (false);
	c->i++;
	return (true);
}

const struct scn_word *
scn_take(struct scn_cur *c, const char *what)
{
	if (scn_cur_done(c)) {
		scn_cur_fail(c, c->i, NULL, "expected %s", what);
		return (NULL);
	}
	return (&c->w[c->i++]);
}

bool
scn_take_end(struct scn_cur *c)
{
	if (scn_cur_done(c))
		return (true);
	return (
	    scn_cur_fail(c, c->i, NULL, "unexpected '%.64s'", c->w[c->i].s));
}

bool
scn_take_kw(struct scn_cur *c, const char *kw)
{
	if (scn_cur_accept(c, kw))
		return (true);
	if (scn_cur_done(c))
		return (scn_cur_fail(c, c->i, NULL, "expected '%s'", kw));
	return (scn_cur_fail(
	    c, c->i, NULL, "expected '%s', not '%.64s'", kw, c->w[c->i].s));
}

bool
scn_take_choice(struct scn_cur *c, const char *what, const char *const *names,
    size_t n, size_t *idx)
{
	const struct scn_word *w = scn_take(c, what);
	char list[512], hint[600];

	if (w == NULL)
		return (false);
	for (*idx = 0; *idx < n; ++*idx)
		if (scn_word_is(w, names[*idx]))
			return (true);
	scn_hint_list(list, sizeof(list), names, n);
	scn_hint_near(hint, sizeof(hint), w->s, names, n, list);
	return (scn_cur_fail(
	    c, c->i - 1, hint, "expected %s, not '%.64s'", what, w->s));
}

void *
scn_node(struct scn_cur *c, size_t size)
{
	return (scn_mem_alloc(&c->p->mem, SCN_KEEP, size));
}

/* A path of the script, from where the program runs; as an include is found. */
const char *
scn_beside(struct scn_cur *c, const struct scn_word *w)
{
	const char *slash = strrchr(c->p->path, '/');
	size_t dir;
	char *full;

	if (w->s[0] == '/' || slash == NULL || c->p->line_mode)
		return (w->s);
	dir = (size_t)(slash - c->p->path) + 1;
	full = scn_node(c, dir + w->len + 1);
	if (full == NULL)
		return (NULL);
	memcpy(full, c->p->path, dir);
	memcpy(full + dir, w->s, w->len);
	return (full);
}
