/*
 * ifreq.h - what else ifconfig(8) asks of an interface.
 *
 * Beside addresses, MTU, up and down (net.h): one request, a command with the
 * arguments it reads, as an ioctl of FreeBSD; and the lines that ifconfig
 * prints about interfaces of one kind.
 */
#ifndef VNETSIM_IFREQ_H
#define VNETSIM_IFREQ_H

#include <vnetsim/vnetsim.h>

#define VNETSIM_IFNAMSIZ    16
#define VNETSIM_IFDESCR     64  /* of a description, with its end */
#define VNETSIM_IFLINE      128 /* of a line of vnetsim_if_line() */
#define VNETSIM_IFLINE_ADDR 0x10000

/* What vnetsim_if_ioctl() changes, and what of struct vnetsim_ifreq it reads.
 */
enum vnetsim_ifcmd {
	VNETSIM_IF_NAME,     /* arg: the new name */
	VNETSIM_IF_ETHER,    /* ether */
	VNETSIM_IF_GROUP,    /* arg: becomes a member */
	VNETSIM_IF_DELGROUP, /* arg */
	VNETSIM_IF_DESCR,    /* text, shorter than VNETSIM_IFDESCR; "": none */
	VNETSIM_IF_VLAN,   /* n: number; arg: parent; m: 0x8100 (0) or 0x88a8 */
	VNETSIM_IF_UNVLAN, /* no parent any more */
	VNETSIM_IF_VLANPCP, /* n: priority, 0..7 */
	VNETSIM_IF_ADDM,    /* arg: becomes a member of the bridge */
	VNETSIM_IF_DELETEM, /* arg */
	/* arg: member; n: flags to set, m: to clear, VNETSIM_IFBIF_ */
	VNETSIM_IF_MEMBERFLAGS,
	VNETSIM_IF_STATIC,     /* arg: member; ether: of a station behind it */
	VNETSIM_IF_DELADDR,    /* ether: forget this station */
	VNETSIM_IF_FLUSH,      /* n: 0: those learnt; 1: all */
	VNETSIM_IF_MAXADDR,    /* n: stations */
	VNETSIM_IF_TIMEOUT,    /* n: seconds, 0: for ever */
	VNETSIM_IF_LAGGPROTO,  /* n: VNETSIM_LAGG_ */
	VNETSIM_IF_LAGGPORT,   /* arg: becomes a port */
	VNETSIM_IF_UNLAGGPORT, /* arg */
	VNETSIM_IF_LAGGHASH,   /* n: VNETSIM_LAGGHASH_ */
	VNETSIM_IF_TUNNEL,     /* src, dst: the outer addresses */
	VNETSIM_IF_UNTUNNEL,   /* none any more */
	VNETSIM_IF_TUNNELFIB,  /* n: FIB of the outer packets */
	VNETSIM_IF_OPTS,   /* n: options to set, m: to clear, VNETSIM_IFOPT_ */
	VNETSIM_IF_GREKEY, /* n: key, 0: none */
	VNETSIM_IF_FIB,    /* n: routing table of what comes in, < net.fibs */
};

/* Flags of a bridge's member, FreeBSD's bits. */
#define VNETSIM_IFBIF_LEARNING 0x1
#define VNETSIM_IFBIF_DISCOVER 0x2
#define VNETSIM_IFBIF_STICKY   0x10
#define VNETSIM_IFBIF_PRIVATE  0x800

/* How a lagg sends. */
enum vnetsim_lagg {
	VNETSIM_LAGG_NONE,
	VNETSIM_LAGG_FAILOVER,
	VNETSIM_LAGG_ROUNDROBIN,
	VNETSIM_LAGG_LOADBALANCE,
	VNETSIM_LAGG_BROADCAST,
};
#define VNETSIM_LAGGHASH_L2 0x1
#define VNETSIM_LAGGHASH_L3 0x2
#define VNETSIM_LAGGHASH_L4 0x4

/* Options of tunnels; the first two are FreeBSD's bits of gre(4). */
#define VNETSIM_IFOPT_GRECSUM      0x1
#define VNETSIM_IFOPT_GRESEQ       0x2
#define VNETSIM_IFOPT_IGNORESOURCE 0x100

struct vnetsim_ifreq {
	uint32_t cmd; /* enum vnetsim_ifcmd */
	uint32_t n, m;
	uint32_t src, dst; /* host order */
	uint8_t ether[6];
	char arg[VNETSIM_IFNAMSIZ];
	const char *text;
};

/**
 * vnetsim_if_ioctl() - what else ifconfig changes
 * @w:		world
 * @jail:	where
 * @name:	interface
 * @req:	what
 *
 * Return:	0; VE_NXIO: no such interface, or it is dying; VE_INVAL: not for
 *		an interface of this kind, or a value out of range; VE_EXIST:
 *		taken; VE_NOENT: what is named does not exist; VE_BUSY: it is
 *		used otherwise, or dying; VE_NOSPC: a limit; VE_NAMETOOLONG;
 *		VE_PROTONOSUPPORT: the other one is of a wrong kind; VE_NOMEM;
 *		VE_SRCH.
 */
int vnetsim_if_ioctl(struct vnetsim *w, vnetsim_handle jail, const char *name,
    const struct vnetsim_ifreq *req);

/**
 * vnetsim_if_line() - what ifconfig prints about interfaces of one kind
 * @w:		world
 * @jail:	where
 * @name:	interface
 * @n:		0, 1, 2, ...; of a bridge from VNETSIM_IFLINE_ADDR on: its
 *		stations
 * @line:	out, without indentation
 *
 * Return:	0; VE_NOENT: no more; VE_NXIO; VE_SRCH.
 */
int vnetsim_if_line(struct vnetsim *w, vnetsim_handle jail, const char *name,
    uint32_t n, char line[VNETSIM_IFLINE]);

#endif /* !VNETSIM_IFREQ_H */
