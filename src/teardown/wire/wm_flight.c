/*
 * wm_flight.c - segments under way, and when they count as arrived.
 *
 * Each end has a list of what flies to it, by (arrival, frame).  Nothing runs
 * at the moment of an arrival; it is applied when the connection is looked at
 * next.  What arrives in the very instant of the present event is applied only
 * as far as the sender's segment shows that it came first (rule R2 of
 * wm_var.h), so that a LATE of the same instant can still cancel it.
 */
#include "src/teardown/wire/wm_var.h"

static struct wm_flight *
flight_at(const struct vnetsim_wiremon *wm, uint32_t i)
{
	return (wm_pool_at(&wm->wm_flights, i));
}

static void
flight_unlink(struct vnetsim_wiremon *wm, struct wm_end *e, uint32_t i)
{
	struct wm_flight *fl = flight_at(wm, i);

	if (fl->fl_prev != 0)
		flight_at(wm, fl->fl_prev)->fl_next = fl->fl_next;
	else
		e->e_first = fl->fl_next;
	if (fl->fl_next != 0)
		flight_at(wm, fl->fl_next)->fl_prev = fl->fl_prev;
	else
		e->e_last = fl->fl_prev;
}

/* Takes one out of its end's list and the map, and releases it. */
static void
flight_drop(struct vnetsim_wiremon *wm, struct wm_end *e, uint32_t i)
{
	struct wm_flight *fl = flight_at(wm, i);

	flight_unlink(wm, e, i);
	wm_map_del(&wm->wm_flightmap, fl->fl_frame, fl->fl_who);
	wm_pool_put(&wm->wm_flights, i);
}

/* The first one in the list arrives; the dead receive nothing. */
static void
flight_land(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who)
{
	struct wm_end *e = &co->co_end[who];
	struct wm_flight fl = *flight_at(wm, e->e_first);
	const struct wm_vnet *vn;

	flight_drop(wm, e, e->e_first);
	if (wm->wm_ndead != 0 && e->e_owned) {
		vn = wm_vnet_find(wm, e->e_vnet);
		if (vn != NULL && vn->vn_dead >= 0 &&
		    vn->vn_dead < fl.fl_arrive)
			return;
	}
	wm_arrive(wm, co, who, &fl.fl_seg, fl.fl_arrive);
	if (fl.fl_twice)
		wm_arrive(wm, co, who, &fl.fl_seg, fl.fl_arrive);
}

/* Among those of the same time behind frame number @behind. */
static void
flight_link(
    struct vnetsim_wiremon *wm, struct wm_end *e, uint32_t i, uint64_t behind)
{
	struct wm_flight *fl = flight_at(wm, i), *after;
	uint32_t at = e->e_last;

	/* Links rarely reorder: the place is nearly always the end. */
	for (; at != 0; at = after->fl_prev) {
		after = flight_at(wm, at);
		if (after->fl_arrive < fl->fl_arrive ||
		    (after->fl_arrive == fl->fl_arrive &&
			after->fl_frame <= behind))
			break;
	}
	fl->fl_prev = at;
	if (at != 0) {
		after = flight_at(wm, at);
		fl->fl_next = after->fl_next;
		after->fl_next = i;
	} else {
		fl->fl_next = e->e_first;
		e->e_first = i;
	}
	if (fl->fl_next != 0)
		flight_at(wm, fl->fl_next)->fl_prev = i;
	else
		e->e_last = i;
}

/**
 * wm_flight_add() - a segment leaves for an end
 * @wm:		the monitor
 * @co:		the connection
 * @ci:		its index
 * @who:	the end it flies to
 * @sg:		the segment
 * @ev:		the frame's event, verdict SENT or DUP
 */
