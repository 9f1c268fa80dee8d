/*
 * scn_set.c - set, its overrides, and the settings of a scenario's head.
 *
 * Overrides come from the command line (--set NAME=VALUE) and from a head
 * line `# explore: set NAME VALUE`, which is only noted for explore.  Both
 * must name a variable that the script sets outside of repeat; whether they
 * do is known at the end.
 *
 * `order`, `close POLICY` and `seed` stand before the first statement, so
 * that a reader finds them, and leave no statement.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static struct scn_override *
set_override(struct scn_parser *p, const char *name)
{
	size_t i;

	for (i = p->nover; i != 0; i--)
		if (strcmp(p->over[i - 1].name, name) == 0)
			break;
	return (i != 0 ? &p->over[i - 1] : NULL);
}

/* Every override of a name is used, also the earlier ones that lost. */
static void
set_used(struct scn_parser *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nover; i++)
		if (strcmp(p->over[i].name, name) == 0)
			p->over[i].used = true;
}

static bool
set_record(struct scn_parser *p, const struct scn_var *v)
{
	struct scn_setting *s;

	if (!scn_mem_grow(&p->mem, SCN_KEEP, &p->vars, &p->vars_cap,
		p->script->nvars + 1, sizeof(*p->vars)))
		return (false);
	s = &p->vars[p->script->nvars++];
	s->name = v->name;
	s->value = v->value;
	s->pos = v->pos;
	return (true);
}

/* The name is known already: true if the earlier value simply stays. */
static bool
set_again(
    struct scn_parser *p, const struct scn_var *old, const struct scn_var *v)
{
	char where[96];
	struct scn_pos pos = old->pos;

	if (old->level == 0 && v->level == 0 &&
	    (old->depth < v->depth ||
		(old->pos.file == v->pos.file && old->pos.line == v->pos.line &&
		    old->pos.col == v->pos.col)))
		return (true);
	pos.ctx = NULL;
	snprintf(where, sizeof(where), "set at ");
	scn_pos_format(&pos, where + 7, sizeof(where) - 7);
	return (scn_err(
	    p, v->pos, where, "'%.64s' is a variable already", v->name));
}

/**
 * scn_set() - set NAME VALUE
 *
 * A set whose value has an error still makes its name known.
 */
bool
scn_set(struct scn_parser *p, const struct scn_rstmt *rs)
{
	static const char form[] = "set NAME VALUE";
	struct scn_var v = { .level = p->level, .depth = p->depth };
	struct scn_pos pos = scn_pos_at(p, rs->end_line, rs->end_col);
	const struct scn_override *o;
	const struct scn_var *old;
	struct scn_word w = { .s = "" };

	if (rs->n < 2)
		return (scn_err(p, pos, form, "expected a name"));
	v.pos = scn_pos_at(p, rs->w[1].line, rs->w[1].col);
	if (!scn_is_ident(rs->w[1].s, rs->w[1].len) ||
	    rs->w[1].len > SCN_NAME_MAX)
		return (scn_err(p, v.pos,
		    "letters, digits and '_', not a digit first, at most 63",
		    "no name for a variable"));
	v.name = scn_mem_dup(&p->mem, SCN_KEEP, rs->w[1].s, rs->w[1].len);
	if (v.name == NULL)
		return (false);
	if (strcmp(v.name, "i") == 0)
		return (scn_err(p, v.pos, "choose another name",
		    "'i' is the counter of repeat"));
	old = scn_var_find(p, v.name, strlen(v.name));
	if (old != NULL)
		return (set_again(p, old, &v));
	if (rs->n < 3)
		scn_err(p, pos, form, "expected a value");
	else if (rs->n > 3)
		scn_err(p, scn_pos_at(p, rs->w[3].line, rs->w[3].col),
		    "a value with blanks needs \"...\"", "more than one value");
	v.poison = rs->n != 3 || !scn_expand(p, &rs->w[2], &w);
	o = p->level == 0 ? set_override(p, v.name) : NULL;
	v.value = w.s;
	if (o != NULL) {
		v.value = o->value;
		set_used(p, v.name);
	}
	if (!scn_var_push(p, v) || (p->level == 0 && !set_record(p, &v)))
		return (false);
	return (!v.poison);
}

static bool
known_setting(
    struct scn_parser *p, struct scn_pos pos, const char *name, const char *who)
{
	const char *names[SCN_VARS_MAX], *hint;
	char buf[128];
	size_t i;

	for (i = 0; i < p->script->nvars; i++) {
		names[i] = p->vars[i].name;
		if (strcmp(names[i], name) == 0)
			return (true);
	}
	hint = i == 0 ? "it sets no variable"
		      : scn_hint_list(buf, sizeof(buf), names, i < 6 ? i : 6);
	if (scn_didyoumean(name, names, i) != NULL)
		hint = scn_hint_near(buf, sizeof(buf), name, names, i, "");
	return (scn_err(
	    p, pos, hint, "%sthe script sets no variable '%.64s'", who, name));
}

