/*
 * in_pcb.c - protocol control blocks: born, bound, connected, found, freed.
 *
 * Where a pcb is
 * ==============
 *
 *	                 ipi_list  port table  hash by 4-tuple
 *	fresh            yes       no          no
 *	bound            yes       yes         peer (0, 0)
 *	connected        yes       yes         peer
 *	dropped          yes       no          no     INP_DROPPED; keeps its
 *	                                              addresses for reports
 *	freed            no        no          no     INP_FREED, waits for its
 *	                                              grace period
 *
 * A lookup takes the 4-tuple first, then (0, 0, laddr), then (0, 0, any): at
 * most three probes.  Unconnected pcbs have the same local address and port
 * only with SO_REUSEPORT, where the newest is found, and with SO_REUSEPORT_LB,
 * where their group is asked before (in_pcb_lb.c).
 *
 * A call that fails changes nothing but the count of random draws.
 *
 * FreeBSD: sys/netinet/in_pcb.c.
 */
#include <vnetsim/errno.h>
#include <vnetsim/kern/jail.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/inet/in_pcb_var.h"

static const struct field inpcb_fields[] = {
	FIELD(struct inpcb, inp_laddr, IP4),
	FIELD(struct inpcb, inp_faddr, IP4),
	FIELD(struct inpcb, inp_lport, UINT),
	FIELD(struct inpcb, inp_fport, UINT),
	FIELD(struct inpcb, inp_hnode, LINK),
	FIELD(struct inpcb, inp_flags, HEX),
	FIELD(struct inpcb, inp_ttl, UINT),
	FIELD(struct inpcb, inp_fib, UINT),
	FIELD(struct inpcb, inp_tos, UINT),
	FIELD(struct inpcb, inp_inhash, BOOL),
	FIELD(struct inpcb, inp_ip_p, UINT),
	FIELD(struct inpcb, inp_options, PTR),
	FIELD(struct inpcb, inp_phd, PTR),
	FIELD(struct inpcb, inp_portlist, LINK),
	FIELD(struct inpcb, inp_lbgroup, PTR),
	FIELD(struct inpcb, inp_socket, PTR),
	FIELD(struct inpcb, inp_moptions, PTR),
	FIELD(struct inpcb, inp_ppcb, PTR),
	FIELD(struct inpcb, inp_pcbinfo, OPAQUE),
	FIELD(struct inpcb, inp_cred, REF),
	FIELD(struct inpcb, inp_soref, REF),
	FIELD(struct inpcb, inp_epoch, OPAQUE),
	FIELD(struct inpcb, inp_list, LINK),
};
UMA_ZONE(inpcb_zone, inpcb, INPCB_Z_PCB, struct inpcb, 0, inpcb_fields);

void
in_pcbinfo_init(struct inpcbinfo *pi, const char *name, int mod)
{
	*pi = (struct inpcbinfo){ .ipi_name = name, .ipi_mod = (uint8_t)mod };
	TAILQ_INIT(&pi->ipi_list);
}

void
in_pcbinfo_destroy(struct inpcbinfo *pi)
{
	KASSERT(pi->ipi_count == 0 && TAILQ_EMPTY(&pi->ipi_list),
	    ("%s: %s still has pcbs", __func__, pi->ipi_name));
	waitq_abandon(&pi->ipi_wq);
	in_hash_destroy(&pi->ipi_hash);
	in_hash_destroy(&pi->ipi_ports);
	in_hash_destroy(&pi->ipi_lbgroups);
}

int
in_pcballoc(struct socket *so, struct inpcbinfo *pi)
{
	struct inpcb *inp;

	inp = uma_zalloc(&inpcb_zone, M_ZERO);
	if (inp == NULL)
		return (VE_NOBUFS);
	inp->inp_pcbinfo = pi;
	inp->inp_socket = so;
	inp->inp_fib = so->so_fibnum;
	ref_take(&inp->inp_cred, ref_get(&so->so_cred), "inp_cred");
	so->so_pcb = inp;
	TAILQ_INSERT_TAIL(&pi->ipi_list, inp, inp_list);
	pi->ipi_count++;
	return (0);
}

/* ---- the hash ---- */

static inline uint32_t
tuple_hash(uint32_t faddr, uint16_t fport, uint32_t laddr, uint16_t lport)
{
	return (in_hash_mix(((uint64_t)faddr << 32 | laddr) ^
			    (uint64_t)fport * UINT64_C(0x9e3779b97f4a7c15) ^
			    (uint64_t)lport * UINT64_C(0xc2b2ae3d27d4eb4f)));
}

