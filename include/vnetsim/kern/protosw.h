/*
 * protosw.h - what a transport offers to sockets, and what IP hands up to it.
 *
 * Constant tables; a transport registers its own per vnet in its init, so a
 * socket of a vnet without that protocol cannot be made and a packet for it is
 * answered as for an unknown protocol.
 *
 * Every pru_ function runs in so->so_vnet, returns 0 or an errno, never
 * blocks: waiting is the socket layer's business.
 */
#ifndef VNETSIM_KERN_PROTOSW_H
#define VNETSIM_KERN_PROTOSW_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/mbuf.h>

struct socket;

enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3 };
enum {
	IPPROTO_IP = 0,
	IPPROTO_ICMP = 1,
	IPPROTO_IGMP = 2,
	IPPROTO_TCP = 6,
	IPPROTO_UDP = 17,
	IPPROTO_RAW = 255,
};

/* IPv4 address and port, host order; port 0 and address 0 are wildcards. */
struct sockaddr_in {
	uint32_t sin_addr;
	uint16_t sin_port;
};

enum pru_flags {
	PRUS_EOF = 1, /* half-close after this data */
	PRUS_OOB = 2, /* its last byte is urgent */
};

/* What came back from the network, for pr_ctlinput. */
enum prc {
	PRC_UNREACH_NET,
	PRC_UNREACH_HOST,
	PRC_UNREACH_PROTOCOL,
	PRC_UNREACH_PORT,
	PRC_UNREACH_ADMIN, /* prohibited by somebody on the way */
	PRC_MSGSIZE,
	PRC_TIMXCEED,
	PRC_PARAMPROB,
	PRC_N,
};

struct protosw {
	const char *pr_name;  /* "tcp" */
	uint8_t pr_type;      /* SOCK_ */
	uint8_t pr_protocol;  /* IPPROTO_ */
	uint8_t pr_mod;       /* enum vnet_modid */
	bool pr_connrequired; /* stream semantics: listen, accept */
	/* from IP: @m starts at the IP header, @hlen its length; takes @m */
	void (*pr_input)(struct mbuf *m __takes, uint32_t hlen);
	/* ICMP error about a packet of ours: @ip/@l4 point to >= 8 quoted L4
	 * bytes; @arg: MTU for PRC_MSGSIZE */
	void (*pr_ctlinput)(enum prc cmd, uint32_t src, uint32_t dst,
	    const uint8_t *l4, uint32_t arg);
	int (*pru_attach)(struct socket *so);
	int (*pru_bind)(struct socket *so, const struct sockaddr_in *sin);
	int (*pru_listen)(struct socket *so, int backlog);
	int (*pru_connect)(struct socket *so, const struct sockaddr_in *sin);
	int (*pru_accept)(struct socket *so, struct sockaddr_in *peer);
	/* @m: data, takes it; @to: NULL if connected */
	int (*pru_send)(struct socket *so, int flags, struct mbuf *m __takes,
	    const struct sockaddr_in *to);
	/* recv(2) with MSG_OOB; NULL: there is no such thing */
	int (*pru_rcvoob)(struct socket *so, uint8_t *byte, bool peek);
	/* the user took data out of so_rcv: window update */
	int (*pru_rcvd)(struct socket *so);
	int (*pru_shutdown)(struct socket *so);
	int (*pru_disconnect)(struct socket *so);
	/* close(2): afterwards the protocol may keep the socket (SS_PROTOREF)
	 */
	void (*pru_close)(struct socket *so);
	/* drop at once, tell the peer: embryonic children of a listener */
	void (*pru_abort)(struct socket *so);
	/* last call: so_pcb goes */
	void (*pru_detach)(struct socket *so);
	int (*pru_sockaddr)(struct socket *so, struct sockaddr_in *sin);
	int (*pru_peeraddr)(struct socket *so, struct sockaddr_in *sin);
	/* protocol-level options; @value in and out */
	int (*pr_ctloutput)(
	    struct socket *so, bool set, int name, int64_t *value);
	/* inspection: state name ("ESTABLISHED"), constant; NULL: none */
	const char *(*pr_state)(const struct socket *so);
};

/**
 * pffindproto() - the protocol of curvnet
 * @type:	SOCK_, 0: any
 * @protocol:	IPPROTO_, 0: the default of @type; SOCK_RAW has one table for
 *		all
 *
 * Return:	table, or NULL.
 */
const struct protosw *pffindproto(int type, int protocol);

/**
 * protosw_register() - a transport exists in curvnet from now on
 * @pr:	constant
 *
 * Return:	0; VE_EXIST.
 */
int protosw_register(const struct protosw *pr);
void protosw_unregister(const struct protosw *pr);

#endif /* !VNETSIM_KERN_PROTOSW_H */
