/*
 * link_queue.c - frames on a wire.
 *
 * Theory of operation
 * ===================
 *
 * A frame is sent at t, begins on the wire at b, leaves it at e and arrives
 * at a:
 *
 *	b = max(t, when the wire is free)	e = b + ceil(bits / rate)
 *	a = max(e + delay, the arrival before)
 *
 * all in integer nanoseconds; without a rate e = b = t.  It waits while
 * now < b; at most lp_queue frames wait, the one being sent not counted.
 * Nothing overtakes, but for frames that are held back on purpose
 * (link_held.c); a delay that is lowered holds for later frames as far as
 * those before them let it.
 *
 * What a frame costs is its place in a FIFO through m_nextpkt: no allocation,
 * no copy, one event (the head's arrival).  Its record stands in fields of the
 * packet header that mean nothing on a wire:
 *
 *	rcvtime                a
 *	rcvif_idx, rcvif_gen   b, low and high half
 *	flowid                 low half of the frame's number
 *	proto                  what it is, enum flight
 *
 * A frame that the wire loses takes its time all the same.  Where it would
 * wait it stays in the FIFO as a ghost, so that the queue is as long as it
 * would be; one that is held back leaves an empty one there.  A doubled frame
 * is followed by its copy, in the same instant and the same event: both find
 * the same receiver.
 *
 * Frames on the wire belong to the world.  On arrival a frame passes door WIRE
 * of the receiver's vnet and is charged to it; sums that were left to be
 * computed are now known to be right.  A frame that is not handed to if_input
 * is reported LATE, whatever the reason.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/trace.h>
#include "src/net/link/link_var.h"

/* pkthdr.proto of a frame under way. */
enum flight { FLIGHT_FRAME, FLIGHT_COPY, FLIGHT_GHOST };

static void link_event(void *arg);

static struct vnet *
link_event_vnet(const void *arg)
{
	const struct link_dir *ld = arg;

	return (link_endvnet(ld->ld_link, !ld->ld_end));
}

static const char *
link_event_what(const void *arg)
{
	static const char *const whats[2] = { "a to b", "b to a" };

	return (whats[((const struct link_dir *)arg)->ld_end]);
}

static const struct event_class link_class = { "link", link_event,
	link_event_vnet, link_event_what };

/* ---- the FIFO ---- */

static int64_t
flight_begin(const struct mbuf *m)
{
	return ((int64_t)((uint64_t)m->m_pkthdr.rcvif_gen << 32 |
			  m->m_pkthdr.rcvif_idx));
}

uint64_t
link_frame(const struct mbuf *m)
{
	uint64_t next = world_link()->wl_frame;

	/* fewer than 2^32 frames are under way */
	return (next - (uint32_t)((uint32_t)next - m->m_pkthdr.flowid));
}

static void
show(struct link_dir *ld)
{
	if (ld->ld_head != NULL)
		event_schedule(&ld->ld_node, ld->ld_head->m_pkthdr.rcvtime,
		    &link_class, ld);
}

void
link_record(struct mbuf *m, int64_t begin, int64_t arrive, uint64_t frame)
{
	m->m_pkthdr.rcvtime = arrive;
	m->m_pkthdr.rcvif_idx = (uint32_t)(uint64_t)begin;
	m->m_pkthdr.rcvif_gen = (uint32_t)((uint64_t)begin >> 32);
	m->m_pkthdr.flowid = (uint32_t)frame;
	m->m_pkthdr.proto = FLIGHT_FRAME;
	m->m_pkthdr.phase = m->m_pkthdr.step = NULL;
	m->m_nextpkt = NULL;
	m_chown(m, NULL);
}