/* One directive of the head: set NAME VALUE, without variables. */
static bool
explore_one(struct scn_parser *p, const struct scn_rstmt *rs)
{
	struct scn_word w[3];
	struct scn_setting *s;
	uint32_t i;

	if (rs->bad)
		return (true); /* has been reported */
	for (i = 0; i < rs->n && i < 3; i++)
		if (!scn_expand(p, &rs->w[i], &w[i]))
			return (false);
	if (rs->n != 3 || !scn_word_is(&w[0], "set"))
		return (scn_err(p, scn_pos_at(p, rs->w[0].line, rs->w[0].col),
		    "# explore: set NAME VALUE", "unknown directive"));
	if (!scn_mem_grow(&p->mem, SCN_KEEP, &p->explore, &p->explore_cap,
		p->script->nexplore + 1, sizeof(*p->explore)))
		return (false);
	s = &p->explore[p->script->nexplore++];
	s->name = w[1].s;
	s->value = w[2].s;
	s->pos = scn_pos_at(p, w[1].line, w[1].col);
	if (p->vars_off)
		return (true);
	return (known_setting(p, s->pos, s->name, "explore: "));
}

/**
 * scn_check_settings() - overrides and directives name what is set
 *
 * Called once, after the whole script was executed.
 */
bool
scn_check_settings(struct scn_parser *p)
{
	struct scn_pos pos = { .file = "--set" };
	struct scn_rstmt *rs;
	size_t i;

	p->nscope = 0; /* a directive of the head knows no variable */
	p->path = p->script->name;
	for (rs = p->files != NULL ? p->files->explore : NULL; rs != NULL;
	     rs = rs->next)
		explore_one(p, rs);
	for (i = 0; i < p->nover && !p->vars_off; i++)
		if (!p->over[i].used)
			known_setting(p, pos, p->over[i].name, "");
	return (!p->mem.nomem);
}

static bool
head_place(struct scn_cur *c)
{
	if (c->p->line_mode)
		return (scn_cur_fail(c, 0, "set it on the command line",
		    "'%s' belongs in the head of a file", c->w[0].s));
	if (c->p->script->nstmts != 0 || c->p->level != 0)
		return (scn_cur_fail(c, 0, "move it above the first statement",
		    "'%s' belongs in the head", c->w[0].s));
	return (true);
}

static bool
head_twice(struct scn_cur *c, bool twice)
{
	return (!twice || scn_cur_fail(c, 0, "keep one of them",
			      "'%s' is set already", c->w[0].s));
}

static bool
head_order(struct scn_cur *c)
{
	static const char *const orders[] = { "top-down", "freebsd-13",
		"freebsd-9", "interfaces-first" };
	size_t i;

	c->form = "order top-down|freebsd-13|freebsd-9|interfaces-first";
	if (!scn_take_choice(c, "order", orders, SCN_NITEMS(orders), &i) ||
	    !scn_take_end(c))
		return (false);
	if (!head_twice(c, c->p->script->order != NULL))
		return (false);
	c->p->script->order = orders[i];
	return (true);
}

static bool
head_seed(struct scn_cur *c)
{
	int64_t v;

	c->form = "seed N";
	if (!scn_take_int(c, "seed", 0, INT64_MAX, &v) || !scn_take_end(c) ||
	    !head_twice(c, c->p->script->has_seed))
		return (false);
	c->p->script->has_seed = true;
	c->p->script->seed = (uint64_t)v;
	return (true);
}

/* close graceful [T] | abort [T] | crash; with a colon it is one word. */
static bool
head_close(struct scn_cur *c)
{
	const struct scn_word *w = scn_take(c, "policy");
	struct scn_policy policy;
	const char *why;

	c->form = "close graceful[:T]|abort[:T]|crash";
	if (!scn_policy_parse(w->s, &policy, &why))
		return (scn_cur_fail(
		    c, c->i - 1, why, "'%.64s' is no close policy", w->s));
	if (!scn_cur_done(c) && policy.kind != SCN_POLICY_CRASH &&
	    policy.ns < 0 && !scn_take_ns(c, "time", &policy.ns))
		return (false);
	if (!scn_take_end(c) ||
	    !head_twice(c, c->p->script->close.kind != SCN_POLICY_NONE))
		return (false);
	c->p->script->close = policy;
	return (true);
}

/* `close` closes a socket, unless its object is the name of a policy. */
static bool
is_policy(const struct scn_cur *c)
{
	static const char *const names[] = { "graceful", "abort", "crash" };
	size_t len, i;

	if (c->n < 2 || !scn_word_is(&c->w[0], "close"))
		return (false);
	len = strcspn(c->w[1].s, ":");
	for (i = 0; i < SCN_NITEMS(names); i++)
		if (strlen(names[i]) == len &&
		    memcmp(c->w[1].s, names[i], len) == 0)
			return (true);
	return (false);
}

/**
 * scn_head_setting() - order, close POLICY and seed
 * @c:		at the first word
 * @done:	out: it was one of them, and is dealt with
 */
bool
scn_head_setting(struct scn_cur *c, bool *done)
{
	bool (*parse)(struct scn_cur *) = NULL;

	if (scn_word_is(&c->w[0], "order"))
		parse = head_order;
	else if (scn_word_is(&c->w[0], "seed"))
		parse = head_seed;
	else if (is_policy(c))
		parse = head_close;
	*done = parse != NULL;
	if (parse == NULL)
		return (true);
	if (!head_place(c))
		return (false);
	c->i = 1;
	return (parse(c));
}
