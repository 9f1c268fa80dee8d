/*
 * ip_encap.c - the table of tunnels' ends.
 *
 * A short list per vnet: a packet whose protocol, source and destination are
 * those of an entry is its tunnel's, unless that does not want it; then it is
 * a packet of an unknown protocol.  An entry is a ledger object: a tunnel that
 * is forgotten leaks visibly.
 *
 * FreeBSD: sys/netinet/ip_encap.c.
 */
#include <vnetsim/errno.h>
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_encap.h"

static const struct field encaptab_fields[] = {
	FIELD(struct encaptab, et_ops, FUNC),
	FIELD(struct encaptab, et_arg, PTR),
	FIELD(struct encaptab, et_src, IP4),
	FIELD(struct encaptab, et_dst, IP4),
	FIELD(struct encaptab, et_link, LINK),
	FIELD(struct encaptab, et_epoch, OPAQUE),
};
UMA_ZONE(encaptab_zone, ip, IP_Z_ENCAP, struct encaptab, 0, encaptab_fields);

static struct encaptab *
encap_find(uint8_t proto, uint32_t src, uint32_t dst)
{
	struct encaptab *et;

	LIST_FOREACH (et, &V_ip.encap, et_link)
		if (et->et_src == src && et->et_dst == dst &&
		    et->et_ops->eo_proto == proto)
			return (et);
	return (NULL);
}

int
ip_encap_attach(const struct encap_ops *ops, uint32_t src, uint32_t dst,
    void *arg, struct encaptab **etp)
{
	struct encaptab *et;

	if (encap_find(ops->eo_proto, src, dst) != NULL)
		return (VE_ADDRNOTAVAIL);
	et = uma_zalloc(&encaptab_zone, M_ZERO);
	if (et == NULL)
		return (VE_NOMEM);
	et->et_ops = ops;
	et->et_arg = arg;
	et->et_src = src;
	et->et_dst = dst;
	LIST_INSERT_HEAD(&V_ip.encap, et, et_link);
	*etp = et;
	return (0);
}

static void
encap_free(struct epoch_context *ctx)
{
	uma_zfree(&encaptab_zone, container_of(ctx, struct encaptab, et_epoch));
}

void
ip_encap_detach(struct encaptab *et)
{
	LIST_REMOVE(et, et_link);
	NET_EPOCH_CALL(encap_free, &et->et_epoch);
}

bool
encap4_input(struct mbuf *m, const struct ip_repr *ip)
{
	struct encaptab *et = encap_find(ip->proto, ip->src, ip->dst);

	if (et == NULL ||
	    m->m_pkthdr.len < (uint32_t)ip->hlen + et->et_ops->eo_minlen ||
	    !et->et_ops->eo_check(et->et_arg, m))
		return (false);
	et->et_ops->eo_input(et->et_arg, m, ip->hlen);
	return (true);
}
