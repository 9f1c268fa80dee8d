/*
 * scn_lex.c - a file's bytes become raw words, statements and blocks.
 *
 * One statement a line; `;` separates, a `\` at the end of a line continues.
 * A word ends at a blank or `;` outside of quotes and $((...)); `#` where a
 * word could begin opens a comment; `{` and `}` count only as whole words.
 * Words stay slices of the text, quotes and dollars included: they are filled
 * in when a statement is executed, because inside repeat they differ from
 * round to round.  What can be wrong with them whatever the values are
 * (quotes, escapes, unfinished $((...)) is reported here.
 *
 * After an error the rest of the line is skipped, but a `{` at its end is
 * still honoured, so that one slip does not unbalance the whole file.
 */
#include <string.h>

#include "sim/scn_parse.h"

struct scn_block {
	struct scn_rstmt *owner; /* NULL: the file itself */
	struct scn_rstmt **tail;
};

struct scn_lexer {
	struct scn_parser *p;
	struct scn_file *f;
	const char *s; /* the line */
	size_t n;
	uint32_t line;
	struct scn_rword *w; /* words of the statement so far */
	size_t nw;
	size_t cap;
	bool bad;   /* the statement has an error already */
	bool more;  /* the line ends in a continuation */
	bool head;  /* no statement so far */
	bool desc;  /* in the leading comment block */
	char *text; /* description */
	size_t ntext;
	size_t text_cap;
	struct scn_rstmt **explore;
	struct scn_block block[SCN_NEST_MAX + 1];
	uint32_t depth;
	uint32_t over; /* blocks open beyond the limit */
};

static bool
lex_err(struct scn_lexer *lx, size_t i, const char *hint, const char *msg)
{
	lx->bad = true;
	return (scn_err(lx->p, scn_pos_at(lx->p, lx->line, (uint32_t)i + 1),
	    hint, "%s", msg));
}

static bool
lex_blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* $NAME, ${NAME}, $((...)): *i goes from the dollar to behind it. */
static bool
lex_dollar(struct scn_lexer *lx, size_t *i)
{
	const char *s = lx->s;
	size_t j = *i + 1, n = lx->n;
	int depth = 0;

	if (j + 1 < n && s[j] == '(' && s[j + 1] == '(') {
		for (j += 2; j < n; j++) {
			if (s[j] == '(')
				depth++;
			else if (s[j] == ')' && depth-- == 0)
				break;
		}
		if (j + 1 >= n || s[j + 1] != ')')
			return (lex_err(lx, *i, "$((1 + $N * 2))",
			    "'$((' without its '))'"));
		*i = j + 2;
		return (true);
	}
	if (j < n && s[j] == '{') {
		size_t from = ++j;

		while (j < n && scn_ident_char(s[j], j == from))
			j++;
		if (j == from || j == n || s[j] != '}')
			return (lex_err(
			    lx, *i, "${NAME}", "'${' needs a name and '}'"));
		*i = j + 1;
		return (true);
	}
	if (j == n || !scn_ident_char(s[j], true))
		return (lex_err(lx, *i,
		    "$NAME, ${NAME} or $((...)); the sign itself is \"\\$\"",
		    "'$' needs a name"));
	while (j < n && scn_ident_char(s[j], false))
		j++;
	*i = j;
	return (true);
}

static bool
lex_quote(struct scn_lexer *lx, size_t *i)
{
	size_t j = *i + 1, used;
	char c;

	while (j < lx->n && lx->s[j] != '"') {
		if (lx->s[j] == '$') {
			if (!lex_dollar(lx, &j))
				return (false);
		} else if (lx->s[j] == '\\') {
			if (!scn_unescape(lx->s + j, lx->n - j, &c, &used))
				return (lex_err(lx, j,
				    "\\\\ \\\" \\$ \\n \\r \\t \\xHH (not 00)",
				    "unknown escape"));
			j += used;
		} else
			j++;
	}
	if (j == lx->n)
		return (lex_err(lx, *i, "a string ends on its line",
		    "'\"' is never closed"));
	*i = j + 1;
	return (true);
}

