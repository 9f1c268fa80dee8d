/*
 * wm_fsm.c - the arrows of RFC 9293 figure 5, as seen from the wire.
 *
 * One writer of e_state.  Closing is remembered with its time, its cause and
 * the state before, because an end may show later that it is not closed
 * (rule R1 of wm_var.h).
 */
#include <string.h>

#include "src/teardown/wire/wm_var.h"

/*
 * An end that lived on into a new incarnation has closed: the old record,
 * which the dead vnet's judgement looks at, learns how.
 */
static void
tell_elder(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who)
{
	const struct wm_end *e = &co->co_end[who];
	struct wm_end *old;

	while (e->e_inherited && co->co_prev != 0) {
		co = wm_conn_at(wm, co->co_prev);
		old = &co->co_end[who];
		old->e_state = e->e_state;
		old->e_how = e->e_how;
		old->e_closed = e->e_closed;
		old->e_finsent = e->e_finsent;
		old->e_finacked = e->e_finacked;
		old->e_superseded = false;
		e = old;
	}
}

/**
 * wm_state() - an end changes state
 * @wm:		the monitor
 * @co:		its connection
 * @who:	which end
 * @state:	the new state
 * @how:	what closes it, if @state is CLOSED or TIME_WAIT
 * @now:	virtual ns
 */
void
wm_state(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    uint8_t state, uint8_t how, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	bool was = e->e_how != VNETSIM_HOW_OPEN;

	if (state == VNETSIM_TCP_CLOSED && e->e_state != VNETSIM_TCP_CLOSED)
		e->e_prior = e->e_state;
	e->e_state = state;
	if (state >= VNETSIM_TCP_ESTABLISHED)
		co->co_established = true;
	if (!was &&
	    (state == VNETSIM_TCP_CLOSED || state == VNETSIM_TCP_TIME_WAIT)) {
		e->e_how = how;
		e->e_closed = now;
		if (e->e_inherited)
			tell_elder(wm, co, who);
	}
}

/* R1: it sent a segment that no closed end sends. */
void
wm_revive(struct wm_conn *co, unsigned int who)
{
	struct wm_end *e = &co->co_end[who];

	e->e_state = e->e_prior;
	if (e->e_state == VNETSIM_TCP_TIME_WAIT)
		return;
	e->e_how = VNETSIM_HOW_OPEN;
	e->e_closed = -1;
	if (e->e_state == VNETSIM_TCP_LAST_ACK)
		e->e_finacked = false;
}

/* Makes an end fresh for another use; owner, flights and counts stay. */
void
wm_end_reset(struct vnetsim_wiremon *wm, struct wm_end *e)
{
	struct wm_end old = *e;

	wm_rcv_forget(wm, e);
	memset(e, 0, sizeof(*e));
	e->e_vnet = old.e_vnet;
	e->e_next = old.e_next;
	e->e_owned = old.e_owned;
	e->e_first = old.e_first;
	e->e_last = old.e_last;
	e->e_bytes = old.e_bytes;
	e->e_segs = old.e_segs;
	e->e_wscale = WM_NOSCALE;
	e->e_closed = -1;
	e->e_challenged = WM_NEVER;
	e->e_lastsent = WM_NEVER;
	e->e_owesack = WM_NEVER;
}

/* The peer's FIN was taken: RFC 9293 section 3.10.7.4, eighth step. */
void
wm_finrcvd(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	if (e->e_finrcvd)
		return;
	e->e_finrcvd = true;
	e->e_finahead = false;
	switch (e->e_state) {
	case VNETSIM_TCP_SYN_RECEIVED:
	case VNETSIM_TCP_ESTABLISHED:
		wm_state(wm, co, who, VNETSIM_TCP_CLOSE_WAIT, 0, now);
		break;
	case VNETSIM_TCP_FIN_WAIT_1:
		wm_state(wm, co, who, VNETSIM_TCP_CLOSING, 0, now);
		break;
	case VNETSIM_TCP_FIN_WAIT_2:
		wm_state(
		    wm, co, who, VNETSIM_TCP_TIME_WAIT, VNETSIM_HOW_FIN, now);
		break;
	default:
		break;
	}
}

/* An ACK of its FIN arrived: section 3.10.7.4, fifth step. */
void
wm_finacked(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	e->e_finacked = true;
	switch (e->e_state) {
	case VNETSIM_TCP_FIN_WAIT_1:
		wm_state(wm, co, who, VNETSIM_TCP_FIN_WAIT_2, 0, now);
		break;
	case VNETSIM_TCP_CLOSING:
		wm_state(
		    wm, co, who, VNETSIM_TCP_TIME_WAIT, VNETSIM_HOW_FIN, now);
		break;
	case VNETSIM_TCP_LAST_ACK:
		wm_state(wm, co, who, VNETSIM_TCP_CLOSED, VNETSIM_HOW_FIN, now);
		break;
	default:
		break;
	}
}