void
wm_flight_add(struct vnetsim_wiremon *wm, struct wm_conn *co, uint32_t ci,
    unsigned int who, const struct wm_seg *sg,
    const struct vnetsim_wire_event *ev)
{
	struct wm_flight *fl;
	uint32_t i;

	i = wm_pool_get(&wm->wm_flights, &wm->wm_mem);
	if (i == 0) {
		wm->wm_stats.ws_incomplete = true;
		co->co_blind = true;
		return;
	}
	fl = flight_at(wm, i);
	fl->fl_conn = ci;
	fl->fl_to = ev->we_peer;
	fl->fl_who = (uint8_t)who;
	fl->fl_twice = ev->we_verdict == VNETSIM_V_DUP;
	fl->fl_held = ev->we_verdict == VNETSIM_V_HELD;
	fl->fl_arrive = ev->we_arrive;
	if (fl->fl_arrive < wm->wm_now)
		fl->fl_arrive = wm->wm_now;
	fl->fl_frame = ev->we_frame;
	fl->fl_seg = *sg;
	/* A number used twice can only be cancelled once. */
	if (wm_map_get(&wm->wm_flightmap, fl->fl_frame, who) == 0 &&
	    !wm_map_put(&wm->wm_flightmap, &wm->wm_mem, fl->fl_frame, who, i)) {
		wm->wm_stats.ws_incomplete = true;
		co->co_blind = true;
	}
	flight_link(wm, &co->co_end[who], i, UINT64_MAX);
}

/* Applies what arrives at an end before a time. */
void
wm_flight_until(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, int64_t before)
{
	const struct wm_end *e = &co->co_end[who];

	while (e->e_first != 0 && flight_at(wm, e->e_first)->fl_arrive < before)
		flight_land(wm, co, who);
}

/*
 * Where the end's segments went turns out to be a router: nothing of what went
 * there has arrived.  The end has never sent, so a SYN is all it could know.
 */
void
wm_flight_forget(
    struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who)
{
	struct wm_end *e = &co->co_end[who];

	while (e->e_first != 0)
		flight_drop(wm, e, e->e_first);
	if (e->e_state == VNETSIM_TCP_LISTEN)
		e->e_state = VNETSIM_TCP_CLOSED;
}

/* Does the sending of sg show that more has arrived than we applied? */
static bool
needs_more(const struct wm_end *e, const struct wm_seg *sg)
{
	if ((sg->sg_flags & (WM_SYN | WM_RST)) != 0)
		return (true);
	if ((sg->sg_flags & WM_ACK) == 0)
		return (false);
	if (e->e_state == VNETSIM_TCP_SYN_SENT || !e->e_insync)
		return (true);
	return (SEQ_GT(sg->sg_ack, e->e_rcvnxt));
}

/*
 * An RST arrives in the instant in which the end sends a pure ACK that nothing
 * else asked for: that ACK is its challenge (RFC 5961 section 3.2), even where
 * the RST looks exact to us; FreeBSD compares with the last ACK it sent, which
 * a delayed ACK leaves behind RCV.NXT.
 */
static bool
is_challenge(const struct wm_end *e, const struct wm_flight *fl,
    const struct wm_seg *sg, int64_t now)
{
	return (
	    fl->fl_arrive == now && (fl->fl_seg.sg_flags & WM_RST) != 0 &&
	    (sg->sg_flags & (WM_SYN | WM_FIN | WM_RST | WM_ACK)) == WM_ACK &&
	    sg->sg_len == 0 && e->e_owesack != now &&
	    e->e_state >= VNETSIM_TCP_SYN_RECEIVED &&
	    SEQ_GEQ(fl->fl_seg.sg_seq, e->e_rcvnxt));
}

/**
 * wm_flight_settle() - apply what an end had received when it sent
 * @wm:		the monitor
 * @co:		the connection
 * @who:	the end that sends
 * @sg:		what it sends
 * @now:	virtual ns
 */
