/*
 * scn_script.c - the entries of the parser, and what becomes of its memory.
 *
 * Whatever a parser made is in its KEEP list.  Exactly one object leaves it,
 * a script or a list of errors, and that object owns the whole list; so a
 * place in the source stays valid as long as the message that names it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

struct scn_script_own {
	struct scn_script script;
	struct scn_mem mem;
};

struct scn_errors_own {
	struct scn_errors errors;
	struct scn_mem mem;
};

const char *
scn_read_file(void *arg, const char *path, char *buf, size_t *len)
{
	const char *why = NULL;
	FILE *fp;

	(void)arg;
	errno = 0;
	fp = fopen(path, "rb");
	if (fp == NULL)
		return (strerror(errno));
	*len = fread(buf, 1, SCN_FILE_MAX + 1, fp);
	if (ferror(fp))
		why = strerror(errno);
	fclose(fp);
	return (why);
}

/* NAME=VALUE of the parameters. */
static bool
script_overrides(struct scn_parser *p)
{
	struct scn_pos pos = { .file = "--set" };
	const char *s, *eq;
	size_t i, n = p->params != NULL ? p->params->nset : 0;

	p->over = scn_mem_alloc(&p->mem, SCN_TMP, n * sizeof(*p->over) + 1);
	if (p->over == NULL)
		return (false);
	for (i = 0; i < n; i++) {
		s = p->params->set[i];
		eq = strchr(s, '=');
		if (eq == NULL || !scn_is_ident(s, (size_t)(eq - s)) ||
		    strlen(eq + 1) > SCN_WORD_MAX) {
			scn_err(p, pos, "--set NAME=VALUE",
			    "'%.64s' is no setting", s);
			continue;
		}
		p->over[p->nover].name =
		    scn_mem_dup(&p->mem, SCN_TMP, s, (size_t)(eq - s));
		p->over[p->nover].value =
		    scn_mem_dup(&p->mem, SCN_KEEP, eq + 1, strlen(eq + 1));
		if (p->over[p->nover].name == NULL ||
		    p->over[p->nover].value == NULL)
			return (false);
		p->nover++;
	}
	return (true);
}

static bool
script_start(struct scn_parser *p, const char *name)
{
	struct scn_script_own *own;

	own = scn_mem_alloc(&p->mem, SCN_KEEP, sizeof(*own));
	if (own == NULL)
		return (false);
	p->script = &own->script;
	p->script->name = scn_mem_dup(&p->mem, SCN_KEEP, name, strlen(name));
	p->path = p->script->name;
	return (p->path != NULL && script_overrides(p));
}

/* What the head of the first file says. */
static bool
script_head(struct scn_parser *p)
{
	const struct scn_file *f = p->files;

	p->script->title =
	    scn_mem_dup(&p->mem, SCN_KEEP, f->title, strlen(f->title));
	p->script->description = scn_mem_dup(
	    &p->mem, SCN_KEEP, f->description, strlen(f->description));
	return (p->script->title != NULL && p->script->description != NULL);
}

/* Rank of an error's file: in the order of loading, the command line last. */
static size_t
error_file(const struct scn_parser *p, const struct scn_error *e)
{
	const struct scn_file *f;
	size_t i = 0;

	for (f = p->files; f != NULL; f = f->next, i++)
		if (strcmp(f->path, e->pos.file) == 0)
			break;
	return (i);
}

/* Whether a comes behind b when a file is read from top to bottom. */
static bool
error_behind(const struct scn_parser *p, const struct scn_error *a,
    const struct scn_error *b)
{
	size_t fa = error_file(p, a), fb = error_file(p, b);

	if (fa != fb)
		return (fa > fb);
	if (a->pos.line != b->pos.line)
		return (a->pos.line > b->pos.line);
	return (a->pos.col > b->pos.col);
}

/* Stable; there are at most SCN_ERRORS_MAX. */
static void
sort_errors(struct scn_parser *p)
{
	struct scn_error e;
	size_t i, k;

	for (i = 1; i < p->nerrs; i++) {
		e = p->errs[i];
		for (k = i; k != 0 && error_behind(p, &p->errs[k - 1], &e); k--)
			p->errs[k] = p->errs[k - 1];
		p->errs[k] = e;
	}
}

