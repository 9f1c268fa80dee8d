/*
 * in_af.h - what pcbs and UDP need from the network layer below them.
 *
 * src/net/inet stands below src/net/ip in the include order (both families
 * will share it), so its calls into IP go through this table, which ip_init()
 * registers in V_inpcb and ip_uninit() takes back.
 */
#ifndef SRC_NET_INET_IN_AF_H
#define SRC_NET_INET_IN_AF_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/mbuf.h>

struct inpcb;

struct inet_afops {
	/*
	 * Send: @m starts with room for nothing; IP prepends its header.
	 * @inp may be NULL.  Takes @m.  Return: 0; VE_NETUNREACH,
	 * VE_HOSTUNREACH: no route; VE_MSGSIZE; VE_NETDOWN; VE_NOBUFS.
	 */
	int (*af_output)(struct mbuf *m __takes, uint32_t src, uint32_t dst,
	    uint8_t proto, uint8_t ttl, uint8_t tos, struct inpcb *inp);
	/*
	 * A raw socket sends: @m is what it gave.  @bcast: SO_BROADCAST is set.
	 * Takes @m.  Return: as af_output; VE_INVAL: a header (INP_HDRINCL)
	 * that makes no sense.
	 */
	int (*af_raw_output)(struct mbuf *m __takes, uint32_t dst,
	    struct inpcb *inp, bool bcast);
	/* Source address towards @dst by table @fib.  Return: 0; VE_NETUNREACH,
	 * VE_HOSTUNREACH; VE_ADDRNOTAVAIL: interface without address */
	int (*af_laddr)(uint32_t fib, uint32_t dst, uint32_t *src);
	/* Is it one of ours? */
	bool (*af_local)(uint32_t addr);
	bool (*af_broadcast)(uint32_t addr);
	/* Answer a packet with an ICMP error; takes @m (at its IP header). */
	void (*af_unreach)(struct mbuf *m __takes, uint8_t code);
};

/* What imo_multi_filter() of FreeBSD says. */
enum { MCAST_PASS, MCAST_NOTGMEMBER, MCAST_NOTSMEMBER, MCAST_MUTED };

/* What pcbs and UDP need of multicast; there while a pcb has options of it. */
struct inet_mcops {
	/* does @inp hear packet @m from @src to @group?  Return: MCAST_ */
	int (*mc_filter)(const struct inpcb *inp, const struct mbuf *m,
	    uint32_t group, uint32_t src);
	/* source address by IP_MULTICAST_IF.  Return: 0; VE_NOENT: not set;
	 * VE_ADDRNOTAVAIL: the interface has none */
	int (*mc_laddr)(const struct inpcb *inp, uint32_t *src);
	/* the pcb goes: so does inp_moptions */
	void (*mc_free)(struct inpcb *inp);
};

/* In curvnet; NULL: none.  One writer: in_mcast.c. */
void in_mc_register(const struct inet_mcops *ops);
const struct inet_mcops *in_mc(void);

/* In curvnet; NULL: none.  One writer: ip_init()/ip_uninit(). */
void in_af_register(const struct inet_afops *ops);
const struct inet_afops *in_af(void);

/**
 * in_pcbladdr() - the address of ours that a pcb sends from
 * @inp:	has none yet
 * @faddr:	to whom, host order
 * @laddr:	out
 *
 * That of the way there; to a group, of the interface of IP_MULTICAST_IF.
 * Return:	0; VE_NETDOWN; VE_NETUNREACH; VE_ADDRNOTAVAIL.
 */
int in_pcbladdr(const struct inpcb *inp, uint32_t faddr, uint32_t *laddr);

#endif /* !SRC_NET_INET_IN_AF_H */