void
wm_flight_settle(struct vnetsim_wiremon *wm, struct wm_conn *co,
    unsigned int who, const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	wm_flight_until(wm, co, who, now);
	while (e->e_first != 0 && flight_at(wm, e->e_first)->fl_arrive <= now &&
	       needs_more(e, sg)) {
		/* A SYN,ACK was sent before an RST of the same instant came. */
		if ((sg->sg_flags & (WM_SYN | WM_ACK)) == (WM_SYN | WM_ACK) &&
		    flight_at(wm, e->e_first)->fl_arrive == now &&
		    (flight_at(wm, e->e_first)->fl_seg.sg_flags & WM_RST) != 0)
			break;
		flight_land(wm, co, who);
	}
	if (e->e_first != 0 &&
	    is_challenge(e, flight_at(wm, e->e_first), sg, now)) {
		flight_drop(wm, e, e->e_first);
		e->e_got++;
		e->e_challenged = now;
		e->e_rstlost = false;
	}
}

/*
 * A lost RST excuses silence.  One that was under way when the wire was taken
 * from under it does not, unless the receiver was itself on its way out: who
 * tears down has to wait for its own frames.
 */
static void
late_rst(
    struct vnetsim_wiremon *wm, const struct wm_flight *fl, struct wm_end *e)
{
	const struct wm_vnet *to = wm_vnet_find(wm, fl->fl_to);

	if ((fl->fl_seg.sg_flags & WM_RST) != 0 && to != NULL &&
	    (to->vn_killed >= 0 || to->vn_dead >= 0))
		e->e_rstlost = true;
}

/**
 * wm_flight_late() - an earlier frame found nobody
 * @wm:		the monitor
 * @frame:	its number
 *
 * A doubled frame is cancelled with both its copies.  A frame whose time is
 * past did arrive; so did one that its receiver answered in this same instant.
 */
void
wm_flight_late(struct vnetsim_wiremon *wm, uint64_t frame)
{
	struct wm_flight *fl;
	struct wm_conn *co;
	uint32_t i, who;

	wm->wm_stats.ws_late++;
	for (who = 0; who < 2; who++) {
		i = wm_map_get(&wm->wm_flightmap, frame, who);
		if (i == 0)
			continue;
		fl = flight_at(wm, i);
		if (fl->fl_arrive < wm->wm_now)
			break;
		co = wm_conn_at(wm, fl->fl_conn);
		late_rst(wm, fl, &co->co_end[who]);
		co->co_end[1 - who].e_lastlost = true;
		flight_drop(wm, &co->co_end[who], i);
		return;
	}
	wm->wm_stats.ws_late_unmatched++;
}

/**
 * wm_flight_moved() - a frame that was held back arrives at another time
 * @wm:		the monitor
 * @ev:		MOVED
 *
 * Of a frame that is no TCP segment, or has arrived, nothing is known.
 */
void
wm_flight_moved(struct vnetsim_wiremon *wm, const struct vnetsim_wire_event *ev)
{
	struct wm_flight *fl;
	struct wm_end *e;
	uint32_t i, who;

	for (who = 0; who < 2; who++) {
		i = wm_map_get(&wm->wm_flightmap, ev->we_frame, who);
		if (i == 0)
			continue;
		fl = flight_at(wm, i);
		e = &wm_conn_at(wm, fl->fl_conn)->co_end[who];
		if (fl->fl_arrive < wm->wm_now)
			return;
		flight_unlink(wm, e, i);
		fl->fl_arrive =
		    ev->we_arrive < wm->wm_now ? wm->wm_now : ev->we_arrive;
		flight_link(wm, e, i, ev->we_behind);
		return;
	}
}

/* Is a segment with one of these flags still to come that the wire holds
 * back? */
bool
wm_flight_isheld(
    const struct vnetsim_wiremon *wm, const struct wm_end *e, uint8_t flags)
{
	const struct wm_flight *fl;
	uint32_t i;

	for (i = e->e_first; i != 0; i = fl->fl_next) {
		fl = flight_at(wm, i);
		if (fl->fl_held && (fl->fl_seg.sg_flags & flags) != 0)
			return (true);
	}
	return (false);
}
