/*
 * scn_name.c - names: what they may look like, and which were made so far.
 *
 * A socket or process name is [A-Za-z_][A-Za-z0-9_]*.  A jail's name is parts
 * joined by dots; a part is [A-Za-z_][A-Za-z0-9_-]*, because a number would
 * mean a jail id.  An interface is letters and a unit.  Words that begin a
 * statement or a claim are no names, so a typing error is never mistaken for
 * one.
 *
 * The parser remembers the jails and sockets that earlier statements made, in
 * a set of strings "jail" and "jail/socket": open addressing, FNV-1a.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static const char *const scn_words[] = { "state", "error", "received", "eof",
	"atmark", "done", "blocked", "failed", "inpcb", "gone", "dying",
	"alive", "ledger", "leaks", "findings", "peers", "outcome", "stat",
	"fails", "output", "packet", "no", "graceful", "abort", "crash", "tcp",
	"udp", "all", "within" };

bool
scn_reserved(const char *name)
{
	size_t i;

	for (i = 0; i < SCN_NITEMS(scn_words); i++)
		if (strcmp(scn_words[i], name) == 0)
			return (true);
	return (scn_verb_find(name) != NULL);
}

bool
scn_check_name(struct scn_cur *c, uint32_t i, const char *what, const char *s)
{
	size_t len = strlen(s);

	if (!scn_is_ident(s, len))
		return (scn_cur_fail(c, i,
		    "letters, digits and '_', not a digit first",
		    "'%.64s' is no name for %s", s, what));
	if (len > SCN_NAME_MAX)
		return (scn_cur_fail(c, i, NULL,
		    "name of %s longer than %d bytes", what, SCN_NAME_MAX));
	if (scn_reserved(s))
		return (scn_cur_fail(c, i, "choose another name",
		    "'%s' is a word of the language, no name for %s", s, what));
	return (true);
}

static bool
jail_part(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!scn_ident_char(s[i], i == 0) && (i == 0 || s[i] != '-'))
			return (false);
	return (len != 0);
}

bool
scn_check_jail(struct scn_cur *c, uint32_t i, const char *what, const char *s)
{
	const char *part = s, *dot;

	if (strlen(s) > SCN_JAIL_MAX)
		return (scn_cur_fail(c, i, NULL,
		    "name of %s longer than %d bytes", what, SCN_JAIL_MAX));
	do {
		dot = strchr(part, '.');
		if (!jail_part(part,
			dot != NULL ? (size_t)(dot - part) : strlen(part)))
			return (scn_cur_fail(c, i,
			    "letters, digits, '_' and '-', not a digit "
			    "first; 'a.b' is b inside a",
			    "'%.64s' is no name for %s", s, what));
		part = dot != NULL ? dot + 1 : NULL;
	} while (part != NULL);
	if (scn_reserved(s))
		return (scn_cur_fail(c, i, "choose another name",
		    "'%s' is a word of the language, no name for %s", s, what));
	return (true);
}

bool
scn_check_if(struct scn_cur *c, uint32_t i, const char *what, const char *s)
{
	size_t len = strlen(s), k;
	bool ok = len != 0 && scn_ident_char(s[0], true);

	for (k = 0; k < len && ok; k++)
		ok = scn_ident_char(s[k], false) || s[k] == '.';
	if (!ok)
		return (scn_cur_fail(c, i, "letters and digits, as in epair0a",
		    "'%.64s' is no name for %s", s, what));
	if (len > SCN_IF_MAX)
		return (scn_cur_fail(c, i, NULL,
		    "name of %s longer than %d bytes", what, SCN_IF_MAX));
	return (true);
}

bool
scn_take_name(struct scn_cur *c, const char *what, const char **name)
{
	const struct scn_word *w = scn_take(c, what);

	*name = w != NULL ? w->s : NULL;
	return (w != NULL && scn_check_name(c, c->i - 1, what, w->s));
}

bool
scn_take_jail(struct scn_cur *c, const char *what, const char **name)
{
	const struct scn_word *w = scn_take(c, what);

	*name = w != NULL ? w->s : NULL;
	return (w != NULL && (strcmp(w->s, SCN_HOST) == 0 ||
				 scn_check_jail(c, c->i - 1, what, w->s)));
}

bool
scn_take_if(struct scn_cur *c, const char *what, const char **name)
{
	const struct scn_word *w = scn_take(c, what);

	*name = w != NULL ? w->s : NULL;
	return (w != NULL && scn_check_if(c, c->i - 1, what, w->s));
}

/* Key of a name in buf; false if it cannot be one. */
static bool
name_key(char *buf, size_t size, const char *jail, const char *sock)
{
	int n;

	n = snprintf(buf, size, "%s%s%s", jail, sock != NULL ? "/" : "",
	    sock != NULL ? sock : "");
	return ((size_t)n < size);
}

