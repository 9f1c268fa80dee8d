/*
 * netisr.c - packets that are handed up later.
 *
 * Each protocol of each vnet is a stream: a FIFO of packets, of which the
 * first has an event.  A packet is charged to the vnet in whose queue it
 * stands.  Where a schedule asks for it, the packet is claimed, that is
 * dequeued by "another CPU", and handled in a later event of the same time;
 * the next one does not overtake it.
 *
 * Between queueing and handling anything may happen: the interface may go or
 * move (its generation tells), the protocol may be disabled, doors may shut.
 * Each of these drops the packet with a reason of its own.
 *
 * FreeBSD: netisr.c.
 */
#include <vnetsim/kern/netisr.h>
#include "src/core/epoch_var.h"
#include "src/core/netisr_var.h"
#include "src/core/vnet_var.h"
#include "src/core/world.h"

static void netisr_event(void *arg);
static void claimed_event(void *arg);

static struct vnet *
netisr_event_vnet(const void *arg)
{
	return (((const struct isr_proto *)arg)->ip_vnet);
}

static const char *
netisr_event_what(const void *arg)
{
	return (netisr_name(((const struct isr_proto *)arg)->ip_proto));
}

static const struct event_class netisr_class = { "netisr", netisr_event,
	netisr_event_vnet, netisr_event_what };
static const struct event_class claimed_class = { "netisr.claimed",
	claimed_event, netisr_event_vnet, netisr_event_what };

#define ISR_FIELDS(i)                                                          \
	FIELD(struct vnet_isr, vi_p[i].ip_handler, FUNC),                      \
	    FIELD(struct vnet_isr, vi_p[i].ip_vnet, OPAQUE),                   \
	    FIELD(struct vnet_isr, vi_p[i].ip_q.mq_head, PTR),                 \
	    FIELD(struct vnet_isr, vi_p[i].ip_q.mq_tail, LINK),                \
	    FIELD(struct vnet_isr, vi_p[i].ip_q.mq_len, UINT),                 \
	    FIELD(struct vnet_isr, vi_p[i].ip_q.mq_maxlen, UINT),              \
	    FIELD(struct vnet_isr, vi_p[i].ip_claimed, PTR),                   \
	    FIELD(struct vnet_isr, vi_p[i].ip_claimgen, OPAQUE),               \
	    FIELD(struct vnet_isr, vi_p[i].ip_node, LINK),                     \
	    FIELD(struct vnet_isr, vi_p[i].ip_proto, UINT),                    \
	    FIELD(struct vnet_isr, vi_p[i].ip_mod, UINT)

_Static_assert(NETISR_NPROTO == 5, "isr_fields names every protocol");
static const struct field isr_fields[] = { ISR_FIELDS(0), ISR_FIELDS(1),
	ISR_FIELDS(2), ISR_FIELDS(3), ISR_FIELDS(4),
	FIELD(struct vnet_isr, vi_mods, HEX) };
UMA_ZONE(vnet_isr_zone, core, CORE_Z_ISR, struct vnet_isr, 0, isr_fields);

const char *
netisr_name(int proto)
{
	static const char *const names[NETISR_NPROTO] = { "ip", "arp", "ether",
		"epair", "route" };

	return (proto >= 0 && proto < NETISR_NPROTO ? names[proto] : "?");
}

int
vnet_isr_create(void)
{
	struct vnet_isr *vi;
	int i;

	vi = uma_zalloc(&vnet_isr_zone, M_ZERO);
	if (vi == NULL)
		return (VE_NOMEM);
	for (i = 0; i < NETISR_NPROTO; i++) {
		mbufq_init(&vi->vi_p[i].ip_q, NETISR_QLIMIT);
		vi->vi_p[i].ip_proto = (uint8_t)i;
		vi->vi_p[i].ip_vnet = curvnet;
	}
	curvnet->v_isr = vi;
	return (0);
}

/* Give up the claimed packet, if there is one. */
static struct mbuf *
unclaim(struct isr_proto *ip)
{
	struct mbuf *m;
	uint32_t gen;

	m = ip->ip_claimed;
	if (m == NULL)
		return (NULL);
	gen = ip->ip_claimgen;
	ip->ip_claimed = NULL;
	ip->ip_claimgen = 0;
	event_cancel(&ip->ip_node);
	epoch_unclaim(gen);
	return (m);
}

