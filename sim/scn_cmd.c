/*
 * scn_cmd.c - FreeBSD's commands except those of interfaces and routes:
 * jail(8), jexec(8), jls(8), sysctl(8), ping(8), tcpdrop(8).
 *
 * Options are those of the manual pages, as far as the simulator has what
 * they speak of.  A command runs in the view of stmt.jail; jexec moves that
 * view inwards and may be nested.
 */
#include <string.h>

#include "sim/scn_parse.h"

struct jail_args {
	struct scn_jail *j;
	const char *ifs[SCN_WORDS_MAX];
	bool close;
};

/* vnet.interface=epair0a,epair1a */
static bool
jail_ifs(struct scn_cur *c, struct jail_args *a, const char *s)
{
	const char *comma, *name;
	size_t len;

	do {
		comma = strchr(s, ',');
		len = comma != NULL ? (size_t)(comma - s) : strlen(s);
		name = scn_mem_dup(&c->p->mem, SCN_KEEP, s, len);
		if (name == NULL ||
		    !scn_check_if(c, c->i - 1, "an interface", name))
			return (false);
		if (a->j->nifs == SCN_WORDS_MAX)
			return (scn_cur_fail(c, c->i - 1, NULL,
			    "more than %d interfaces", SCN_WORDS_MAX));
		a->ifs[a->j->nifs++] = name;
		s += len + 1;
	} while (comma != NULL);
	return (true);
}

/* name=NAME at the cursor, which does not move; s is NAME. */
static bool
jail_name(struct scn_cur *c, struct scn_jail *j, const char *s)
{
	const char *full;

	if (j->name != NULL)
		return (
		    scn_cur_fail(c, c->i, "keep one of them", "a second name"));
	if (!scn_check_jail(c, c->i, "a jail", s))
		return (false);
	c->i++;
	full = scn_jail_join(c, c->st->jail, s);
	c->i--;
	if (full == NULL)
		return (false);
	j->name = s;
	return (scn_name_add(c->p, full, NULL));
}

/* The name first: what follows may have errors, the jail is meant anyway. */
static bool
jail_find_name(struct scn_cur *c, struct scn_jail *j)
{
	uint32_t at = c->i;

	for (; !scn_cur_done(c); c->i++)
		if (strncmp(c->w[c->i].s, "name=", 5) == 0 &&
		    !jail_name(c, j, c->w[c->i].s + 5))
			return (false);
	c->i = at;
	return (true);
}

static bool
jail_value(struct scn_cur *c, struct jail_args *a, size_t key, const char *s)
{
	const char *why;
	int64_t v;

	switch (key) {
	case 0:
		return (true); /* dealt with */
	case 1:
		if (!scn_int_parse(s, &v) || v < 0 || v > 999999)
			return (scn_cur_fail(c, c->i - 1,
			    "an integer from 0 to 999999",
			    "'%.64s' is no number of jails", s));
		a->j->children_max = (int32_t)v;
		return (true);
	case 2:
		return (jail_ifs(c, a, s));
	default:
		if (!scn_policy_parse(s, &a->j->close, &why))
			return (scn_cur_fail(
			    c, c->i - 1, why, "'%.64s' is no close policy", s));
		return (true);
	}
}

/* One parameter of jail -c. */
static bool
jail_param(struct scn_cur *c, struct jail_args *a)
{
	static const char *const keys[] = { "name", "children.max",
		"vnet.interface", "close", "vnet", "persist",
		"allow.raw_sockets" };
	const struct scn_word *w = scn_take(c, "a parameter");
	const char *eq = strchr(w->s, '=');
	size_t len = eq != NULL ? (size_t)(eq - w->s) : w->len, i;
	char key[32], list[256], hint[300];

	if (scn_word_is(w, "vnet") || scn_word_is(w, "vnet=new")) {
		a->j->vnet = true;
		return (true);
	}
	if (scn_word_is(w, "vnet=inherit"))
		return (true);
	if (scn_word_is(w, "persist")) {
		a->j->persist = true;
		return (true);
	}
	if (scn_word_is(w, "nopersist"))
		return (true);
	if (scn_word_is(w, "allow.raw_sockets") ||
	    scn_word_is(w, "allow.noraw_sockets")) {
		a->j->allow_raw = w->s[6] == 'r';
		return (true);
	}
	for (i = 0; i < 4; i++)
		if (strlen(keys[i]) == len && memcmp(keys[i], w->s, len) == 0)
			break;
	if (i < 4 && eq != NULL)
		return (jail_value(c, a, i, eq + 1));
	if (i < 4)
		return (scn_cur_fail(c, c->i - 1, NULL,
		    "'%s' needs a value: %s=...", w->s, w->s));
	len = len < sizeof(key) ? len : sizeof(key) - 1;
	memcpy(key, w->s, len);
	key[len] = '\0';
	scn_hint_list(list, sizeof(list), keys, SCN_NITEMS(keys));
	scn_hint_near(hint, sizeof(hint), key, keys, SCN_NITEMS(keys), list);
	return (scn_cur_fail(
	    c, c->i - 1, hint, "unknown jail parameter '%.64s'", w->s));
}