static void
enqueue(struct link_dir *ld, struct mbuf *m, int64_t begin, int64_t arrive,
    uint64_t frame, enum flight kind)
{
	link_record(m, begin, arrive, frame);
	m->m_pkthdr.proto = (uint8_t)kind;
	if (ld->ld_head == NULL)
		ld->ld_head = m;
	else
		ld->ld_tail->m_nextpkt = m;
	ld->ld_tail = m;
	ld->ld_nflight++;
	if (begin > vtime() && kind != FLIGHT_COPY) {
		ld->ld_nwait++;
		if (ld->ld_wait == NULL)
			ld->ld_wait = m;
	}
	if (ld->ld_head == m)
		show(ld);
}

/* Whoever has begun on the wire waits no longer. */
static void
advance(struct link_dir *ld)
{
	while (ld->ld_nwait > 0) {
		if (ld->ld_wait->m_pkthdr.proto != FLIGHT_COPY) {
			if (flight_begin(ld->ld_wait) > vtime())
				return;
			ld->ld_nwait--;
		}
		ld->ld_wait = ld->ld_wait->m_nextpkt;
	}
	ld->ld_wait = NULL;
}

static struct mbuf *
dequeue(struct link_dir *ld)
{
	struct mbuf *m = ld->ld_head;

	if (ld->ld_wait == m)
		advance(ld);
	ld->ld_head = m->m_nextpkt;
	if (ld->ld_head == NULL)
		ld->ld_tail = NULL;
	m->m_nextpkt = NULL;
	ld->ld_nflight--;
	return (m);
}

/* ---- arrival ---- */

static void
late(struct link_dir *ld, struct mbuf *m, enum drop_reason why)
{
	if (m->m_pkthdr.proto == FLIGHT_FRAME) {
		ld->ld_st.ls_late++;
		link_report_late(ld->ld_link, (int)ld->ld_end, link_frame(m));
	}
	m_drop(m, why);
}

void
link_flush(struct link_dir *ld, enum drop_reason why)
{
	struct mbuf *m;

	event_cancel(&ld->ld_node);
	event_cancel(&ld->ld_hnode);
	ld->ld_wait = NULL;
	ld->ld_nwait = 0;
	while (ld->ld_head != NULL) {
		m = dequeue(ld);
		if (m->m_pkthdr.proto == FLIGHT_GHOST)
			m_freem(m);
		else
			late(ld, m, why);
	}
	while ((m = link_unhold(ld)) != NULL)
		late(ld, m, why);
	ld->ld_free = ld->ld_last = 0;
}

enum drop_reason
link_refuses(const struct ifnet *ifp)
{
	if (if_leaving(ifp) || ifp->if_dead || ifp->if_input == NULL)
		return (DROP_IF_DYING);
	return ((ifp->if_flags & IFF_UP) == 0 ? DROP_IF_DOWN : DROP_NONE);
}

/* Behind door WIRE of the receiver. */
static void
deliver(struct link_dir *ld, struct ifnet *ifp, struct mbuf *m)
{
	enum drop_reason why = link_refuses(ifp);

	if (why != DROP_NONE) {
		late(ld, m, why);
		return;
	}
	ld->ld_st.ls_arrived++;
	m_chown(m, curvnet);
	m->m_flags &= M_EXT | M_PKTHDR;
	if_csum_cross(m);
	m->m_pkthdr.flowid = 0;
	m->m_pkthdr.proto = 0;
	m->m_pkthdr.fib = 0;
	if_setrcvif(m, ifp);
	ifp->if_data.ifi_ipackets++;
	ifp->if_data.ifi_ibytes += m->m_pkthdr.len;
	NET_EPOCH_ENTER();
	ifp->if_input(ifp, m);
	NET_EPOCH_EXIT();
}

void
link_arrive(struct link_dir *ld, struct mbuf *m)
{
	struct ifnet *ifp = ld->ld_link->l_if[!ld->ld_end];
	struct vnet *v = link_endvnet(ld->ld_link, !ld->ld_end);
	struct vnet_frame f;

	if (m->m_pkthdr.proto == FLIGHT_GHOST) {
		m_freem(m);
		return;
	}
	if (v == NULL || !vnet_enter(&f, v, DOOR_WIRE, ifp->if_ops->io_mod)) {
		late(ld, m, DROP_LINK_NOBODY);
		return;
	}
	deliver(ld, ifp, m);
	vnet_leave(&f);
}

