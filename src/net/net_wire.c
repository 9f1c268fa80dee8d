/*
 * net_wire.c - where wire events go: the live monitor, and the host.
 *
 * Links report frames, the teardown reports kills and deaths, the API reports
 * births.  The monitor of this world sees all of them, always; a listener of
 * the host (a capture) sees them from the moment it was set, after a summary
 * of the links and vnets that exist.  The listener is not state: a restore
 * leaves it alone.  While he is away the monitor makes do with headers.
 */
#include "src/net/link/link.h"
#include "src/net/net_api.h"
#include "src/teardown/teardown.h"

static void
net_wire_host(const struct vnetsim_wire_event *ev)
{
	const struct world_outward *out = &curworld()->w_trace.wt_out;

	if (out->wo_wire != NULL)
		out->wo_wire(out->wo_wirectx, ev);
}

void
net_wire(const struct vnetsim_wire_event *ev)
{
	const struct net_world *nw = curworld()->w_net;

	if (nw == NULL)
		return;
	if (!nw->nw_announcing)
		teardown_wire(ev);
	net_wire_host(ev);
}

static bool
net_wire_whole(void *ctx)
{
	(void)ctx;
	return (curworld()->w_trace.wt_out.wo_wire != NULL);
}

static void
net_wire_sink(void *ctx, const struct vnetsim_wire_event *ev)
{
	(void)ctx;
	net_wire(ev);
}

void
net_wire_born(const struct vnet *v)
{
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_BORN,
		.we_time = vtime(),
		.we_vnet = v->v_id,
		.we_peer = VNETSIM_NOVNET,
		.we_name = v->v_name,
	};

	net_wire(&ev);
}

/* Has it an interface at the end of a wire? */
bool
net_wired(struct vnet *v)
{
	struct vnet_frame f;
	struct ifnet *ifp;
	bool wired = false;

	if ((v->v_inited & VNET_MODBIT(VNET_MOD_if)) == 0 ||
	    !vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_if))
		return (false);
	for (ifp = if_first(); ifp != NULL && !wired; ifp = if_next(ifp))
		wired = ifp->if_type == IFT_ETHER && !ifp->if_dead;
	vnet_leave(&f);
	return (wired);
}

/* The monitor listens from the first moment. */
void
net_wire_init(void)
{
	link_set_sink(net_wire_sink, net_wire_whole, NULL);
	net_wire_born(curworld()->w_vnet0);
}

void
vnetsim_set_wire(struct vnetsim *w,
    void (*fn)(void *ctx, const struct vnetsim_wire_event *ev), void *ctx)
{
	struct world *wd = api_look(w);
	struct net_world *nw = wd->w_net;
	uint32_t id = 0;
	struct vnet *v;

	wd->w_trace.wt_out.wo_wire = fn;
	wd->w_trace.wt_out.wo_wirectx = ctx;
	if (fn == NULL)
		return;
	nw->nw_announcing = true;
	while ((v = handle_iter(HANDLE_VNET, &id)) != NULL)
		net_wire_born(v);
	link_set_sink(net_wire_sink, net_wire_whole, NULL);
	nw->nw_announcing = false;
}
