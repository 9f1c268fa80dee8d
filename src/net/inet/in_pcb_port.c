/*
 * in_pcb_port.c - ports: which are in use, which may be bound, which is next.
 *
 * Each port in use is an object with the list of its pcbs (FreeBSD's struct
 * inpcbport), found by hash.  It is born with its first pcb and goes with the
 * last one.
 *
 * Who may bind (laddr, lport) beside whom, in_pcbbind_setup():
 *
 *	binder has            is refused by
 *	-------------------   -------------------------------------------------
 *	none of these         any pcb on the port whose local address is the
 *	                      same, or any; whether connected, or in TIME_WAIT
 *	SO_REUSEADDR          an unconnected pcb with exactly this address
 *	SO_REUSEPORT          the same, unless that has SO_REUSEPORT, too
 *	SO_REUSEPORT_LB       the same, unless that has SO_REUSEPORT_LB, too
 *	several               the same, unless they share one of the two
 *
 * For a multicast address SO_REUSEADDR counts like SO_REUSEPORT, on both
 * sides.  Of several pcbs with exactly this address the newest decides.
 * Processes here have no user, so FreeBSD's rule that only the same user may
 * share a port never refuses.
 *
 * Chosen ports: net.inet.ip.portrange.first .. last, from a random start
 * upwards (RFC 6056 algorithm 1).  FreeBSD stops to be random above
 * portrange.randomcps; we do not.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_pcb_var.h"

static const struct field inpcbport_fields[] = {
	FIELD(struct inpcbport, phd_hnode, LINK),
	FIELD(struct inpcbport, phd_port, UINT),
	FIELD(struct inpcbport, phd_pcblist, LINK),
};
UMA_ZONE(
    inpcbport_zone, inpcb, INPCB_Z_PORT, struct inpcbport, 0, inpcbport_fields);

static struct inpcbport *
port_find(const struct inpcbinfo *pi, uint16_t port)
{
	struct inpcbport *phd;
	struct in_hnode *n;

	for (n = in_hash_first(&pi->ipi_ports, in_hash_mix(port)); n != NULL;
	     n = in_hash_next(n)) {
		phd = container_of(n, struct inpcbport, phd_hnode);
		if (phd->phd_port == port)
			return (phd);
	}
	return (NULL);
}

struct inpcb *
in_pcbport_first(const struct inpcbinfo *pi, uint16_t lport)
{
	const struct inpcbport *phd = port_find(pi, lport);

	return (phd != NULL ? LIST_FIRST(&phd->phd_pcblist) : NULL);
}

struct inpcb *
in_pcbport_next(const struct inpcb *inp)
{
	return (LIST_NEXT(inp, inp_portlist));
}

int
in_portadd(struct inpcb *inp)
{
	struct inpcbinfo *pi = inp->inp_pcbinfo;
	struct inpcbport *phd;

	MPASS(inp->inp_phd == NULL && inp->inp_lport != 0);
	phd = port_find(pi, inp->inp_lport);
	if (phd == NULL) {
		phd = uma_zalloc(&inpcbport_zone, M_ZERO);
		if (phd == NULL)
			return (VE_NOBUFS);
		phd->phd_port = inp->inp_lport;
		LIST_INIT(&phd->phd_pcblist);
		if (!in_hash_insert(&pi->ipi_ports, &phd->phd_hnode,
			in_hash_mix(phd->phd_port))) {
			uma_zfree(&inpcbport_zone, phd);
			return (VE_NOBUFS);
		}
	}
	inp->inp_phd = phd;
	LIST_INSERT_HEAD(&phd->phd_pcblist, inp, inp_portlist);
	return (0);
}

void
in_portdel(struct inpcb *inp)
{
	struct inpcbport *phd = inp->inp_phd;

	if (phd == NULL)
		return;
	LIST_REMOVE(inp, inp_portlist);
	inp->inp_phd = NULL;
	if (!LIST_EMPTY(&phd->phd_pcblist))
		return;
	in_hash_remove(&inp->inp_pcbinfo->ipi_ports, &phd->phd_hnode);
	uma_zfree(&inpcbport_zone, phd);
}

/* FreeBSD: in_pcblookup_local() with INPLOOKUP_WILDCARD. */
static bool
port_taken(const struct inpcb *inp, uint32_t laddr, uint16_t lport)
{
	const struct inpcbport *phd = port_find(inp->inp_pcbinfo, lport);
	const struct inpcb *t;

	if (phd == NULL)
		return (false);
	LIST_FOREACH (t, &phd->phd_pcblist, inp_portlist)
		if (t != inp &&
		    (t->inp_laddr == laddr || t->inp_laddr == INADDR_ANY ||
			laddr == INADDR_ANY))
			return (true);
	return (false);
}

#define REUSE (SO_REUSEADDR | SO_REUSEPORT | SO_REUSEPORT_LB)

/* A port that nobody else may be on, unless the binder reuses addresses. */
static bool
port_busy(const struct inpcb *inp, uint32_t laddr, uint16_t lport)
{
	if ((inp->inp_socket->so_options & REUSE) == 0)
		return (port_taken(inp, laddr, lport));
	return (
	    in_pcbexact(inp->inp_pcbinfo, INADDR_ANY, 0, laddr, lport) != NULL);
}

int
in_portcheck(const struct inpcb *inp, uint32_t laddr, uint16_t lport)
{
	uint32_t opts = inp->inp_socket->so_options, share, theirs;
	const uint32_t addr = SO_REUSEADDR;
	const struct inpcb *t;

	if (!port_busy(inp, laddr, lport))
		return (0);
	if ((opts & REUSE) == 0)
		return (VE_ADDRINUSE);
	share = opts & (SO_REUSEPORT | SO_REUSEPORT_LB);
	if (in_ismulticast(laddr))
		share = (opts & addr) != 0 ? REUSE : share | addr;
	t = in_pcbexact(inp->inp_pcbinfo, INADDR_ANY, 0, laddr, lport);
	theirs = t->inp_socket != NULL ? t->inp_socket->so_options : 0;
	return ((share & theirs) != 0 ? 0 : VE_ADDRINUSE);
}

int
in_portchoose(struct inpcb *inp, uint32_t laddr, uint32_t faddr, uint16_t fport,
    uint16_t *lport)
{
	struct inpcbinfo *pi = inp->inp_pcbinfo;
	uint32_t first, last, n, port;
	bool taken;

	first = (uint32_t)imin(V_inpcb.first, V_inpcb.last);
	last = (uint32_t)imax(V_inpcb.first, V_inpcb.last);
	port = pi->ipi_lastport;
	if (V_inpcb.randomized != 0)
		port = first + (uint32_t)(krandom(pi->ipi_name, curvnet->v_id,
					      pi->ipi_portdraws++) %
					  (last - first + 1));
	for (n = last - first + 1; n > 0; n--) {
		port = port < first || port >= last ? first : port + 1;
		if (fport != 0)
			taken = in_pcbexact(pi, faddr, fport, laddr,
				    (uint16_t)port) != NULL;
		else
			taken = port_busy(inp, laddr, (uint16_t)port);
		if (taken)
			continue;
		pi->ipi_lastport = (uint16_t)port;
		*lport = (uint16_t)port;
		return (0);
	}
	return (VE_ADDRNOTAVAIL);
}
