/*
 * in_pcb_var.h - between in_pcb.c, in_pcb_port.c, in_pcb_lb.c, in_hash.c and
 * in_af.c.
 *
 * Ports: in_pcb_port.c decides which one a pcb may have and keeps the table of
 * ports in use; in_pcb.c is everything else.
 */
#ifndef SRC_NET_INET_IN_PCB_VAR_H
#define SRC_NET_INET_IN_PCB_VAR_H

#include "src/net/inet/in_pcb.h"

#define IPPORT_EPHEMERALFIRST 10000 /* FreeBSD 13: portrange.first */
#define IPPORT_EPHEMERALLAST  65535

extern const struct uma_zone inpcbport_zone, in_hash_zone, ipoption_zone;
extern const struct uma_zone inpcblbgroup_zone, in_lbmember_zone;

/**
 * in_portadd() - enter a pcb in the table of ports
 * @inp:	inp_lport is set, inp_phd is NULL
 *
 * Return:	0; VE_NOBUFS.
 */
int in_portadd(struct inpcb *inp);

/* Take it out again; nothing happens if it is not in. */
void in_portdel(struct inpcb *inp);

/**
 * in_portcheck() - may this address be bound?
 * @inp:	whose
 * @laddr:	local address
 * @lport:	port, not 0
 *
 * Return:	0; VE_ADDRINUSE.
 */
int in_portcheck(const struct inpcb *inp, uint32_t laddr, uint16_t lport);

/**
 * in_portchoose() - a free port
 * @inp:	whose
 * @laddr:	local address
 * @faddr:	peer, or 0
 * @fport:	peer's port, or 0
 * @lport:	out
 *
 * With a peer only the 4-tuple has to be free, as in FreeBSD 13's
 * in_pcb_lport_dest(): one port may serve connections to several peers.
 * Return:	0; VE_ADDRNOTAVAIL: none is free.
 */
int in_portchoose(struct inpcb *inp, uint32_t laddr, uint32_t faddr,
    uint16_t fport, uint16_t *lport);

/* Leave the load-balance group, if it is in one. */
void in_pcblbgroup_leave(struct inpcb *inp);

/* The member that this sender's packets go to; NULL: there is no group. */
struct inpcb *in_pcblbgroup_pick(const struct inpcbinfo *pi, uint32_t faddr,
    uint16_t fport, uint32_t laddr, uint16_t lport);

/* The pcb with exactly these four, the newest of them, or NULL. */
struct inpcb *in_pcbexact(const struct inpcbinfo *pi, uint32_t faddr,
    uint16_t fport, uint32_t laddr, uint16_t lport);

#endif /* !SRC_NET_INET_IN_PCB_VAR_H */