void
vnet_isr_destroy(void)
{
	struct isr_proto *ip;
	struct mbuf *m;
	int i;

	if (curvnet->v_isr == NULL)
		return;
	for (i = 0; i < NETISR_NPROTO; i++) {
		ip = &curvnet->v_isr->vi_p[i];
		m = unclaim(ip);
		if (m != NULL)
			m_drop(m, DROP_VNET_GONE);
		mbufq_drain(&ip->ip_q, DROP_VNET_GONE);
		event_cancel(&ip->ip_node);
	}
	uma_zfree(&vnet_isr_zone, curvnet->v_isr);
	curvnet->v_isr = NULL;
}

/* Keep vi_mods. */
static void
isr_mods(struct vnet_isr *vi)
{
	int i;

	vi->vi_mods = 0;
	for (i = 0; i < NETISR_NPROTO; i++)
		if (vi->vi_p[i].ip_handler != NULL)
			vi->vi_mods |= VNET_MODBIT(vi->vi_p[i].ip_mod);
}

/* Does @mod (-1: anybody) own a protocol of @v? */
static bool
isr_any(const struct vnet *v, int mod)
{
	return (v->v_isr != NULL &&
		(mod < 0 ? v->v_isr->vi_mods != 0
			 : (v->v_isr->vi_mods & VNET_MODBIT(mod)) != 0));
}

static struct isr_proto *
isr_of(const struct vnet *v, int proto)
{
	MPASS(proto >= 0 && proto < NETISR_NPROTO);
	return (&v->v_isr->vi_p[proto]);
}

int
netisr_register_vnet(int proto, int mod, void (*handler)(struct mbuf *m))
{
	struct isr_proto *ip;

	ip = isr_of(curvnet, proto);
	if (ip->ip_handler != NULL)
		return (VE_EXIST);
	ip->ip_handler = handler;
	ip->ip_mod = (uint8_t)mod;
	isr_mods(curvnet->v_isr);
	return (0);
}

void
netisr_unregister_vnet(int proto)
{
	struct isr_proto *ip;

	ip = isr_of(curvnet, proto);
	ip->ip_handler = NULL;
	ip->ip_mod = 0;
	isr_mods(curvnet->v_isr);
	if (ip->ip_claimed == NULL)
		event_cancel(&ip->ip_node);
	mbufq_drain(&ip->ip_q, DROP_NETISR_OFF);
}

int
netisr_dispatch(int proto, struct mbuf *m)
{
	struct isr_proto *ip;
	uint8_t mod;

	ip = isr_of(curvnet, proto);
	if (ip->ip_handler == NULL) {
		m_drop(m, DROP_NETISR_OFF);
		return (VE_PROTONOSUPPORT);
	}
	mod = kctx->kc_mod;
	kctx->kc_mod = ip->ip_mod;
	ip->ip_handler(m);
	kctx->kc_mod = mod;
	return (0);
}

/* The event of the head, unless a claimed packet is before it. */
static void
show(struct isr_proto *ip)
{
	if (ip->ip_q.mq_head != NULL && ip->ip_node == 0)
		event_schedule(&ip->ip_node, vtime(), &netisr_class, ip);
}

int
netisr_queue(int proto, struct mbuf *m)
{
	struct isr_proto *ip;
	struct ifnet *ifp;
	struct vnet *v;

	ifp = m_rcvif(m);
	v = ifp != NULL ? uma_owner(ifp) : NULL;
	if (v == NULL) {
		m_drop(m, DROP_NO_RCVIF);
		return (VE_NETDOWN);
	}
	if (v->v_isr == NULL || v->v_shut & 1u << DOOR_QUEUE ||
	    isr_of(v, proto)->ip_handler == NULL) {
		m_drop(m, DROP_NETISR_OFF);
		return (VE_PROTONOSUPPORT);
	}
	ip = isr_of(v, proto);
	mem_mark(ip);
	if (mbufq_enqueue(&ip->ip_q, m) != 0) {
		m_drop(m, DROP_NETISR_FULL);
		return (VE_NOBUFS);
	}
	m->m_pkthdr.proto = (uint8_t)proto;
	m_chown(m, v);
	show(ip);
	return (0);
}

