/*
 * udp_var.h - UDP on the wire, its state and its counters.
 *
 * A UDP socket has an inpcb and nothing more.  Counters lie in an object of
 * their own, from init to uninit; so a packet that comes after UDP's end is
 * noticed.
 */
#ifndef SRC_NET_INET_UDP_VAR_H
#define SRC_NET_INET_UDP_VAR_H

#include "src/net/inet/in_pcb.h"

enum { UH_O_SPORT = 0, UH_O_DPORT = 2, UH_O_ULEN = 4, UH_O_SUM = 6 };
#define UDP_HDRLEN 8

struct udpstat {
	uint32_t udps_ipackets, udps_opackets;
	uint32_t udps_hdrops, udps_badsum, udps_nosum, udps_badlen;
	uint32_t udps_noport, udps_noportbcast, udps_noportmcast;
	uint32_t udps_fullsock, udps_filtermcast;
};

struct vnet_udp {
	struct inpcbinfo udbinfo;
	struct udpstat *stat;    /* (o) */
	int32_t checksum;        /* send with a sum */
	int32_t maxdgram;        /* so_snd, bytes */
	int32_t recvspace;       /* so_rcv, bytes */
	int32_t blackhole;       /* no port unreachable */
	int32_t blackhole_local; /* to senders of this vnet, either */
};
VNET_STATE(udp, struct vnet_udp);
#define V_udp VNET(udp)

#define UDPSTAT_INC(m) ((void)(V_udp.stat != NULL && ++V_udp.stat->udps_##m))

extern const struct protosw udp_protosw;

/* pr_input, pr_ctlinput. */
void udp_input(struct mbuf *m __takes, uint32_t hlen);
void udp_ctlinput(
    enum prc cmd, uint32_t src, uint32_t dst, const uint8_t *l4, uint32_t arg);

/* A pcb is cut: its socket is told, nothing is sent. */
void udp_detach_pcb(struct inpcb *inp);

#endif /* !SRC_NET_INET_UDP_VAR_H */
