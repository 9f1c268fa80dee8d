/*
 * wm_conn.c - records of connections: found by four-tuple and vnet.
 *
 * The first incarnation of a four-tuple is its head; the map leads from
 * (four-tuple, vnet) to the head, for every vnet that a frame of it touched,
 * and the head to the newest incarnation.  What is outside the world shares
 * one id, so there the link's number stands in.
 *
 * A SYN begins a new incarnation when its sender is closed, or shows by its
 * sequence number that it has started over.  If the other end is still open
 * then (half-open, RFC 9293 section 3.5.1), it lives on in the new record and
 * the old one follows its fate.
 */
#include "src/teardown/wire/wm_var.h"

/* An id for the map that tells links to the outside apart. */
static uint64_t
place(uint32_t vnet, uint32_t link)
{
	return (vnet == VNETSIM_NOVNET ? 0x80000000U | link : vnet);
}

static bool
src_is_low(const struct wm_seg *sg)
{
	if (sg->sg_src != sg->sg_dst)
		return (sg->sg_src < sg->sg_dst);
	return (sg->sg_sport < sg->sg_dport);
}

static uint64_t
key_addrs(const struct wm_seg *sg, unsigned int src)
{
	if (src == 0)
		return ((uint64_t)sg->sg_src << 32 | sg->sg_dst);
	return ((uint64_t)sg->sg_dst << 32 | sg->sg_src);
}

static uint64_t
key_ports(const struct wm_seg *sg, unsigned int src)
{
	uint64_t ports;

	if (src == 0)
		ports = (uint32_t)sg->sg_sport << 16 | sg->sg_dport;
	else
		ports = (uint32_t)sg->sg_dport << 16 | sg->sg_sport;
	return (ports << 32);
}

/* A zeroed record for the segment's four-tuple, both ends fresh; or 0. */
static uint32_t
conn_new(struct vnetsim_wiremon *wm, const struct wm_seg *sg, unsigned int src)
{
	uint32_t ci;
	struct wm_conn *co;

	ci = wm_pool_get(&wm->wm_conns, &wm->wm_mem);
	if (ci == 0) {
		wm->wm_stats.ws_incomplete = true;
		return (0);
	}
	co = wm_conn_at(wm, ci);
	co->co_addr[src] = sg->sg_src;
	co->co_addr[1 - src] = sg->sg_dst;
	co->co_port[src] = sg->sg_sport;
	co->co_port[1 - src] = sg->sg_dport;
	co->co_opener = (uint8_t)src;
	co->co_first = wm->wm_now;
	co->co_last = wm->wm_now;
	wm_end_reset(wm, &co->co_end[0]);
	wm_end_reset(wm, &co->co_end[1]);
	co->co_end[0].e_vnet = VNETSIM_NOVNET;
	co->co_end[1].e_vnet = VNETSIM_NOVNET;
	return (ci);
}

/* Makes the flow known at one more place. */
static void
alias(struct vnetsim_wiremon *wm, uint32_t head, uint64_t k0, uint64_t k1)
{
	if (wm_map_put(&wm->wm_flowmap, &wm->wm_mem, k0, k1, head))
		return;
	wm->wm_stats.ws_incomplete = true;
	wm_conn_at(wm, wm_conn_at(wm, head)->co_cur)->co_blind = true;
}

static uint32_t
flow_new(struct vnetsim_wiremon *wm, const struct wm_seg *sg, unsigned int src)
{
	uint32_t ci;
	struct wm_conn *co;

	/* What only says "no" makes no connection. */
	if ((sg->sg_flags & WM_RST) != 0)
		return (0);
	ci = conn_new(wm, sg, src);
	if (ci == 0)
		return (0);
	co = wm_conn_at(wm, ci);
	co->co_head = ci;
	co->co_cur = ci;
	co->co_inc = 1;
	/* Perhaps we only missed how it began. */
	if (wm->wm_stats.ws_incomplete && (sg->sg_flags & WM_SYN) == 0)
		co->co_blind = true;
	return (ci);
}

/**
 * wm_flow() - the newest incarnation of a segment's connection
 * @wm:		the monitor
 * @sg:		the segment
 * @ev:		its frame: where it was sent and to where
 * @who:	out: the end that it is from
 *
 * Makes a first record if the four-tuple is new there.
 *
 * Return: the record's index; 0 if nothing follows this segment: source equal
 *	to destination, an RST of no connection, no memory (ws_incomplete).
 */
uint32_t
wm_flow(struct vnetsim_wiremon *wm, const struct wm_seg *sg,
    const struct vnetsim_wire_event *ev, unsigned int *who)
{
	uint64_t k0, k1, from, to;
	uint32_t head;
	unsigned int src;

	if (sg->sg_src == sg->sg_dst && sg->sg_sport == sg->sg_dport)
		return (0);
	src = src_is_low(sg) ? 0 : 1;
	*who = src;
	k0 = key_addrs(sg, src);
	k1 = key_ports(sg, src);
	from = place(ev->we_vnet, ev->we_link);
	to = place(ev->we_peer, ev->we_link);
	head = wm_map_get(&wm->wm_flowmap, k0, k1 | from);
	if (head != 0) {
		const struct wm_conn *co;

		co = wm_conn_at(wm, wm_conn_at(wm, head)->co_cur);
		if (co->co_end[1 - src].e_vnet != ev->we_peer &&
		    wm_map_get(&wm->wm_flowmap, k0, k1 | to) == 0)
			alias(wm, head, k0, k1 | to);
		return (wm_conn_at(wm, head)->co_cur);
	}
	head = wm_map_get(&wm->wm_flowmap, k0, k1 | to);
	if (head == 0) {
		head = flow_new(wm, sg, src);
		if (head == 0)
			return (0);
		if (from != to)
			alias(wm, head, k0, k1 | to);
	}
	alias(wm, head, k0, k1 | from);
	return (wm_conn_at(wm, head)->co_cur);
}

