/*
 * link_held.c - frames that later ones overtake.
 *
 * A frame that is held back does not stand in the FIFO of its direction but in
 * a list beside it, sorted by arrival, with an event of its own.  It arrives a
 * fixed time later than it would have, as netem's delayed ones do, or right
 * behind the N-th frame that was sent after it and arrives; in the same event
 * as that one, and by LINK_HOLD_LIMIT after its own time in any case.  Nothing
 * waits for it.
 *
 * The listeners were told the latest time when it was sent.  If it arrives
 * behind another frame they are told so (MOVED).
 *
 * Its record is kept as in link_queue.c, but for rcvif_idx: the number of
 * frames that it still lets pass; 0: it only waits for its time.
 */
#include "src/net/link/link_var.h"

static void held_event(void *arg);

static struct vnet *
held_vnet(const void *arg)
{
	const struct link_dir *ld = arg;

	return (link_endvnet(ld->ld_link, !ld->ld_end));
}

static const char *
held_what(const void *arg)
{
	static const char *const whats[2] = { "held, a to b", "held, b to a" };

	return (whats[((const struct link_dir *)arg)->ld_end]);
}

static const struct event_class held_class = { "link", held_event, held_vnet,
	held_what };

static void
show(struct link_dir *ld)
{
	if (ld->ld_held == NULL)
		event_cancel(&ld->ld_hnode);
	else
		event_schedule(&ld->ld_hnode, ld->ld_held->m_pkthdr.rcvtime,
		    &held_class, ld);
}

static struct mbuf *
unlink_next(struct link_dir *ld, struct mbuf **at)
{
	struct mbuf *m = *at;

	*at = m->m_nextpkt;
	m->m_nextpkt = NULL;
	ld->ld_nheld--;
	return (m);
}

static void
held_event(void *arg)
{
	struct link_dir *ld = arg;
	struct mbuf *m = unlink_next(ld, &ld->ld_held);

	show(ld);
	link_arrive(ld, m);
}

void
link_hold(struct link_dir *ld, struct mbuf *m, int64_t arrive, uint64_t frame,
    uint32_t npass)
{
	struct mbuf **at = &ld->ld_held;

	link_record(m, 0, arrive, frame);
	m->m_pkthdr.rcvif_idx = npass;
	/* equal times: in the order in which they were sent */
	while (*at != NULL && (*at)->m_pkthdr.rcvtime <= arrive)
		at = &(*at)->m_nextpkt;
	m->m_nextpkt = *at;
	*at = m;
	ld->ld_nheld++;
	ld->ld_st.ls_held++;
	if (ld->ld_held == m)
		show(ld);
}

void
link_passed(struct link_dir *ld, uint64_t frame)
{
	struct mbuf **at = &ld->ld_held, *out = NULL, **tail = &out, *m;

	while ((m = *at) != NULL) {
		if (m->m_pkthdr.rcvif_idx == 0 || link_frame(m) >= frame ||
		    --m->m_pkthdr.rcvif_idx > 0) {
			at = &m->m_nextpkt;
			continue;
		}
		*tail = unlink_next(ld, at);
		tail = &(*tail)->m_nextpkt;
	}
	if (out == NULL)
		return;
	show(ld);
	while ((m = out) != NULL) {
		out = m->m_nextpkt;
		m->m_nextpkt = NULL;
		link_report_moved(
		    ld->ld_link, (int)ld->ld_end, link_frame(m), frame);
		link_arrive(ld, m);
	}
}

struct mbuf *
link_unhold(struct link_dir *ld)
{
	return (ld->ld_held == NULL ? NULL : unlink_next(ld, &ld->ld_held));
}