/* Slot of key, or the free one where it would be. */
static size_t
name_slot(const struct scn_nameset *ns, const char *key)
{
	uint64_t h = 0xcbf29ce484222325u;
	const char *s;
	size_t i;

	for (s = key; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	for (i = h & (ns->cap - 1); ns->v[i] != NULL;
	     i = (i + 1) & (ns->cap - 1))
		if (strcmp(ns->v[i], key) == 0)
			break;
	return (i);
}

static bool
name_rehash(struct scn_parser *p)
{
	struct scn_nameset *ns = &p->names, old = *ns;
	size_t i;

	ns->cap = old.cap == 0 ? 64 : old.cap * 2;
	ns->v = scn_mem_alloc(&p->mem, SCN_TMP, ns->cap * sizeof(*ns->v));
	if (ns->v == NULL) {
		*ns = old;
		return (false);
	}
	for (i = 0; i < old.cap; i++)
		if (old.v[i] != NULL)
			ns->v[name_slot(ns, old.v[i])] = old.v[i];
	return (true);
}

static bool
name_known(const struct scn_parser *p, const char *jail, const char *sock)
{
	char key[SCN_JAIL_MAX + SCN_NAME_MAX + 2];

	if (p->names.cap == 0 || !name_key(key, sizeof(key), jail, sock))
		return (false);
	return (p->names.v[name_slot(&p->names, key)] != NULL);
}

/**
 * scn_name_add() - remember that a statement makes a jail or a socket
 * @p:		the parser
 * @jail:	full name
 * @sock:	NULL: the jail itself
 * Return: false if memory ran out.
 */
bool
scn_name_add(struct scn_parser *p, const char *jail, const char *sock)
{
	char key[SCN_JAIL_MAX + SCN_NAME_MAX + 2];
	struct scn_nameset *ns = &p->names;
	size_t i;

	if (!name_key(key, sizeof(key), jail, sock))
		return (true);
	if (ns->n * 2 >= ns->cap && !name_rehash(p))
		return (false);
	i = name_slot(ns, key);
	if (ns->v[i] != NULL)
		return (true);
	ns->v[i] = scn_mem_dup(&p->mem, SCN_TMP, key, strlen(key));
	if (ns->v[i] == NULL)
		return (false);
	ns->n++;
	return (true);
}

bool
scn_jail_known(const struct scn_parser *p, const char *jail)
{
	return (strcmp(jail, SCN_HOST) == 0 || name_known(p, jail, NULL));
}

/* The closest name of the set that begins with prefix and goes on without
 * another '/'; of equals the first in the order of the alphabet, because the
 * order of the table means nothing. */
static const char *
name_near(const struct scn_parser *p, const char *prefix, const char *word)
{
	const char *best = NULL, *s, *pair[2];
	size_t i, n = strlen(prefix);

	for (i = 0; i < p->names.cap; i++) {
		s = p->names.v[i];
		if (s == NULL || strncmp(s, prefix, n) != 0 ||
		    strchr(s + n, '/') != NULL)
			continue;
		pair[0] = best != NULL ? best : s + n;
		pair[1] = s + n;
		if (best != NULL && strcmp(s + n, best) < 0) {
			pair[0] = s + n;
			pair[1] = best;
		}
		best = scn_didyoumean(word, pair, 2);
	}
	return (best);
}

static bool
names_unchecked(const struct scn_parser *p)
{
	return (p->names_off || p->quiet ||
		(p->params != NULL && p->params->any_names));
}

bool
scn_need_jail(struct scn_cur *c, uint32_t i, const char *jail)
{
	const char *near;
	char hint[128];

	if (names_unchecked(c->p) || scn_jail_known(c->p, jail))
		return (true);
	near = name_near(c->p, "", jail);
	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	else
		snprintf(hint, sizeof(hint), "jail -c name=NAME vnet");
	return (scn_cur_fail(
	    c, i, hint, "no jail '%.64s' was created above", jail));
}

bool
scn_need_sock(struct scn_cur *c, uint32_t i, const char *jail, const char *sock)
{
	char prefix[SCN_JAIL_MAX + 2], hint[128];
	const char *near;

	if (names_unchecked(c->p) || name_known(c->p, jail, sock))
		return (true);
	snprintf(prefix, sizeof(prefix), "%s/", jail);
	near = name_near(c->p, prefix, sock);
	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", near);
	else
		snprintf(hint, sizeof(hint), "%.64s%sNAME = connect ...",
		    strcmp(jail, SCN_HOST) != 0 ? jail : "",
		    strcmp(jail, SCN_HOST) != 0 ? " " : "");
	return (scn_cur_fail(c, i, hint,
	    "no socket '%.64s' of %s%.64s was made above", sock,
	    strcmp(jail, SCN_HOST) != 0 ? "jail " : "the host",
	    strcmp(jail, SCN_HOST) != 0 ? jail : ""));
}

/**
 * scn_jail_join() - the full name of a jail named from inside another
 * @c:		stands behind the word with @inner
 * @outer:	full name; the host adds nothing
 * @inner:	name as seen from @outer
 * Return: full name, or NULL after an error or without memory.
 */
const char *
scn_jail_join(struct scn_cur *c, const char *outer, const char *inner)
{
	size_t size;
	char *s;

	if (strcmp(outer, SCN_HOST) == 0)
		return (inner);
	size = strlen(outer) + strlen(inner) + 2;
	if (size > SCN_JAIL_MAX + 1) {
		scn_cur_fail(c, c->i - 1, NULL,
		    "name of the jail longer than %d bytes", SCN_JAIL_MAX);
		return (NULL);
	}
	s = scn_node(c, size);
	if (s != NULL)
		snprintf(s, size, "%s.%s", outer, inner);
	return (s);
}