static bool
jail_create(struct scn_cur *c)
{
	struct scn_jail *j = scn_node(c, sizeof(*j));
	struct jail_args a = { .j = j };
	const char **ifs;

	if (j == NULL)
		return (false);
	j->children_max = -1;
	j->close.ns = -1;
	c->st->kind = SCN_JAIL_CREATE;
	c->st->u.jail = j;
	if (!jail_find_name(c, j))
		return (false);
	while (!scn_cur_done(c))
		if (!jail_param(c, &a))
			return (false);
	if (j->name == NULL)
		return (scn_cur_fail(c, c->i, NULL, "expected name=NAME"));
	if (j->nifs != 0 && !j->vnet)
		return (scn_cur_fail(c, c->i, "jail -c name=NAME vnet ...",
		    "vnet.interface without vnet"));
	if (j->nifs == 0)
		return (true);
	ifs = scn_node(c, j->nifs * sizeof(*ifs));
	if (ifs == NULL)
		return (false);
	memcpy(ifs, a.ifs, j->nifs * sizeof(*ifs));
	j->ifs = ifs;
	return (true);
}

bool
scn_parse_jail(struct scn_cur *c)
{
	static const char *const flags[] = { "-c", "-r" };
	size_t i;

	if (!scn_take_choice(c, "-c or -r", flags, 2, &i))
		return (false);
	if (i == 0)
		return (jail_create(c));
	c->st->kind = SCN_JAIL_REMOVE;
	return (scn_take_jail(c, "a jail", &c->st->u.name) && scn_take_end(c));
}

bool
scn_parse_jexec(struct scn_cur *c)
{
	const char *name, *jail;

	if (!scn_take_jail(c, "a jail", &name))
		return (false);
	if (strcmp(name, SCN_HOST) == 0) {
		if (strcmp(c->st->jail, SCN_HOST) != 0)
			return (scn_cur_fail(c, c->i - 1, NULL,
			    "the host is not inside a jail"));
	} else {
		jail = scn_jail_join(c, c->st->jail, name);
		if (jail == NULL)
			return (false);
		c->st->jail = jail;
	}
	return (scn_dispatch(c, SCN_V_CMD));
}

bool
scn_parse_sysctl(struct scn_cur *c)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.%-";
	struct scn_sysctl *s = &c->st->u.sysctl;
	const struct scn_word *w;
	const char *eq;
	bool all = false;
	size_t len;

	for (; !scn_cur_done(c) && c->w[c->i].s[0] == '-'; c->i++)
		for (const char *l = c->w[c->i].s + 1; *l != '\0'; l++) {
			if (strchr("adnN", *l) == NULL)
				return (scn_cur_fail(c, c->i, NULL,
				    "sysctl has no option '-%c' here", *l));
			all |= *l == 'a';
			s->descr |= *l == 'd';
			s->bare |= *l == 'n';
			s->names |= *l == 'N';
		}
	c->st->kind = SCN_SYSCTL_GET;
	if (all)
		return (scn_take_end(c));
	w = scn_take(c, "the name of a sysctl");
	if (w == NULL)
		return (false);
	eq = strchr(w->s, '=');
	len = eq != NULL ? (size_t)(eq - w->s) : w->len;
	if (len == 0 || strspn(w->s, chars) != len || strchr(w->s, '.') == NULL)
		return (scn_cur_fail(c, c->i - 1,
		    "as in net.inet.tcp.msl or net.inet.tcp.msl=1000",
		    "'%.64s' is no sysctl", w->s));
	s->name = scn_mem_dup(&c->p->mem, SCN_KEEP, w->s, len);
	s->value = eq != NULL ? eq + 1 : NULL;
	c->st->kind = eq != NULL ? SCN_SYSCTL_SET : SCN_SYSCTL_GET;
	if (eq != NULL && eq[1] == '\0')
		return (
		    scn_cur_fail(c, c->i, NULL, "expected a value behind '='"));
	return (s->name != NULL && scn_take_end(c));
}

/* tcpdrop [-l] [-a] [-s STATE] */
static bool
tcpdrop_all(struct scn_cur *c, struct scn_tcpdrop *d)
{
	static const char *const options[] = { "-a", "-l", "-s", "-la", "-al" };
	const char *names[SCN_TCPS_N];
	size_t i;

	for (i = 0; i < SCN_TCPS_N; i++)
		names[i] = scn_tcp_state_name((enum scn_tcp_state)i);
	while (!scn_cur_done(c)) {
		if (!scn_take_choice(
			c, "option", options, SCN_NITEMS(options), &i))
			return (false);
		d->all |= i != 1;
		d->list |= i == 1 || i > 2;
		if (i != 2)
			continue;
		if (!scn_take_choice(c, "state", names, SCN_TCPS_N, &i))
			return (false);
		d->state = names[i];
	}
	if (!d->all)
		return (scn_cur_fail(c, c->i, NULL, "-l goes with -a or -s"));
	return (true);
}

bool
scn_parse_tcpdrop(struct scn_cur *c)
{
	struct scn_tcpdrop *d = &c->st->u.tcpdrop;

	c->st->kind = SCN_TCPDROP;
	if (!scn_cur_done(c) && c->w[c->i].s[0] == '-')
		return (tcpdrop_all(c, d));
	return (scn_take_addr(c, "address", &d->laddr) &&
		scn_take_port(c, 1, &d->lport) &&
		scn_take_addr(c, "address", &d->faddr) &&
		scn_take_port(c, 1, &d->fport) && scn_take_end(c));
}
