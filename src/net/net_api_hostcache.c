/*
 * net_api_hostcache.c - the public interface of TCP's host cache: a look.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/tcp_info.h>
#include "src/net/net_api.h"
#include "src/net/tcp/tcp_hostcache.h"

int
vnetsim_hostcache_next(
    struct vnetsim *w, uint32_t vnet, uint32_t n, struct vnetsim_hostcache *out)
{
	const struct hc_entry *he;
	struct vnet_frame f;
	struct vnet *v;

	(void)api_look(w);
	v = vnet_byid(vnet);
	memset(out, 0, sizeof(*out));
	if (v == NULL || (v->v_inited & VNET_MODBIT(VNET_MOD_hostcache)) == 0 ||
	    !vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_hostcache))
		return (VE_NOENT);
	he = tcp_hc_nth(n);
	if (he != NULL) {
		out->addr = he->hc_ip4;
		out->mtu = he->hc_metrics.hc_mtu;
		out->ssthresh = he->hc_metrics.hc_ssthresh;
		out->cwnd = he->hc_metrics.hc_cwnd;
		out->rtt = he->hc_metrics.hc_rtt;
		out->rttvar = he->hc_metrics.hc_rttvar;
		out->hits = he->hc_hits;
		out->updates = he->hc_updates;
		out->expire = he->hc_expire;
	}
	vnet_leave(&f);
	return (he != NULL ? 0 : VE_NOENT);
}
