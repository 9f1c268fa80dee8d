/*
 * scn_run_ifconfig.c - ifconfig and link: what changes an interface or a wire.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/scn_link.h"
#include "sim/scn_run_var.h"

static int
if_req(struct scn_env *e, vnetsim_handle jail, const char *name,
    const struct vnetsim_ifreq *req)
{
	return (
	    RUN_CALL(e, "ifconfig", vnetsim_if_ioctl(e->e_w, jail, name, req)));
}

static int if_confname(struct scn_env *e, const struct scn_ifconf *ic,
    vnetsim_handle jail, const char *name);

/* The addresses that a new epair shall have: of a, then of b. */
static int
if_macs(struct scn_env *e, const struct scn_ifcreate *ic, vnetsim_handle jail,
    const char *name)
{
	struct vnetsim_ifreq req = { .cmd = VNETSIM_IF_ETHER };
	char half[VNETSIM_IFNAMSIZ];
	int error = 0;

	memcpy(half, name, sizeof(half));
	for (uint32_t i = 0; i < ic->nmac && error == 0; i++) {
		half[strlen(half) - 1] = (char)('a' + i);
		memcpy(req.ether, ic->mac[i], sizeof(req.ether));
		error = if_req(e, jail, half, &req);
	}
	return (error);
}

static int
if_create(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_ifcreate *ic = &s->u.ifcreate;
	char name[VNETSIM_IFNAMSIZ], full[64];
	int error;

	(void)snprintf(full, sizeof(full), "%.15s", ic->cloner);
	if (ic->unit >= 0)
		(void)snprintf(
		    full, sizeof(full), "%.15s%" PRId32, ic->cloner, ic->unit);
	if (strlen(full) >= sizeof(name))
		return (VE_INVAL);
	memcpy(name, full, strlen(full) + 1);
	error = RUN_CALL(
	    e, "ifconfig create", vnetsim_if_create(e->e_w, jail, name));
	if (error == 0)
		rbuf_add(&e->e_out, "%s\n", name);
	if (error == 0)
		error = if_macs(e, ic, jail, name);
	if (error == 0 && ic->conf != NULL)
		error = if_confname(e, ic->conf, jail, name);
	return (error);
}

static int
if_addr(struct scn_env *e, vnetsim_handle jail, const char *name, uint32_t addr,
    uint8_t plen, bool add)
{
	return (RUN_CALL(e, "ifconfig inet",
	    vnetsim_if_inet(e->e_w, jail, name, addr, plen, add)));
}

/* `inet ADDR/LEN` replaces the first address, as SIOCAIFADDR of ifconfig(8). */
static int
if_inet(struct scn_env *e, vnetsim_handle jail, const struct scn_ifconf *ic,
    const char *name)
{
	struct vnetsim_ifinfo ii;
	uint8_t plen = (uint8_t)(ic->prefixlen < 0 ? 32 : ic->prefixlen);
	int error;

	error = vnetsim_if_get(e->e_w, jail, name, &ii);
	if (error != 0)
		return (error);
	if (ic->inet == SCN_INET_ALIAS)
		return (if_addr(e, jail, name, ic->addr, plen, true));
	if (ic->inet == SCN_INET_DELETE) {
		for (uint32_t i = 0; i < ii.naddrs && i < 4; i++)
			if (ii.addr[i] == ic->addr && ic->prefixlen < 0)
				plen = ii.plen[i];
		return (if_addr(e, jail, name, ic->addr, plen, false));
	}
	if (ii.naddrs > 0) {
		if (ii.addr[0] == ic->addr && ii.plen[0] == plen)
			return (0);
		error = if_addr(e, jail, name, ii.addr[0], ii.plen[0], false);
		if (error != 0)
			return (error);
	}
	return (if_addr(e, jail, name, ic->addr, plen, true));
}

/* Configure @name, which may get another one on the way. */
static int
if_confname(struct scn_env *e, const struct scn_ifconf *ic, vnetsim_handle jail,
    const char *name)
{
	const struct vnetsim_ifreq *req;
	int error = 0;

	for (uint32_t i = 0; i < ic->nreq && error == 0; i++) {
		req = &ic->req[i];
		error = if_req(e, jail, name, req);
		if (error == 0 && req->cmd == VNETSIM_IF_NAME) {
			rbuf_add(&e->e_out, "%s\n", req->arg);
			name = req->arg;
		}
	}
	if (error == 0 && ic->mtu != 0)
		error = RUN_CALL(e, "ifconfig mtu",
		    vnetsim_if_mtu(e->e_w, jail, name, ic->mtu));
	if (error == 0 && ic->inet != SCN_INET_NONE)
		error = if_inet(e, jail, ic, name);
	if (error == 0 && (ic->up || ic->down))
		error = RUN_CALL(e, "ifconfig up",
		    vnetsim_if_up(e->e_w, jail, name, ic->up));
	return (error);
}

static int
if_move(struct scn_env *e, const struct scn_stmt *s, vnetsim_handle jail)
{
	const struct scn_ifvnet *iv = &s->u.ifvnet;
	char buf[2 * SCN_JAIL_MAX + 2];
	vnetsim_handle other;

	other = vnetsim_jail_find(
	    e->e_w, run_full(s, iv->jail, buf, sizeof(buf)), true);
	if (other == 0)
		return (VE_NXIO);
	if (s->kind == SCN_IF_VNET)
		return (RUN_CALL(e, "ifconfig vnet",
		    vnetsim_if_vnet(
			e->e_w, jail, iv->ifname, other, &e->e_r->r_cmdop)));
	return (RUN_CALL(e, "ifconfig -vnet",
	    vnetsim_if_reclaim(
		e->e_w, jail, iv->ifname, other, &e->e_r->r_cmdop)));
}

