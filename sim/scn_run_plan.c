/*
 * scn_run_plan.c - the names of a script as small numbers.
 *
 * A run keeps its state in world memory as plain arrays: sockets, processes,
 * jails and the places of packet claims.  Which element a statement means is
 * known before anything runs; it is found here, once per script, with
 * uthash, and is constant from then on.  A plan is shared by all runs of a
 * script, so exploring thousands of schedules looks up no name.
 */
#include "sim/scn_run_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(msg) plan_nomem()
static void
plan_nomem(void)
{
	(void)fputs("vnetsim: out of memory\n", stderr);
	exit(71);
}
#include <uthash.h>

/* kind '\0' jail '\0' name '\0', looked up as bytes. */
struct plan_key {
	UT_hash_handle hh;
	struct plan_key *next; /* of all */
	int32_t id;
	size_t len;
	char key[];
};

struct planner {
	struct scn_plan *pl;
	struct plan_key *keys, *all;
};

static void *
plan_grow(void *old, uint32_t n, uint32_t *cap, size_t size)
{
	void *p;

	if (n < *cap)
		return (old);
	*cap = *cap == 0 ? 16 : *cap * 2;
	p = realloc(old, *cap * size);
	if (p == NULL)
		plan_nomem();
	return (p);
}

static const char *
plan_string(struct scn_plan *pl, const char *a, const char *b)
{
	size_t len = strlen(a) + strlen(b) + 2;
	char *s = malloc(len);

	if (s == NULL)
		plan_nomem();
	(void)snprintf(s, len, "%s.%s", a, b);
	pl->pl_strings = plan_grow((void *)pl->pl_strings, pl->pl_nstrings,
	    &pl->pl_capstrings, sizeof(*pl->pl_strings));
	pl->pl_strings[pl->pl_nstrings++] = s;
	return (s);
}

/* The number of a name, given out in order of first mention. */
static int32_t
plan_id(struct planner *pn, struct plan_names *names, char kind,
    const char *jail, const char *name)
{
	size_t lj = strlen(jail), ln = name != NULL ? strlen(name) : 0;
	size_t len = 1 + lj + 1 + ln + 1;
	struct plan_key *k, *found;

	k = calloc(1, sizeof(*k) + len);
	if (k == NULL)
		plan_nomem();
	k->key[0] = kind;
	memcpy(k->key + 1, jail, lj);
	if (name != NULL)
		memcpy(k->key + 2 + lj, name, ln);
	k->len = len;
	HASH_FIND(hh, pn->keys, k->key, len, found);
	if (found != NULL) {
		free(k);
		return (found->id);
	}
	names->v =
	    plan_grow(names->v, names->n, &names->cap, sizeof(*names->v));
	names->v[names->n].pn_jail = jail;
	names->v[names->n].pn_name = name;
	k->id = (int32_t)names->n++;
	k->next = pn->all;
	pn->all = k;
	HASH_ADD_KEYPTR(hh, pn->keys, k->key, k->len, k);
	return (k->id);
}

const struct scn_stmt *
scn_plan_cmd(const struct scn_stmt *s)
{
	if (s->kind == SCN_EXPECT && s->u.claim->cmd != NULL)
		return (s->u.claim->cmd);
	return (s);
}

static int32_t
plan_jail(struct planner *pn, const char *jail)
{
	return (plan_id(pn, &pn->pl->pl_jails, 'j', jail, NULL));
}

static void
plan_verb(struct planner *pn, const struct scn_stmt *s, struct plan_stmt *ps)
{
	struct scn_plan *pl = pn->pl;

	ps->ps_proc = plan_id(pn, &pl->pl_procs, 'p', s->jail, s->proc);
	if (s->u.sock->sock != NULL)
		ps->ps_sock = plan_id(pn, &pl->pl_socks, 's',
		    s->u.sock->fromjail != NULL ? s->u.sock->fromjail : s->jail,
		    s->u.sock->sock);
	if (s->u.sock->result != NULL)
		ps->ps_result =
		    plan_id(pn, &pl->pl_socks, 's', s->jail, s->u.sock->result);
}

