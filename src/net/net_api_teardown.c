/*
 * net_api_teardown.c - orders, findings, outcomes, the end of a world.
 */
#include <vnetsim/inspect.h>
#include <vnetsim/teardown.h>
#include "src/net/net_api.h"
#include "src/teardown/teardown.h"

const char *
vnetsim_order_name(unsigned n)
{
	return (teardown_order_name(n));
}

int
vnetsim_order_set(struct vnetsim *w, const char *name, bool force)
{
	struct api_call c;

	(void)api_begin(w, &c, "order_set");
	return (api_end(&c, teardown_order_set(name, force)));
}

int
vnetsim_order_ties(struct vnetsim *w, unsigned ties)
{
	struct api_call c;

	(void)api_begin(w, &c, "order_ties");
	return (api_end(&c, teardown_order_ties(ties)));
}

int
vnetsim_order_edit(struct vnetsim *w, int edit, const char *a, const char *b)
{
	struct api_call c;

	(void)api_begin(w, &c, "order_edit");
	return (api_end(&c, teardown_order_edit(edit, a, b)));
}

int
vnetsim_order_step(struct vnetsim *w, unsigned n, struct vnetsim_step *step)
{
	(void)api_look(w);
	return (teardown_order_step(n, step));
}

int
vnetsim_close_default(struct vnetsim *w, const struct vnetsim_close_policy *cp)
{
	struct vnet_close vc = {
		.vc_policy = (uint8_t)cp->policy,
		.vc_grace = cp->grace,
	};
	struct api_call c;

	(void)api_begin(w, &c, "close_default");
	return (api_end(&c, teardown_close_default(&vc)));
}

int
vnetsim_finding(struct vnetsim *w, unsigned n, struct vnetsim_finding *f)
{
	struct net_world *nw = api_look(w)->w_net;

	return (vnetsim_view_finding(vnetsim_view_live(w), n, f, nw->nw_key));
}

int
vnetsim_outcomes(
    struct vnetsim *w, uint32_t vnet, bool wire, struct vnetsim_outcomes *out)
{
	(void)api_look(w);
	return (teardown_outcomes(vnet, wire, out));
}

int
vnetsim_finish(struct vnetsim *w, vnetsim_handle *op)
{
	struct api_call c;
	struct op *kop;
	int error;

	(void)api_begin(w, &c, "finish");
	error = teardown_finish(&kop);
	if (error == 0)
		api_op(kop, op);
	return (api_end(&c, error));
}

int64_t
vnetsim_settled(struct vnetsim *w)
{
	(void)api_look(w);
	return (teardown_settled());
}

unsigned
vnetsim_audit(struct vnetsim *w)
{
	const struct world *wd = api_look(w);
	const struct vnetsim_wire_event end = {
		.we_kind = VNETSIM_WIRE_END,
		.we_time = vtime(),
		.we_vnet = VNETSIM_NOVNET,
		.we_peer = VNETSIM_NOVNET,
	};

	net_wire(&end);
	teardown_judge();
	teardown_audit_world();
	return (wd->w_find.wf_n);
}

uint64_t
vnetsim_ledger(struct vnetsim *w, uint32_t vnet)
{
	const struct world *wd = api_look(w);
	const struct vnet *v;

	if (vnet == VNETSIM_NOVNET)
		return (wd->w_mem.wm_acct.ac_nlive);
	v = vnet_byid(vnet);
	return (v != NULL ? v->v_mem->vm_acct.ac_nlive : 0);
}
