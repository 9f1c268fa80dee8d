/*
 * scn_run_segment.c - link send: a peer on paper says something.
 *
 * The statement waits until the peer could say it:
 *
 *   - what the segment acknowledges must have arrived, for `within` (60 s)
 *     at most, then it is ETIMEDOUT;
 *   - its payload must fit into the window that the near side has offered, for
 *     5 s at most, then it is sent all the same: that is what a window probe
 *     is.
 *
 * A peer that was reset says nothing more until it sends a SYN.
 *
 * So a recorded peer goes along with a stack that is slower or cuts its
 * segments otherwise.  While it waits for more data it acknowledges every
 * 100 ms what has come, as a receiver that delays its ACKs does (RFC 9293
 * section 3.8.6.3); without that a smaller congestion window than the recorded
 * one would never open.
 *
 *	r_deadline	when the wait ends
 *	r_cmdstep	when what has come is acknowledged next
 *	r_cmdgot	what was acknowledged last
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/scn_run_flow.h"
#include "sim/scn_run_var.h"

#define SEGMENT_WINDOW INT64_C(5000000000)
#define SEGMENT_DELACK INT64_C(100000000)

static int
segment_put(struct scn_env *e, const struct scn_link *l,
    const struct scn_segment *g, const struct run_flow *fl)
{
	uint8_t buf[FLOW_FRAME_MAX];
	vnetsim_handle link;
	size_t len;
	int end;

	len = run_flow_frame(fl, g, buf);
	if (len == 0)
		return (VE_MSGSIZE);
	link = vnetsim_link_find(e->e_w, l->name, &end);
	return (RUN_CALL(e, "link send",
	    vnetsim_link_inject(
		e->e_w, link, l->end == SCN_END_B, buf, len, true)));
}

/* Has what it acknowledges arrived? */
static bool
segment_acks(const struct scn_segment *g, const struct run_flow *fl)
{
	if ((g->packet.flags & SCN_TH_ACK) == 0)
		return (true);
	return (fl->fl_peer && (int32_t)(g->packet.ack.v - fl->fl_max) <= 0);
}

static bool
segment_fits(const struct scn_segment *g, const struct run_flow *fl)
{
	uint32_t end = g->packet.seq.v + g->packet.len.v;

	return (g->packet.len.v == 0 || !fl->fl_window ||
		(int32_t)(end - fl->fl_edge) <= 0);
}

/* Acknowledge what has come, if that is something new. */
static int
segment_delack(
    struct scn_env *e, const struct scn_link *l, const struct run_flow *fl)
{
	struct scn_segment ack = *l->segment;
	struct scn_run *r = e->e_r;

	r->r_cmdstep = vnetsim_now(e->e_w) + SEGMENT_DELACK;
	if (!fl->fl_syn || !fl->fl_peer || fl->fl_max == 0 ||
	    (ack.packet.flags & SCN_TH_SYN) != 0 ||
	    (int64_t)fl->fl_max <= r->r_cmdgot)
		return (0);
	r->r_cmdgot = (int64_t)fl->fl_max;
	ack.packet.flags = SCN_TH_ACK;
	ack.packet.len.v = 0;
	ack.packet.urg.v = 0;
	ack.packet.ack.v = fl->fl_max;
	return (segment_put(e, l, &ack, fl));
}

static void
segment_late(
    struct scn_env *e, const struct scn_segment *g, const struct run_flow *fl)
{
	if (!fl->fl_peer)
		(void)snprintf(e->e_why, sizeof(e->e_why),
		    "nothing of this connection has arrived");
	else
		(void)snprintf(e->e_why, sizeof(e->e_why),
		    "it acknowledges %" PRIu32 ", but only what is before "
		    "%" PRIu32 " has arrived",
		    g->packet.ack.v, fl->fl_max);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

/**
 * run_segment_next() - send it, or go on waiting
 * @e:	environment
 * @s:	statement
 *
 * Return:	0: sent (also if the wire loses it); VE_INPROGRESS: r_cmdwake is
 *		set, and whoever sees a frame asks again; VE_TIMEDOUT: what it
 *		acknowledges has not arrived; as vnetsim_link_inject().
 */
int
run_segment_next(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_link *l = s->u.link;
	const struct scn_segment *g = l->segment;
	struct scn_run *r = e->e_r;
	int64_t now = vnetsim_now(e->e_w), window = r->r_deadline;
	struct run_flow fl;
	bool acks, fits;
	int error;

	r->r_cmdseen = r->r_nframes;
	run_flow_look(&fl, &e->e_frames, l, now);
	acks = segment_acks(g, &fl);
	fits = segment_fits(g, &fl);
	window += SEGMENT_WINDOW - g->within_ns;
	if (fl.fl_reset &&
	    (g->packet.flags & (SCN_TH_SYN | SCN_TH_ACK)) != SCN_TH_SYN) {
		rbuf_add(&e->e_out, "not sent: the connection was reset\n");
		return (0);
	}
	if (acks && (fits || now >= window))
		return (segment_put(e, l, g, &fl));
	if (!acks && now >= r->r_deadline) {
		segment_late(e, g, &fl);
		return (VE_TIMEDOUT);
	}
	if (!acks && now >= r->r_cmdstep) {
		error = segment_delack(e, l, &fl);
		if (error != 0 && error != VE_NOBUFS)
			return (error);
		r->r_cmdseen = r->r_nframes;
	}
	r->r_cmdwake = acks ? window : earlier(r->r_deadline, r->r_cmdstep);
	if (fl.fl_next >= 0)
		r->r_cmdwake = earlier(r->r_cmdwake, fl.fl_next);
	return (VE_INPROGRESS);
}

/**
 * run_segment() - begin to send
 * @e:	environment
 * @s:	statement
 *
 * Return:	VE_NXIO: no such link; as run_segment_next().
 */
int
run_segment(struct scn_env *e, const struct scn_stmt *s)
{
	int64_t now = vnetsim_now(e->e_w);
	int end;

	if (vnetsim_link_find(e->e_w, s->u.link->name, &end) == 0)
		return (VE_NXIO);
	e->e_r->r_deadline = now + s->u.link->segment->within_ns;
	e->e_r->r_cmdstep = now + SEGMENT_DELACK;
	return (run_segment_next(e, s));
}
