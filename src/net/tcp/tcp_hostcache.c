/*
 * tcp_hostcache.c - the host cache: a module of its own.
 *
 * Theory of operation
 * ===================
 *
 * One entry per host that TCP has talked with long enough to have learnt
 * something: round trip, slow start threshold, window, path MTU.  The next
 * connection begins with it (tcp_metrics.c).
 *
 *	row          a keyed hash of the address; a list, the last used first
 *	full         a row has bucketlimit (30) entries, the cache cachelimit
 *	             (15,360): the row's last entry is reused; if the row has
 *	             none, nothing is remembered
 *	worker       every prune (300) seconds each entry loses so many of its
 *	             expire (3600) seconds; who has none left goes.  A use
 *	             gives them back.  After purge=1 all go
 *
 * FreeBSD's table is an array of rows; here a row is an object that lives while
 * it has entries, and the worker's callout runs only then, so an idle vnet pays
 * for the root alone.  hashsize can be set until there is a row; FreeBSD reads
 * it, and the two limits, at boot.
 *
 *	init      the root, tunables
 *	shutdown  entries and rows go, the callout is drained, the root goes.
 *	          TCP may still end connections in other orders of teardown:
 *	          without a root nothing is remembered
 *
 * FreeBSD: sys/netinet/tcp_hostcache.c; tcp_hc_destroy() is called by
 * tcp_destroy().
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/op.h>
#include <vnetsim/kern/sysctl.h>
#include "src/net/tcp/tcp_hostcache.h"
#include "src/net/tcp/tcp_stat.h"

static const struct field hc_entry_fields[] = {
	FIELD(struct hc_entry, hc_q, LINK),
	FIELD(struct hc_entry, hc_head, PTR),
	FIELD(struct hc_entry, hc_ip4, IP4),
	FIELD(struct hc_entry, hc_expire, INT),
	FIELD_STAT(struct hc_entry, hc_hits, UINT),
	FIELD_STAT(struct hc_entry, hc_updates, UINT),
	FIELD(struct hc_entry, hc_metrics.hc_mtu, UINT),
	FIELD(struct hc_entry, hc_metrics.hc_ssthresh, UINT),
	FIELD(struct hc_entry, hc_metrics.hc_cwnd, UINT),
	FIELD(struct hc_entry, hc_metrics.hc_rtt, INT),
	FIELD(struct hc_entry, hc_metrics.hc_rttvar, INT),
};
static const struct field hc_head_fields[] = {
	FIELD(struct hc_head, hch_hnode, LINK),
	FIELD(struct hc_head, hch_row, UINT),
	FIELD(struct hc_head, hch_length, UINT),
	FIELD(struct hc_head, hch_bucket, LINK),
};
static const struct field tcp_hostcache_fields[] = {
	FIELD(struct tcp_hostcache, hc_rows, OPAQUE),
	FIELD(struct tcp_hostcache, hc_mask, UINT),
	FIELD(struct tcp_hostcache, hc_timer, CALLOUT),
};
static UMA_ZONE_NAMED(hc_entry_zone, hostcache, 0, "hostcache", struct hc_entry,
    0, hc_entry_fields);
static UMA_ZONE(hc_head_zone, hostcache, 1, struct hc_head, 0, hc_head_fields);
static UMA_ZONE(tcp_hostcache_zone, hostcache, 2, struct tcp_hostcache, 0,
    tcp_hostcache_fields);

/* The cache, if it is there and used. */
static struct tcp_hostcache *
tcp_hc(void)
{
	const struct vnet_hostcache *vh = curvnet->v_state[VNET_MOD_hostcache];

	return (vh != NULL && vh->enable != 0 ? vh->hc : NULL);
}

static struct hc_head *
tcp_hc_row(const struct tcp_hostcache *hc, uint32_t row)
{
	struct hc_head *hch;
	struct in_hnode *n;

	for (n = in_hash_first(&hc->hc_rows, in_hash_mix(row)); n != NULL;
	     n = in_hash_next(n)) {
		hch = container_of(n, struct hc_head, hch_hnode);
		if (hch->hch_row == row)
			return (hch);
	}
	return (NULL);
}

static uint32_t
tcp_hc_hash(uint32_t faddr)
{
	return ((uint32_t)krandom("tcp.hostcache", curvnet->v_id, faddr));
}

static struct hc_entry *
tcp_hc_lookup(const struct tcp_hostcache *hc, uint32_t faddr)
{
	const struct hc_head *hch;
	struct hc_entry *he;

	if (hc == NULL || hc->hc_rows.h_count == 0)
		return (NULL);
	hch = tcp_hc_row(hc, tcp_hc_hash(faddr) & hc->hc_mask);
	if (hch == NULL)
		return (NULL);
	TAILQ_FOREACH (he, &hch->hch_bucket, hc_q)
		if (he->hc_ip4 == faddr)
			return (he);
	return (NULL);
}

