/*
 * if_tuntap.h - tap and tun: interfaces whose wire is a process.
 *
 * What the stack sends by the interface waits in a queue until a process reads
 * it from the interface's device; what the process writes comes in.  A tap
 * carries Ethernet frames, a tun IPv4 packets.
 *
 *	if_tuntap.c      the interface, and the module
 *	if_tuntap_dev.c  the device: open, read, write, close
 *
 * The device has the name under which the interface was made, in the vnet
 * that made it and in the one where it is.  One process opens it at a time;
 * the descriptor can be passed on.  It is the only holder of the softc: a
 * destruction waits until nobody has it open.
 */
#ifndef SRC_NET_LINK_IF_TUNTAP_H
#define SRC_NET_LINK_IF_TUNTAP_H

#include <vnetsim/kern/jail.h>
#include "src/net/link/if_driver.h"

#define TUN_IFQLEN 50    /* frames that wait for a reader: net.link.ifqmaxlen */
#define TUN_MRU    65535 /* bytes of a write: a packet, or what is in a frame */

struct tuntap_softc {
	char tun_dev[IFNAMSIZ]; /* (c) name of the device */
	struct ifnet *tun_ifp;  /* (b) */
	struct mbufq tun_q;     /* (o) charged to the vnet it is in */
	struct waitq tun_wq;    /* readers */
	uint32_t tun_unit;
	bool tun_l2;        /* (c) tap */
	bool tun_transient; /* destroyed by the last close */
	uint8_t tun_pad[2];
};

struct vnet_tuntap {
	struct if_driver tt_tap, tt_tun;
	bool tt_uponopen; /* net.link.tap.up_on_open */
};
VNET_STATE(tuntap, struct vnet_tuntap);
#define V_tuntap VNET(tuntap)

extern const struct if_ops tap_ops, tun_ops;
extern const struct fileops tuntap_fileops;

static inline bool
tuntap_isopen(const struct tuntap_softc *sc)
{
	return (ref_held(sc));
}

/**
 * tuntap_open() - open(2) of /dev/tapN
 * @p:		process
 * @name:	of the device: "tap0", "tun3"
 * @fd:		out
 *
 * curvnet is the process's.
 * Return:	0; VE_NOENT: no such device; VE_BUSY: it is open, or being
 *		destroyed; VE_MFILE; VE_NOMEM.
 */
int tuntap_open(struct proc *p, const char *name, int *fd);

/**
 * tuntap_get() - the device behind a descriptor
 * @p:		process
 * @fd:		descriptor
 * @scp:	out
 *
 * Return:	0; VE_BADF; VE_NODEV: it is something else.
 */
int tuntap_get(struct proc *p, int fd, struct tuntap_softc **scp);

/**
 * tuntap_write() - write(2): a frame comes in by the interface
 * @sc:		device; curvnet is where its interface is
 * @data:	a whole frame, or packet
 * @len:	bytes
 *
 * Return:	0, also if the interface is down or does not want it; VE_IO: too
 *		long; VE_NOBUFS.
 */
int tuntap_write(struct tuntap_softc *sc, const void *data, size_t len);

/**
 * tuntap_read() - read(2): the next frame that the stack has sent
 * @sc:		device
 * @len:	at most so many bytes; the rest of the frame is lost
 * @nonblock:	do not wait
 * @opp:	out: op_data are the bytes; NULL if there is an error other
 *		than VE_INPROGRESS
 *
 * Return:	0: the op is done; VE_INPROGRESS; VE_AGAIN; VE_NOBUFS.
 */
int tuntap_read(
    struct tuntap_softc *sc, uint32_t len, bool nonblock, struct op **opp);

#endif /* !SRC_NET_LINK_IF_TUNTAP_H */
