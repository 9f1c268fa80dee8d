/*
 * scn_netcmd.c - netstat, sockstat, vmstat and jls as statements.
 *
 * Their options are read by the functions that also read the command line; a
 * mistake is told at the word that it is in.
 */
#include <string.h>

#include "sim/scn_parse.h"

struct args {
	struct getarg ar_ga;
	const char *ar_word[SCN_WORDS_MAX];
};

/* The rest of the statement, as the words of a command. */
static void
args_begin(struct args *ar, const struct scn_cur *c)
{
	uint32_t n = c->n - c->i;

	for (uint32_t i = 0; i < n; i++)
		ar->ar_word[i] = c->w[c->i + i].s;
	getarg_begin(&ar->ar_ga, (int)n, ar->ar_word);
}

static bool
args_end(struct args *ar, struct scn_cur *c, bool ok)
{
	if (!ok)
		return (scn_cur_fail(c, c->i + (uint32_t)ar->ar_ga.ga_bad, NULL,
		    "%s", ar->ar_ga.ga_why));
	c->i = c->n;
	return (true);
}

/* -j names a jail inside of that in which the command runs. */
static bool
args_jail(struct scn_cur *c, const char *jail)
{
	int64_t jid;
	uint32_t i;

	if (jail == NULL || scn_int_parse(jail, &jid))
		return (true);
	/* a word of its own, or the rest of one with the option */
	for (i = c->n - 1; i > 0 && strcmp(c->w[i].s, jail) != 0; i--)
		;
	return (scn_check_jail(c, i > 0 ? i : c->n - 1, "a jail", jail));
}

bool
scn_parse_netstat(struct scn_cur *c)
{
	struct scn_netstat *ns = &c->st->u.netstat;
	struct args ar;

	c->st->kind = SCN_NETSTAT;
	args_begin(&ar, c);
	if (!args_end(&ar, c, netstat_parse(ns, &ar.ar_ga)))
		return (false);
	/* without -F the table of the process, as setfib(1) has set it */
	if (ns->fib < 0 && c->st->setfib != 0)
		ns->fib = (int32_t)c->st->setfib - 1;
	return (args_jail(c, ns->jail));
}

bool
scn_parse_sockstat(struct scn_cur *c)
{
	struct args ar;

	c->st->kind = SCN_SOCKSTAT;
	args_begin(&ar, c);
	return (
	    args_end(&ar, c, sockstat_parse(&c->st->u.sockstat, &ar.ar_ga)) &&
	    args_jail(c, c->st->u.sockstat.jail));
}

bool
scn_parse_vmstat(struct scn_cur *c)
{
	struct args ar;

	c->st->kind = SCN_VMSTAT;
	args_begin(&ar, c);
	return (args_end(&ar, c, vmstat_parse(&c->st->u.flags, &ar.ar_ga)));
}

bool
scn_parse_jls(struct scn_cur *c)
{
	struct args ar;

	c->st->kind = SCN_JLS;
	args_begin(&ar, c);
	return (args_end(&ar, c, jls_parse(&c->st->u.jls, &ar.ar_ga)) &&
		args_jail(c, c->st->u.jls.jail));
}
