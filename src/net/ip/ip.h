/*
 * ip.h - the IPv4 header on the wire, RFC 791 section 3.1.
 *
 * Bytes are read and written by accessors, never by overlay; ip_parse() turns
 * a header that may be nonsense into a struct ip_repr that makes sense, or
 * says what is wrong with it.
 */
#ifndef SRC_NET_IP_IP_H
#define SRC_NET_IP_IP_H

#include <stdint.h>
#include <vnetsim/kern/mbuf.h>

enum {
	IP_O_VHL = 0,
	IP_O_TOS = 1,
	IP_O_LEN = 2,
	IP_O_ID = 4,
	IP_O_OFF = 6,
	IP_O_TTL = 8,
	IP_O_P = 9,
	IP_O_SUM = 10,
	IP_O_SRC = 12,
	IP_O_DST = 16,
};

#define IP_DF        0x4000
#define IP_MF        0x2000
#define IP_OFFMASK   0x1fff
#define IP_MAXHDRLEN 60

#define IPTTLDEC        1                 /* a hop's cost */
#define IPOPT_COPIED(o) (((o)&0x80) != 0) /* into every fragment */

/* Options, RFC 791 section 3.1. */
enum {
	IPOPT_EOL = 0,
	IPOPT_NOP = 1,
	IPOPT_RR = 7,
	IPOPT_TS = 68,
	IPOPT_LSRR = 131,
	IPOPT_SSRR = 137,
};

#define IN_MULTICAST(a)    (((a)&0xf0000000u) == 0xe0000000u)
#define IN_LOOPBACKNET(a)  (((a)&0xff000000u) == 0x7f000000u)
#define IN_ZERONET(a)      (((a)&0xff000000u) == 0)
#define IN_LINKLOCAL(a)    (((a)&0xffff0000u) == 0xa9fe0000u)
#define IN_EXPERIMENTAL(a) (((a)&0xf0000000u) == 0xf0000000u)

static inline uint32_t
in_mask(uint8_t plen)
{
	return (plen == 0 ? 0 : 0xffffffffu << (32 - plen));
}

struct ip_repr {
	uint32_t src, dst;
	uint16_t len, id, off;
	uint8_t hlen, tos, ttl, proto;
};

/**
 * ip_parse() - read and check a header
 * @mp:		packet; the header is made contiguous; NULL afterwards if it
 *		was freed for want of memory
 * @ip:		out
 *
 * Trims what lies behind ip_len (link padding).
 * Return:	DROP_NONE, or why the packet must be dropped.
 */
enum drop_reason ip_parse(struct mbuf **mp, struct ip_repr *ip);

/**
 * ip_decode() - read a header that is known to be there
 * @p:		its IP_HDRLEN first bytes
 * @ip:		out; nothing is checked
 */
void ip_decode(const uint8_t *p, struct ip_repr *ip);

/**
 * ip_csum_reopen() - a packet that came in goes out again, or is quoted
 * @m:		starts at its header, which was checked and may be changed
 * @ip:		what it says
 *
 * "Known to be right" becomes "still to be made": the bytes may never have had
 * a sum (mbuf.h).  A fragment's are real: they were made before it was cut.
 */
void ip_csum_reopen(struct mbuf *m, const struct ip_repr *ip);

#endif /* !SRC_NET_IP_IP_H */
