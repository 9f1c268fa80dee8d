/*
 * wm_send.c - an end sends: what that says about itself.
 *
 * A segment is evidence.  Its flags move the state as RFC 9293 figure 5 says
 * of the sender; its ACK and window tell RCV.NXT and the window exactly, and
 * overrule what the arrivals suggested (rule R1 of wm_var.h).
 */
#include "src/teardown/wire/wm_var.h"

/*
 * After an RST the sender has no connection (RFC 9293 section 3.10.5), unless
 * it only answered a segment that was none of its connection: in SYN_SENT, or
 * in SYN_RECEIVED at a sequence number other than its own next one
 * (section 3.10.7.3 and 3.10.7.4, unacceptable ACK).
 */
static void
send_rst(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	if ((e->e_state == VNETSIM_TCP_SYN_SENT ||
		e->e_state == VNETSIM_TCP_SYN_RECEIVED) &&
	    sg->sg_seq != e->e_sndmax)
		return;
	wm_state(wm, co, who, VNETSIM_TCP_CLOSED, VNETSIM_HOW_RST_SENT, now);
}

/* RCV.NXT becomes known; sent window included if it was told before. */
static void
insync(struct wm_end *e, uint32_t rcvnxt)
{
	e->e_insync = true;
	e->e_rcvnxt = rcvnxt;
	e->e_lastack = rcvnxt;
	e->e_edge = rcvnxt + e->e_synwin;
}

static void
send_syn(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	bool ack = (sg->sg_flags & WM_ACK) != 0;

	switch (e->e_state) {
	case VNETSIM_TCP_CLOSED:
		/* A listener takes the same port again. */
		if (e->e_how != VNETSIM_HOW_OPEN)
			wm_end_reset(wm, e);
		/* FALLTHROUGH */
	case VNETSIM_TCP_LISTEN:
		e->e_iss = sg->sg_seq;
		e->e_snduna = sg->sg_seq;
		e->e_sndmax = sg->sg_seq + 1;
		e->e_wscale = sg->sg_wscale;
		e->e_synwin = sg->sg_win;
		break;
	case VNETSIM_TCP_SYN_SENT:
		break;
	default:
		return; /* a retransmission */
	}
	if (!ack) {
		wm_state(wm, co, who, VNETSIM_TCP_SYN_SENT, 0, now);
		return;
	}
	e->e_synwin = sg->sg_win;
	insync(e, sg->sg_ack);
	wm_state(wm, co, who, VNETSIM_TCP_SYN_RECEIVED, 0, now);
}

/* RFC 7323 section 2.2: scaled if both SYNs carried the option. */
static uint32_t
window(const struct wm_conn *co, unsigned int who, const struct wm_seg *sg)
{
	const struct wm_end *e = &co->co_end[who];
	uint32_t win = sg->sg_win;

	if (e->e_midstream)
		return (win << WM_MAXSCALE);
	if (e->e_wscale == WM_NOSCALE ||
	    co->co_end[1 - who].e_wscale == WM_NOSCALE)
		return (win);
	return (win << e->e_wscale);
}

/* An ACK after the handshake: where it stands, and how much it can take. */
static void
send_ack(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	const struct wm_end *peer = &co->co_end[1 - who];
	uint32_t edge;

	if (!e->e_insync)
		insync(e, sg->sg_ack);
	e->e_lastack = sg->sg_ack;
	if (e->e_state == VNETSIM_TCP_SYN_SENT)
		wm_state(wm, co, who, VNETSIM_TCP_ESTABLISHED, 0, now);
	/* An ACK beyond all that was ever sent says nothing. */
	if (!peer->e_sent || SEQ_LEQ(sg->sg_ack, peer->e_sndmax))
		wm_rcv_skip(wm, e, sg->sg_ack);
	if (peer->e_finsent && sg->sg_ack == peer->e_finseq + 1)
		wm_finrcvd(wm, co, who, now);
	edge = sg->sg_ack + window(co, who, sg);
	if (SEQ_GT(edge, e->e_edge))
		e->e_edge = edge;
}

static void
send_fin(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    uint32_t finseq, int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	e->e_finsent = true;
	e->e_finseq = finseq;
	if (e->e_state == VNETSIM_TCP_CLOSE_WAIT)
		wm_state(wm, co, who, VNETSIM_TCP_LAST_ACK, 0, now);
	else if (e->e_state == VNETSIM_TCP_ESTABLISHED ||
		 e->e_state == VNETSIM_TCP_SYN_RECEIVED)
		wm_state(wm, co, who, VNETSIM_TCP_FIN_WAIT_1, 0, now);
}

/*
 * Neither SYN nor RST; without ACK it says nothing about a connection.
 *
 * An end that we hold closed and that sends an ACK is not closed (R1).
 */
static void
send_plain(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	if ((sg->sg_flags & WM_ACK) == 0)
		return;
	if (e->e_state == VNETSIM_TCP_CLOSED && e->e_how != VNETSIM_HOW_OPEN) {
		if (e->e_prior <= VNETSIM_TCP_LISTEN)
			return;
		wm_revive(co, who);
	}
	if (e->e_state == VNETSIM_TCP_CLOSED ||
	    e->e_state == VNETSIM_TCP_LISTEN) {
		e->e_midstream = true;
		e->e_iss = sg->sg_seq - 1;
		e->e_snduna = sg->sg_seq;
		e->e_sndmax = sg->sg_seq;
		wm_state(wm, co, who, VNETSIM_TCP_ESTABLISHED, 0, now);
	}
	send_ack(wm, co, who, sg, now);
	if ((sg->sg_flags & WM_FIN) != 0)
		send_fin(wm, co, who, sg->sg_seq + sg->sg_len, now);
}

/**
 * wm_send() - an end puts a segment on a link
 * @wm:		the monitor
 * @co:		its connection
 * @who:	the sending end
 * @sg:		the segment
 * @now:	virtual ns
 */
void
wm_send(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	uint32_t data, end, from;

	if ((sg->sg_flags & WM_RST) != 0)
		send_rst(wm, co, who, sg, now);
	else if ((sg->sg_flags & WM_SYN) != 0)
		send_syn(wm, co, who, sg, now);
	else
		send_plain(wm, co, who, sg, now);
	e->e_sent = true;
	e->e_segs++;
	/* Who acknowledges has heard something, whatever we saw of it. */
	if (e->e_got == 0 && (sg->sg_flags & WM_ACK) != 0)
		e->e_got = 1;
	e->e_lastsent = now;
	co->co_last = now;
	if ((sg->sg_flags & WM_RST) != 0 || e->e_state == VNETSIM_TCP_CLOSED)
		return;
	data = sg->sg_seq + ((sg->sg_flags & WM_SYN) != 0 ? 1 : 0);
	end = data + sg->sg_len;
	from = SEQ_GT(e->e_sndmax, data) ? e->e_sndmax : data;
	if (SEQ_GT(end, from))
		e->e_bytes += end - from;
	end += (sg->sg_flags & WM_FIN) != 0 ? 1 : 0;
	if (SEQ_GT(end, e->e_sndmax))
		e->e_sndmax = end;
}
