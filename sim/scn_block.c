/*
 * scn_block.c - executes what is gone afterwards: set, repeat, include.
 *
 * The raw statements of a file are walked in order.  set, repeat and include
 * are done here and leave no statement behind; everything else has its words
 * filled in, is parsed, and is appended to the script.  A frame on the C
 * stack says through which include or round a statement came; it becomes a
 * struct scn_ctx only when a statement or an error needs it.
 *
 * set NAME VALUE gives a default: an override of the command line wins, and
 * so does a value that an including file has set before.  Inside repeat it
 * names a value for the rest of the round, which no override can reach.
 *
 * A statement that gave an error is not looked at in later rounds.  Where an
 * error hides what would have been named (a jail, a socket, a variable), the
 * checks of such names are switched off, so that one mistake is one message.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static void block_list(struct scn_parser *p, struct scn_rstmt *rs);

static struct scn_pos
rstmt_pos(struct scn_parser *p, const struct scn_rstmt *rs, uint32_t i)
{
	if (i < rs->n)
		return (scn_pos_at(p, rs->w[i].line, rs->w[i].col));
	return (scn_pos_at(p, rs->end_line, rs->end_col));
}

static bool
rword_is(const struct scn_rstmt *rs, uint32_t i, const char *s)
{
	return (i < rs->n && rs->w[i].len == strlen(s) &&
		memcmp(rs->w[i].s, s, rs->w[i].len) == 0);
}

/*
 * rs is lost: what it would have named can no longer be checked.  words: not
 * even its words are known; otherwise its form had an error, and names that
 * come early in a form are known already.
 */
static void
block_lost(struct scn_parser *p, const struct scn_rstmt *rs, bool words)
{
	bool block = rs->n == 0 || rword_is(rs, 0, "include") || rs->block;
	bool create = false, name = false, equal = false;
	uint32_t i;

	for (i = 0; i < rs->n; i++) {
		create = create || rword_is(rs, i, "-c");
		equal = equal || rword_is(rs, i, "=");
		name = name || (rs->w[i].len > 5 &&
				   memcmp(rs->w[i].s, "name=", 5) == 0);
	}
	if (block || (rword_is(rs, 0, "set") &&
			 (rs->n < 2 || scn_var_find(p, rs->w[1].s,
					   rs->w[1].len) == NULL)))
		p->vars_off = true;
	if (block || (words && equal) || (create && (words || !name)))
		p->names_off = true;
}

/* The repeat or file around us; the new frame has no ctx yet. */
static struct scn_frame
block_frame(
    struct scn_parser *p, enum scn_ctx_kind kind, const struct scn_rstmt *rs)
{
	struct scn_frame f = { .up = p->frame, .kind = kind };

	f.at.file = p->path;
	if (rs->n != 0) {
		f.at.line = rs->w[0].line;
		f.at.col = rs->w[0].col;
	}
	return (f);
}

/* repeat N [as NAME] {: false after an error. */
static bool
repeat_head(struct scn_parser *p, const struct scn_rstmt *rs, int64_t *n,
    const char **var)
{
	static const char form[] = "repeat N [as NAME] { ... }";
	struct scn_word w = { .s = "" };
	const struct scn_var *v;

	*var = "i";
	if (rs->n < 2)
		return (scn_err(p, rstmt_pos(p, rs, 1), form,
		    "expected the number of rounds"));
	if (!scn_expand(p, &rs->w[1], &w))
		return (false);
	if (!scn_int_parse(w.s, n) || *n < 0 || *n > SCN_REPEAT_MAX)
		return (scn_err(p, rstmt_pos(p, rs, 1),
		    "an integer from 0 to 100000",
		    "'%.64s' is no number of rounds", w.s));
	if (rs->n > 2) {
		if (!rword_is(rs, 2, "as") || rs->n != 4)
			return (scn_err(p, rstmt_pos(p, rs, rs->n > 4 ? 4 : 2),
			    form, "expected 'as NAME' or '{'"));
		if (!scn_is_ident(rs->w[3].s, rs->w[3].len))
			return (scn_err(p, rstmt_pos(p, rs, 3),
			    "letters, digits and '_', not a digit first",
			    "no name for a variable"));
		*var = scn_mem_dup(&p->mem, SCN_KEEP, rs->w[3].s, rs->w[3].len);
		if (*var == NULL)
			return (false);
	}
	if (!rs->block)
		return (
		    scn_err(p, rstmt_pos(p, rs, rs->n), form, "expected '{'"));
	v = scn_var_find(p, *var, strlen(*var));
	if (v != NULL && strcmp(*var, "i") != 0)
		return (scn_err(p, rstmt_pos(p, rs, 3), "choose another name",
		    "'%.64s' is a variable already", *var));
	return (true);
}

