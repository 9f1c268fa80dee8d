/*
 * in_af.h - what pcbs and UDP need from the network layer below them.
 *
 * src/net/inet stands below src/net/ip in the include order (both families
 * will share it), so its calls into IP go through this table, which ip_init()
 * registers in V_inpcb and ip_uninit() takes back.
 */
#ifndef SRC_NET_INET_IN_AF_H
#define SRC_NET_INET_IN_AF_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/mbuf.h>

struct inpcb;

struct inet_afops {
	/*
	 * Send: @m starts with room for nothing; IP prepends its header.
	 * @inp may be NULL.  Takes @m.  Return: 0; VE_NETUNREACH,
	 * VE_HOSTUNREACH: no route; VE_MSGSIZE; VE_NETDOWN; VE_NOBUFS.
	 */
	int (*af_output)(struct mbuf *m __takes, uint32_t src, uint32_t dst,
	    uint8_t proto, uint8_t ttl, uint8_t tos, struct inpcb *inp);
	/* Source address towards @dst by table @fib.  Return: 0; VE_NETUNREACH,
	 * VE_HOSTUNREACH; VE_ADDRNOTAVAIL: interface without address */
	int (*af_laddr)(uint32_t fib, uint32_t dst, uint32_t *src);
	/* Is it one of ours? */
	bool (*af_local)(uint32_t addr);
	bool (*af_broadcast)(uint32_t addr);
	/* Answer a packet with an ICMP error; takes @m (at its IP header). */
	void (*af_unreach)(struct mbuf *m __takes, uint8_t code);
};

/* In curvnet; NULL: none.  One writer: ip_init()/ip_uninit(). */
void in_af_register(const struct inet_afops *ops);
const struct inet_afops *in_af(void);

#endif /* !SRC_NET_INET_IN_AF_H */
