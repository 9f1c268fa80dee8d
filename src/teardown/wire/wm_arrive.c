/*
 * wm_arrive.c - a segment arrives at an end: what it does there.
 *
 * The order is that of RFC 9293 section 3.10.7.  An end that has sent nothing
 * yet only remembers a SYN: whether anybody listens shows when it answers.
 */
#include "src/teardown/wire/wm_var.h"

/* Is seq inside what e may still take?  A closed window leaves one place. */
static bool
in_window(const struct wm_end *e, uint32_t seq)
{
	if (SEQ_LT(seq, e->e_rcvnxt))
		return (false);
	return (seq == e->e_rcvnxt || SEQ_LT(seq, e->e_edge));
}

/*
 * RFC 5961 section 3.2: only an RST at RCV.NXT closes; another one in the
 * window draws a challenge ACK; outside it is dropped in silence.  TIME_WAIT
 * stays what it is, it is as good as closed (RFC 1337).
 *
 * FreeBSD compares with the last ACK that it sent.  While an ACK is delayed
 * that is not RCV.NXT: an overtaken segment may have come since the ACK that
 * the RST answers.
 */
static void
arrive_rst(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	bool last = e->e_insync && sg->sg_seq == e->e_lastack;

	if (wm_isclosed(e->e_state) || (!last && !in_window(e, sg->sg_seq)))
		return;
	if (last || sg->sg_seq == e->e_rcvnxt || co->co_fuzzy) {
		wm_state(
		    wm, co, who, VNETSIM_TCP_CLOSED, VNETSIM_HOW_RST_RCVD, now);
		return;
	}
	e->e_challenged = now;
	e->e_rstlost = false;
}

/* The SYN that an end in SYN_SENT waits for.  RFC 9293 section 3.10.7.3. */
static void
take_syn(struct wm_end *e, const struct wm_seg *sg)
{
	e->e_insync = true;
	e->e_rcvnxt = sg->sg_seq + 1;
	e->e_lastack = e->e_rcvnxt;
	e->e_edge = e->e_rcvnxt + e->e_synwin;
}

/* Payload and FIN of a segment, its SYN already taken. */
static void
arrive_text(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	uint32_t seq = sg->sg_seq, fin;

	if ((sg->sg_flags & WM_SYN) != 0)
		seq++;
	fin = seq + sg->sg_len;
	if (e->e_finrcvd)
		return;
	wm_rcv_data(wm, co, who, seq, sg->sg_len);
	/* Like a byte, the FIN must lie inside the window. */
	if ((sg->sg_flags & WM_FIN) != 0 && SEQ_GEQ(fin, e->e_rcvnxt) &&
	    SEQ_LT(fin, e->e_edge)) {
		e->e_finahead = true;
		e->e_finat = fin;
	}
	if (e->e_finahead && e->e_rcvnxt == e->e_finat) {
		e->e_rcvnxt++;
		wm_finrcvd(wm, co, who, now);
	}
}

static void
arrive_synsent(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	bool ack = (sg->sg_flags & WM_ACK) != 0;

	/* "If the ACK bit is set and not acceptable": answered or dropped. */
	if (ack &&
	    (SEQ_LEQ(sg->sg_ack, e->e_iss) || SEQ_GT(sg->sg_ack, e->e_sndmax)))
		return;
	if ((sg->sg_flags & WM_RST) != 0) {
		if (ack)
			wm_state(wm, co, who, VNETSIM_TCP_CLOSED,
			    VNETSIM_HOW_RST_RCVD, now);
		return;
	}
	if ((sg->sg_flags & WM_SYN) == 0)
		return;
	take_syn(e, sg);
	if (ack) {
		e->e_snduna = sg->sg_ack;
		wm_state(wm, co, who, VNETSIM_TCP_ESTABLISHED, 0, now);
	} else {
		wm_state(wm, co, who, VNETSIM_TCP_SYN_RECEIVED, 0, now);
	}
	arrive_text(wm, co, who, sg, now);
}

static void
arrive_ack(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	if (e->e_state == VNETSIM_TCP_SYN_RECEIVED &&
	    SEQ_GT(sg->sg_ack, e->e_iss))
		wm_state(wm, co, who, VNETSIM_TCP_ESTABLISHED, 0, now);
	if (SEQ_GT(sg->sg_ack, e->e_snduna))
		e->e_snduna = sg->sg_ack;
	if (e->e_finsent && SEQ_GT(sg->sg_ack, e->e_finseq))
		wm_finacked(wm, co, who, now);
}

/* SYN_RECEIVED and later.  RFC 9293 section 3.10.7.4. */
static void
arrive_sync(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];
	bool syn = (sg->sg_flags & WM_SYN) != 0;

	if ((sg->sg_flags & WM_RST) != 0) {
		arrive_rst(wm, co, who, sg, now);
		return;
	}
	if (sg->sg_len != 0 || sg->sg_seq != e->e_rcvnxt ||
	    (sg->sg_flags & (WM_SYN | WM_FIN)) != 0)
		e->e_owesack = now;
	/*
	 * RFC 5961 section 4.2: a SYN draws a challenge ACK and does nothing
	 * else; but in SYN_RECEIVED the other half of a simultaneous open is
	 * the peer's SYN again, with an ACK.
	 */
	if (syn && (e->e_state != VNETSIM_TCP_SYN_RECEIVED ||
		       sg->sg_seq + 1 != e->e_rcvnxt))
		return;
	if ((sg->sg_flags & WM_ACK) == 0 || SEQ_GT(sg->sg_ack, e->e_sndmax))
		return;
	/* To the right of the window nothing counts, its ACK neither. */
	if (SEQ_GT(sg->sg_seq, e->e_edge) && SEQ_GT(sg->sg_seq, e->e_rcvnxt))
		return;
	arrive_ack(wm, co, who, sg, now);
	if (e->e_state != VNETSIM_TCP_CLOSED)
		arrive_text(wm, co, who, sg, now);
}

/**
 * wm_arrive() - a segment reaches the vnet of an end
 * @wm:		the monitor
 * @co:		the connection
 * @who:	the receiving end
 * @sg:		the segment
 * @now:	virtual ns of the arrival
 */
void
wm_arrive(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    const struct wm_seg *sg, int64_t now)
{
	struct wm_end *e = &co->co_end[who];

	e->e_got++;
	switch (e->e_state) {
	case VNETSIM_TCP_CLOSED:
	case VNETSIM_TCP_LISTEN:
		if (e->e_how != VNETSIM_HOW_OPEN)
			break;
		if ((sg->sg_flags & (WM_SYN | WM_ACK | WM_RST)) == WM_SYN) {
			e->e_rcvnxt = sg->sg_seq + 1;
			e->e_state = VNETSIM_TCP_LISTEN;
		} else if ((sg->sg_flags & WM_RST) != 0) {
			e->e_state = VNETSIM_TCP_CLOSED;
		}
		break;
	case VNETSIM_TCP_SYN_SENT:
		arrive_synsent(wm, co, who, sg, now);
		/* Nothing about this incarnation: it has heard nothing. */
		if (e->e_state == VNETSIM_TCP_SYN_SENT)
			e->e_got--;
		break;
	default:
		arrive_sync(wm, co, who, sg, now);
		break;
	}
}
