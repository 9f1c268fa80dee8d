/*
 * scn_dump.c - dump and inspect: the whole world, on file or in words.
 *
 * The name of a dump is a plain file name: a scenario may come from anywhere,
 * and it does not decide where on this machine a file is written; the runner
 * does (--dump-dir, --out).
 */
#include <string.h>

#include "sim/scn_parse.h"

/* A jail cannot see the world. */
static bool
not_jailed(struct scn_cur *c, const char *verb)
{
	if (strcmp(c->st->jail, SCN_HOST) == 0)
		return (true);
	return (scn_cur_fail(c, c->i - 1, "without jexec",
	    "%s sees the whole world and cannot run in a jail", verb));
}

bool
scn_check_dumpname(
    struct scn_cur *c, uint32_t i, const char *what, const char *s)
{
	size_t len = strlen(s);

	if (len > 0 && len <= SCN_DUMP_NAME && s[0] != '.' &&
	    (s[0] != '-' || c->w[i].quoted) && strchr(s, '/') == NULL)
		return (true);
	return (scn_cur_fail(c, i,
	    "a name without '/': run --dump-dir says where it goes",
	    "'%.64s' is no name of %s", s, what));
}

/* dump FILE */
bool
scn_parse_dump(struct scn_cur *c)
{
	const struct scn_word *w;

	c->st->kind = SCN_DUMP;
	if (!not_jailed(c, "dump"))
		return (false);
	w = scn_take(c, "a file name");
	if (w == NULL || !scn_check_dumpname(c, c->i - 1, "a dump", w->s))
		return (false);
	c->st->u.name = w->s;
	return (scn_take_end(c));
}

/* inspect [WHAT [SERIAL[@VNET]]] */
bool
scn_parse_inspect(struct scn_cur *c)
{
	const struct scn_word *w;

	c->st->kind = SCN_INSPECT;
	if (!not_jailed(c, "inspect"))
		return (false);
	if (scn_cur_done(c))
		return (true);
	w = scn_take(c, "a type");
	c->st->u.inspect.what = w->s;
	if (!scn_cur_done(c)) {
		w = scn_take(c, "an object");
		c->st->u.inspect.id = w->s;
		if (w->s[0] < '0' || w->s[0] > '9')
			return (scn_cur_fail(c, c->i - 1, "SERIAL[@VNET]",
			    "'%.64s' is no number of an object", w->s));
	}
	return (scn_take_end(c));
}
