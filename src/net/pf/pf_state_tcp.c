/*
 * pf_state_tcp.c - TCP seen from the middle: is this segment possible?
 *
 * For each end the filter knows two numbers: seqlo, one beyond the highest
 * octet it has sent, and seqhi, one beyond the highest it may send: what the
 * other end has acknowledged plus its window.  A segment is possible if it
 * ends within what its sender may send, begins no more than one window before
 * what it has sent, and acknowledges nothing far from what the other end has
 * sent.  An RST must stand exactly where its sender is, or one beside.
 *
 * Where an end is not known well (a state that began in the middle, a
 * connection that is closing) the bounds are a full window wider; a segment
 * passes by them but does not lengthen the life of its state.
 *
 * The states of an end are TCPS_SYN_SENT, ESTABLISHED, CLOSING (has sent FIN),
 * FIN_WAIT_2 (its FIN is acknowledged), TIME_WAIT (RST); they choose the
 * timeout.  A SYN for a connection that is over ends the state, and is asked
 * as the first packet of another one.
 *
 * The method is Guido van Rooij's, "Real Stateful TCP Packet Filtering in IP
 * Filter" (2001).  FreeBSD: pf_test_state_tcp(), pf_tcp_track_full().
 */
#include "src/net/pf/pf_var.h"
#include "src/net/tcp/tcp.h"
#include "src/net/tcp/tcp_fsm.h"
#include "src/net/tcp/tcp_seq.h"

#define MAXACKWINDOW (0xffff + 1500) /* how far an ACK may be off */

/* A segment and what its window means. */
struct track {
	struct pf_state_peer *src, *dst;
	const struct pf_pdesc *pd;
	uint32_t seq, ack;
	uint32_t end;      /* behind its last octet, SYN and FIN counted */
	uint32_t win;      /* as it stands there */
	unsigned sws, dws; /* scale of the sender's window, of the other's */
};

static unsigned
scale(const struct pf_state_peer *p, const struct pf_state_peer *other)
{
	bool both = (p->wscale & other->wscale & PF_WSCALE_FLAG) != 0;

	return (both ? p->wscale & PF_WSCALE_MASK : 0);
}

static uint32_t
max32(uint32_t a, uint32_t b)
{
	return (a > b ? a : b);
}

/* Octets that a segment takes of the sequence space. */
static uint32_t
seglen(const struct pf_pdesc *pd)
{
	return (pd->p_len + ((pd->flags & TH_SYN) != 0) +
		((pd->flags & TH_FIN) != 0));
}

/* The window of a SYN is not scaled: what it is in units of those that
 * follow. */
static uint16_t
synwin(const struct pf_pdesc *pd)
{
	unsigned ws = pd->wscale & PF_WSCALE_MASK;

	if ((pd->flags & TH_SYN) == 0 || (pd->wscale & PF_WSCALE_FLAG) == 0)
		return (pd->win);
	return ((uint16_t)((pd->win + (1u << ws) - 1) >> ws));
}

void
pf_state_tcp_new(struct pf_kstate *s, const struct pf_pdesc *pd)
{
	s->src.seqlo = pd->seq;
	s->src.seqhi = pd->seq + seglen(pd) + 1;
	s->src.wscale = pd->wscale;
	s->src.max_win = (uint16_t)max32(synwin(pd), 1);
	s->src.state = TCPS_SYN_SENT;
	s->dst.seqhi = 1;
	s->dst.max_win = 1;
	s->dst.state = TCPS_CLOSED;
}

/* What its window means. */
static void
track_window(struct track *t)
{
	const struct pf_state_peer *dst = t->dst;

	t->sws = scale(t->src, dst);
	t->dws = scale(dst, t->src);
	t->win =
	    dst->state < TCPS_SYN_SENT || (dst->wscale & PF_WSCALE_FLAG) != 0
		? synwin(t->pd)
		: t->pd->win;
}

/* The first segment of this end. */
static void
track_first(struct track *t)
{
	struct pf_state_peer *src = t->src, *dst = t->dst;
	uint32_t room;

	if ((t->pd->flags & TH_SYN) != 0 &&
	    (dst->wscale & PF_WSCALE_FLAG) != 0) {
		src->wscale = t->pd->wscale;
		if (src->wscale == 0) {
			/* knows no scales: the window that the other's SYN
			 * told is in octets after all */
			room = (uint32_t)dst->max_win
			       << (dst->wscale & PF_WSCALE_MASK);
			dst->max_win = (uint16_t)imin(room, UINT16_MAX);
			dst->wscale = 0;
		}
	}
	track_window(t);
	src->seqlo = t->seq;
	if (src->state < TCPS_SYN_SENT)
		src->state = TCPS_SYN_SENT;
	room = max32((uint32_t)dst->max_win << t->dws, 1);
	if (src->seqhi == 1 || SEQ_GEQ(t->end + room, src->seqhi))
		src->seqhi = t->end + room;
	if (t->win > src->max_win)
		src->max_win = (uint16_t)t->win;
}

