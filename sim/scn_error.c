/*
 * scn_error.c - the list of errors, and what helps to mend them.
 *
 * An error is kept with its place, a message and a hint.  At most
 * SCN_ERRORS_MAX are kept, the others are counted.  A word of the text is
 * shown with its control bytes escaped, so that a message is always one
 * line whatever the file holds.
 *
 * "Did you mean" is the optimal string alignment distance: inserted, deleted,
 * replaced and swapped neighbouring letters count one each.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

#define SCN_MESSAGE_MAX 512
#define SCN_NEAR_MAX    32 /* longer words are not compared */

/* The chain of includes and rounds, made once for each frame. */
static const struct scn_ctx *
scn_frame_ctx(struct scn_parser *p, struct scn_frame *f)
{
	struct scn_ctx *ctx;

	if (f == NULL)
		return (NULL);
	if (f->ctx != NULL)
		return (f->ctx);
	ctx = scn_mem_alloc(&p->mem, SCN_KEEP, sizeof(*ctx));
	if (ctx == NULL)
		return (NULL);
	ctx->kind = f->kind;
	ctx->at = f->at;
	ctx->at.ctx = scn_frame_ctx(p, f->up);
	ctx->var = f->var;
	ctx->round = f->round;
	f->ctx = ctx;
	return (ctx);
}

struct scn_pos
scn_pos_at(struct scn_parser *p, uint32_t line, uint32_t col)
{
	struct scn_pos pos = { .file = p->path, .line = line, .col = col };

	pos.ctx = scn_frame_ctx(p, p->frame);
	return (pos);
}

/* Control bytes become \xHH; answers a copy that the script owns. */
static const char *
scn_escape(struct scn_parser *p, const char *s)
{
	char buf[SCN_MESSAGE_MAX * 4];
	size_t n = 0;
	unsigned char b;

	for (; *s != '\0' && n + 5 < sizeof(buf); s++) {
		b = (unsigned char)*s;
		if (b >= 0x20 && b != 0x7f)
			buf[n++] = *s;
		else
			n += (size_t)snprintf(
			    buf + n, sizeof(buf) - n, "\\x%02x", b);
	}
	return (scn_mem_dup(&p->mem, SCN_KEEP, buf, n));
}

bool
scn_err(struct scn_parser *p, struct scn_pos pos, const char *hint,
    const char *fmt, ...)
{
	char buf[SCN_MESSAGE_MAX];
	struct scn_error *e;
	size_t max;
	va_list ap;

	if (p->mem.nomem)
		return (false);
	if (p->nerrs == SCN_ERRORS_MAX) {
		p->more++;
		return (false);
	}
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);

	/* An error list is small; the script's budget must not hide it. */
	max = p->mem.max;
	p->mem.max = SIZE_MAX / 2;
	if (scn_mem_grow(&p->mem, SCN_KEEP, &p->errs, &p->errs_cap,
		p->nerrs + 1, sizeof(*p->errs))) {
		e = &p->errs[p->nerrs++];
		e->pos = pos;
		e->message = scn_escape(p, buf);
		e->hint = scn_escape(p, hint != NULL ? hint : "");
	}
	p->mem.max = max;
	return (false);
}

static size_t
scn_min(size_t a, size_t b)
{
	return (a < b ? a : b);
}

static size_t
scn_distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t d[3][SCN_NEAR_MAX + 1], cost, v, i, j;

	for (j = 0; j <= nb; j++)
		d[0][j] = j;
	for (i = 1; i <= na; i++) {
		d[i % 3][0] = i;
		for (j = 1; j <= nb; j++) {
			cost = a[i - 1] != b[j - 1];
			v = d[(i - 1) % 3][j - 1] + cost;
			v = scn_min(v, d[(i - 1) % 3][j] + 1);
			v = scn_min(v, d[i % 3][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				v = scn_min(v, d[(i - 2) % 3][j - 2] + 1);
			d[i % 3][j] = v;
		}
	}
	return (d[na % 3][nb]);
}

const char *
scn_didyoumean(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word), limit, nlen, d, i;

	if (len == 0 || len > SCN_NEAR_MAX)
		return (NULL);
	limit = len < 5 ? 2 : 3; /* one more than allowed */
	for (i = 0; i < n; i++) {
		nlen = strlen(names[i]);
		if (nlen > SCN_NEAR_MAX)
			continue;
		d = scn_distance(word, len, names[i], nlen);
		if (d < limit && d < nlen && d < len) {
			limit = d;
			best = names[i];
		}
	}
	return (best);
}

const char *
scn_hint_near(char *buf, size_t size, const char *word,
    const char *const *names, size_t n, const char *otherwise)
{
	const char *near = scn_didyoumean(word, names, n);

	if (near != NULL)
		snprintf(buf, size, "did you mean '%s'?", near);
	else
		snprintf(buf, size, "%s", otherwise);
	return (buf);
}

const char *
scn_hint_list(char *buf, size_t size, const char *const *names, size_t n)
{
	size_t used, i;

	used = (size_t)snprintf(buf, size, "one of");
	for (i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s %s",
		    i == 0 ? "" : ",", names[i]);
	return (buf);
}

size_t
scn_pos_format(const struct scn_pos *pos, char *buf, size_t size)
{
	const struct scn_ctx *x;
	size_t n;

#define SCN_ROOM(n) ((n) < size ? size - (n) : 0)
#define SCN_TO(n)   (SCN_ROOM(n) != 0 ? buf + (n) : NULL)
	if (pos->line == 0)
		n = (size_t)snprintf(buf, size, "%s", pos->file);
	else
		n = (size_t)snprintf(buf, size, "%s:%u:%u", pos->file,
		    (unsigned)pos->line, (unsigned)pos->col);
	for (x = pos->ctx; x != NULL; x = x->at.ctx)
		if (x->kind == SCN_CTX_REPEAT)
			n += (size_t)snprintf(SCN_TO(n), SCN_ROOM(n),
			    " (round %s = %lld)", x->var, (long long)x->round);
	return (n);
}

size_t
scn_error_format(const struct scn_error *e, char *buf, size_t size)
{
	const struct scn_ctx *x;
	struct scn_pos pos = e->pos;
	size_t n;

	pos.ctx = NULL;
	n = scn_pos_format(&pos, buf, size);
	n += (size_t)snprintf(SCN_TO(n), SCN_ROOM(n), ": %s\n", e->message);
	if (e->hint[0] != '\0')
		n += (size_t)snprintf(
		    SCN_TO(n), SCN_ROOM(n), "\thint: %s\n", e->hint);
	for (x = e->pos.ctx; x != NULL; x = x->at.ctx) {
		pos = x->at;
		pos.ctx = NULL;
		n += (size_t)snprintf(SCN_TO(n), SCN_ROOM(n), "\t%s ",
		    x->kind == SCN_CTX_REPEAT ? "repeated at" : "included at");
		n += scn_pos_format(&pos, SCN_TO(n), SCN_ROOM(n));
		if (x->kind == SCN_CTX_REPEAT)
			n += (size_t)snprintf(SCN_TO(n), SCN_ROOM(n),
			    ", round %s = %lld", x->var, (long long)x->round);
		n += (size_t)snprintf(SCN_TO(n), SCN_ROOM(n), "\n");
	}
	return (n);
}
