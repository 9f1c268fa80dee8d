/*
 * link_wire.c - what is told about frames: one event each, at its sender.
 *
 * Nobody listening costs a test of a pointer.  For a listener the frame is
 * laid out flat in a buffer that was allocated when he came, and the sums that
 * are still outstanding are filled in there; the frame itself stays as it is,
 * and nothing is allocated, so listening does not change a run.
 *
 * A listener that can do without gets the headers only: those of a TCP or UDP
 * packet whose marks say of both its sums that they are right or are still to
 * be made (we_headers).  That is every segment of a bulk transfer, which is
 * neither copied nor summed then.
 */
#include <string.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_stack.h"
#include "src/net/link/link_var.h"

#define IPPROTO_ICMP 1
#define IPPROTO_TCP  6
#define IPPROTO_UDP  17

enum { TH_FIN = 0x1, TH_SYN = 0x2, TH_RST = 0x4, TH_ACK = 0x10 };

void
link_set_sink(void (*sink)(void *ctx, const struct vnetsim_wire_event *ev),
    bool (*whole)(void *ctx), void *ctx)
{
	struct world_link *wl = world_link();
	const struct link *l;

	if (sink != NULL && wl->wl_buf == NULL)
		wl->wl_buf = world_user_alloc(LINK_MAXFRAME, false);
	KASSERT(sink == NULL || wl->wl_buf != NULL,
	    ("no memory to listen to the wires"));
	wl->wl_sink = sink;
	wl->wl_whole = whole;
	wl->wl_ctx = ctx;
	if (sink == NULL)
		return;
	for (l = link_next(NULL); l != NULL; l = link_next(l))
		link_report_link(l);
}

static void
report(const struct vnetsim_wire_event *ev)
{
	const struct world_link *wl = world_link();

	wl->wl_sink(wl->wl_ctx, ev);
}

void
link_report_link(const struct link *l)
{
	char a[IFNAMSIZ + 1], b[IFNAMSIZ + 1];
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_LINK,
		.we_time = vtime(),
		.we_link = l->l_id,
		.we_vnet = VNETSIM_NOVNET,
		.we_peer = VNETSIM_NOVNET,
		.we_name = l->l_name,
		.we_ends = { a, b },
	};

	if (world_link()->wl_sink == NULL)
		return;
	(void)ksnprintf(a, sizeof(a), "%sa", l->l_name);
	(void)ksnprintf(b, sizeof(b), "%sb", l->l_name);
	report(&ev);
}

void
link_report_late(const struct link *l, int end, uint64_t frame)
{
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_LATE,
		.we_time = vtime(),
		.we_link = l->l_id,
		.we_end = (uint8_t)end,
		.we_frame = frame,
		.we_vnet = VNETSIM_NOVNET,
		.we_peer = VNETSIM_NOVNET,
	};

	if (world_link()->wl_sink != NULL)
		report(&ev);
}

void
link_report_moved(
    const struct link *l, int end, uint64_t frame, uint64_t behind)
{
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_MOVED,
		.we_time = vtime(),
		.we_link = l->l_id,
		.we_end = (uint8_t)end,
		.we_frame = frame,
		.we_arrive = vtime(),
		.we_behind = behind,
		.we_vnet = VNETSIM_NOVNET,
		.we_peer = VNETSIM_NOVNET,
	};

	if (world_link()->wl_sink != NULL)
		report(&ev);
}

/* Are the sums of this packet right, or will be, whoever looks?  @p: its first
 * bytes, VNETSIM_WIRE_HEAD if it has as many. */
static bool
sums_known(const struct mbuf *m, const uint8_t *p)
{
	uint16_t have = m->m_pkthdr.csum_flags;

	if (m->m_pkthdr.len < ETHER_HDR_LEN + 20 ||
	    m->m_pkthdr.l3off != ETHER_HDR_LEN ||
	    be16dec(p + 12) != ETHERTYPE_IP ||
	    (have & (CSUM_IP | CSUM_L3_VALID)) == 0 ||
	    (be16dec(p + ETHER_HDR_LEN + 6) & 0x3fff) != 0)
		return (false);
	switch (p[ETHER_HDR_LEN + 9]) {
	case IPPROTO_TCP:
		return ((have & (CSUM_TCP | CSUM_DATA_VALID)) != 0);
	case IPPROTO_UDP:
		return ((have & (CSUM_UDP | CSUM_DATA_VALID)) != 0);
	default:
		return (false);
	}
}

/* Will the headers do?  Then they are in the buffer. */
static bool
headers(const struct mbuf *m)
{
	const struct world_link *wl = world_link();
	uint32_t n = m->m_pkthdr.len;

	if (wl->wl_whole == NULL || wl->wl_whole(wl->wl_ctx))
		return (false);
	m_copydata(
	    m, 0, n < VNETSIM_WIRE_HEAD ? n : VNETSIM_WIRE_HEAD, wl->wl_buf);
	return (sums_known(m, wl->wl_buf));
}

/* A flat copy with real sums, without allocating: a packet that is nothing
 * but a header on the stack, its bytes in the listener's buffer. */
