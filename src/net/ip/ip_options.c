/*
 * ip_options.c - options of packets that come in.
 *
 * Record route and timestamp are filled in on the way, here and at every
 * router.  Source routes are refused as FreeBSD does: net.inet.ip.sourceroute
 * allows to follow one, accept_sourceroute to be its end; both are 0, and a
 * router then answers "source route failed", a host is silent about those that
 * lead on.  What makes no sense is answered by a parameter problem that points
 * to the byte.  net.inet.ip.process_options: 1; 0 ignores all options, 2
 * refuses every packet that has one.
 *
 * What becomes of them in our answers: ip_opt_out.c.
 *
 * RFC 791 section 3.1; RFC 1122 section 3.2.1.8; RFC 1812 section 4.2.2.1.
 * FreeBSD: ip_dooptions() of sys/netinet/ip_options.c.
 */
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_options.h"
#include "src/net/ip/ip_var.h"

enum { IPOPT_OLEN = 1, IPOPT_OFFSET = 2, IPOPT_FLAGS = 3, IPOPT_MINOFF = 4 };
enum { IPOPT_TS_TSONLY, IPOPT_TS_TSANDADDR, IPOPT_TS_PRESPEC = 3 };

#define MS_PER_DAY 86400000

enum opt_verdict { OPT_OK, OPT_BAD, OPT_FAILED, OPT_SILENT };

/* The option at hand. */
struct opt {
	const struct mbuf *m;
	struct ip_repr *ip;
	uint8_t *hdr; /* the packet's header */
	uint8_t *cp;  /* the option in it */
	uint32_t len;
	uint8_t code; /* OPT_BAD: the byte; OPT_FAILED: of unreachable */
	bool forward; /* the destination has changed */
};

static enum opt_verdict
opt_bad(struct opt *o, uint32_t at)
{
	o->code = (uint8_t)(o->cp + at - o->hdr);
	return (OPT_BAD);
}

static enum opt_verdict
opt_failed(struct opt *o, uint8_t code)
{
	o->code = code;
	return (OPT_FAILED);
}

/* The address of ours that is written where a packet to @dst passes; 0: no
 * way. */
static uint32_t
opt_ourside(uint32_t fib, uint32_t dst)
{
	struct ip_way way = { 0 };

	if (in_localip(dst))
		return (dst);
	return (ip_way_find(fib, dst, &way) == 0 ? way.src : 0);
}

/* On to the next hop of a source route. */
static enum opt_verdict
opt_follow(struct opt *o, uint32_t off)
{
	uint32_t next = be32dec(o->cp + off), ours;
	const struct in_ifaddr *ia;

	if (o->cp[0] == IPOPT_SSRR) {
		ia = ifa_ifwithnet(next);
		ours = ia != NULL ? ia->ia_addr : 0;
	} else
		ours = opt_ourside(o->m->m_pkthdr.fib, next);
	if (ours == 0)
		return (opt_failed(o, ICMP_UNREACH_SRCFAIL));
	be32enc(o->cp + off, ours);
	o->cp[IPOPT_OFFSET] += 4;
	be32enc(o->hdr + IP_O_DST, next);
	o->ip->dst = next;
	o->forward = !IN_MULTICAST(next);
	return (OPT_OK);
}

static enum opt_verdict
opt_srcroute(struct opt *o)
{
	uint32_t off;

	if (o->len < IPOPT_OFFSET + 1)
		return (opt_bad(o, IPOPT_OLEN));
	off = o->cp[IPOPT_OFFSET];
	if (off < IPOPT_MINOFF)
		return (opt_bad(o, IPOPT_OFFSET));
	if (!in_localip(o->ip->dst)) {
		/* a loose one that has not got to its next hop passes by */
		if (o->cp[0] == IPOPT_SSRR || !V_ip.sourceroute)
			return (opt_failed(o, ICMP_UNREACH_SRCFAIL));
		return (OPT_OK);
	}
	if (off + 3 > o->len)
		return (V_ip.acceptsourceroute
			    ? OPT_OK
			    : opt_failed(o, ICMP_UNREACH_SRCFAIL));
	if (!V_ip.sourceroute)
		return (V_ip.forwarding ? opt_failed(o, ICMP_UNREACH_SRCFAIL)
					: OPT_SILENT);
	return (opt_follow(o, off - 1));
}

static enum opt_verdict
opt_record(struct opt *o)
{
	uint32_t off, ours;

	if (o->len < IPOPT_OFFSET + 1)
		return (opt_bad(o, IPOPT_OFFSET));
	off = o->cp[IPOPT_OFFSET];
	if (off < IPOPT_MINOFF)
		return (opt_bad(o, IPOPT_OFFSET));
	if (off + 3 > o->len)
		return (OPT_OK); /* no room left */
	ours = opt_ourside(o->m->m_pkthdr.fib, o->ip->dst);
	if (ours == 0)
		return (opt_failed(o, ICMP_UNREACH_HOST));
	be32enc(o->cp + off - 1, ours);
	o->cp[IPOPT_OFFSET] += 4;
	return (OPT_OK);
}