/**
 * wm_own() - a vnet has sent as this end
 * @wm:		the monitor
 * @ci:		the connection
 * @who:	the end
 * @vnet:	the vnet
 *
 * The end is entered in the vnet's list, by which the vnet is judged.
 */
void
wm_own(struct vnetsim_wiremon *wm, uint32_t ci, unsigned int who, uint32_t vnet)
{
	struct wm_conn *co = wm_conn_at(wm, ci);
	struct wm_end *e = &co->co_end[who];
	uint32_t handle = ci << 1 | who;
	struct wm_vnet *vn;

	e->e_vnet = vnet;
	e->e_owned = true;
	if (vnet == VNETSIM_NOVNET)
		return;
	vn = wm_vnet_get(wm, vnet);
	if (vn == NULL) {
		co->co_blind = true;
		return;
	}
	if (vn->vn_last == 0)
		vn->vn_first = handle;
	else
		wm_conn_at(wm, vn->vn_last >> 1)
		    ->co_end[vn->vn_last & 1]
		    .e_next = handle;
	vn->vn_last = handle;
}

/* Does this SYN, sent by vnet, not belong to the incarnation we know? */
static bool
starts_over(const struct vnetsim_wiremon *wm, const struct wm_end *e,
    const struct wm_seg *sg, uint32_t vnet)
{
	bool closed;

	if ((sg->sg_flags & (WM_SYN | WM_ACK | WM_RST)) != WM_SYN || !e->e_sent)
		return (false);
	closed = e->e_how != VNETSIM_HOW_OPEN;
	if (e->e_vnet == vnet)
		return (closed || sg->sg_seq != e->e_iss);
	/* The address has moved; a router's copy would be an old SYN. */
	return (sg->sg_seq != e->e_iss &&
		(closed || wm_vnet_isdead(wm, e->e_vnet)));
}

/* The other end is open still: it moves over, with what flies to it. */
static void
inherit(struct vnetsim_wiremon *wm, struct wm_conn *old, uint32_t ci,
    unsigned int who)
{
	struct wm_conn *co = wm_conn_at(wm, ci);
	struct wm_end *e = &co->co_end[who];
	struct wm_flight *fl;
	uint32_t i;

	*e = old->co_end[who];
	old->co_end[who].e_superseded = true;
	old->co_end[who].e_holes = 0;
	old->co_end[who].e_first = 0;
	old->co_end[who].e_last = 0;
	e->e_next = 0;
	e->e_inherited = true;
	e->e_bytes = 0;
	e->e_segs = 0;
	e->e_fate = VNETSIM_FATE_PENDING;
	for (i = e->e_first; i != 0; i = fl->fl_next) {
		fl = wm_pool_at(&wm->wm_flights, i);
		fl->fl_conn = ci;
	}
	wm_own(wm, ci, who, e->e_vnet);
}

/**
 * wm_incarnate() - begin a new record if a SYN starts a new connection
 * @wm:		the monitor
 * @ci:		the newest incarnation so far, brought up to date
 * @who:	the end that sends
 * @sg:		what it sends
 * @vnet:	who put it on the link
 *
 * Return: the record to go on with; @ci if it is the same connection, or if
 *	there is no memory for another (it is blind from then on).
 */
uint32_t
wm_incarnate(struct vnetsim_wiremon *wm, uint32_t ci, unsigned int who,
    const struct wm_seg *sg, uint32_t vnet)
{
	struct wm_conn *old = wm_conn_at(wm, ci), *co;
	const struct wm_end *peer = &old->co_end[1 - who];
	uint32_t ni;

	if (!starts_over(wm, &old->co_end[who], sg, vnet))
		return (ci);
	ni = conn_new(wm, sg, who);
	if (ni == 0) {
		old->co_blind = true;
		return (ci);
	}
	co = wm_conn_at(wm, ni);
	co->co_head = old->co_head;
	co->co_prev = ci;
	co->co_inc = old->co_inc + 1;
	co->co_blind = old->co_blind;
	old->co_succ = ni;
	wm_conn_at(wm, co->co_head)->co_cur = ni;
	wm_own(wm, ni, who, vnet);
	if (!peer->e_owned || wm_vnet_isdead(wm, peer->e_vnet))
		return (ni);
	if (peer->e_sent && !wm_isclosed(peer->e_state))
		inherit(wm, old, ni, 1 - who);
	else
		wm_own(wm, ni, 1 - who, peer->e_vnet);
	return (ni);
}
