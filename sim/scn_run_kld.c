/*
 * scn_run_kld.c - modules come and go: kldload, kldunload, kldstat.
 *
 * Attaching and detaching are operations of the world; the script waits until
 * they have completed, as kldload(8) does.  In a jail both are EPERM, as
 * kldload(2) says; kldstat(8) is allowed there.
 *
 * kldstat shows the kernel as one file, as FreeBSD does; Refs counts the
 * modules in it.  There is no Address, because output must not depend on one;
 * in its place stands in how many vnets a module lives.
 */
#include <string.h>
#include <vnetsim/module.h>

#include "sim/scn_run_var.h"

static bool
kld_find(struct scn_env *e, const char *name, struct vnetsim_kldinfo *ki)
{
	for (unsigned n = 0; vnetsim_kld_next(e->e_w, n, ki) == 0; n++)
		if (strcmp(ki->name, name) == 0)
			return (true);
	return (false);
}

/* The operation, or its error. */
static int
kld_wait(struct scn_env *e, int error)
{
	return (error == 0 && e->e_r->r_cmdop != 0 ? VE_INPROGRESS : error);
}

static int
kld_load(struct scn_env *e, const struct scn_kld *k)
{
	char path[KLD_PATH_MAX + 1];
	const char *file = k->file;
	const struct vnetsim_kmod *km;
	struct vnetsim_kldinfo ki;
	int error = 0;

	if ((k->flags & SCN_KLD_SEARCH) != 0) {
		file = path;
		error = kld_locate(k->file, path, e->e_why, sizeof(e->e_why));
	}
	if (error == 0)
		error = kld_open(
		    &e->e_kld, e->e_w, file, &km, e->e_why, sizeof(e->e_why));
	if (error != 0)
		return (error);
	if ((k->flags & SCN_KLD_ONCE) != 0 && kld_find(e, km->name, &ki))
		return (0);
	return (
	    kld_wait(e, RUN_CALL(e, "kldload",
			    vnetsim_kldload(e->e_w, km, &e->e_r->r_cmdop))));
}

static int
kld_unload(struct scn_env *e, const struct scn_kld *k)
{
	return (kld_wait(
	    e, RUN_CALL(e, "kldunload",
		   vnetsim_kldunload(e->e_w, k->name, &e->e_r->r_cmdop))));
}

/* The kernel's line, and with -v its modules. */
static void
kld_kernel(struct scn_env *e, bool verbose)
{
	struct vnetsim_kldinfo ki;
	unsigned n, refs = 0;

	for (n = 0; vnetsim_kld_next(e->e_w, n, &ki) == 0; n++)
		refs += ki.builtin;
	rbuf_add(&e->e_out, "%2d %4u %5s  %s\n", 1, refs, "-", "kernel");
	for (n = 0; verbose && vnetsim_kld_next(e->e_w, n, &ki) == 0; n++)
		if (ki.builtin)
			rbuf_add(&e->e_out, "\t\t%3d %s\n", ki.id, ki.name);
}

static int
kld_stat(struct scn_env *e, const struct scn_kld *k)
{
	bool verbose = (k->flags & SCN_KLD_VERBOSE) != 0;
	struct vnetsim_kldinfo ki;

	if (k->name != NULL && !kld_find(e, k->name, &ki))
		return (VE_NOENT);
	rbuf_add(&e->e_out, "Id Refs Vnets  Name                 Version\n");
	if (k->name == NULL)
		kld_kernel(e, verbose);
	for (unsigned n = 0; vnetsim_kld_next(e->e_w, n, &ki) == 0; n++) {
		if (k->name != NULL ? strcmp(k->name, ki.name) != 0
				    : ki.builtin)
			continue;
		rbuf_add(&e->e_out, "%2d %4u %5u  %-20s %s\n", ki.id, ki.refs,
		    ki.vnets, ki.name, ki.version != NULL ? ki.version : "-");
	}
	return (0);
}

/**
 * run_kld() - begin one of the three
 * @e:	environment
 * @s:	the statement
 *
 * Return:	0; an errno, with a sentence in e_why if there is more to say;
 *		VE_INPROGRESS: r_cmdop is set.
 */
int
run_kld(struct scn_env *e, const struct scn_stmt *s)
{
	if (run_jail(e, s->jail) == 0)
		return (VE_NOENT);
	if (s->kind == SCN_KLDSTAT)
		return (kld_stat(e, &s->u.kld));
	if (strcmp(s->jail, SCN_HOST) != 0)
		return (VE_PERM);
	if (s->kind == SCN_KLDLOAD)
		return (kld_load(e, &s->u.kld));
	return (kld_unload(e, &s->u.kld));
}