/* Out of its row; the row stays. */
static void
tcp_hc_unlink(struct hc_entry *he)
{
	TAILQ_REMOVE(&he->hc_head->hch_bucket, he, hc_q);
	he->hc_head->hch_length--;
	V_hostcache.count--;
}

static void
tcp_hc_rmrow(struct tcp_hostcache *hc, struct hc_head *hch)
{
	if (hch->hch_length != 0)
		return;
	in_hash_remove(&hc->hc_rows, &hch->hch_hnode);
	uma_zfree(&hc_head_zone, hch);
}

static void
tcp_hc_free(struct tcp_hostcache *hc, struct hc_entry *he)
{
	tcp_hc_unlink(he);
	tcp_hc_rmrow(hc, he->hc_head);
	uma_zfree(&hc_entry_zone, he);
}

static void tcp_hc_purge(void *arg);

/* The row of a newcomer, made if need be. */
static struct hc_head *
tcp_hc_addrow(struct tcp_hostcache *hc, uint32_t faddr)
{
	struct hc_head *hch;
	uint32_t row;

	if (hc->hc_rows.h_count == 0)
		hc->hc_mask = (uint32_t)V_hostcache.hashsize - 1;
	row = tcp_hc_hash(faddr) & hc->hc_mask;
	hch = tcp_hc_row(hc, row);
	if (hch != NULL)
		return (hch);
	hch = uma_zalloc(&hc_head_zone, M_ZERO);
	if (hch == NULL)
		return (NULL);
	hch->hch_row = row;
	TAILQ_INIT(&hch->hch_bucket);
	if (!in_hash_insert(&hc->hc_rows, &hch->hch_hnode, in_hash_mix(row))) {
		uma_zfree(&hc_head_zone, hch);
		return (NULL);
	}
	return (hch);
}

/* Room for one more: a new entry, or the row's last. */
static struct hc_entry *
tcp_hc_room(struct hc_head *hch)
{
	struct hc_entry *he = NULL, *t;

	if (hch->hch_length < (uint32_t)V_hostcache.bucketlimit &&
	    V_hostcache.count < (uint32_t)V_hostcache.cachelimit)
		return (uma_zalloc(&hc_entry_zone, M_ZERO));
	TAILQ_FOREACH (t, &hch->hch_bucket, hc_q)
		he = t;
	if (he == NULL)
		return (NULL);
	TCPSTAT_INC(hc_bucketoverflow);
	tcp_hc_unlink(he);
	memset(he, 0, sizeof(*he));
	return (he);
}

static struct hc_entry *
tcp_hc_insert(struct tcp_hostcache *hc, uint32_t faddr)
{
	struct hc_head *hch = tcp_hc_addrow(hc, faddr);
	struct hc_entry *he;

	if (hch == NULL)
		return (NULL);
	he = tcp_hc_room(hch);
	if (he == NULL) {
		tcp_hc_rmrow(hc, hch);
		return (NULL);
	}
	he->hc_head = hch;
	he->hc_ip4 = faddr;
	TAILQ_INSERT_HEAD(&hch->hch_bucket, he, hc_q);
	hch->hch_length++;
	V_hostcache.count++;
	TCPSTAT_INC(hc_added);
	if (!callout_pending(&hc->hc_timer))
		(void)callout_reset(
		    &hc->hc_timer, V_hostcache.prune * NS_S, tcp_hc_purge, hc);
	return (he);
}

/* Found or made, and used now.  NULL: neither. */
static struct hc_entry *
tcp_hc_touch(uint32_t faddr)
{
	struct tcp_hostcache *hc = tcp_hc();
	struct hc_entry *he;

	if (hc == NULL)
		return (NULL);
	he = tcp_hc_lookup(hc, faddr);
	if (he == NULL) {
		he = tcp_hc_insert(hc, faddr);
		if (he == NULL)
			return (NULL);
	} else {
		TAILQ_REMOVE(&he->hc_head->hch_bucket, he, hc_q);
		TAILQ_INSERT_HEAD(&he->hc_head->hch_bucket, he, hc_q);
	}
	he->hc_updates++;
	he->hc_expire = V_hostcache.expire;
	return (he);
}

void
tcp_hc_get(uint32_t faddr, struct hc_metrics_lite *m)
{
	struct hc_entry *he = tcp_hc_lookup(tcp_hc(), faddr);

	memset(m, 0, sizeof(*m));
	if (he == NULL)
		return;
	he->hc_hits++;
	he->hc_expire = V_hostcache.expire;
	*m = he->hc_metrics;
}

