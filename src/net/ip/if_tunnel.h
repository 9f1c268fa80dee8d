/*
 * if_tunnel.h - what gif and gre share: interfaces whose packets travel in
 * packets.
 *
 * A tunnel has two outer addresses; the near one must be an address of its
 * vnet, or it does not run.  It is no port of another interface: the outer
 * packet is routed as any other.
 *
 * An outer packet that would enter a tunnel of the same kind again counts as
 * nested, one that would enter the same tunnel is a loop; both are refused.
 * As output is one straight call, a mark in the tunnel and a count in the vnet
 * say so.
 */
#ifndef SRC_NET_IP_IF_TUNNEL_H
#define SRC_NET_IP_IF_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/net.h>
#include <vnetsim/kern/sysctl.h>
#include "src/net/ip/ip_encap.h"
#include "src/net/link/if_driver.h"

#define TUNNEL_TTL     30 /* net.inet.ip.gifttl, net.inet.ip.grettl */
#define TUNNEL_NEST    1  /* net.link.gif.max_nesting and gre's */
#define TUNNEL_NESTMAX 16

/* First of the softc of gif and of gre. */
struct tunnel {
	struct ifnet *tn_ifp;      /* (b) */
	struct encaptab *tn_encap; /* (o) NULL: no addresses */
	uint32_t tn_src, tn_dst;   /* outer */
	uint32_t tn_fib;           /* of outer packets */
	uint32_t tn_opts;          /* VNETSIM_IFOPT_ */
	uint32_t tn_unit;
	bool tn_busy; /* sends just now */
	uint8_t tn_pad[3];
};

#define TUNNEL_FIELDS(s, m)                                                    \
	FIELD(s, m.tn_ifp, PTR), FIELD(s, m.tn_encap, PTR),                    \
	    FIELD(s, m.tn_src, IP4), FIELD(s, m.tn_dst, IP4),                  \
	    FIELD(s, m.tn_fib, UINT), FIELD(s, m.tn_opts, HEX),                \
	    FIELD(s, m.tn_unit, UINT), FIELD(s, m.tn_busy, BOOL),              \
	    FIELD(s, m.tn_pad, OPAQUE)

/* Per-vnet state of gif and of gre. */
struct vnet_tunnel {
	struct if_driver vt_drv;
	struct eventhandler_entry *vt_evh; /* (o) */
	int32_t vt_ttl, vt_nesting;
	uint32_t vt_depth; /* tunnels that a packet is in just now */
	uint32_t vt_pad;
};

#define VNET_TUNNEL_FIELDS(s, m)                                               \
	IF_DRIVER_FIELDS(s, m.vt_drv), FIELD(s, m.vt_evh, PTR),                \
	    FIELD(s, m.vt_ttl, INT), FIELD(s, m.vt_nesting, INT),              \
	    FIELD(s, m.vt_depth, UINT), FIELD(s, m.vt_pad, OPAQUE)

/* Constant: a kind of tunnel. */
struct tunnel_kind {
	const struct if_ops *tk_ops;
	const struct encap_ops *tk_encap;
	const struct if_driver_desc *tk_driver;
	uint32_t tk_opts; /* that it knows */
	uint32_t tk_mtu;
	uint8_t tk_type; /* IFT_ */
};

/**
 * tunnel_init() - vm_init of gif and gre
 * @vt:		state
 * @tk:		kind
 *
 * Return:	0; VE_EXIST; VE_NOMEM.
 */
int tunnel_init(struct vnet_tunnel *vt, const struct tunnel_kind *tk);

/* vm_shutdown.  Return: as if_driver_shutdown(). */
enum op_verdict tunnel_shutdown(
    struct op *op, struct vnet_tunnel *vt, const struct tunnel_kind *tk);

/**
 * tunnel_make() - dd_make
 * @tk:		kind
 * @z:		zone of its softc, which begins with a struct tunnel
 * @name:	of the interface
 * @unit:	taken
 *
 * Return:	0; VE_NOMEM; as if_attach().
 */
int tunnel_make(const struct tunnel_kind *tk, const struct uma_zone *z,
    const char *name, uint32_t unit);

/**
 * tunnel_ioctl() - io_ioctl: outer addresses, FIB, options
 * @ifp:	tunnel
 * @tk:		kind
 * @ifr:	request
 *
 * Return:	0; VE_INVAL; VE_ADDRNOTAVAIL: another tunnel has the addresses;
 *		VE_NOMEM.
 */
int tunnel_ioctl(struct ifnet *ifp, const struct tunnel_kind *tk,
    const struct vnetsim_ifreq *ifr);

/* io_depart: the addresses stay behind. */
void tunnel_depart(struct ifnet *ifp, bool vmove);

/**
 * tunnel_enter() - a packet is about to be sent by a tunnel
 * @tn:		tunnel
 * @vt:		state of its vnet
 * @m:		inner packet; dropped if it may not
 *
 * Its outstanding sums are made: inside they are bytes like others.
 *
 * Return:	0: go on with *mp, tunnel_leave() is due; VE_IO: nested too
 *		deep, or a loop; VE_NOBUFS.
 */
int tunnel_enter(struct tunnel *tn, struct vnet_tunnel *vt, struct mbuf *m);

/**
 * tunnel_send() - send the outer packet, and leave
 * @tn:		tunnel
 * @vt:		state of its vnet
 * @m:		takes it; behind the outer header; NULL: no memory for it
 * @proto:	IPPROTO_
 * @tos:	of the inner packet
 *
 * Return:	as ip_output().
 */
int tunnel_send(struct tunnel *tn, struct vnet_tunnel *vt,
    struct mbuf *m __takes, uint8_t proto, uint8_t tos);

/* eo_check: is it up, and did the packet come by where its source is? */
bool tunnel_check(void *arg, const struct mbuf *m);

/* An inner packet goes up by the tunnel; @m without its outer headers. */
void tunnel_up(struct tunnel *tn, struct mbuf *m __takes);

/* io_show, first line.  Return: false: no addresses. */
bool tunnel_show(const struct tunnel *tn, char *buf, size_t size);

#endif /* !SRC_NET_IP_IF_TUNNEL_H */
