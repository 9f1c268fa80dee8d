/*
 * in_pcb.h - protocol control blocks: who has which pair of addresses.
 *
 * One struct inpcbinfo per transport and vnet: a hash of pcbs by 4-tuple and
 * one of ports in use (in_hash.h).  A pcb that is bound and not connected is in
 * the first one, too, with peer (0, 0): so a listener is found by one more
 * lookup, and never by a walk over the connections on its port.  Sockets that
 * share an address to share its load are in a third one: in_pcb_lb.c.
 *
 * A pcb holds its credential (which pins the prison) until it is freed;
 * freeing is deferred by NET_EPOCH_CALL, but the credential goes at once
 * (FreeBSD review D38573 tells why).
 *
 * Port allocation: net.inet.ip.portrange.{first,last,...}, randomised by
 * krandom as FreeBSD does (net.inet.ip.portrange.randomized).
 */
#ifndef SRC_NET_INET_IN_PCB_H
#define SRC_NET_INET_IN_PCB_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/protosw.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/inet/in_hash.h"

struct inpcbinfo;
struct inpcblbgroup;
struct inpcbport;
struct ip_moptions;
struct socket;

#define INADDR_ANY       0u
#define INADDR_BROADCAST 0xffffffffu
#define INADDR_LOOPBACK  0x7f000001u

enum inp_flags {
	INP_ANONPORT = 0x1, /* the port was chosen for it */
	INP_DROPPED = 0x2,  /* connection is over, not in the hash */
	INP_TIMEWAIT = 0x4,
	INP_SOCKREF = 0x8, /* it keeps the socket (SS_PROTOREF) */
	INP_FREED = 0x10,  /* waits for its epoch */
	INP_BINDANY = 0x20,
	INP_HDRINCL = 0x40,   /* raw: the bytes have their IP header */
	INP_ONESBCAST = 0x80, /* broadcasts go to 255.255.255.255 */
	INP_DONTFRAG = 0x100, /* raw, UDP: DF */
};

struct inpcb {
	uint32_t inp_laddr, inp_faddr; /* host order; 0: any */
	uint16_t inp_lport, inp_fport;
	struct in_hnode inp_hnode; /* in ipi_hash, if inp_inhash */
	uint32_t inp_flags;        /* enum inp_flags */
	uint8_t inp_ttl, inp_tos;
	uint8_t inp_fib; /* routing table: SO_SETFIB */
	bool inp_inhash;
	uint8_t inp_ip_p;                 /* raw: protocol, 0: any */
	struct ipoption *inp_options;     /* (o) IP_OPTIONS, NULL: none */
	struct inpcbport *inp_phd;        /* (b) its port, NULL: none */
	LIST_ENTRY(inpcb) inp_portlist;   /* of inp_phd */
	struct inpcblbgroup *inp_lbgroup; /* (b) SO_REUSEPORT_LB */
	struct socket *inp_socket;        /* (b) NULL once detached */
	struct ip_moptions *inp_moptions; /* (o) groups: in_mcast.c */
	void *inp_ppcb;                /* (o by the transport) tcpcb, udpcb */
	struct inpcbinfo *inp_pcbinfo; /* (c) */
	struct ref inp_cred;           /* (r) ucred: pins the prison */
	struct ref inp_soref;          /* (r) socket, while INP_SOCKREF */
	struct epoch_context inp_epoch;
	TAILQ_ENTRY(inpcb) inp_list; /* all of the info, order of birth */
};

#define MAX_IPOPTLEN 40

/* Options of packets that go out. */
struct ipoption {
	uint32_t ipopt_dst; /* first hop of a source route; 0: none */
	uint8_t ipopt_len;  /* bytes, a multiple of 4, at most MAX_IPOPTLEN */
	/* room for the first hop, until it has left the option */
	uint8_t ipopt_list[MAX_IPOPTLEN + 4];
};

