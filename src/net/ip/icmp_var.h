/*
 * icmp_var.h - state of ICMP: limits, counters, pings that wait.
 */
#ifndef SRC_NET_IP_ICMP_VAR_H
#define SRC_NET_IP_ICMP_VAR_H

#include <stdint.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/ip/ip_var.h"

struct ip_repr;

#define ICMP_HDRLEN   8
#define ICMP_QUOTE    8   /* bytes of L4 that an error quotes, at least */
#define ICMP_QUOTELEN 548 /* and at most: RFC 1812 section 4.3.2.3 */

struct icmpstat {
	uint32_t icps_error, icps_reflect, icps_limited, icps_oldicmp;
	uint32_t icps_outhist_unreach, icps_outhist_timxceed;
	uint32_t icps_outhist_redirect, icps_outhist_paramprob;
	uint32_t icps_inhist_unreach, icps_inhist_timxceed;
	uint32_t icps_inhist_redirect, icps_badredirect;
	uint32_t icps_tooshort, icps_checksum, icps_badlen, icps_badcode;
	uint32_t icps_bmcastecho, icps_bmcasttstamp, icps_badaddr;
};

struct icmp_bandlim {
	int64_t start;  /* of the running second */
	uint32_t count; /* in it */
};

/* A ping that waits for its answer; in the list while its op runs. */
struct ping_wait {
	uint16_t id;
	bool answered;
	int64_t sent, rtt;
	int error; /* from an unreachable */
	uint32_t dst;
	TAILQ_ENTRY(ping_wait) link;
};

/* All that wait, and where they do. */
struct icmp_pings {
	TAILQ_HEAD(, ping_wait) ip_list;
	struct waitq ip_wq;
};

struct vnet_icmp {
	int32_t icmplim;      /* a second and kind; 0: no limit */
	int32_t bmcastecho;   /* answer echo requests to broadcast */
	int32_t quotelen;     /* bytes */
	int32_t redirtimeout; /* s */
	int32_t tstamprepl;   /* answer timestamp requests */
	int32_t maskrepl;     /* answer address mask requests */
	uint32_t maskfake;    /* with this mask; 0: the true one */
	uint32_t pingid;
	bool drop_redirect;
	struct icmp_pings *pings; /* (o) NULL after shutdown */
	struct icmp_bandlim *lim; /* (o) BANDLIM_N of them */
	struct icmpstat stat;
};
VNET_STATE(icmp, struct vnet_icmp);
#define V_icmp VNET(icmp)

enum { ICMP_Z_LIMITS, ICMP_Z_PING, ICMP_Z_PINGS };
extern const struct uma_zone ping_wait_zone, icmp_pings_zone;

/* Prepend an IPv4 header to a message, make its sum, send it.
 * Return: as ip_output(). */
int icmp_send(struct mbuf *m __takes, uint32_t src, uint32_t dst);

/**
 * icmp_request() - a request that we may answer: echo, timestamp, mask
 * @m:	whole, at its IP header, its sums were right
 * @ip:	what that says
 * @why:	out, if false is returned: the reason to drop it with
 *
 * Takes:	@m, unless false is returned.
 * Return:	true: answered, or dropped; false: not to be answered.
 */
bool icmp_request(
    struct mbuf *m, const struct ip_repr *ip, enum drop_reason *why);

/* ICMP_REDIRECT came in, its sum was right; @m at its IP header, the caller's.
 * Return: DROP_NONE: believed; or why not. */
enum drop_reason icmp_redirect_input(
    const struct mbuf *m, const struct ip_repr *ip);

/* Can a ping wait here?  Ends with shutdown: those that wait are told. */
int icmp_pings_init(void);
enum op_verdict icmp_pings_shutdown(struct op *op);

/* An echo reply or an error about an echo request came in. */
void ping_reply(uint32_t from, uint16_t id, int error);

#endif /* !SRC_NET_IP_ICMP_VAR_H */