static void
track_begin(struct track *t, struct pf_kstate *s, const struct pf_pdesc *pd)
{
	bool forth = pd->dir == s->direction;

	t->pd = pd;
	t->src = forth ? &s->src : &s->dst;
	t->dst = forth ? &s->dst : &s->src;
	t->seq = pd->seq;
	t->end = pd->seq + seglen(pd);
	if (t->src->state < TCPS_SYN_SENT)
		track_first(t);
	else
		track_window(t);
	t->ack = pd->ack;
	/* says nothing about the other end, or an RST that knows nothing */
	if ((pd->flags & TH_ACK) == 0 ||
	    (pd->ack == 0 && (pd->flags & TH_RST) != 0))
		t->ack = t->dst->seqlo;
	/* empty: where it stands does not matter much */
	if (t->seq == t->end)
		t->seq = t->end = t->src->seqlo;
}

bool
pf_tcp_inwindow(const struct pf_state_peer *src,
    const struct pf_state_peer *dst, uint32_t seq)
{
	uint32_t win = (uint32_t)dst->max_win << scale(dst, src);

	return (SEQ_GEQ(src->seqhi, seq) && SEQ_GEQ(seq, src->seqlo - win));
}

static bool
track_strict(const struct track *t)
{
	int32_t skew = (int32_t)(t->dst->seqlo - t->ack);
	uint32_t seq = t->pd->seq, at = t->src->seqlo;

	if (!SEQ_GEQ(t->src->seqhi, t->end) ||
	    !SEQ_GEQ(
		t->seq, t->src->seqlo - ((uint32_t)t->dst->max_win << t->dws)))
		return (false);
	if (skew < -MAXACKWINDOW || skew > (int32_t)(MAXACKWINDOW << t->sws))
		return (false);
	return ((t->pd->flags & TH_RST) == 0 || seq == at || seq == at + 1 ||
		seq + 1 == at);
}

/* Wide bounds, for ends of which little is known. */
static bool
track_loose(const struct track *t)
{
	if (t->dst->state >= TCPS_SYN_SENT && t->dst->state < TCPS_FIN_WAIT_2 &&
	    t->src->state < TCPS_FIN_WAIT_2)
		return (false);
	return (SEQ_GEQ(t->src->seqhi + MAXACKWINDOW, t->end) &&
		SEQ_GEQ(t->seq, t->src->seqlo - MAXACKWINDOW));
}

/* What a segment that passes tells. */
static void
track_learn(const struct track *t)
{
	struct pf_state_peer *src = t->src, *dst = t->dst;
	uint32_t room = t->win << t->sws;

	if (src->max_win < t->win)
		src->max_win = (uint16_t)t->win;
	if (SEQ_GT(t->end, src->seqlo))
		src->seqlo = t->end;
	/* without ACK it gives no room: the other end may not be known yet */
	if ((t->pd->flags & TH_ACK) != 0 && SEQ_GEQ(t->ack + room, dst->seqhi))
		dst->seqhi = t->ack + max32(room, 1);
	if ((t->pd->flags & TH_FIN) != 0 && src->state < TCPS_CLOSING)
		src->state = TCPS_CLOSING;
	if ((t->pd->flags & TH_RST) != 0)
		src->state = dst->state = TCPS_TIME_WAIT;
}

static enum vnetsim_pf_timeout
track_timeout(uint8_t a, uint8_t b)
{
	uint8_t least = a < b ? a : b, most = a < b ? b : a;

	if (least >= TCPS_FIN_WAIT_2)
		return (VNETSIM_PFTM_TCP_CLOSED);
	if (least >= TCPS_CLOSING)
		return (VNETSIM_PFTM_TCP_FIN_WAIT);
	if (least < TCPS_ESTABLISHED)
		return (VNETSIM_PFTM_TCP_OPENING);
	if (most >= TCPS_CLOSING)
		return (VNETSIM_PFTM_TCP_CLOSING);
	return (VNETSIM_PFTM_TCP_ESTABLISHED);
}

/* Neither: while both ends open, the sender is told. */
static void
track_refuse(const struct track *t)
{
	PF_COUNT(PFRES_BADSTATE);
	if (t->dst->state != TCPS_SYN_SENT || t->src->state != TCPS_SYN_SENT)
		return;
	if ((t->pd->flags & TH_RST) == 0)
		pf_send_rst(t->pd, t->pd->ack, 0, false);
	t->src->seqlo = 0;
	t->src->seqhi = 1;
	t->src->max_win = 1;
}

enum pf_verdict
pf_test_state_tcp(const struct pf_pdesc *pd, struct pf_kstate **sp)
{
	struct pf_kstate *s = *sp;
	struct track t;

	if ((pd->flags & (TH_SYN | TH_ACK)) == TH_SYN &&
	    s->src.state >= TCPS_FIN_WAIT_2 &&
	    s->dst.state >= TCPS_FIN_WAIT_2) {
		pf_unlink_state(s);
		*sp = NULL;
		return (PFV_NOSTATE);
	}
	track_begin(&t, s, pd);
	if (track_strict(&t)) {
		track_learn(&t);
		if ((pd->flags & TH_ACK) != 0) {
			if (t.dst->state == TCPS_SYN_SENT)
				t.dst->state = TCPS_ESTABLISHED;
			else if (t.dst->state == TCPS_CLOSING)
				t.dst->state = TCPS_FIN_WAIT_2;
		}
		pf_state_seen(s, track_timeout(s->src.state, s->dst.state));
		return (PFV_PASS);
	}
	if (track_loose(&t)) {
		track_learn(&t);
		return (PFV_PASS);
	}
	track_refuse(&t);
	return (PFV_DROP);
}