/* A port in use; goes with its last pcb. */
struct inpcbport {
	struct in_hnode phd_hnode; /* in ipi_ports */
	uint16_t phd_port;
	LIST_HEAD(, inpcb) phd_pcblist; /* newest first */
};

/* Members of a load-balance group: at first, and at most. */
#define IN_LBGROUP_MIN 8
#define IN_LBGROUP_MAX 256

/* Sockets with SO_REUSEPORT_LB; goes with its last member. */
struct inpcblbgroup {
	struct in_hnode il_hnode; /* in ipi_lbgroups */
	uint32_t il_laddr;        /* (c) */
	uint16_t il_lport;        /* (c) */
	uint16_t il_inpcnt;       /* members, never 0 */
	uint16_t il_inpsiz;       /* room for */
	struct inpcb **il_inp;    /* (o) members, in order of joining */
};

struct inpcbinfo {
	const char *ipi_name;        /* (c) "tcp" */
	uint8_t ipi_mod;             /* (c) */
	uint16_t ipi_lastport;       /* the port chosen last */
	uint32_t ipi_count;          /* attached: falls in in_pcbfree() */
	struct in_hash ipi_hash;     /* pcbs by 4-tuple */
	struct in_hash ipi_ports;    /* inpcbport by port */
	struct in_hash ipi_lbgroups; /* inpcblbgroup by address and port */
	uint64_t ipi_portdraws;      /* counter for krandom */
	TAILQ_HEAD(, inpcb) ipi_list;
	struct waitq ipi_wq; /* a pcb went */
};

/**
 * in_pcbinfo_init() - an empty table; allocates nothing yet
 * @pi:		in the module's state
 * @name:	constant
 * @mod:	enum vnet_modid
 */
void in_pcbinfo_init(struct inpcbinfo *pi, const char *name, int mod);

/**
 * in_pcbinfo_destroy() - free the tables; no pcb is left (asserted)
 * @pi:	table
 */
void in_pcbinfo_destroy(struct inpcbinfo *pi);

/**
 * in_pcballoc() - a pcb for a socket
 * @so:		socket; so_pcb is set
 * @pi:		table
 *
 * Return:	0; VE_NOBUFS: no memory.
 */
int in_pcballoc(struct socket *so, struct inpcbinfo *pi);

/**
 * in_pcbbind() - give it a local address and port
 * @inp:	unbound
 * @sin:	wanted; port 0: any free; NULL: anything
 *
 * A multicast address, and the broadcast address of an interface, may be bound,
 * too.  What SO_REUSEADDR, SO_REUSEPORT and SO_REUSEPORT_LB allow is a table in
 * in_pcb_port.c.
 *
 * Return:	0; VE_INVAL: bound already; VE_ADDRNOTAVAIL: not ours;
 *		VE_ADDRINUSE; VE_NOBUFS.
 */
int in_pcbbind(struct inpcb *inp, const struct sockaddr_in *sin);

/**
 * in_pcbconnect() - give it a peer; chooses address and port if unbound
 * @inp:	not connected
 * @sin:	peer
 *
 * Return:	0; VE_ADDRINUSE: the 4-tuple exists; VE_ADDRNOTAVAIL;
 *		VE_NETUNREACH, VE_HOSTUNREACH; VE_NOBUFS.
 */
int in_pcbconnect(struct inpcb *inp, const struct sockaddr_in *sin);

/* Take back a bind.  @inp is not connected. */
void in_pcbunbind(struct inpcb *inp);

/* Forget the peer; the local address and port stay bound. */
void in_pcbdisconnect(struct inpcb *inp);

/* Set all four at once (a listener's child).  Return: 0, VE_ADDRINUSE,
 * VE_NOBUFS. */
int in_pcbinshash(struct inpcb *inp, uint32_t laddr, uint16_t lport,
    uint32_t faddr, uint16_t fport);

