/*
 * ip_options.h - options of packets that come in.
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

#endif /* !SRC_NET_IP_IP_OPTIONS_H */