/* ifconfig that changes something.  Return: as run_cmd(). */
int
run_ifconf(struct scn_env *e, const struct scn_stmt *s)
{
	vnetsim_handle jail = run_jail(e, s->jail);
	int error;

	if (jail == 0)
		return (VE_NOENT);
	switch (s->kind) {
	case SCN_IF_CREATE:
		return (if_create(e, s, jail));
	case SCN_IF_CONF:
		return (if_confname(e, &s->u.ifconf, jail, s->u.ifconf.ifname));
	case SCN_IF_DESTROY:
		error = RUN_CALL(e, "ifconfig destroy",
		    vnetsim_if_destroy(
			e->e_w, jail, s->u.name, &e->e_r->r_cmdop));
		break;
	default:
		error = if_move(e, s, jail);
		break;
	}
	if (error == 0 && e->e_r->r_cmdop != 0)
		return (VE_INPROGRESS);
	return (error);
}

/* Parts in 1,000,000,000 as parts per million; what is not 0 stays so. */
static uint32_t
link_ppm(uint32_t ppb)
{
	return (ppb == 0 || ppb >= 1000 ? ppb / 1000 : 1);
}

static int
link_setend(
    struct scn_env *e, const struct scn_link *l, vnetsim_handle link, int end)
{
	struct vnetsim_link_params lp;
	int error;

	error = vnetsim_link_get(e->e_w, link, end, &lp);
	if (error != 0)
		return (error);
	if ((l->what & SCN_LINK_DELAY) != 0)
		lp.delay = l->delay_ns;
	if ((l->what & SCN_LINK_RATE) != 0)
		lp.rate = (uint64_t)l->rate_bps;
	if ((l->what & SCN_LINK_QUEUE) != 0)
		lp.queue = l->queue;
	if ((l->what & SCN_LINK_LOSS) != 0)
		lp.loss = link_ppm(l->loss_ppb);
	if ((l->what & SCN_LINK_DUP) != 0)
		lp.dup = link_ppm(l->dup_ppb);
	if ((l->what & SCN_LINK_CORRUPT) != 0)
		lp.corrupt = link_ppm(l->corrupt_ppb);
	if ((l->what & SCN_LINK_REORDER) != 0)
		lp.reorder = link_ppm(l->reorder_ppb);
	if ((l->what & SCN_LINK_MARK) != 0)
		lp.mark = link_ppm(l->mark_ppb);
	if ((l->what & SCN_LINK_REORDER) != 0 || l->hold_ns != 0 ||
	    l->holdn != 0) {
		lp.hold = l->hold_ns;
		lp.holdn = l->holdn;
	}
	return (RUN_CALL(e, "link", vnetsim_link_set(e->e_w, link, end, &lp)));
}

/* drop, corrupt next, reorder next */
static int
link_next(
    struct scn_env *e, const struct scn_stmt *s, vnetsim_handle link, int end)
{
	static const int classes[] = {
		[SCN_CLS_ANY] = VNETSIM_F_ANY,
		[SCN_CLS_TCP] = VNETSIM_F_TCP,
		[SCN_CLS_SYN] = VNETSIM_F_SYN,
		[SCN_CLS_FIN] = VNETSIM_F_FIN,
		[SCN_CLS_RST] = VNETSIM_F_RST,
		[SCN_CLS_ACK] = VNETSIM_F_ACK,
		[SCN_CLS_DATA] = VNETSIM_F_DATA,
		[SCN_CLS_UDP] = VNETSIM_F_UDP,
		[SCN_CLS_ICMP] = VNETSIM_F_ICMP,
		[SCN_CLS_ARP] = VNETSIM_F_ARP,
	};

	const struct scn_link *l = s->u.link;
	int cls = classes[l->cls], error;

	switch (s->kind) {
	case SCN_LINK_DROP:
		return (RUN_CALL(e, "link drop",
		    vnetsim_link_drop(e->e_w, link, end, l->nframes, cls)));
	case SCN_LINK_CORRUPT_NEXT:
		return (RUN_CALL(e, "link corrupt",
		    vnetsim_link_corrupt(e->e_w, link, end, l->nframes, cls)));
	default:
		error = link_setend(e, l, link, end);
		if (error != 0)
			return (error);
		return (RUN_CALL(e, "link reorder",
		    vnetsim_link_reorder(e->e_w, link, end, l->nframes, cls)));
	}
}

/* link ...: VE_NXIO if there is no such wire.  Every wire is tapped. */
int
run_link(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_link *l = s->u.link;
	vnetsim_handle link;
	int any, end, error;

	link = vnetsim_link_find(e->e_w, l->name, &any);
	if (link == 0)
		return (VE_NXIO);
	end = l->end == SCN_END_BOTH ? -1 : l->end == SCN_END_A ? 0 : 1;
	switch (s->kind) {
	case SCN_LINK_SET:
		error = end == 1 ? 0 : link_setend(e, l, link, 0);
		if (error == 0 && end != 0)
			error = link_setend(e, l, link, 1);
		return (error);
	case SCN_LINK_DROP:
	case SCN_LINK_CORRUPT_NEXT:
	case SCN_LINK_REORDER_NEXT:
		return (link_next(e, s, link, end));
	case SCN_LINK_CUT:
	case SCN_LINK_JOIN:
		return (RUN_CALL(e, "link cut",
		    vnetsim_link_cut(e->e_w, link, s->kind == SCN_LINK_CUT)));
	default:
		return (0);
	}
}