/* Behind door QUEUE: is the packet still for this vnet? */
static void
handle(struct isr_proto *ip, struct mbuf *m)
{
	struct ifnet *ifp;

	ifp = m_rcvif(m);
	if (ip->ip_handler == NULL)
		m_drop(m, DROP_NETISR_OFF);
	else if (ifp == NULL || uma_owner(ifp) != curvnet)
		m_drop(m, DROP_NO_RCVIF);
	else
		ip->ip_handler(m);
}

static void
netisr_event(void *arg)
{
	struct vnet_frame f;
	struct isr_proto *ip;
	struct mbuf *m;
	uint32_t gen;

	ip = arg;
	if (!event_enter(&f, ip->ip_vnet, DOOR_QUEUE, ip->ip_mod)) {
		mem_mark(ip);
		m_drop(mbufq_dequeue(&ip->ip_q), DROP_DOOR_SHUT);
		show(ip);
		return;
	}
	m = mbufq_dequeue(&ip->ip_q);
	gen = 0;
	if (choose(2, "netisr", "claim") == 1)
		gen = epoch_claim(netisr_name(ip->ip_proto), NULL, NULL);
	if (gen != 0) {
		ip->ip_claimed = m;
		ip->ip_claimgen = gen;
		event_schedule(&ip->ip_node, vtime(), &claimed_class, ip);
	} else {
		show(ip);
		handle(ip, m);
	}
	event_leave(&f);
}

static void
claimed_event(void *arg)
{
	struct vnet_frame f;
	struct isr_proto *ip;
	struct mbuf *m;
	uint32_t gen;

	ip = arg;
	m = ip->ip_claimed;
	gen = ip->ip_claimgen;
	mem_mark(ip);
	ip->ip_claimed = NULL;
	ip->ip_claimgen = 0;
	show(ip);
	if (event_enter(&f, ip->ip_vnet, DOOR_QUEUE, ip->ip_mod)) {
		handle(ip, m);
		event_leave(&f);
	} else {
		m_drop(m, DROP_DOOR_SHUT);
	}
	epoch_unclaim(gen);
}

uint32_t
netisr_queued(const struct vnet *v, int mod)
{
	const struct isr_proto *ip;
	uint32_t n;
	int i;

	n = 0;
	for (i = 0; isr_any(v, mod) && i < NETISR_NPROTO; i++) {
		ip = isr_of(v, i);
		if (ip->ip_handler != NULL && (mod < 0 || ip->ip_mod == mod))
			n += ip->ip_q.mq_len + (ip->ip_claimed != NULL);
	}
	return (n);
}

uint32_t
netisr_remove(struct vnet *v, int mod,
    void (*found)(void *ctx, const struct late_item *it), void *ctx)
{
	struct isr_proto *ip;
	struct late_item it;
	struct mbuf *m;
	uint32_t n;
	int i;

	n = 0;
	for (i = 0; isr_any(v, mod) && i < NETISR_NPROTO; i++) {
		ip = isr_of(v, i);
		if (ip->ip_handler == NULL || (mod >= 0 && ip->ip_mod != mod))
			continue;
		mem_mark(ip);
		it = (struct late_item){ .li_kind = "packet",
			.li_name = netisr_name(i),
			.li_due = vtime(),
			.li_mod = ip->ip_mod,
			.li_claimed = true };
		m = unclaim(ip);
		for (; m != NULL || ip->ip_q.mq_len != 0; m = NULL) {
			if (m == NULL) {
				m = mbufq_dequeue(&ip->ip_q);
				it.li_claimed = false;
			}
			it.li_obj = m;
			if (found != NULL)
				found(ctx, &it);
			m_drop(m, DROP_QUEUE_FLUSH);
			n++;
		}
		event_cancel(&ip->ip_node);
	}
	return (n);
}

int
netisr_orphan(struct vnet *v, int mod)
{
	struct isr_proto *ip;
	int i;

	for (i = 0; isr_any(v, mod) && i < NETISR_NPROTO; i++) {
		ip = isr_of(v, i);
		if (ip->ip_handler == NULL || ip->ip_mod != mod)
			continue;
		mem_mark(ip);
		ip->ip_handler = NULL;
		ip->ip_mod = 0;
		isr_mods(v->v_isr);
		return (i);
	}
	return (-1);
}