/* One word at *i; *i moves behind it. */
static bool
lex_word(struct scn_lexer *lx, size_t *i)
{
	struct scn_rword *w;
	size_t from = *i, j = from;
	char c;

	while (j < lx->n && !lex_blank(c = lx->s[j]) && c != ';') {
		if (c == '"') {
			if (!lex_quote(lx, &j))
				return (false);
		} else if (c == '$') {
			if (!lex_dollar(lx, &j))
				return (false);
		} else if (c == '\\') {
			if (j + 1 == lx->n)
				break;
			return (lex_err(lx, j, "\"...\" for special characters",
			    "'\\' outside of quotes continues a line and "
			    "must be its last character"));
		} else
			j++;
	}
	*i = j;
	if (j == from)
		return (true);
	if (lx->nw == SCN_WORDS_MAX)
		return (lex_err(
		    lx, from, NULL, "more than 256 words in a statement"));
	if (!scn_mem_grow(&lx->p->mem, SCN_TMP, &lx->w, &lx->cap, lx->nw + 1,
		sizeof(*lx->w)))
		return (false);
	w = &lx->w[lx->nw++];
	w->s = lx->s + from;
	w->len = (uint32_t)(j - from);
	w->line = lx->line;
	w->col = (uint32_t)from + 1;
	return (true);
}

/* Ends the statement; block: it is the head of one. */
static bool
lex_finish(struct scn_lexer *lx, bool block)
{
	struct scn_rstmt *rs;
	struct scn_rword *last;
	struct scn_block *b = &lx->block[lx->depth];

	if (lx->nw == 0 && !block) {
		lx->bad = false;
		return (true);
	}
	lx->head = lx->desc = false;
	rs = scn_mem_alloc(&lx->p->mem, SCN_TMP, sizeof(*rs));
	if (rs == NULL)
		return (false);
	rs->w = scn_mem_alloc(&lx->p->mem, SCN_TMP, lx->nw * sizeof(*rs->w));
	if (rs->w == NULL)
		return (false);
	if (lx->nw != 0) {
		memcpy(rs->w, lx->w, lx->nw * sizeof(*rs->w));
		last = &rs->w[lx->nw - 1];
		rs->end_line = last->line;
		rs->end_col = last->col + last->len;
	}
	rs->n = (uint32_t)lx->nw;
	rs->block = block;
	rs->bad = lx->bad;
	lx->nw = 0;
	lx->bad = false;
	if (lx->over == 0) {
		*b->tail = rs;
		b->tail = &rs->next;
	}
	if (!block)
		return (true);
	if (lx->depth == SCN_NEST_MAX) {
		lx->over++;
		return (true);
	}
	b = &lx->block[++lx->depth];
	b->owner = rs;
	b->tail = &rs->body;
	return (true);
}

static bool
lex_open(struct scn_lexer *lx, size_t at)
{
	static const char repeat[] = "repeat";

	if (!lx->bad &&
	    (lx->nw == 0 || lx->w[0].len != sizeof(repeat) - 1 ||
		memcmp(lx->w[0].s, repeat, sizeof(repeat) - 1) != 0))
		lex_err(lx, at, "repeat N { ... }",
		    "'{' belongs behind repeat only");
	else if (lx->depth == SCN_NEST_MAX && lx->over == 0)
		lex_err(lx, at, NULL, "blocks nested deeper than 16");
	return (lex_finish(lx, true));
}

static bool
lex_close(struct scn_lexer *lx, size_t at)
{
	if (!lex_finish(lx, false))
		return (false);
	if (lx->over != 0)
		lx->over--;
	else if (lx->depth != 0)
		lx->depth--;
	else
		lex_err(lx, at, NULL, "'}' without '{'");
	lx->bad = false;
	return (!lx->p->mem.nomem);
}

