/*
 * scn_run_cmd.c - FreeBSD's commands: jail, arp, sysctl.
 *
 * A command answers 0, an errno, or EINPROGRESS: then r_cmdop is what it waits
 * for and run_cmd_next() goes on with it.  A jail that does not exist is
 * ENOENT, as jail_get(2) says.  What no public call offers (the MAC of a new
 * epair, a route to an interface) is EOPNOTSUPP.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scn_run_var.h"

static void
cmd_policy(const struct scn_policy *p, struct vnetsim_close_policy *out)
{
	static const enum vnetsim_close kinds[] = {
		[SCN_POLICY_GRACEFUL] = VNETSIM_CLOSE_GRACEFUL,
		[SCN_POLICY_ABORT] = VNETSIM_CLOSE_ABORT,
		[SCN_POLICY_CRASH] = VNETSIM_CLOSE_CRASH,
	};

	out->policy = kinds[p->kind];
	out->grace = p->ns < 0 ? 0 : p->ns;
}

/* Lend the next interface of vnet.interface=; -1: no more. */
static int
jail_lend(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_jail *j = s->u.jail;
	struct scn_run *r = e->e_r;
	int error;

	while (r->r_cmdstep < j->nifs) {
		error = RUN_CALL(e, "ifconfig vnet",
		    vnetsim_if_vnet(e->e_w, run_jail(e, s->jail),
			j->ifs[r->r_cmdstep++], r->r_cmdjail, &r->r_cmdop));
		if (error != 0)
			return (error);
		if (r->r_cmdop != 0)
			return (VE_INPROGRESS);
	}
	return (0);
}

/* jail -c lends its interfaces or leaves no jail. */
static int
jail_lent(struct scn_env *e, int error)
{
	if (error != 0 && error != VE_INPROGRESS)
		(void)RUN_CALL(e, "jail_remove",
		    vnetsim_jail_remove(e->e_w, e->e_r->r_cmdjail, NULL));
	return (error);
}

static int
cmd_jail_create(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_jail *j = s->u.jail;
	int32_t made = e->e_plan->pl_stmt[e->e_r->r_pc].ps_made;
	struct vnetsim_close_policy close;
	struct vnetsim_jail_info ji;
	struct vnetsim_jail_params jp = {
		.name = e->e_plan->pl_jails.v[made].pn_jail,
		.vnet = j->vnet,
		.persist = j->persist,
		.allow_raw_sockets = j->allow_raw,
		.children_max = j->children_max < 0 ? 0 : j->children_max,
	};
	int error;

	if (j->close.kind != SCN_POLICY_NONE) {
		cmd_policy(&j->close, &close);
		jp.close = &close;
	}
	if (run_jail(e, s->jail) == 0)
		return (VE_NOENT);
	error = RUN_CALL(e, "jail_create",
	    vnetsim_jail_create(e->e_w, &jp, &e->e_r->r_cmdjail));
	if (error != 0)
		return (error);
	if (vnetsim_jail_info(e->e_w, e->e_r->r_cmdjail, &ji) == 0) {
		e->e_r->r_jail[made].rj_known = true;
		e->e_r->r_jail[made].rj_vnet = ji.vnet;
	}
	return (jail_lent(e, jail_lend(e, s)));
}

static int
cmd_jail_remove(struct scn_env *e, const struct scn_stmt *s)
{
	char buf[2 * SCN_JAIL_MAX + 2];
	vnetsim_handle jail;

	/* Addresses are needed later: what is closed cannot be asked. */
	for (uint32_t i = 0; i < e->e_plan->pl_socks.n; i++)
		if (e->e_r->r_sock[i].rs_made &&
		    e->e_r->r_sock[i].rs_faddr.port == 0)
			run_sock_learn(e, &e->e_r->r_sock[i]);
	jail = vnetsim_jail_find(
	    e->e_w, run_full(s, s->u.name, buf, sizeof(buf)), true);
	if (jail == 0)
		return (VE_NOENT);
	return (RUN_CALL(
	    e, "jail_remove", vnetsim_jail_remove(e->e_w, jail, NULL)));
}

/* arp -d -a: one after the other, what cannot go stays */
static int
cmd_arp_flush(struct scn_env *e, vnetsim_handle jail)
{
	struct vnetsim_arpinfo ai;
	uint32_t n = 0;

	while (vnetsim_arp_next(e->e_w, jail, n, &ai) == 0)
		if (ai.permanent ||
		    RUN_CALL(e, "arp -d",
			vnetsim_arp_set(e->e_w, jail, ai.addr, NULL)) != 0)
			n++;
	return (0);
}