uint32_t
tcp_hc_getmtu(uint32_t faddr)
{
	struct hc_entry *he = tcp_hc_lookup(tcp_hc(), faddr);

	if (he == NULL)
		return (0);
	he->hc_hits++;
	he->hc_expire = V_hostcache.expire;
	return (he->hc_metrics.hc_mtu);
}

void
tcp_hc_updatemtu(uint32_t faddr, uint32_t mtu)
{
	struct hc_entry *he = tcp_hc_touch(faddr);

	if (he != NULL)
		he->hc_metrics.hc_mtu = mtu;
}

/* Old and new count the same; what was not known does not count. */
static int64_t
tcp_hc_mean(int64_t old, int64_t new)
{
	if (new == 0)
		return (old);
	return (old == 0 ? new : (old + new) / 2);
}

void
tcp_hc_update(uint32_t faddr, const struct hc_metrics_lite *m)
{
	struct hc_entry *he = tcp_hc_touch(faddr);
	struct hc_metrics_lite *have;

	if (he == NULL)
		return;
	have = &he->hc_metrics;
	have->hc_rtt = tcp_hc_mean(have->hc_rtt, m->hc_rtt);
	have->hc_rttvar = tcp_hc_mean(have->hc_rttvar, m->hc_rttvar);
	have->hc_ssthresh =
	    (uint32_t)tcp_hc_mean(have->hc_ssthresh, m->hc_ssthresh);
	have->hc_cwnd = (uint32_t)tcp_hc_mean(have->hc_cwnd, m->hc_cwnd);
	if (m->hc_rtt != 0)
		TCPSTAT_INC(cachedrtt);
	if (m->hc_rttvar != 0)
		TCPSTAT_INC(cachedrttvar);
	if (m->hc_ssthresh != 0)
		TCPSTAT_INC(cachedssthresh);
}

/* ---- the worker ---- */

/* Entries of a row lose @ns seconds, or all go.  The row may go with them. */
static void
tcp_hc_age(struct tcp_hostcache *hc, struct hc_head *hch, bool all)
{
	struct hc_entry *he, *next;

	for (he = TAILQ_FIRST(&hch->hch_bucket); he != NULL; he = next) {
		next = TAILQ_NEXT(he, hc_q);
		he->hc_expire -= V_hostcache.prune;
		if (all || he->hc_expire <= 0)
			tcp_hc_free(hc, he);
	}
}

static void
tcp_hc_purge_rows(struct tcp_hostcache *hc, bool all)
{
	struct hc_head *hch;

	for (uint32_t row = 0; row <= hc->hc_mask && hc->hc_rows.h_count != 0;
	     row++) {
		hch = tcp_hc_row(hc, row);
		if (hch != NULL)
			tcp_hc_age(hc, hch, all);
	}
	if (hc->hc_rows.h_count == 0)
		in_hash_destroy(&hc->hc_rows);
}

static void
tcp_hc_purge(void *arg)
{
	struct tcp_hostcache *hc = arg;
	bool all = V_hostcache.purge != 0;

	V_hostcache.purge = 0;
	tcp_hc_purge_rows(hc, all);
	if (V_hostcache.count != 0)
		(void)callout_reset(
		    &hc->hc_timer, V_hostcache.prune * NS_S, tcp_hc_purge, hc);
}

const struct hc_entry *
tcp_hc_nth(uint32_t n)
{
	const struct tcp_hostcache *hc = tcp_hc();
	const struct hc_head *hch;
	const struct hc_entry *he;

	if (hc == NULL || n >= V_hostcache.count)
		return (NULL);
	for (uint32_t row = 0; row <= hc->hc_mask; row++) {
		hch = tcp_hc_row(hc, row);
		if (hch == NULL)
			continue;
		if (n >= hch->hch_length) {
			n -= hch->hch_length;
			continue;
		}
		TAILQ_FOREACH (he, &hch->hch_bucket, hc_q)
			if (n-- == 0)
				return (he);
	}
	return (NULL);
}

/* ---- the module ---- */

static int
sysctl_hashsize(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	const struct tcp_hostcache *hc = V_hostcache.hc;

	(void)oid;
	if (!write) {
		*value = V_hostcache.hashsize;
		return (0);
	}
	if ((*value & (*value - 1)) != 0)
		return (VE_INVAL);
	if (hc != NULL && hc->hc_rows.h_count != 0)
		return (VE_BUSY);
	V_hostcache.hashsize = (int32_t)*value;
	return (0);
}

