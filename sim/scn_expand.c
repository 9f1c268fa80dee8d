/*
 * scn_expand.c - variables, and words with their dollars and quotes filled in.
 *
 * Variables form a stack: a round of repeat pushes its counter and what is
 * set inside, and drops them at its end.  The newest of a name counts.  A
 * value is put into a word as it is and is not split or looked at again, so a
 * value can never become two words, a comment or another statement.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

struct scn_out {
	char s[SCN_WORD_MAX + 1];
	size_t n;
	bool full;
};

bool
scn_ident_char(char c, bool first)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
		(!first && c >= '0' && c <= '9'));
}

bool
scn_is_ident(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!scn_ident_char(s[i], i == 0))
			return (false);
	return (len != 0);
}

const struct scn_var *
scn_var_find(const struct scn_parser *p, const char *name, size_t len)
{
	size_t i;

	for (i = p->nscope; i != 0; i--)
		if (strlen(p->scope[i - 1].name) == len &&
		    memcmp(p->scope[i - 1].name, name, len) == 0)
			return (&p->scope[i - 1]);
	return (NULL);
}

bool
scn_var_push(struct scn_parser *p, struct scn_var v)
{
	if (p->nscope == SCN_VARS_MAX) {
		p->stop = true;
		return (scn_err(
		    p, v.pos, NULL, "more than %d variables", SCN_VARS_MAX));
	}
	if (!scn_mem_grow(&p->mem, SCN_TMP, &p->scope, &p->scope_cap,
		p->nscope + 1, sizeof(*p->scope)))
		return (false);
	p->scope[p->nscope++] = v;
	return (true);
}

static void
out_put(struct scn_out *o, const char *s, size_t len)
{
	if (len > SCN_WORD_MAX - o->n) {
		o->full = true;
		return;
	}
	memcpy(o->s + o->n, s, len);
	o->n += len;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

/* One escape at s[0] == '\\'; false if it is none of ours. */
bool
scn_unescape(const char *s, size_t len, char *out, size_t *used)
{
	static const char from[] = "\\\"$nrt", to[] = "\\\"$\n\r\t";
	const char *f;
	int hi, lo;

	if (len < 2)
		return (false);
	if (s[1] == 'x' && len >= 4) {
		hi = hex_digit(s[2]);
		lo = hex_digit(s[3]);
		if (hi < 0 || lo < 0 || (hi | lo) == 0)
			return (false);
		*out = (char)(hi * 16 + lo);
		*used = 4;
		return (true);
	}
	f = s[1] != '\0' ? strchr(from, s[1]) : NULL;
	if (f == NULL)
		return (false);
	*out = to[f - from];
	*used = 2;
	return (true);
}

static bool
expand_err(struct scn_parser *p, const struct scn_rword *rw, size_t at,
    const char *hint, const char *what, const char *name, size_t len)
{
	return (scn_err(p, scn_pos_at(p, rw->line, rw->col + (uint32_t)at),
	    hint, "%s '%.*s'", what, (int)(len < 64 ? len : 64), name));
}

/* The names that are visible, for a hint. */
static bool
unknown_var(struct scn_parser *p, const struct scn_rword *rw, size_t at,
    const char *name, size_t len)
{
	const char *names[SCN_VARS_MAX];
	char word[SCN_WORD_MAX + 1], hint[128];
	size_t i;

	if (p->vars_off)
		return (false);
	for (i = 0; i < p->nscope; i++)
		names[i] = p->scope[i].name;
	len = len < SCN_WORD_MAX ? len : SCN_WORD_MAX;
	memcpy(word, name, len);
	word[len] = '\0';
	scn_hint_near(hint, sizeof(hint), word, names, p->nscope,
	    "set NAME VALUE comes first");
	return (expand_err(p, rw, at, hint, "unknown variable", name, len));
}

/* $NAME or ${NAME} at rw->s[*i]. */
static bool
expand_var(struct scn_parser *p, const struct scn_rword *rw, size_t *i,
    struct scn_out *o)
{
	const struct scn_var *v;
	bool brace = rw->s[*i + 1] == '{';
	size_t from = *i + 1 + brace, j = from;

	while (j < rw->len && scn_ident_char(rw->s[j], j == from))
		j++;
	v = scn_var_find(p, rw->s + from, j - from);
	if (v == NULL)
		return (unknown_var(p, rw, *i, rw->s + from, j - from));
	if (v->poison)
		return (false);
	out_put(o, v->value, strlen(v->value));
	*i = j + brace;
	return (true);
}

/* $((...)) at rw->s[*i]. */
static bool
expand_expr(struct scn_parser *p, const struct scn_rword *rw, size_t *i,
    struct scn_out *o)
{
	const struct scn_var *poison;
	const char *why, *s = rw->s + *i + 3;
	char buf[32];
	size_t j = *i + 3, at, k;
	int64_t v;
	int depth = 0;

	for (; j < rw->len; j++) {
		if (rw->s[j] == '(')
			depth++;
		else if (rw->s[j] == ')' && depth-- == 0)
			break;
	}
	why = scn_expr(p, s, j - *i - 3, &v, &at, &poison);
	if (why != NULL) {
		for (k = at; s + k < rw->s + j && scn_ident_char(s[k], false);)
			k++;
		if (poison != NULL)
			return (false);
		if (strcmp(why, "unknown variable") == 0)
			return (
			    unknown_var(p, rw, *i + 3 + at, s + at, k - at));
		return (scn_err(p,
		    scn_pos_at(p, rw->line, rw->col + (uint32_t)(*i + 3 + at)),
		    "integers, variables, + - * / % ( )", "%s", why));
	}
	out_put(
	    o, buf, (size_t)snprintf(buf, sizeof(buf), "%lld", (long long)v));
	*i = j + 2;
	return (true);
}

/**
 * scn_expand() - fill in a word
 * @p:		the parser, with the variables
 * @rw:		raw word; scn_lex() has checked its quotes and dollars
 * @out:	its text is new memory of the script
 * Return: false after an error (or none, if a variable of it has had one).
 */
bool
scn_expand(
    struct scn_parser *p, const struct scn_rword *rw, struct scn_word *out)
{
	struct scn_out o = { .n = 0, .full = false };
	size_t i = 0, used = 0;
	bool quote = false, ok;
	char c = '\0';

	while (i < rw->len) {
		ok = true;
		if (rw->s[i] == '"') {
			quote = !quote;
			i++;
		} else if (rw->s[i] == '$' && rw->s[i + 1] == '(')
			ok = expand_expr(p, rw, &i, &o);
		else if (rw->s[i] == '$')
			ok = expand_var(p, rw, &i, &o);
		else if (quote && rw->s[i] == '\\') {
			scn_unescape(rw->s + i, rw->len - i, &c, &used);
			out_put(&o, &c, 1);
			i += used;
		} else
			out_put(&o, &rw->s[i++], 1);
		if (!ok)
			return (false);
	}
	if (o.full)
		return (scn_err(p, scn_pos_at(p, rw->line, rw->col), NULL,
		    "word longer than %d bytes", SCN_WORD_MAX));
	out->s = scn_mem_dup(&p->mem, SCN_KEEP, o.s, o.n);
	out->len = (uint32_t)o.n;
	out->line = rw->line;
	out->col = rw->col;
	out->quoted = rw->s[0] == '"';
	return (out->s != NULL);
}
