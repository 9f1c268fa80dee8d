/*
 * ip_encap.h - who takes packets that carry other packets: gif, gre.
 *
 * A tunnel says which protocol it wants, between which outer addresses.
 * FreeBSD: sys/netinet/ip_encap.h.
 */
#ifndef SRC_NET_IP_IP_ENCAP_H
#define SRC_NET_IP_IP_ENCAP_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/mbuf.h>
#include <vnetsim/kern/queue.h>

enum { IPPROTO_IPIP = 4, IPPROTO_GRE = 47 };

struct ip_repr;

/* Constant, of a kind of tunnel. */
struct encap_ops {
	uint8_t eo_proto;
	uint8_t eo_minlen; /* bytes behind the outer header, at least */
	/* is it for this tunnel?  Addresses and protocol are right */
	bool (*eo_check)(void *arg, const struct mbuf *m);
	/* takes @m at its outer header of @hlen bytes */
	void (*eo_input)(void *arg, struct mbuf *m __takes, uint32_t hlen);
};

struct encaptab {
	const struct encap_ops *et_ops; /* (c) */
	void *et_arg;                   /* (b) */
	uint32_t et_src, et_dst;        /* of packets that come in */
	LIST_ENTRY(encaptab) et_link;
	struct epoch_context et_epoch;
};

/**
 * ip_encap_attach() - take packets, in curvnet
 * @ops:	kind
 * @src:	their source, host order
 * @dst:	their destination
 * @arg:	for @ops; valid until a grace period after ip_encap_detach()
 * @etp:	out
 *
 * Return:	0; VE_ADDRNOTAVAIL: somebody takes them already; VE_NOMEM.
 */
int ip_encap_attach(const struct encap_ops *ops, uint32_t src, uint32_t dst,
    void *arg, struct encaptab **etp);

/* No more; the entry is freed after a grace period.  curvnet is that of the
 * attach. */
void ip_encap_detach(struct encaptab *et);

/**
 * encap4_input() - is this packet somebody's?
 * @m:		packet for us, at its header; taken if so
 * @ip:		what the header says
 *
 * Return:	true: taken.
 */
bool encap4_input(struct mbuf *m, const struct ip_repr *ip);

#endif /* !SRC_NET_IP_IP_ENCAP_H */
