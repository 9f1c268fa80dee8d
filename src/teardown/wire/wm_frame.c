/*
 * wm_frame.c - one frame: who may send, what holds, whom it concerns.
 *
 * Everything a dead vnet sends is a finding, whatever it is.  A header that
 * does not hold is a finding against the vnet that put it on the link, and the
 * frame is not followed: no receiver may believe it.  The world outside may
 * send what it likes; there it is only counted, and so is what a vnet passes on
 * of it (wm_taint.c).
 *
 * A frame that the wire corrupted is judged as it was sent.  One flipped bit is
 * never hidden from the sums (RFC 1071: it changes a word by a power of two),
 * so its receiver drops it, and it is as good as lost; unless the bit stands
 * where nobody looks: in the source address of Ethernet, or in padding.
 */
#include "src/teardown/wire/wm_var.h"

/* Does the receiver of a whole and sound TCP frame not get it? */
static bool
is_lost(const struct vnetsim_wire_event *ev)
{
	uint32_t at = ev->we_bit / 8;

	switch (ev->we_verdict) {
	case VNETSIM_V_SENT:
	case VNETSIM_V_DUP:
	case VNETSIM_V_HELD:
		return (false);
	case VNETSIM_V_CORRUPT:
		return ((at < 6 || at >= 12) &&
			at < 14u + (ev->we_bytes[16] << 8 | ev->we_bytes[17]));
	default:
		return (true);
	}
}

/* The sending of a segment by the vnet that its source belongs to. */
static void
sent(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, const struct vnetsim_wire_event *ev)
{
	struct wm_end *e = &co->co_end[who];

	wm_send(wm, co, who, sg, wm->wm_now);
	e->e_lastlost = false;
	e->e_place = ev->we_link << 1 | ev->we_end;
	e->e_phase = wm_name_get(wm, ev->we_phase);
	e->e_step = wm_name_get(wm, ev->we_step);
}

/*
 * Does a frame reach this end?  Who speaks from outside through an end of a
 * link hears what arrives there, whichever vnet the interface is in.
 */
static bool
reaches(const struct wm_end *dst, const struct vnetsim_wire_event *ev)
{
	if (dst->e_vnet == ev->we_peer)
		return (true);
	return (dst->e_owned && dst->e_vnet == VNETSIM_NOVNET &&
		dst->e_place == (ev->we_link << 1 | !ev->we_end));
}

/* One hop of a segment, towards its destination if it is not lost. */
static void
hop(struct vnetsim_wiremon *wm, uint32_t ci, unsigned int who,
    const struct wm_seg *sg, const struct vnetsim_wire_event *ev)
{
	struct wm_conn *co = wm_conn_at(wm, ci);
	struct wm_end *dst = &co->co_end[1 - who];

	if (!dst->e_owned && dst->e_vnet == ev->we_vnet)
		wm_flight_forget(wm, co, 1 - who);
	if (is_lost(ev)) {
		co->co_end[who].e_lastlost = true;
		if ((sg->sg_flags & WM_RST) != 0)
			dst->e_rstlost = true;
		return;
	}
	if (!dst->e_owned)
		dst->e_vnet = ev->we_peer;
	if (reaches(dst, ev))
		wm_flight_add(wm, co, ci, 1 - who, sg, ev);
}

static void
tcp_frame(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev,
    const struct wm_seg *sg)
{
	unsigned int who = 0;
	uint32_t ci, ni;
	struct wm_conn *co;
	const struct wm_end *src;

	ci = wm_flow(wm, sg, ev, &who);
	if (ci == 0) {
		wm->wm_stats.ws_untracked++;
		return;
	}
	co = wm_conn_at(wm, ci);
	src = &co->co_end[who];
	wm_flight_until(wm, co, 1 - who, wm->wm_now);
	if (!src->e_owned || src->e_vnet == ev->we_vnet)
		wm_flight_settle(wm, co, who, sg, wm->wm_now);
	else
		wm_flight_until(wm, co, who, wm->wm_now);
	ni = wm_incarnate(wm, ci, who, sg, ev->we_vnet);
	co = wm_conn_at(wm, ni);
	src = &co->co_end[who];
	if (!src->e_owned)
		wm_own(wm, ni, who, ev->we_vnet);
	if (src->e_vnet == ev->we_vnet)
		sent(wm, co, who, sg, ev);
	hop(wm, ni, who, sg, ev);
}

/**
 * wm_frame() - a frame was put on a link
 * @wm:		the monitor
 * @ev:		its event
 */
void
wm_frame(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	struct vnetsim_wire_stats *ws = &wm->wm_stats;
	const char *why;
	struct wm_seg sg;

	ws->ws_frames++;
	if (ev->we_verdict == VNETSIM_V_CORRUPT) {
		ws->ws_corrupt++;
		wm_taint(wm, ev);
	} else if (ev->we_verdict == VNETSIM_V_LOST ||
		   ev->we_verdict == VNETSIM_V_QUEUE ||
		   ev->we_verdict == VNETSIM_V_CUT)
		ws->ws_lost++;
	if (wm->wm_ndead != 0 && ev->we_vnet != VNETSIM_NOVNET &&
	    wm_vnet_isdead(wm, ev->we_vnet))
		wm_find_frame(wm, VNETSIM_WF_DEAD_SENDER, ev, NULL);
	switch (wm_parse(ev->we_bytes, ev->we_len, ev->we_headers, &sg, &why)) {
	case WM_BAD:
		ws->ws_bad++;
		if (ev->we_vnet == VNETSIM_NOVNET)
			wm_taint(wm, ev);
		else if (!wm_tainted(wm, ev))
			wm_find_frame(wm, VNETSIM_WF_HEADER, ev, why);
		break;
	case WM_ARP:
		ws->ws_arp++;
		break;
	case WM_FRAG:
		ws->ws_frags++;
		break;
	case WM_TCP:
		ws->ws_tcp++;
		tcp_frame(wm, ev, &sg);
		break;
	case WM_UDP:
		ws->ws_udp++;
		break;
	case WM_ICMP:
		ws->ws_icmp++;
		break;
	case WM_OTHER:
		ws->ws_other++;
		break;
	}
}
