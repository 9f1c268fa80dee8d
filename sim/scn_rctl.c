/*
 * scn_rctl.c - rctl(8): memoryuse of a jail, the one resource a stack has.
 *
 * A rule reads jail:NAME:memoryuse:deny=AMOUNT as in FreeBSD; the amount may
 * end in k, m or g.  Names are relative to the jail in which the command runs.
 */
#include <string.h>

#include "sim/scn_parse.h"

/* Up to the next ':'; moves *s behind it.  Return: the part, NULL: none. */
static const char *
rule_part(struct scn_cur *c, const char **s)
{
	const char *colon = strchr(*s, ':'), *part;
	size_t len = colon != NULL ? (size_t)(colon - *s) : strlen(*s);

	if (len == 0)
		return (NULL);
	part = scn_mem_dup(&c->p->mem, SCN_KEEP, *s, len);
	*s += colon != NULL ? len + 1 : len;
	return (part);
}

/* 4096, 64k, 1m, 2g; at least 1. */
static bool
rule_amount(struct scn_cur *c, const char *s, uint64_t *bytes)
{
	static const char units[] = "kmg";
	size_t len = strlen(s);
	const char *unit = len > 0 ? strchr(units, s[len - 1]) : NULL;
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	const char *digits;
	int64_t v;

	digits = unit != NULL && len > 1
		     ? scn_mem_dup(&c->p->mem, SCN_KEEP, s, len - 1)
		     : s;
	if (digits == NULL)
		return (false);
	if (!scn_int_parse(digits, &v) || v < 1 || v > INT64_MAX >> shift)
		return (scn_cur_fail(c, c->i - 1, "as in 4096, 64k, 1m or 2g",
		    "'%.64s' is no amount of memory", s));
	*bytes = (uint64_t)v << shift;
	return (true);
}

/* jail:NAME[:memoryuse[:deny=AMOUNT]]; all of it for -a */
static bool
rule(struct scn_cur *c, struct scn_rctl *r)
{
	const struct scn_word *w = scn_take(c, "a rule");
	const char *s, *part;

	if (w == NULL)
		return (false);
	s = w->s;
	part = rule_part(c, &s);
	if (part == NULL || strcmp(part, "jail") != 0)
		return (scn_cur_fail(c, c->i - 1, "as in jail:NAME",
		    "'%.64s' speaks of no jail", w->s));
	r->jail = rule_part(c, &s);
	if (r->jail == NULL)
		return (scn_cur_fail(
		    c, c->i - 1, "as in jail:NAME", "the jail has no name"));
	if (!scn_check_jail(c, c->i - 1, "a jail", r->jail))
		return (false);
	if (*s == '\0' && r->verb != SCN_RCTL_ADD)
		return (true);
	part = rule_part(c, &s);
	if (part == NULL || strcmp(part, "memoryuse") != 0)
		return (scn_cur_fail(
		    c, c->i - 1, "memoryuse", "a stack has no such resource"));
	if (r->verb != SCN_RCTL_ADD && *s == '\0')
		return (true);
	if (strncmp(s, "deny=", 5) != 0)
		return (scn_cur_fail(
		    c, c->i - 1, "deny=AMOUNT", "the only action is deny"));
	return (rule_amount(c, s + 5, &r->bytes));
}

bool
scn_parse_rctl(struct scn_cur *c)
{
	static const char *const flags[] = { "-a", "-r", "-u", "-l" };
	static const enum scn_rctl_verb verbs[] = { SCN_RCTL_ADD,
		SCN_RCTL_REMOVE, SCN_RCTL_USAGE, SCN_RCTL_LIST };
	struct scn_rctl *r = &c->st->u.rctl;
	size_t i;

	c->st->kind = SCN_RCTL;
	r->verb = SCN_RCTL_LIST;
	if (scn_cur_done(c))
		return (true);
	if (c->w[c->i].s[0] == '-') {
		if (!scn_take_choice(c, "-a, -r, -u or -l", flags, 4, &i))
			return (false);
		r->verb = verbs[i];
		if (r->verb == SCN_RCTL_LIST && scn_cur_done(c))
			return (true);
	}
	return (rule(c, r) && scn_take_end(c));
}