static bool
block_repeat(struct scn_parser *p, struct scn_rstmt *rs)
{
	struct scn_frame f = block_frame(p, SCN_CTX_REPEAT, rs);
	struct scn_var v = { .poison = false };
	size_t scope = p->nscope;
	char buf[24];
	int64_t n = 1;
	bool ok = !rs->bad && repeat_head(p, rs, &n, &f.var);

	if (p->level == SCN_NEST_MAX) {
		if (rs->bad)
			return (false); /* the lexer has said so */
		p->stop = true;
		return (scn_err(p, rstmt_pos(p, rs, 0), NULL,
		    "blocks nested deeper than %d", SCN_NEST_MAX));
	}
	if (!ok) {
		/* One round, for the errors inside. */
		n = 1;
		f.var = "i";
		p->names_off = p->vars_off = true;
	}
	p->frame = &f;
	p->level++;
	for (f.round = 0; f.round < n && !p->stop && !p->mem.nomem; f.round++) {
		f.ctx = NULL;
		snprintf(buf, sizeof(buf), "%lld", (long long)f.round);
		v.name = f.var;
		v.value = buf;
		v.level = p->level;
		v.pos = f.at;
		if (p->rounds++ == SCN_ROUNDS_MAX) {
			p->stop = true;
			scn_err(p, scn_pos_at(p, f.at.line, f.at.col), NULL,
			    "more than %d rounds of repeat in all",
			    SCN_ROUNDS_MAX);
		} else if (scn_var_push(p, v))
			block_list(p, rs->body);
		p->nscope = scope;
	}
	p->level--;
	p->frame = f.up;
	return (ok);
}

static bool
block_include(struct scn_parser *p, const struct scn_rstmt *rs)
{
	struct scn_frame f = block_frame(p, SCN_CTX_INCLUDE, rs);
	struct scn_pos pos = rstmt_pos(p, rs, 1);
	const char *slash, *path;
	struct scn_word w;
	size_t dir;
	char *full;
	bool ok;

	if (p->line_mode)
		return (scn_err(
		    p, rstmt_pos(p, rs, 0), NULL, "include is for files only"));
	if (rs->n != 2)
		return (scn_err(p, rstmt_pos(p, rs, rs->n < 2 ? 1 : 2),
		    "include FILE",
		    rs->n < 2 ? "expected a file name"
			      : "more than one file name"));
	if (!scn_expand(p, &rs->w[1], &w))
		return (false);
	path = w.s;
	slash = strrchr(p->path, '/');
	if (path[0] != '/' && slash != NULL) {
		dir = (size_t)(slash - p->path) + 1;
		full = scn_mem_alloc(&p->mem, SCN_KEEP, dir + w.len + 1);
		if (full == NULL)
			return (false);
		memcpy(full, p->path, dir);
		memcpy(full + dir, w.s, w.len);
		path = full;
	}
	p->frame = &f;
	ok = scn_run_file(p, path, &pos);
	p->frame = f.up;
	return (ok);
}

/* Fills in the words and parses them. */
static bool
block_stmt(struct scn_parser *p, const struct scn_rstmt *rs)
{
	struct scn_stmt st = { .jail = SCN_HOST, .nwords = rs->n };
	struct scn_cur c = { .p = p, .n = rs->n, .st = &st };
	struct scn_word *w;
	uint32_t i;

	w = scn_mem_alloc(&p->mem, SCN_KEEP, rs->n * sizeof(*w));
	if (w == NULL)
		return (false);
	for (i = 0; i < rs->n; i++)
		if (!scn_expand(p, &rs->w[i], &w[i])) {
			block_lost(p, rs, true);
			return (false);
		}
	c.w = st.words = w;
	c.end = scn_pos_at(p, rs->end_line, rs->end_col);
	return (scn_parse_stmt(&c));
}