static int
cmd_arp(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_arp *a = &s->u.arp;

	if (s->kind == SCN_ARP_DELETE && !a->has_addr)
		return (cmd_arp_flush(e, jail));
	return (RUN_CALL(e, "arp",
	    vnetsim_arp_set(e->e_w, jail, a->addr,
		s->kind == SCN_ARP_SET ? a->mac : NULL)));
}

static int
cmd_sysctl_set(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_sysctl *sy = &s->u.sysctl;
	char *end;
	long long v;

	v = strtoll(sy->value, &end, 0);
	if (end == sy->value || *end != '\0')
		return (VE_INVAL);
	return (RUN_CALL(e, "sysctl",
	    vnetsim_sysctl_set(e->e_w, jail, sy->name, (int64_t)v)));
}

static int
cmd_injail(struct scn_env *e, const struct scn_stmt *s)
{
	vnetsim_handle jail = run_jail(e, s->jail);

	if (jail == 0)
		return (VE_NOENT);
	switch (s->kind) {
	case SCN_ROUTE_ADD:
	case SCN_ROUTE_DELETE:
	case SCN_ROUTE_CHANGE:
	case SCN_ROUTE_FLUSH:
		return (run_route(e, s, jail));
	case SCN_ARP_DELETE:
	case SCN_ARP_SET:
		return (cmd_arp(e, s, jail));
	case SCN_SYSCTL_SET:
		return (cmd_sysctl_set(e, s, jail));
	case SCN_TCPDROP:
		return (run_tcpdrop(e, s, jail));
	case SCN_PFCTL:
		return (run_pfctl(e, s, jail));
	default:
		return (run_show(e, s));
	}
}

/**
 * run_cmd() - begin a command
 * @e:	environment; r_cmd* are zero
 * @s:	the command itself
 *
 * Return:	0; an errno; VE_INPROGRESS: r_cmdop or r_cmdwake is set.
 */
int
run_cmd(struct scn_env *e, const struct scn_stmt *s)
{
	switch (s->kind) {
	case SCN_JAIL_CREATE:
		return (cmd_jail_create(e, s));
	case SCN_JAIL_REMOVE:
		return (cmd_jail_remove(e, s));
	case SCN_IF_CREATE:
	case SCN_IF_DESTROY:
	case SCN_IF_CONF:
	case SCN_IF_VNET:
	case SCN_IF_UNVNET:
		return (run_ifconf(e, s));
	case SCN_PING:
		return (run_ping(e, s));
	case SCN_IFMCSTAT:
		return (run_ifmcstat(e, s));
	case SCN_RCTL:
		return (run_rctl(e, s));
	case SCN_JLS:
	case SCN_DUMP:
	case SCN_INSPECT:
		return (run_world(e, s));
	case SCN_TCPDUMP:
		return (run_tcpdump(e, s));
	case SCN_KLDLOAD:
	case SCN_KLDUNLOAD:
	case SCN_KLDSTAT:
		return (run_kld(e, s));
	case SCN_LINK_SET:
	case SCN_LINK_DROP:
	case SCN_LINK_CORRUPT_NEXT:
	case SCN_LINK_REORDER_NEXT:
	case SCN_LINK_CUT:
	case SCN_LINK_JOIN:
	case SCN_LINK_TAP:
		return (run_link(e, s));
	case SCN_LINK_REPLAY:
		return (run_replay(e, s));
	case SCN_LINK_IGMP:
		return (run_link_igmp(e, s));
	case SCN_LINK_SEND:
		return (run_segment(e, s));
	default:
		return (cmd_injail(e, s));
	}
}

/**
 * run_cmd_next() - go on with a command
 * @e:		environment
 * @s:		the command
 * @error:	of the operation it waited for
 * @res:	its result; NULL: r_cmdwake has come
 *
 * Return:	as run_cmd().
 */
int
run_cmd_next(struct scn_env *e, const struct scn_stmt *s, int error,
    const struct vnetsim_result *res)
{
	if (s->kind == SCN_PING)
		return (run_ping_next(e, s, error, res));
	if (s->kind == SCN_LINK_REPLAY)
		return (run_replay_next(e, s));
	if (s->kind == SCN_LINK_SEND)
		return (run_segment_next(e, s));
	if (s->kind != SCN_JAIL_CREATE)
		return (error);
	if (error == 0)
		error = jail_lend(e, s);
	return (jail_lent(e, error));
}
