/*
 * scn_kld.c - kldload(8), kldunload(8), kldstat(8).
 *
 * A file is found as an include is: relative to the file that names it.  A word
 * without slash and dot is the name of a module, as for kldload(2), and its
 * file is searched for.  Either is looked at when the statement runs, not
 * before, so that a scenario may expect that it cannot be loaded.
 */
#include <string.h>

#include "sim/scn_parse.h"

/* Letters, digits and `_`, as modules are called. */
static bool
kld_bare(const struct scn_word *w)
{
	return (
	    w->len > 0 && strspn(w->s, "abcdefghijklmnopqrstuvwxyz0123456789_"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == w->len);
}

/* kldload [-n] ( FILE | NAME ) */
bool
scn_parse_kldload(struct scn_cur *c)
{
	struct scn_kld *k = &c->st->u.kld;
	const struct scn_word *w;

	c->st->kind = SCN_KLDLOAD;
	if (scn_cur_accept(c, "-n"))
		k->flags |= SCN_KLD_ONCE;
	w = scn_take(c, "a file");
	if (w == NULL)
		return (false);
	if (w->len == 0 || (w->s[0] == '-' && !w->quoted))
		return (scn_cur_fail(c, c->i - 1,
		    "a shared object: kldload FILE.so", "'%.64s' is no file",
		    w->s));
	if (kld_bare(w)) {
		k->flags |= SCN_KLD_SEARCH;
		k->file = w->s;
	} else
		k->file = scn_beside(c, w);
	return (k->file != NULL && scn_take_end(c));
}

/* NAME, or the name of its file: NAME.so, NAME.ko */
static bool
kld_name(struct scn_cur *c, const char **name)
{
	const struct scn_word *w = scn_take(c, "the name of a module");
	size_t len;

	if (w == NULL)
		return (false);
	len = w->len;
	if (len > 3 && (strcmp(w->s + len - 3, ".so") == 0 ||
			   strcmp(w->s + len - 3, ".ko") == 0))
		len -= 3;
	if (len == 0 || w->s[0] == '-' || strchr(w->s, '/') != NULL)
		return (scn_cur_fail(c, c->i - 1, "the name that kldstat shows",
		    "'%.64s' is no name of a module", w->s));
	*name = scn_mem_dup(&c->p->mem, SCN_KEEP, w->s, len);
	return (*name != NULL);
}

/* kldunload [-n] NAME */
bool
scn_parse_kldunload(struct scn_cur *c)
{
	c->st->kind = SCN_KLDUNLOAD;
	(void)scn_cur_accept(c, "-n");
	return (kld_name(c, &c->st->u.kld.name) && scn_take_end(c));
}

/* kldstat [-v] [-n NAME] */
bool
scn_parse_kldstat(struct scn_cur *c)
{
	struct scn_kld *k = &c->st->u.kld;

	c->st->kind = SCN_KLDSTAT;
	if (scn_cur_accept(c, "-v"))
		k->flags |= SCN_KLD_VERBOSE;
	if (scn_cur_accept(c, "-n") && !kld_name(c, &k->name))
		return (false);
	return (scn_take_end(c));
}