/* Writing drops all at once, whatever is written; reading tells nothing. */
static int
sysctl_purgenow(const struct sysctl_oid *oid, int64_t *value, bool write)
{
	struct tcp_hostcache *hc = V_hostcache.hc;

	(void)oid;
	if (!write)
		*value = 0;
	else if (hc != NULL)
		tcp_hc_purge_rows(hc, true);
	return (0);
}

#define HC(name, acc, lo, hi, descr)                                           \
	SYSCTL_VNET("net.inet.tcp.hostcache." #name, INT, acc,                 \
	    struct vnet_hostcache, name, lo, hi, descr)

static const struct sysctl_oid hostcache_sysctls[] = {
	HC(bucketlimit, RW, 1, 65535, "entries of a row of the host cache"),
	HC(cachelimit, RW, 0, 1 << 24, "entries of the host cache"),
	SYSCTL_VNET("net.inet.tcp.hostcache.count", UINT, RD,
	    struct vnet_hostcache, count, 0, UINT32_MAX,
	    "entries of the host cache now"),
	HC(enable, RW, 0, 1, "remember hosts between connections"),
	HC(expire, RW, 1, INT32_MAX, "life of an entry after its last use, s"),
	SYSCTL_VNET_PROC("net.inet.tcp.hostcache.hashsize", RW, sysctl_hashsize,
	    1, 65536,
	    "rows of the host cache, a power of two; not while there are "
	    "entries"),
	HC(prune, RW, 1, INT32_MAX / 2, "time between runs of the worker, s"),
	HC(purge, RW, 0, 2, "drop all entries with the next run"),
	SYSCTL_VNET_PROC("net.inet.tcp.hostcache.purgenow", RW, sysctl_purgenow,
	    INT32_MIN, INT32_MAX, "writing drops all entries at once"),
};
#undef HC

static int
hostcache_init(void)
{
	struct vnet_hostcache *vh = &V_hostcache;

	vh->enable = 1;
	vh->hashsize = TCP_HOSTCACHE_HASHSIZE;
	vh->bucketlimit = TCP_HOSTCACHE_BUCKETLIMIT;
	vh->cachelimit = TCP_HOSTCACHE_HASHSIZE * TCP_HOSTCACHE_BUCKETLIMIT;
	vh->expire = TCP_HOSTCACHE_EXPIRE;
	vh->prune = TCP_HOSTCACHE_PRUNE;
	vh->hc = uma_zalloc(&tcp_hostcache_zone, M_ZERO);
	if (vh->hc == NULL)
		return (VE_NOMEM);
	callout_init(
	    &vh->hc->hc_timer, VNET_MOD_hostcache, "tcp.hostcache.purge");
	return (0);
}

static enum op_verdict
hostcache_shutdown(struct op *op)
{
	struct tcp_hostcache *hc = V_hostcache.hc;

	if (hc == NULL)
		return (OP_DONE);
	tcp_hc_purge_rows(hc, true);
	if (!callout_drain(&hc->hc_timer, op))
		return (OP_WAIT);
	V_hostcache.hc = NULL;
	uma_zfree(&tcp_hostcache_zone, hc);
	return (OP_DONE);
}

static const struct field vnet_hostcache_fields[] = {
	FIELD(struct vnet_hostcache, hc, PTR),
	FIELD(struct vnet_hostcache, count, UINT),
	FIELD(struct vnet_hostcache, enable, INT),
	FIELD(struct vnet_hostcache, cachelimit, INT),
	FIELD(struct vnet_hostcache, hashsize, INT),
	FIELD(struct vnet_hostcache, bucketlimit, INT),
	FIELD(struct vnet_hostcache, expire, INT),
	FIELD(struct vnet_hostcache, prune, INT),
	FIELD(struct vnet_hostcache, purge, INT),
};

static const struct vnet_contract hostcache_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_hostcache, count),
};

static const struct uma_zone *const hostcache_zones[] = { &hc_entry_zone,
	&hc_head_zone, &tcp_hostcache_zone };

VNET_MODULE(hostcache) = {
	.vm_name = "hostcache",
	.vm_id = VNET_MOD_hostcache,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_hostcache),
	.vm_sub = SI_SUB_PROTO_DOMAIN,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_PROTO_DOMAIN,
	.vm_unorder = SI_ORDER_FOURTH,
	.vm_init = hostcache_init,
	.vm_shutdown = hostcache_shutdown,
	.vm_fields = vnet_hostcache_fields,
	.vm_nfields = nitems(vnet_hostcache_fields),
	.vm_contracts = hostcache_contracts,
	.vm_ncontracts = nitems(hostcache_contracts),
	.vm_zones = hostcache_zones,
	.vm_nzones = nitems(hostcache_zones),
	.vm_sysctls = hostcache_sysctls,
	.vm_nsysctls = nitems(hostcache_sysctls),
};