static void
block_one(struct scn_parser *p, struct scn_rstmt *rs)
{
	bool ok;

	if (rs->bad && !rs->block) {
		block_lost(p, rs, true);
		return;
	}
	if (rs->block || rword_is(rs, 0, "repeat"))
		ok = block_repeat(p, rs);
	else if (rword_is(rs, 0, "set"))
		ok = scn_set(p, rs);
	else if (rword_is(rs, 0, "include"))
		ok = block_include(p, rs);
	else
		ok = block_stmt(p, rs);
	if (p->mem.over && !p->stop) {
		p->stop = true;
		scn_err(p, rstmt_pos(p, rs, 0), "repeat less",
		    "the script needs more than %zu bytes of memory",
		    p->mem.max);
	}
	if (!ok) {
		rs->bad = true;
		block_lost(p, rs, false);
	}
}

static void
block_list(struct scn_parser *p, struct scn_rstmt *rs)
{
	for (; rs != NULL && !p->stop && !p->mem.nomem; rs = rs->next)
		block_one(p, rs);
}

static bool
file_run(struct scn_parser *p, struct scn_file *f)
{
	const char *path = p->path;

	p->path = f->path;
	p->depth++;
	f->open = true;
	block_list(p, f->first);
	f->open = false;
	p->depth--;
	p->path = path;
	return (!p->mem.nomem);
}

static struct scn_file *
file_new(struct scn_parser *p, const char *path)
{
	struct scn_file *f;

	f = scn_mem_alloc(&p->mem, SCN_TMP, sizeof(*f));
	if (f == NULL)
		return (NULL);
	f->path = scn_mem_dup(&p->mem, SCN_KEEP, path, strlen(path));
	if (f->path == NULL)
		return (NULL);
	if (p->last_file != NULL)
		p->last_file->next = f;
	else
		p->files = f;
	p->last_file = f;
	p->nfiles++;
	return (f);
}

static bool
file_error(struct scn_parser *p, const struct scn_pos *from, const char *path,
    const char *why)
{
	struct scn_pos pos = { .file = path };

	if (from != NULL)
		return (scn_err(p, *from, "a path relative to this file",
		    "cannot include '%.128s': %s", path, why));
	return (scn_err(p, pos, NULL, "%s", why));
}

/* Reads and splits a file that is not known yet. */
static struct scn_file *
file_load(struct scn_parser *p, const char *path, const struct scn_pos *from)
{
	scn_read_fn *read = scn_read_file;
	struct scn_file *f = NULL;
	struct scn_mem *m = &p->mem;
	const char *why;
	char *text;
	size_t len;

	if (p->params != NULL && p->params->read != NULL)
		read = p->params->read;
	/* One buffer for all files: a text is copied before the next. */
	if (p->readbuf == NULL)
		p->readbuf = scn_mem_alloc(m, SCN_TMP, SCN_FILE_MAX + 1);
	if (p->readbuf == NULL)
		return (NULL);
	why = read(p->params != NULL ? p->params->read_arg : NULL, path,
	    p->readbuf, &len);
	if (why == NULL && len > SCN_FILE_MAX)
		why = "larger than 1048576 bytes";
	if (why == NULL && p->nfiles == SCN_FILES_MAX)
		why = "more than 256 files";
	if (why != NULL) {
		file_error(p, from, path, why);
	} else {
		text = scn_mem_dup(m, SCN_TMP, p->readbuf, len);
		f = text != NULL ? file_new(p, path) : NULL;
		if (f != NULL && !scn_lex(p, f, text, len))
			f = NULL;
	}
	return (f);
}

/**
 * scn_run_file() - execute a file
 * @p:		the parser
 * @path:	name to open; a file is read once, however often it is included
 * @from:	place of the include, NULL for the file itself
 */
bool
scn_run_file(struct scn_parser *p, const char *path, const struct scn_pos *from)
{
	struct scn_file *f;

	if (p->depth > SCN_INCLUDE_MAX)
		return (scn_err(p, *from, NULL,
		    "includes nested deeper than %d", SCN_INCLUDE_MAX));
	for (f = p->files; f != NULL; f = f->next)
		if (strcmp(f->path, path) == 0)
			break;
	if (f != NULL && f->open)
		return (scn_err(p, *from, NULL,
		    "'%.128s' is being read already and would include itself",
		    path));
	if (f == NULL)
		f = file_load(p, path, from);
	return (f != NULL && file_run(p, f));
}

bool
scn_run_text(
    struct scn_parser *p, const char *path, const char *text, size_t len)
{
	struct scn_file *f = file_new(p, path);

	return (f != NULL && scn_lex(p, f, text, len) && file_run(p, f));
}
