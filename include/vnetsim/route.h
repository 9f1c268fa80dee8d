/*
 * route.h - messages of the routing socket.
 *
 * A socket of type VNETSIM_ROUTE (vnetsim/socket.h) carries whole messages,
 * one per send and recv, in the layouts of FreeBSD 14 on a 64-bit little-endian
 * machine, whatever the host: rt_msghdr (152 bytes), if_msghdr (168),
 * ifa_msghdr (20), if_announcemsghdr (24), each but the last followed by the
 * addresses its mask names, lowest bit first, each rounded up to 8 bytes.
 *
 *	offset  rt_msghdr      if_msghdr       ifa_msghdr   if_announcemsghdr
 *	 0      msglen (2)     msglen          msglen       msglen
 *	 2      version 5 (1)  version         version      version
 *	 3      type (1)       type            type         type
 *	 4      index (2)      addrs (4)       addrs (4)    index (2)
 *	 6                                                  name (16)
 *	 8      flags (4)      flags (4)       flags (4)
 *	12      addrs (4)      index (2)       index (2)
 *	16      pid (4)        if_data (152)   metric (4)
 *	20      seq (4)                                     (22:) what (2)
 *	24      errno (4)
 *	28      fmask (4)
 *	32      inits (8)
 *	40      metrics: 14 words of 8: locks mtu hopcount expire recvpipe
 *	        sendpipe ssthresh rtt rttvar pksent weight nhidx - -
 *
 * struct vnetsim_rtmsg is what such a message says; the two functions convert.
 *
 * What a process writes: RTM_ADD, RTM_DELETE, RTM_CHANGE, RTM_GET.  It is
 * answered by the message itself with DONE set or an errno in it, to all
 * listeners of the vnet, the writer included unless its SO_USELOOPBACK is off;
 * send(2) answers with that errno, too.  Others are told of changes without
 * having asked.  A listener is told of the table it is bound to
 * (VNETSIM_SO_SETFIB), and of what belongs to none.  What does not fit into
 * its buffer is lost, counted as net.drop.route.fullsock.
 */
#ifndef VNETSIM_ROUTE_H
#define VNETSIM_ROUTE_H

#include <vnetsim/vnetsim.h>

enum vnetsim_rtm {
	VNETSIM_RTM_ADD = 1,
	VNETSIM_RTM_DELETE = 2,
	VNETSIM_RTM_CHANGE = 3,
	VNETSIM_RTM_GET = 4,
	VNETSIM_RTM_REDIRECT = 6,
	VNETSIM_RTM_MISS = 7,
	VNETSIM_RTM_NEWADDR = 12,
	VNETSIM_RTM_DELADDR = 13,
	VNETSIM_RTM_IFINFO = 14,
	VNETSIM_RTM_IFANNOUNCE = 17,
};

/* Which addresses a message has. */
#define VNETSIM_RTA_DST     0x1u
#define VNETSIM_RTA_GATEWAY 0x2u
#define VNETSIM_RTA_NETMASK 0x4u
#define VNETSIM_RTA_GENMASK 0x8u
#define VNETSIM_RTA_IFP     0x10u
#define VNETSIM_RTA_IFA     0x20u
#define VNETSIM_RTA_AUTHOR  0x40u
#define VNETSIM_RTA_BRD     0x80u

/* Flags of a route; FreeBSD's. */
#define VNETSIM_RTF_UP        0x1u
#define VNETSIM_RTF_GATEWAY   0x2u
#define VNETSIM_RTF_HOST      0x4u
#define VNETSIM_RTF_REJECT    0x8u
#define VNETSIM_RTF_DYNAMIC   0x10u
#define VNETSIM_RTF_DONE      0x40u
#define VNETSIM_RTF_STATIC    0x800u
#define VNETSIM_RTF_BLACKHOLE 0x1000u
#define VNETSIM_RTF_PINNED    0x100000u
#define VNETSIM_RTF_LOCAL     0x200000u

/* Which metrics are meant. */
#define VNETSIM_RTV_MTU    0x1u
#define VNETSIM_RTV_EXPIRE 0x4u

#define VNETSIM_RTM_MAXLEN 1024 /* bytes of a message that is written */

/* An address of the link layer. */
struct vnetsim_rtlink {
	uint16_t index; /* 0: none */
	char name[16];  /* "": none */
	uint8_t ether[6];
	bool has_ether;
};

/**
 * struct vnetsim_rtmsg - a message of the routing socket
 * @type:	enum vnetsim_rtm
 * @len:	bytes; out
 * @index:	interface, 0: none
 * @flags:	VNETSIM_RTF_; IFINFO: FreeBSD's IFF_
 * @addrs:	VNETSIM_RTA_: which of the following are meant
 * @pid:	who wrote it, 0: the kernel
 * @seq:	the writer's own number
 * @error:	errno
 * @inits:	VNETSIM_RTV_: which of @mtu and @expire are meant
 * @mtu:	bytes; IFINFO: the interface's
 * @expire:	s from now, 0: never
 * @dst:	as the five below host order
 * @gateway:	0, if it is @gwlink
 * @netmask:	of @dst, or of @ifa
 * @ifa:	address of the interface
 * @author:	of a redirect
 * @brd:	broadcast address
 * @gwlink:	an interface as gateway
 * @ifp:	interface
 * @linkstate:	IFINFO: 0: unknown, 1: down, 2: up
 * @arrival:	IFANNOUNCE: it has come; else it has gone
 */
struct vnetsim_rtmsg {
	uint8_t type;
	uint16_t len;
	uint16_t index;
	uint32_t flags;
	uint32_t addrs;
	int32_t pid, seq, error;
	uint32_t inits;
	uint32_t mtu, expire;
	uint32_t dst, gateway, netmask, ifa, author, brd;
	struct vnetsim_rtlink gwlink, ifp;
	uint8_t linkstate;
	bool arrival;
};

/**
 * vnetsim_rtmsg_decode() - what the bytes say
 * @data:	bytes received
 * @len:	how many
 * @msg:	out
 *
 * Return:	0; VE_INVAL: not a message, or cut short; VE_PROTONOSUPPORT:
 *		another version; VE_OPNOTSUPP: unknown type; VE_AFNOSUPPORT: an
 *		address of another family.
 */
int vnetsim_rtmsg_decode(
    const void *data, size_t len, struct vnetsim_rtmsg *msg);

/**
 * vnetsim_rtmsg_encode() - the bytes that say it
 * @msg:	message
 * @buf:	out
 * @size:	bytes of @buf
 *
 * Return:	bytes; 0: @buf is too small, or an unknown type.
 */
size_t vnetsim_rtmsg_encode(
    const struct vnetsim_rtmsg *msg, void *buf, size_t size);

#endif /* !VNETSIM_ROUTE_H */