static void
plan_claim(struct planner *pn, const struct scn_claim *c, struct plan_stmt *ps)
{
	struct scn_plan *pl = pn->pl;

	if (c->jail != NULL)
		ps->ps_jail = plan_jail(pn, c->jail);
	switch (c->kind) {
	case SCN_CL_STATE:
	case SCN_CL_ERROR:
	case SCN_CL_RECEIVED:
	case SCN_CL_EOF:
	case SCN_CL_ATMARK:
	case SCN_CL_SOCKOPT:
	case SCN_CL_DONE:
	case SCN_CL_BLOCKED:
	case SCN_CL_FAILED:
		ps->ps_sock = plan_id(pn, &pl->pl_socks, 's', c->jail, c->name);
		break;
	case SCN_CL_PACKET:
		ps->ps_cursor =
		    plan_id(pn, &pl->pl_cursors, 'c', c->packet->ifname, NULL);
		break;
	default:
		break;
	}
}

static void
plan_one(struct planner *pn, const struct scn_stmt *s, struct plan_stmt *ps)
{
	const char *full;

	memset(ps, 0xff, sizeof(*ps));
	s = scn_plan_cmd(s);
	ps->ps_jail = plan_jail(pn, s->jail);
	if (s->kind == SCN_JAIL_CREATE) {
		full = s->u.jail->name;
		if (strcmp(s->jail, SCN_HOST) != 0)
			full = plan_string(pn->pl, s->jail, full);
		ps->ps_made = plan_jail(pn, full);
	} else if (s->kind == SCN_LINK_SEND) {
		pn->pl->pl_segments = true;
	} else if (s->kind == SCN_TCPDUMP) {
		pn->pl->pl_tcpdumps |= s->u.tcpdump->link;
	} else if (s->kind == SCN_KILL) {
		ps->ps_proc =
		    plan_id(pn, &pn->pl->pl_procs, 'p', s->jail, s->u.name);
	} else if (s->kind >= SCN_CONNECT && s->kind <= SCN_SETSOCKOPT) {
		plan_verb(pn, s, ps);
	} else if (s->kind == SCN_EXPECT || s->kind == SCN_UNTIL) {
		plan_claim(pn, s->u.claim, ps);
	}
}

/**
 * scn_plan_new() - resolve the names of a script
 * @script:	borrowed as long as the plan lives
 *
 * Return:	the plan; the program ends (71) if there is no memory.
 */
struct scn_plan *
scn_plan_new(const struct scn_script *script)
{
	struct planner pn = { 0 };
	struct plan_key *k, *next;
	struct scn_plan *pl = calloc(1, sizeof(*pl));

	if (pl == NULL)
		plan_nomem();
	pl->pl_script = script;
	pl->pl_stmt = calloc(script->nstmts + 1, sizeof(*pl->pl_stmt));
	if (pl->pl_stmt == NULL)
		plan_nomem();
	pn.pl = pl;
	for (size_t i = 0; i < script->nstmts; i++)
		plan_one(&pn, &script->stmts[i], &pl->pl_stmt[i]);
	HASH_CLEAR(hh, pn.keys);
	for (k = pn.all; k != NULL; k = next) {
		next = k->next;
		free(k);
	}
	return (pl);
}

void
scn_plan_free(struct scn_plan *pl)
{
	if (pl == NULL)
		return;
	for (uint32_t i = 0; i < pl->pl_nstrings; i++)
		free(pl->pl_strings[i]);
	free((void *)pl->pl_strings);
	free(pl->pl_stmt);
	free(pl->pl_jails.v);
	free(pl->pl_procs.v);
	free(pl->pl_socks.v);
	free(pl->pl_cursors.v);
	free(pl);
}