static const uint8_t *
flatten(const struct mbuf *m)
{
	uint8_t *buf = world_link()->wl_buf;
	struct mbuf flat;

	m_copydata(m, 0, m->m_pkthdr.len, buf);
	memset(&flat, 0, sizeof(flat));
	flat.m_flags = M_PKTHDR;
	flat.m_data = buf;
	flat.m_len = m->m_pkthdr.len;
	flat.m_pkthdr = m->m_pkthdr;
	(void)m_csum_fill(&flat);
	return (buf);
}

static uint32_t
vnet_id(const struct link *l, int end)
{
	const struct vnet *v = link_endvnet(l, end);

	return (v == NULL ? VNETSIM_NOVNET : v->v_id);
}

/* The vnet of whom the frame is for there: of a vlan, if it has its tag. */
static uint32_t
target_id(const struct link *l, int end, const struct mbuf *m)
{
	const struct ifnet *ifp = l->l_if[end];
	const struct vnet *v = link_endvnet(l, end);

	if (v != NULL && !TAILQ_EMPTY(&ifp->if_above))
		v = if_wherevnet(vlan_target(ifp, m));
	return (v == NULL ? VNETSIM_NOVNET : v->v_id);
}

static void
report_frame(const struct link *l, int end, uint64_t frame, uint8_t verdict,
    int64_t arrive, uint32_t bit, const struct mbuf *m)
{
	const struct vnet *origin = world_link()->wl_origin;
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_FRAME,
		.we_time = vtime(),
		.we_frame = frame,
		.we_link = l->l_id,
		.we_end = (uint8_t)end,
		.we_verdict = verdict,
		.we_arrive = arrive,
		.we_phase = m->m_pkthdr.phase,
		.we_step = m->m_pkthdr.step,
		.we_len = m->m_pkthdr.len,
		.we_bit = bit,
	};

	ev.we_vnet = origin != NULL ? origin->v_id : vnet_id(l, end);
	if (world_link()->wl_outside)
		ev.we_vnet = VNETSIM_NOVNET;
	ev.we_peer = target_id(l, !end, m);
	ev.we_headers = headers(m);
	ev.we_bytes = ev.we_headers ? world_link()->wl_buf : flatten(m);
	report(&ev);
}

void
link_report_frame(const struct link *l, int end, uint64_t frame,
    uint8_t verdict, int64_t arrive, uint32_t bit, const struct mbuf *m)
{
	if (__predict_false(world_link()->wl_sink != NULL))
		report_frame(l, end, frame, verdict, arrive, bit, m);
}

/* ---- classes ---- */

/* TCP at @off of @len bytes: flags in the low byte, payload bytes above. */
static bool
tcp_is(const struct mbuf *m, uint32_t off, uint32_t len, enum link_class cls)
{
	uint8_t th[20], flags;
	uint32_t hlen;

	if (cls == LINK_TCP)
		return (true);
	if (len < sizeof(th))
		return (false);
	m_copydata(m, off, sizeof(th), th);
	flags = th[13];
	hlen = (th[12] >> 4) * 4u;
	switch (cls) {
	case LINK_SYN:
		return ((flags & TH_SYN) != 0);
	case LINK_FIN:
		return ((flags & TH_FIN) != 0);
	case LINK_RST:
		return ((flags & TH_RST) != 0);
	case LINK_ACK:
		return (
		    (flags & (TH_SYN | TH_FIN | TH_RST | TH_ACK)) == TH_ACK &&
		    hlen == len);
	default:
		return (cls == LINK_DATA && hlen < len);
	}
}

static bool
ip_is(const struct mbuf *m, uint32_t off, enum link_class cls)
{
	uint8_t ip[20];
	uint32_t hlen, len;

	if (m->m_pkthdr.len < off + sizeof(ip))
		return (false);
	m_copydata(m, off, sizeof(ip), ip);
	hlen = (ip[0] & 0xfu) * 4;
	len = be16dec(ip + 2);
	if (ip[0] >> 4 != 4 || hlen < sizeof(ip) || len < hlen ||
	    off + len > m->m_pkthdr.len || (be16dec(ip + 6) & 0x1fff) != 0)
		return (false);
	if (ip[9] == IPPROTO_UDP)
		return (cls == LINK_UDP);
	if (ip[9] == IPPROTO_ICMP)
		return (cls == LINK_ICMP);
	return (ip[9] == IPPROTO_TCP && cls >= LINK_TCP && cls <= LINK_DATA &&
		tcp_is(m, off + hlen, len - hlen, cls));
}

bool
link_classify(const struct mbuf *m, enum link_class cls)
{
	uint32_t off = ETHER_HDR_LEN;
	uint8_t et[2];
	uint16_t type;

	if (cls == LINK_ANY)
		return (true);
	for (;; off += ETHER_VLAN_ENCAP_LEN) {
		if (m->m_pkthdr.len < off)
			return (false);
		m_copydata(m, off - sizeof(et), sizeof(et), et);
		type = be16dec(et);
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
	}
	if (type == ETHERTYPE_ARP)
		return (cls == LINK_ARP);
	return (type == ETHERTYPE_IP && ip_is(m, off, cls));
}