/*
 * Whose turn is it?  *off moves behind an address that was written or met.
 * Return: OPT_OK, and *stamp if a time is to be written.
 */
static enum opt_verdict
opt_stampaddr(struct opt *o, uint32_t *off, bool *stamp)
{
	const struct ifnet *ifp = m_rcvif(o->m);
	uint8_t kind = o->cp[IPOPT_FLAGS] & 0xf;
	const struct in_ifaddr *ia;

	*stamp = true;
	if (kind == IPOPT_TS_TSONLY)
		return (OPT_OK);
	if (kind != IPOPT_TS_TSANDADDR && kind != IPOPT_TS_PRESPEC)
		return (opt_bad(o, IPOPT_FLAGS));
	if (*off + 8 > o->len)
		return (opt_bad(o, IPOPT_OFFSET));
	if (kind == IPOPT_TS_PRESPEC) {
		*stamp = in_localip(be32dec(o->cp + *off));
	} else {
		ia = ifp != NULL ? in_ifaddr_for(ifp, o->ip->dst) : NULL;
		*stamp = ia != NULL;
		if (ia != NULL)
			be32enc(o->cp + *off, ia->ia_addr);
	}
	if (*stamp) {
		o->cp[IPOPT_OFFSET] += 4;
		*off += 4;
	}
	return (OPT_OK);
}

static enum opt_verdict
opt_stamp(struct opt *o)
{
	enum opt_verdict v;
	uint32_t off;
	bool stamp;

	if (o->len < 4 || o->len > 40)
		return (opt_bad(o, IPOPT_OLEN));
	off = o->cp[IPOPT_OFFSET];
	if (off < 5)
		return (opt_bad(o, IPOPT_OFFSET));
	if (off + 3 > o->len) {
		/* full: count who could not write */
		o->cp[IPOPT_FLAGS] += 1 << 4;
		if ((o->cp[IPOPT_FLAGS] & 0xf0) == 0)
			return (opt_bad(o, IPOPT_OFFSET));
		return (OPT_OK);
	}
	off--;
	v = opt_stampaddr(o, &off, &stamp);
	if (v == OPT_OK && stamp) {
		be32enc(o->cp + off, (uint32_t)(vtime() / NS_MS % MS_PER_DAY));
		o->cp[IPOPT_OFFSET] += 4;
	}
	return (v);
}

static enum opt_verdict
opt_one(struct opt *o)
{
	switch (o->cp[0]) {
	case IPOPT_LSRR:
	case IPOPT_SSRR:
		return (opt_srcroute(o));
	case IPOPT_RR:
		return (opt_record(o));
	case IPOPT_TS:
		return (opt_stamp(o));
	default:
		return (OPT_OK);
	}
}

static enum opt_verdict
opt_all(struct opt *o)
{
	enum opt_verdict v = OPT_OK;
	uint32_t left;

	for (left = o->ip->hlen - IP_HDRLEN; v == OPT_OK && left > 0;
	     left -= o->len, o->cp += o->len) {
		if (*o->cp == IPOPT_EOL)
			break;
		o->len = 1;
		if (*o->cp == IPOPT_NOP)
			continue;
		if (left < 2)
			return (opt_bad(o, IPOPT_OLEN));
		o->len = o->cp[IPOPT_OLEN];
		if (o->len < 2 || o->len > left)
			return (opt_bad(o, IPOPT_OLEN));
		v = opt_one(o);
	}
	return (v);
}

bool
ip_dooptions(struct mbuf *m, struct ip_repr *ip)
{
	struct opt o = {
		.m = m,
		.ip = ip,
		.hdr = mtod(m, uint8_t *),
		.cp = mtod(m, uint8_t *) + IP_HDRLEN,
	};
	enum opt_verdict v;

	if (V_ip.doopts == 0)
		return (false);
	v = V_ip.doopts == 2 ? opt_failed(&o, ICMP_UNREACH_FILTER_PROHIB)
			     : opt_all(&o);
	/* the sum was right before we wrote */
	m->m_pkthdr.csum_flags |= CSUM_L3_VALID;
	switch (v) {
	case OPT_OK:
		if (!o.forward || !V_ip.forwarding)
			return (false);
		ip_forward(m, ip, true);
		return (true);
	case OPT_SILENT:
		IPSTAT_INC(cantforward);
		m_drop(m, DROP_IP_OPTIONS);
		return (true);
	default:
		IPSTAT_INC(badoptions);
		m_drop(NULL, DROP_IP_OPTIONS);
		if (v == OPT_BAD)
			icmp_paramprob(m, o.code);
		else
			icmp_error(m, ICMP_UNREACH, o.code, 0);
		return (true);
	}
}