/* A statement of which not even the first word is known. */
static bool
lex_unknown(struct scn_lexer *lx)
{
	struct scn_block *b = &lx->block[lx->depth];
	struct scn_rstmt *rs;

	rs = scn_mem_alloc(&lx->p->mem, SCN_TMP, sizeof(*rs));
	if (rs == NULL)
		return (false);
	rs->bad = true;
	lx->bad = false;
	lx->head = lx->desc = false;
	if (lx->over == 0) {
		*b->tail = rs;
		b->tail = &rs->next;
	}
	return (true);
}

/* The line had an error: keep the blocks balanced, drop the rest. */
static bool
lex_recover(struct scn_lexer *lx)
{
	size_t n = lx->n;
	bool blank;

	while (n != 0 && lex_blank(lx->s[n - 1]))
		n--;
	lx->bad = true;
	lx->more = false;
	blank = n >= 2 && lex_blank(lx->s[n - 2]);
	if (blank && lx->s[n - 1] == '{')
		return (lex_finish(lx, true));
	if (blank && lx->s[n - 1] == '}' && lx->depth != 0)
		return (lex_close(lx, n - 1));
	if (lx->nw == 0) /* keep it, as a place of an unknown statement */
		return (lex_unknown(lx));
	return (lex_finish(lx, false));
}

/* The statements of a line, from byte i on. */
static bool
lex_line(struct scn_lexer *lx, size_t i)
{
	size_t from;
	bool ok = true;

	lx->more = false;
	while (ok && i < lx->n) {
		if (lex_blank(lx->s[i])) {
			i++;
			continue;
		}
		if (lx->s[i] == '#')
			break;
		if (lx->s[i] == ';') {
			ok = lex_finish(lx, false);
			i++;
			continue;
		}
		from = i;
		if (!lex_word(lx, &i))
			return (!lx->p->mem.nomem && !lx->p->mem.over &&
				lex_recover(lx));
		if (i == from) {
			lx->more = true; /* '\' at the end */
			return (true);
		}
		if (i - from == 1 && lx->s[from] == '{') {
			lx->nw--;
			ok = lex_open(lx, from);
		} else if (i - from == 1 && lx->s[from] == '}') {
			lx->nw--;
			ok = lex_close(lx, from);
		} else if (i < lx->n && lx->s[i] == '\\') {
			lx->more = true;
			return (true);
		}
	}
	return (ok && lex_finish(lx, false));
}

/* `# explore: set NAME VALUE`: words of the statement behind the colon. */
static bool
lex_explore(struct scn_lexer *lx, size_t i)
{
	struct scn_block saved = lx->block[0];
	bool head = lx->head, desc = lx->desc, ok;

	if (!lx->head) {
		lex_err(lx, i, "move it above the first statement",
		    "explore directives belong in the head");
		lx->bad = false;
		return (!lx->p->mem.nomem);
	}
	lx->block[0].tail = lx->explore;
	ok = lex_line(lx, i);
	lx->explore = lx->block[0].tail;
	if (ok && lx->more)
		lex_err(lx, lx->n - 1, NULL, "a directive is one line");
	lx->more = lx->bad = false;
	lx->nw = 0;
	lx->depth = lx->over = 0;
	lx->block[0] = saved;
	lx->head = head;
	lx->desc = desc;
	return (ok);
}

/* A line that is a comment only; i is behind the '#'. */
static bool
lex_comment(struct scn_lexer *lx, size_t i)
{
	static const char key[] = "explore:";
	size_t n;

	if (lx->line == 1 && i < lx->n && lx->s[i] == '!')
		return (true);
	if (i < lx->n && lex_blank(lx->s[i]))
		i++;
	n = i;
	while (n < lx->n && lex_blank(lx->s[n]))
		n++;
	if (lx->n - n >= sizeof(key) - 1 &&
	    memcmp(lx->s + n, key, sizeof(key) - 1) == 0)
		return (lex_explore(lx, n + sizeof(key) - 1));
	if (!lx->desc)
		return (true);
	n = lx->n;
	while (n > i && lex_blank(lx->s[n - 1]))
		n--;
	if (!scn_mem_grow(&lx->p->mem, SCN_TMP, &lx->text, &lx->text_cap,
		lx->ntext + n - i + 2, 1))
		return (false);
	memcpy(lx->text + lx->ntext, lx->s + i, n - i);
	lx->ntext += n - i;
	lx->text[lx->ntext++] = '\n';
	return (true);
}

