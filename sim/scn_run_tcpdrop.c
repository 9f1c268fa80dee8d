/*
 * scn_run_tcpdrop.c - tcpdrop(8): one connection, or all.
 *
 * As FreeBSD's, -a leaves listeners alone, -l prints the commands that would
 * drop one each, and -s names the state of those that are meant.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/netcmd.h"
#include "sim/scn_run_var.h"

static void
add_ends(struct rbuf *out, const struct vnetsim_addr *l,
    const struct vnetsim_addr *f)
{
	rbuf_ip(out, l->addr);
	rbuf_add(out, " %u ", l->port);
	rbuf_ip(out, f->addr);
	rbuf_add(out, " %u", f->port);
}

static int
drop(struct scn_env *e, vnetsim_handle jail, const struct vnetsim_addr *l,
    const struct vnetsim_addr *f)
{
	int error;

	error = RUN_CALL(e, "tcpdrop", vnetsim_tcpdrop(e->e_w, jail, l, f));
	if (error == 0) {
		add_ends(&e->e_out, l, f);
		rbuf_add(&e->e_out, ": dropped\n");
	}
	return (error);
}

static int
drop_all(struct scn_env *e, const struct scn_tcpdrop *t, struct netcmd *nc)
{
	struct vnetsim_pcb *v;
	int error = 0;
	size_t n;

	v = netcmd_pcbs(nc, &n);
	if (v == NULL)
		return (VE_NOMEM);
	for (size_t i = 0; i < n && error == 0; i++) {
		if (v[i].state == NULL || v[i].cookie == 0 || v[i].listening ||
		    v[i].faddr.port == 0 ||
		    (t->state != NULL &&
			strcmp(t->state, netcmd_state(&v[i])) != 0))
			continue;
		if (t->list) {
			rbuf_add(&e->e_out, "tcpdrop ");
			add_ends(&e->e_out, &v[i].laddr, &v[i].faddr);
			rbuf_add(&e->e_out, "\n");
		} else {
			error = drop(e, nc->nc_jail, &v[i].laddr, &v[i].faddr);
		}
	}
	free(v);
	return (error);
}

/**
 * run_tcpdrop() - drop, or list
 * @e:		environment
 * @s:		statement
 * @jail:	whose stack
 *
 * Return:	0; VE_SRCH: no such connection; VE_NOMEM.
 */
int
run_tcpdrop(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_tcpdrop *t = &s->u.tcpdrop;
	struct vnetsim_addr l = { t->laddr, t->lport };
	struct vnetsim_addr f = { t->faddr, t->fport };
	struct netcmd nc = { .nc_w = e->e_w,
		.nc_v = vnetsim_view_live(e->e_w),
		.nc_jail = jail };
	struct vnetsim_jail_info ji;

	if (!t->all)
		return (drop(e, jail, &l, &f));
	if (vnetsim_jail_info(e->e_w, jail, &ji) != 0)
		return (VE_SRCH);
	nc.nc_vnet = ji.vnet;
	return (drop_all(e, t, &nc));
}