struct inpcb *
in_pcbexact(const struct inpcbinfo *pi, uint32_t faddr, uint16_t fport,
    uint32_t laddr, uint16_t lport)
{
	struct in_hnode *n;
	struct inpcb *inp;

	for (n = in_hash_first(
		 &pi->ipi_hash, tuple_hash(faddr, fport, laddr, lport));
	     n != NULL; n = in_hash_next(n)) {
		inp = container_of(n, struct inpcb, inp_hnode);
		if (inp->inp_faddr == faddr && inp->inp_laddr == laddr &&
		    inp->inp_fport == fport && inp->inp_lport == lport)
			return (inp);
	}
	return (NULL);
}

struct inpcb *
in_pcblookup(struct inpcbinfo *pi, uint32_t faddr, uint16_t fport,
    uint32_t laddr, uint16_t lport, bool wild)
{
	struct inpcb *inp;

	inp = in_pcbexact(pi, faddr, fport, laddr, lport);
	if (inp != NULL || !wild)
		return (inp);
	if (pi->ipi_lbgroups.h_count != 0)
		inp = in_pcblbgroup_pick(pi, faddr, fport, laddr, lport);
	if (inp == NULL)
		inp = in_pcbexact(pi, INADDR_ANY, 0, laddr, lport);
	if (inp == NULL)
		inp = in_pcbexact(pi, INADDR_ANY, 0, INADDR_ANY, lport);
	return (inp);
}

static void
unhash(struct inpcb *inp)
{
	if (!inp->inp_inhash)
		return;
	in_pcblbgroup_leave(inp);
	in_hash_remove(&inp->inp_pcbinfo->ipi_hash, &inp->inp_hnode);
	inp->inp_inhash = false;
}

/* Under its four; cannot fail if it was in the hash before. */
static bool
rehash(struct inpcb *inp)
{
	unhash(inp);
	inp->inp_inhash =
	    in_hash_insert(&inp->inp_pcbinfo->ipi_hash, &inp->inp_hnode,
		tuple_hash(inp->inp_faddr, inp->inp_fport, inp->inp_laddr,
		    inp->inp_lport));
	return (inp->inp_inhash);
}

int
in_pcbinshash(struct inpcb *inp, uint32_t laddr, uint16_t lport, uint32_t faddr,
    uint16_t fport)
{
	struct inpcb old = *inp;
	int error;

	if (faddr != INADDR_ANY &&
	    in_pcbexact(inp->inp_pcbinfo, faddr, fport, laddr, lport) != NULL)
		return (VE_ADDRINUSE);
	MPASS(inp->inp_phd == NULL || inp->inp_lport == lport);
	inp->inp_laddr = laddr;
	inp->inp_lport = lport;
	inp->inp_faddr = faddr;
	inp->inp_fport = fport;
	error = inp->inp_phd == NULL ? in_portadd(inp) : 0;
	if (error == 0 && rehash(inp))
		return (0);
	/* only one that was in neither table can fail */
	in_portdel(inp);
	inp->inp_laddr = old.inp_laddr;
	inp->inp_lport = old.inp_lport;
	inp->inp_faddr = old.inp_faddr;
	inp->inp_fport = old.inp_fport;
	return (VE_NOBUFS);
}

/* ---- bind and connect ---- */

/* FreeBSD: ifa_ifwithaddr() finds a broadcast address, too. */
static bool
bindable(uint32_t laddr)
{
	const struct inet_afops *af = in_af();

	if (laddr == INADDR_ANY || in_ismulticast(laddr))
		return (true);
	return (af != NULL &&
		(af->af_local(laddr) ||
		    (laddr != INADDR_BROADCAST && af->af_broadcast(laddr))));
}

int
in_pcbbind(struct inpcb *inp, const struct sockaddr_in *sin)
{
	uint32_t laddr = sin != NULL ? sin->sin_addr : INADDR_ANY;
	uint16_t lport = sin != NULL ? sin->sin_port : 0;
	uint32_t anon = lport == 0 ? INP_ANONPORT : 0;
	int error;

	if (inp->inp_lport != 0 || inp->inp_laddr != INADDR_ANY)
		return (VE_INVAL);
	if (!bindable(laddr))
		return (VE_ADDRNOTAVAIL);
	if (lport != 0)
		error = in_portcheck(inp, laddr, lport);
	else
		error = in_portchoose(inp, laddr, 0, 0, &lport);
	if (error == 0)
		error = in_pcbinshash(inp, laddr, lport, INADDR_ANY, 0);
	if (error != 0)
		return (error);
	if (!inp->inp_socket->so_proto->pr_connrequired)
		error = in_pcblbgroup_join(inp);
	if (error != 0)
		in_pcbunbind(inp);
	else
		inp->inp_flags |= anon;
	return (error);
}

