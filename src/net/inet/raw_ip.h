/*
 * raw_ip.h - raw sockets as IP sees them.
 */
#ifndef SRC_NET_INET_RAW_IP_H
#define SRC_NET_INET_RAW_IP_H

#include "src/net/inet/in_pcb.h"

struct vnet_rip {
	struct inpcbinfo ripcbinfo;
	int32_t maxdgram;  /* so_snd, bytes */
	int32_t recvspace; /* so_rcv, bytes */
};
VNET_STATE(rip, struct vnet_rip);
#define V_rip VNET(rip)

/* Which packet. */
struct rip_key {
	uint32_t src, dst; /* host order */
	uint8_t proto;
};

/**
 * rip_wanted() - does any raw socket of curvnet want this packet?
 * @m:		the packet
 * @key:	its addresses and protocol
 *
 * Return:	true if so.  False also before init and after shutdown.
 */
bool rip_wanted(const struct mbuf *m, const struct rip_key *key);

/**
 * rip_input() - give a packet to every raw socket that wants it
 * @m:		starts at its IP header, all sums in the bytes are real
 * @key:	its addresses and protocol
 *
 * Each gets a copy, the last one @m itself.  A full buffer or want of memory
 * is a counted drop.
 * Takes:	@m, unless false is returned.
 * Return:	true: at least one socket was meant.
 */
bool rip_input(struct mbuf *m, const struct rip_key *key);

VNET_MODULE_DECLARE(rip);

#endif /* !SRC_NET_INET_RAW_IP_H */
