/*
 * ip_options.h - options of packets that come in, and of those that go out.
 */
#ifndef SRC_NET_IP_IP_OPTIONS_H
#define SRC_NET_IP_IP_OPTIONS_H

#include <stdbool.h>
#include <vnetsim/kern/mbuf.h>
#include "src/net/ip/ip.h"

/**
 * ip_dooptions() - process the options of a packet, for us or not
 * @m:		starts at its checked header, which is writable and has options
 * @ip:		what the header says; the destination may change
 *
 * Return:	false: go on with @m; true: @m is gone, passed on by a source
 *		route, answered by an ICMP error, or dropped (counted).
 */
bool ip_dooptions(struct mbuf *m, struct ip_repr *ip);

struct inpcb;
struct ip_outargs;
struct ipoption;

/**
 * ip_pcbopts() - setsockopt(IP_OPTIONS)
 * @inp:	whose packets get them
 * @opts:	as in a header; a source route begins with the first hop
 * @len:	bytes, a multiple of 4, at most 40 (44 with a source route in
 *		front, whose first hop is not sent); 0: no options any more
 *
 * Return:	0; VE_INVAL: they make no sense; VE_NOBUFS.
 */
int ip_pcbopts(struct inpcb *inp, const uint8_t *opts, uint32_t len);

/**
 * ip_insertoptions() - put options into a packet
 * @m:		takes it if NULL is returned; at its header, which has none
 * @opt:	length > 0
 *
 * Return:	the packet; NULL: no memory.
 */
struct mbuf *ip_insertoptions(
    struct mbuf *m __takes, const struct ipoption *opt);

/**
 * ip_sum_now() - make the outstanding sum of TCP or UDP
 * @mp:		packet without IP header; NULL afterwards if VE_NOBUFS
 * @ia:		source and protocol
 * @dst:	destination of the pseudo header
 *
 * Return:	0; VE_NOBUFS.
 */
int ip_sum_now(struct mbuf **mp, const struct ip_outargs *ia, uint32_t dst);

/**
 * ip_replyoptions() - options for the answer to a packet for us
 * @hdr:	its header; ip_dooptions() let it pass
 * @hlen:	its length
 * @all:	also recorded route and timestamps (ICMP)
 * @o:		out
 *
 * Return:	true: there are some.
 */
bool ip_replyoptions(
    const uint8_t *hdr, uint32_t hlen, bool all, struct ipoption *o);

#endif /* !SRC_NET_IP_IP_OPTIONS_H */
