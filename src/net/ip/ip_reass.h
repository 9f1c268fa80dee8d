/*
 * ip_reass.h - fragments: made for a small MTU, and put together again.
 */
#ifndef SRC_NET_IP_IP_REASS_H
#define SRC_NET_IP_IP_REASS_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/op.h>
#include "src/net/ip/ip.h"

struct sysctl_oid;

#define IPREASS_NHASH        64
#define IP_MAXFRAGS          4096
#define IP_MAXFRAGPACKETS    1024
#define IP_MAXFRAGSPERPACKET 16
#define IP_MAXFRAGBUCKETSIZE (IP_MAXFRAGPACKETS / (IPREASS_NHASH / 2))
#define IP_FRAGTTL           30 /* s */

/**
 * ip_fragment() - cut a packet in place
 * @m:		starts at its IP header, longer than @mtu; keeps the first part,
 *		the others follow by m_nextpkt
 * @mtu:	bytes of the longest piece
 *
 * The transport's sum is made first.  Options go with every piece if they say
 * so (RFC 791 section 3.1).  A fragment may be cut again.
 * Return:	0; VE_MSGSIZE: no 8 bytes of data would fit; VE_NOBUFS.  On
 *		failure @m is whole and alone.
 */
int ip_fragment(struct mbuf *m, uint32_t mtu);

/**
 * ip_reass() - a fragment of a packet for us came in
 * @m:		takes it at its checked header; its header is writable
 * @ip:		what the header says; of the whole packet if one is returned
 *
 * Return:	the whole packet, header in front; NULL: the fragment waits for
 *		others, or was dropped (counted).
 */
struct mbuf *ip_reass(struct mbuf *m __takes, struct ip_repr *ip);

/**
 * ip_reass_shutdown() - drop what waits, stop the timer
 * @op:	of the shutdown verb
 *
 * Return:	true: done; false: return OP_WAIT and call again.
 */
bool ip_reass_shutdown(struct op *op);
/* Free the table, if nothing is left in it. */
void ip_reass_uninit(void);

/* net.inet.ip.curfrags, net.inet.ip.fragpackets */
int ip_reass_sysctl_curfrags(
    const struct sysctl_oid *oid, int64_t *value, bool write);
int ip_reass_sysctl_fragpackets(
    const struct sysctl_oid *oid, int64_t *value, bool write);

#endif /* !SRC_NET_IP_IP_REASS_H */