/* FreeBSD: in_pcbconnect_setup(), but 0.0.0.0 means the loopback address. */
int
in_pcbconnect(struct inpcb *inp, const struct sockaddr_in *sin)
{
	const struct inet_afops *af = in_af();
	uint32_t laddr = inp->inp_laddr, faddr = sin->sin_addr;
	uint16_t lport = inp->inp_lport;
	uint32_t anon = lport == 0 ? INP_ANONPORT : 0;
	int error;

	MPASS(inp->inp_faddr == INADDR_ANY);
	if (sin->sin_port == 0)
		return (VE_ADDRNOTAVAIL);
	if (af == NULL)
		return (VE_NETDOWN);
	if (faddr == INADDR_ANY)
		faddr = INADDR_LOOPBACK;
	if (laddr == INADDR_ANY) {
		error = in_pcbladdr(inp, faddr, &laddr);
		if (error != 0)
			return (error);
	}
	if (lport == 0) {
		error = in_portchoose(inp, laddr, faddr, sin->sin_port, &lport);
		if (error != 0)
			return (error);
	}
	error = in_pcbinshash(inp, laddr, lport, faddr, sin->sin_port);
	if (error == 0)
		inp->inp_flags |= anon;
	return (error);
}

/* May both be unconnected on one address? */
static bool
shares(const struct inpcb *a, const struct inpcb *b)
{
	const uint32_t share = SO_REUSEPORT | SO_REUSEPORT_LB;

	return ((a->inp_socket->so_options & b->inp_socket->so_options &
		    share) != 0);
}

void
in_pcbdisconnect(struct inpcb *inp)
{
	struct inpcb *t;

	inp->inp_faddr = INADDR_ANY;
	inp->inp_fport = 0;
	if (!inp->inp_inhash)
		return;
	/* One that was bound meanwhile keeps the packets of this address. */
	unhash(inp);
	t = in_pcbexact(
	    inp->inp_pcbinfo, INADDR_ANY, 0, inp->inp_laddr, inp->inp_lport);
	if (t == NULL || shares(inp, t))
		(void)rehash(inp);
}

void
in_pcbunbind(struct inpcb *inp)
{
	MPASS(inp->inp_faddr == INADDR_ANY);
	unhash(inp);
	in_portdel(inp);
	inp->inp_laddr = INADDR_ANY;
	inp->inp_lport = 0;
	inp->inp_flags &= ~(uint32_t)INP_ANONPORT;
}

/* ---- the end ---- */

void
in_pcbdrop(struct inpcb *inp)
{
	inp->inp_flags |= INP_DROPPED;
	unhash(inp);
	in_portdel(inp);
}

void
in_pcbdetach(struct inpcb *inp)
{
	if (inp->inp_socket == NULL)
		return;
	inp->inp_socket->so_pcb = NULL;
	inp->inp_socket = NULL;
}

static void
in_pcbfree_deferred(struct epoch_context *ctx)
{
	uma_zfree(&inpcb_zone, container_of(ctx, struct inpcb, inp_epoch));
}

void
in_pcbfree(struct inpcb *inp)
{
	struct inpcbinfo *pi = inp->inp_pcbinfo;

	MPASS((inp->inp_flags & INP_FREED) == 0);
	if (inp->inp_moptions != NULL)
		in_mc()->mc_free(inp);
	in_pcbdetach(inp);
	unhash(inp);
	in_portdel(inp);
	TAILQ_REMOVE(&pi->ipi_list, inp, inp_list);
	pi->ipi_count--;
	inp->inp_flags |= INP_FREED;
	(void)in_pcbipoptions(inp, NULL);
	crfree(&inp->inp_cred);
	/* one that never had a port was never in a table */
	if (inp->inp_lport == 0)
		uma_zfree(&inpcb_zone, inp);
	else
		NET_EPOCH_CALL(in_pcbfree_deferred, &inp->inp_epoch);
	wakeup(&pi->ipi_wq);
}