static void
link_event(void *arg)
{
	struct link_dir *ld = arg;
	struct mbuf *m = dequeue(ld), *copy = NULL;
	uint64_t frame = link_frame(m);
	bool ghost = m->m_pkthdr.proto == FLIGHT_GHOST;

	if (ld->ld_head != NULL && ld->ld_head->m_pkthdr.proto == FLIGHT_COPY)
		copy = dequeue(ld);
	show(ld);
	link_arrive(ld, m);
	if (copy != NULL)
		link_arrive(ld, copy);
	if (!ghost && ld->ld_held != NULL)
		link_passed(ld, frame);
}

/* ---- sending ---- */

/* Time on the wire, ns, rounded up. */
static int64_t
wire_time(uint64_t rate, uint32_t len)
{
	uint64_t bits = (uint64_t)len * 8;

	if (rate == 0 || bits == 0)
		return (0);
	/* bits < 2^20, NS_S < 2^30 */
	return ((int64_t)((bits * (uint64_t)NS_S - 1) / rate + 1));
}

static int64_t
later(int64_t t, int64_t ns)
{
	return (ns > INT64_MAX - t ? INT64_MAX : t + ns);
}

/* A frame on its way, as everybody is told who listens. */
struct sending {
	struct mbuf *m;
	uint64_t frame;
	int64_t begin, arrive;
};

static void
tell(struct link_dir *ld, const struct sending *sd, uint8_t verdict,
    int64_t arrive, uint32_t bit)
{
	link_report_frame(ld->ld_link, (int)ld->ld_end, sd->frame, verdict,
	    arrive, bit, sd->m);
}

static void
fly(struct link_dir *ld, const struct sending *sd, struct mbuf *m,
    enum flight kind)
{
	enqueue(ld, m, sd->begin, sd->arrive, sd->frame, kind);
}

/* The wire takes a frame and loses it. */
static void
lose(struct link_dir *ld, const struct sending *sd, enum drop_reason why)
{
	tell(ld, sd, why == DROP_LINK_NOBODY ? VNETSIM_V_CUT : VNETSIM_V_LOST,
	    sd->arrive, 0);
	if (sd->begin <= vtime()) {
		m_drop(sd->m, why);
		return;
	}
	m_drop(NULL, why);
	fly(ld, sd, sd->m, FLIGHT_GHOST);
}

static bool
corrupt(struct link_dir *ld, const struct sending *sd, bool l3)
{
	struct mbuf *bad;
	uint32_t bit;

	bad = link_corrupt(ld, sd->m, l3, &bit);
	if (bad == NULL)
		return (false);
	ld->ld_st.ls_corrupt++;
	tell(ld, sd, VNETSIM_V_CORRUPT, sd->arrive, bit);
	m_freem(sd->m);
	fly(ld, sd, bad, FLIGHT_FRAME);
	return (true);
}

static bool
twice(struct link_dir *ld, const struct sending *sd)
{
	struct mbuf *copy = m_copym(sd->m, 0, M_COPYALL, if_mflags());

	if (copy == NULL)
		return (false);
	ld->ld_st.ls_dup++;
	tell(ld, sd, VNETSIM_V_DUP, sd->arrive, 0);
	fly(ld, sd, sd->m, FLIGHT_FRAME);
	fly(ld, sd, copy, FLIGHT_COPY);
	return (true);
}

/* While it waits for the wire somebody must stand in the queue. */
static bool
hold(struct link_dir *ld, const struct sending *sd)
{
	const struct link_params *p = &ld->ld_p;
	uint32_t npass = p->lp_hold > 0 ? 0 : p->lp_holdn > 0 ? p->lp_holdn : 1;
	int64_t arrive =
	    later(sd->arrive, p->lp_hold > 0 ? p->lp_hold : LINK_HOLD_LIMIT);
	struct mbuf *ghost = NULL;

	if (sd->begin > vtime()) {
		ghost = m_gethdr(if_mflags());
		if (ghost == NULL)
			return (false);
	}
	tell(ld, sd, VNETSIM_V_HELD, arrive, 0);
	link_hold(ld, sd->m, arrive, sd->frame, npass);
	if (ghost != NULL)
		fly(ld, sd, ghost, FLIGHT_GHOST);
	return (true);
}

