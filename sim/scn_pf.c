/*
 * scn_pf.c - pfctl(8).
 *
 * What stands in a file there stands in the statement here: behind "-f -" each
 * word that is left is a line of pf.conf(5), so a line is put in quotes.  As
 * in FreeBSD a load replaces all rules and settings.
 */
#include <string.h>

#include "sim/scn_pf.h"

/* -s X, -sX; the first letters will do, as in FreeBSD */
static bool
modifier(struct scn_cur *c, const char *what, const char *const *names,
    size_t n, size_t *idx)
{
	const char *s = c->w[c->i].s + 2;
	size_t len;

	if (*s == '\0') {
		c->i++;
		if (scn_cur_done(c))
			return (
			    scn_cur_fail(c, c->i, NULL, "expected %s", what));
		s = c->w[c->i].s;
	}
	len = strlen(s);
	for (*idx = 0; len > 0 && *idx < n; ++*idx)
		if (strncmp(names[*idx], s, len) == 0) {
			c->i++;
			return (true);
		}
	return (scn_cur_fail(
	    c, c->i, what, "'%.64s' is nothing that pfctl knows here", s));
}

static bool
show(struct scn_cur *c, struct scn_pf *pf)
{
	static const char *const names[] = { "rules", "states", "info",
		"timeouts", "memory", "all" };
	static const uint32_t bits[] = { SCN_PF_RULES, SCN_PF_STATES,
		SCN_PF_INFO, SCN_PF_TIMEOUTS, SCN_PF_MEMORY, SCN_PF_ALL };
	size_t i = 0;

	if (!modifier(c, "rules, states, info, timeouts, memory or all", names,
		SCN_NITEMS(names), &i))
		return (false);
	pf->show |= bits[i];
	return (true);
}

static bool
flush(struct scn_cur *c, struct scn_pf *pf)
{
	static const char *const names[] = { "rules", "states", "info", "all" };
	static const uint32_t bits[] = { SCN_PF_RULES, SCN_PF_STATES,
		SCN_PF_INFO, SCN_PF_RULES | SCN_PF_STATES | SCN_PF_INFO };
	size_t i = 0;

	if (!modifier(
		c, "rules, states, info or all", names, SCN_NITEMS(names), &i))
		return (false);
	pf->flush |= bits[i];
	return (true);
}

static bool
kill_host(struct scn_cur *c, struct scn_pf *pf)
{
	c->i++;
	if (pf->nkill == 2)
		return (scn_cur_fail(
		    c, c->i - 1, "a source and a destination", "a third -k"));
	if (!scn_pf_host(c, &pf->addr[pf->nkill], &pf->plen[pf->nkill]))
		return (false);
	pf->nkill++;
	return (true);
}

/* -f - LINE ... */
static bool
file(struct scn_cur *c, struct scn_pf *pf)
{
	c->i++;
	return (scn_take_kw(c, "-") && scn_pf_lines(c, &pf->conf));
}

static bool
option(struct scn_cur *c, struct scn_pf *pf)
{
	const char *s = c->w[c->i].s;

	if (strncmp(s, "-s", 2) == 0)
		return (show(c, pf));
	if (strncmp(s, "-F", 2) == 0)
		return (flush(c, pf));
	if (strcmp(s, "-k") == 0)
		return (kill_host(c, pf));
	if (strcmp(s, "-f") == 0)
		return (file(c, pf));
	if (scn_cur_accept(c, "-e"))
		pf->enable = true;
	else if (scn_cur_accept(c, "-d"))
		pf->disable = true;
	else
		return (scn_cur_fail(c, c->i, "-e, -d, -f -, -F, -k or -s",
		    "'%.64s' is no option of pfctl", s));
	return (true);
}

bool
scn_parse_pfctl(struct scn_cur *c)
{
	struct scn_pf *pf = scn_node(c, sizeof(*pf));

	if (pf == NULL)
		return (false);
	c->st->kind = SCN_PFCTL;
	c->st->u.pf = pf;
	if (scn_cur_done(c))
		return (scn_cur_fail(
		    c, c->i, "-e, -d, -f -, -F, -k or -s", "pfctl does what?"));
	while (!scn_cur_done(c))
		if (!option(c, pf))
			return (false);
	return (true);
}