/* Whether the bytes of the line are acceptable at all. */
static bool
lex_bytes(struct scn_lexer *lx)
{
	unsigned char b;
	size_t i;

	if (lx->n > SCN_LINE_MAX)
		return (lex_err(lx, SCN_LINE_MAX,
		    "a '\\' at the end continues on the next line",
		    "line longer than 4096 bytes"));
	for (i = 0; i < lx->n; i++) {
		b = (unsigned char)lx->s[i];
		if ((b < 0x20 && b != '\t') || b == 0x7f)
			return (lex_err(lx, i,
			    "inside \"...\" write \\n, \\t or \\xHH",
			    "control byte in the text"));
	}
	return (true);
}

static bool
lex_one(struct scn_lexer *lx)
{
	size_t i = 0;

	if (!lex_bytes(lx))
		return (!lx->p->mem.nomem && lex_recover(lx));
	while (i < lx->n && lex_blank(lx->s[i]))
		i++;
	if (lx->more)
		return (lex_line(lx, i));
	if (i == lx->n) {
		if (lx->ntext != 0)
			lx->desc = false;
		return (true);
	}
	if (lx->s[i] == '#')
		return (lex_comment(lx, i + 1));
	return (lex_line(lx, i));
}

/* What is open at the end of the file; the description. */
static bool
lex_end(struct scn_lexer *lx)
{
	const struct scn_rword *w;
	const char *nl;

	if (lx->more) {
		lex_err(lx, lx->n - 1, NULL, "'\\' and then the file ends");
		if (!lex_finish(lx, false))
			return (false);
	}
	for (; lx->depth != 0; lx->depth--) {
		if (lx->block[lx->depth].owner->n == 0)
			continue;
		w = &lx->block[lx->depth].owner->w[0];
		scn_err(lx->p, scn_pos_at(lx->p, w->line, w->col),
		    "a line with '}' ends it", "'{' is never closed");
	}
	lx->f->description =
	    scn_mem_dup(&lx->p->mem, SCN_TMP, lx->text, lx->ntext);
	if (lx->f->description == NULL)
		return (false);
	lx->text = lx->f->description;
	while (*lx->text == '\n' || lex_blank(*lx->text))
		lx->text++;
	nl = strchr(lx->text, '\n');
	lx->f->title = scn_mem_dup(&lx->p->mem, SCN_TMP, lx->text,
	    nl != NULL ? (size_t)(nl - lx->text) : 0);
	return (lx->f->title != NULL && !lx->p->mem.nomem);
}

/**
 * scn_lex() - split a file
 * @p:		the parser, for memory and errors
 * @f:		path is set; statements, directives and description are filled
 * @text:	must live as long as @f
 * @len:	bytes in @text
 * Return: false if memory ran out; errors of the text are in the list.
 */
bool
scn_lex(struct scn_parser *p, struct scn_file *f, const char *text, size_t len)
{
	struct scn_lexer lx = { .p = p, .f = f, .head = true, .desc = true };
	const char *path = p->path, *nl;
	size_t left = len;
	bool ok = true;

	p->path = f->path;
	lx.block[0].tail = &f->first;
	lx.explore = &f->explore;
	if (left >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		left -= 3;
	}
	while (ok && left != 0) {
		nl = memchr(text, '\n', left);
		lx.s = text;
		lx.n = nl != NULL ? (size_t)(nl - text) : left;
		lx.line++;
		left -= lx.n + (nl != NULL);
		text += lx.n + (nl != NULL);
		if (lx.n != 0 && lx.s[lx.n - 1] == '\r')
			lx.n--;
		ok = lex_one(&lx);
	}
	ok = ok && lex_end(&lx);
	p->path = path;
	return (ok);
}