/* The wire takes a frame.  What it cannot do for want of memory it does not. */
static void
onwire(struct link_dir *ld, struct mbuf *frame_m, uint64_t frame)
{
	struct mbuf *m = link_mark(ld, frame_m);
	struct sending sd = { m, frame, imax(vtime(), ld->ld_free), 0 };
	enum drop_reason why = DROP_NONE;
	enum link_fate fate = link_fate(ld, m, &why);
	bool done = false;

	ld->ld_free =
	    later(sd.begin, wire_time(ld->ld_p.lp_rate, m->m_pkthdr.len));
	sd.arrive = imax(later(ld->ld_free, ld->ld_p.lp_delay), ld->ld_last);
	ld->ld_last = sd.arrive;
	if (fate == FATE_LOST) {
		lose(ld, &sd, why);
		done = true;
	} else if (fate == FATE_CORRUPT || fate == FATE_CORRUPT_L3) {
		done = corrupt(ld, &sd, fate == FATE_CORRUPT_L3);
	} else if (fate == FATE_DUP) {
		done = twice(ld, &sd);
	} else if (fate == FATE_HELD) {
		done = hold(ld, &sd);
	}
	ld->ld_ordinal++;
	if (done)
		return;
	tell(ld, &sd, VNETSIM_V_SENT, sd.arrive, 0);
	fly(ld, &sd, m, FLIGHT_FRAME);
}

/* Not even on the wire. */
static int
refuse(struct link_dir *ld, struct mbuf *m, uint64_t frame)
{
	bool cut = ld->ld_link->l_cut;

	if (cut)
		ld->ld_st.ls_cut++;
	else
		ld->ld_st.ls_queue++;
	link_report_frame(ld->ld_link, (int)ld->ld_end, frame,
	    cut ? VNETSIM_V_CUT : VNETSIM_V_QUEUE, vtime(), 0, m);
	m_drop(m, cut ? DROP_LINK_CUT : DROP_LINK_QUEUE);
	return (cut ? VE_NETDOWN : VE_NOBUFS);
}

int
link_transmit(struct link *l, int end, struct mbuf *m)
{
	struct link_dir *ld = &l->l_dir[end];
	uint32_t limit;
	uint64_t frame;

	MPASS(end == 0 || end == 1);
	MPASS((m->m_flags & M_PKTHDR) != 0);
	if (m->m_pkthdr.len > LINK_MAXFRAME) {
		m_drop(m, DROP_IF_OVERSIZE);
		return (VE_NOBUFS);
	}
	frame = world_link()->wl_frame++;
	ld->ld_st.ls_sent++;
	ld->ld_st.ls_bytes += m->m_pkthdr.len;
	trace(TRACE_FRAME, end == 0 ? "a" : "b", l->l_id * 2 + (uint32_t)end,
	    m->m_pkthdr.len);
	advance(ld);
	limit = ld->ld_p.lp_queue == 0 ? LINK_QUEUE_DEF : ld->ld_p.lp_queue;
	if (l->l_cut || (ld->ld_free > vtime() && ld->ld_nwait >= limit))
		return (refuse(ld, m, frame));
	onwire(ld, m, frame);
	return (0);
}

void
link_getstats(struct link *l, int end, struct link_stats *ls)
{
	MPASS(end == 0 || end == 1);
	advance(&l->l_dir[end]);
	*ls = l->l_dir[end].ld_st;
	ls->ls_waiting = l->l_dir[end].ld_nwait;
	ls->ls_inflight = l->l_dir[end].ld_nflight + l->l_dir[end].ld_nheld;
}