static enum scn_result
script_errors(struct scn_parser *p, struct scn_errors **errors)
{
	struct scn_errors_own *own;

	p->mem.max = SIZE_MAX / 2;
	own = scn_mem_alloc(&p->mem, SCN_KEEP, sizeof(*own));
	if (own == NULL)
		return (SCN_NOMEM);
	sort_errors(p);
	own->errors.n = p->nerrs;
	own->errors.more = p->more;
	own->errors.v = p->errs;
	own->mem = p->mem;
	*errors = &own->errors;
	return (SCN_BAD);
}

static enum scn_result
script_end(struct scn_parser *p, bool ok, struct scn_script **script,
    struct scn_errors **errors)
{
	struct scn_script_own *own = (struct scn_script_own *)p->script;
	enum scn_result r = SCN_NOMEM;
	bool unread = p->nfiles == 0 && p->nerrs != 0;

	if (p->mem.over && p->nerrs == 0 && !p->mem.nomem) {
		struct scn_pos pos = { .file = p->path };

		scn_err(p, pos, NULL,
		    "the script needs more than %zu bytes of memory",
		    p->mem.max);
	}
	if (!p->mem.nomem && p->nerrs != 0)
		r = script_errors(p, errors);
	else if (ok && !p->mem.nomem)
		r = SCN_OK;
	scn_mem_free(&p->mem, SCN_TMP);
	if (r == SCN_NOMEM) {
		scn_mem_free(&p->mem, SCN_KEEP);
		return (r);
	}
	if (r == SCN_BAD) {
		((struct scn_errors_own *)*errors)->mem = p->mem;
		return (unread ? SCN_NOINPUT : SCN_BAD);
	}
	own->script.stmts = p->stmts;
	own->script.vars = p->vars;
	own->script.explore = p->explore;
	own->mem = p->mem;
	*script = &own->script;
	return (SCN_OK);
}

static enum scn_result
script_parse(const char *name, const char *text, size_t len,
    const struct scn_params *params, bool line, struct scn_script **script,
    struct scn_errors **errors)
{
	struct scn_parser p = { .params = params, .line_mode = line };
	bool ok;

	*script = NULL;
	*errors = NULL;
	p.mem.max = SCN_MEM_MAX;
	if (params != NULL) {
		p.mem.realloc = params->realloc;
		p.mem.arg = params->realloc_arg;
		if (params->mem_max != 0)
			p.mem.max = params->mem_max;
	}
	ok = script_start(&p, name);
	if (ok && text != NULL && len > SCN_FILE_MAX) {
		scn_err(&p, (struct scn_pos){ .file = p.path }, NULL,
		    "larger than %d bytes", SCN_FILE_MAX);
		ok = false;
	}
	if (ok)
		ok = text != NULL ? scn_run_text(&p, p.path, text, len)
				  : scn_run_file(&p, p.path, NULL);
	ok = ok && script_head(&p) && scn_check_settings(&p);
	return (script_end(&p, ok, script, errors));
}

enum scn_result
scn_parse(const char *path, const struct scn_params *params,
    struct scn_script **script, struct scn_errors **errors)
{
	return (script_parse(path, NULL, 0, params, false, script, errors));
}

enum scn_result
scn_parse_text(const char *name, const char *text, size_t len,
    const struct scn_params *params, struct scn_script **script,
    struct scn_errors **errors)
{
	return (script_parse(name, text, len, params, false, script, errors));
}

enum scn_result
scn_parse_line(const char *line, const struct scn_params *params,
    struct scn_script **script, struct scn_errors **errors)
{
	struct scn_params any = { .any_names = true };

	if (params != NULL)
		any = *params;
	any.any_names = true;
	return (script_parse(
	    "line", line, strlen(line), &any, true, script, errors));
}

void
scn_free(struct scn_script *script)
{
	struct scn_mem mem;

	if (script == NULL)
		return;
	mem = ((struct scn_script_own *)script)->mem;
	scn_mem_free(&mem, SCN_KEEP);
}

void
scn_errors_free(struct scn_errors *errors)
{
	struct scn_mem mem;

	if (errors == NULL)
		return;
	mem = ((struct scn_errors_own *)errors)->mem;
	scn_mem_free(&mem, SCN_KEEP);
}