/* Leave the hashes; the port is free again; mark INP_DROPPED. */
void in_pcbdrop(struct inpcb *inp);

/* Detach from the socket (so_pcb NULL). */
void in_pcbdetach(struct inpcb *inp);

/**
 * in_pcbfree() - the end: credential dropped now, memory after a grace period
 * @inp:	detached or about to be; ipi_count falls now
 */
void in_pcbfree(struct inpcb *inp);

/**
 * in_pcblookup() - who gets this packet
 * @pi:		table of curvnet
 * @faddr:	sender
 * @fport:	its port
 * @laddr:	ours
 * @lport:	our port
 * @wild:	listeners count, too: a load-balance group first, then exact
 *		address before any; of equals the newest
 *
 * Return:	the pcb, or NULL.  O(1).
 */
struct inpcb *in_pcblookup(struct inpcbinfo *pi, uint32_t faddr, uint16_t fport,
    uint32_t laddr, uint16_t lport, bool wild);

/**
 * in_pcblbgroup_join() - a bound socket shares its address with others
 * @inp:	bound, not connected
 *
 * Does nothing if the socket has no SO_REUSEPORT_LB, or the group is full.
 * Return:	0; VE_NOBUFS.
 */
int in_pcblbgroup_join(struct inpcb *inp);

/**
 * in_pcbport_first(), in_pcbport_next() - walk the pcbs on a local port
 * @pi:		table of curvnet
 * @lport:	port
 * @inp:	the last one
 *
 * Return:	newest first, connected or not; NULL: no more.
 */
struct inpcb *in_pcbport_first(const struct inpcbinfo *pi, uint16_t lport);
struct inpcb *in_pcbport_next(const struct inpcb *inp);

static inline bool
in_ismulticast(uint32_t addr)
{
	return (addr >> 28 == 0xe);
}

/**
 * in_pcbipoptions() - give it IP options, instead of those it has
 * @inp:	pcb
 * @opt:	copied; NULL: none
 *
 * Return:	0; VE_NOBUFS: no memory, it keeps the old ones.
 */
int in_pcbipoptions(struct inpcb *inp, const struct ipoption *opt);

/* Options at level IPPROTO_IP; FreeBSD's numbers. */
enum {
	IP_OPTIONS = 1,
	IP_HDRINCL = 2,
	IP_TOS = 3,
	IP_TTL = 4,
	IP_ONESBCAST = 23,
	IP_DONTFRAG = 67,
};

/**
 * in_pcbopt() - get or set one of them
 * @inp:	pcb, in curvnet
 * @set:	or get
 * @name:	IP_TOS: 0..255; IP_TTL: 1..255, get: the vnet's if not set;
 *		IP_ONESBCAST, IP_DONTFRAG, IP_HDRINCL (raw sockets only): 0, 1
 * @value:	in or out
 *
 * Return:	0; VE_INVAL: out of range; VE_NOPROTOOPT.
 */
int in_pcbopt(struct inpcb *inp, bool set, int name, int64_t *value);

extern const struct uma_zone inpcb_zone;

/* The module's state: in_pcb.c, in_af.c. */
struct in_afslot;
struct vnet_inpcb {
	struct in_afslot *af; /* (o) */
	int32_t first, last;  /* net.inet.ip.portrange */
	int32_t randomized;
};
VNET_STATE(inpcb, struct vnet_inpcb);
#define V_inpcb VNET(inpcb)
enum {
	INPCB_Z_PCB,
	INPCB_Z_PORT,
	INPCB_Z_HASH,
	INPCB_Z_AF,
	INPCB_Z_LBGROUP,
	INPCB_Z_LBMEMBER,
	INPCB_Z_IPOPT,
};

/* Field tables of other modules embed it. */
VNET_MODULE_DECLARE(inpcb);
VNET_MODULE_DECLARE(udp);
VNET_MODULE_DECLARE(socket);

#endif /* !SRC_NET_INET_IN_PCB_H */
