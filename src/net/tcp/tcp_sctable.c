/*
 * tcp_sctable.c - the SYN cache: rows, limits, the timer, and its end.
 *
 * Theory of operation
 * ===================
 *
 * Entries lie in rows (net.inet.tcp.syncache.hashsize, 512, of them), found by
 * a hash of addresses and ports that is keyed by the vnet's secret.  A row is
 * an object of its own and exists only while it has entries, or has overflowed
 * not long ago; the whole cache is made by the first SYN.  So an idle vnet
 * pays nothing, and a busy one what it uses.
 *
 *	bucketlimit (30)      the oldest of the row goes
 *	cachelimit (15360)    the oldest of the row goes; if it has none the
 *	                      newcomer gets a cookie
 *	no memory             the same
 *
 * The two limits and the number of rows are boot-time tunables in FreeBSD and
 * may be written here; the number of rows until the first SYN has come.  A
 * row that overflows is an attack: if cookies are allowed the cache pauses and
 * everybody gets one, for 15 s, then 30, 60 .. 960 s if it goes on.
 *
 * One callout serves all.  Entries that have been answered equally often are
 * in one queue, in order of time, so it looks at the heads of 13 queues.
 *
 *	kill      the entries of a listener whose jail dies: RST under graceful
 *	          and abort, silence under crash; else they stay, and pin the
 *	          prison until their timer ends
 *	farewell  all: RST
 *	shutdown  all: silence; the callout is drained, the cache is freed
 *	uninit    without shutdown: it is left to the audit
 *
 * FreeBSD: syncache_init(), syncache_insert(), syncache_timer(),
 * syncache_pause(), syncache_destroy() of sys/netinet/tcp_syncache.c.
 */
#include <vnetsim/wire.h>
#include "src/net/tcp/tcp_syncache.h"

static const struct field syncache_fields[] = {
	FIELD(struct syncache, sc_hash, LINK),
	FIELD(struct syncache, sc_rxq, LINK),
	FIELD(struct syncache, sc_head, PTR),
	FIELD(struct syncache, sc_cred, REF),
	FIELD(struct syncache, sc_rxttime, TIME),
	FIELD(struct syncache, sc_laddr, IP4),
	FIELD(struct syncache, sc_faddr, IP4),
	FIELD(struct syncache, sc_lport, UINT),
	FIELD(struct syncache, sc_fport, UINT),
	FIELD(struct syncache, sc_irs, UINT),
	FIELD(struct syncache, sc_iss, UINT),
	FIELD(struct syncache, sc_tsreflect, UINT),
	FIELD(struct syncache, sc_peer_mss, UINT),
	FIELD(struct syncache, sc_wnd, UINT),
	FIELD(struct syncache, sc_flags, HEX),
	FIELD(struct syncache, sc_requested_r_scale, UINT),
	FIELD(struct syncache, sc_requested_s_scale, UINT),
	FIELD(struct syncache, sc_rxmits, UINT),
	FIELD(struct syncache, sc_ttl, UINT),
	FIELD(struct syncache, sc_tos, UINT),
	FIELD(struct syncache, sc_fib, UINT),
};
static const struct field syncache_head_fields[] = {
	FIELD(struct syncache_head, sch_hnode, LINK),
	FIELD(struct syncache_head, sch_row, UINT),
	FIELD(struct syncache_head, sch_length, UINT),
	FIELD(struct syncache_head, sch_overflow, TIME),
	FIELD(struct syncache_head, sch_bucket, LINK),
};
static const struct field tcp_syncache_fields[] = {
	FIELD(struct tcp_syncache, sc_rows, OPAQUE),
	FIELD(struct tcp_syncache, sc_mask, UINT),
	FIELD(struct tcp_syncache, sc_backoff, UINT),
	FIELD(struct tcp_syncache, sc_pause_until, TIME),
	FIELD(struct tcp_syncache, sc_timer, CALLOUT),
	FIELD(struct tcp_syncache, sc_due, LINK),
};
UMA_ZONE(syncache_zone, tcp, TCP_Z_SC, struct syncache, 0, syncache_fields);
UMA_ZONE(syncache_head_zone, tcp, TCP_Z_SCHEAD, struct syncache_head, 0,
    syncache_head_fields);
UMA_ZONE(tcp_syncache_zone, tcp, TCP_Z_SYNCACHE, struct tcp_syncache, 0,
    tcp_syncache_fields);

static void syncache_arm(struct tcp_syncache *sy);
static void syncache_timer(void *arg);

/* The cache, made if need be.  Return: NULL: no memory. */
static struct tcp_syncache *
syncache_make(void)
{
	struct tcp_syncache *sy = V_tcp.syncache;

	if (sy != NULL)
		return (sy);
	if (!event_headroom(1))
		return (NULL);
	sy = uma_zalloc(&tcp_syncache_zone, M_ZERO);
	if (sy == NULL)
		return (NULL);
	sy->sc_mask = (uint32_t)V_tcp.sc_hashsize - 1;
	callout_init(&sy->sc_timer, VNET_MOD_tcp, "tcp.syncache");
	for (unsigned i = 0; i < nitems(sy->sc_due); i++)
		TAILQ_INIT(&sy->sc_due[i]);
	V_tcp.syncache = sy;
	return (sy);
}

bool
syncache_cookiesonly(void)
{
	const struct tcp_syncache *sy = V_tcp.syncache;

	return (
	    V_tcp.syncookiesonly != 0 || (V_tcp.syncookies != 0 && sy != NULL &&
					     vtime() < sy->sc_pause_until));
}

static uint32_t
syncache_hash(uint32_t faddr, uint16_t fport, uint32_t laddr, uint16_t lport)
{
	uint64_t h = ((uint64_t)faddr << 32 | laddr) ^ V_tcp.isn->isn_secret;

	return (in_hash_mix(h ^ (uint64_t)fport * UINT64_C(0x9e3779b97f4a7c15) ^
			    (uint64_t)lport * UINT64_C(0xc2b2ae3d27d4eb4f)));
}

uint32_t
syncache_row(const struct tcp_seg *sg)
{
	uint32_t mask = V_tcp.syncache != NULL
			    ? V_tcp.syncache->sc_mask
			    : (uint32_t)V_tcp.sc_hashsize - 1;

	return (
	    syncache_hash(sg->sg_src, sg->sg_sport, sg->sg_dst, sg->sg_dport) &
	    mask);
}

static struct syncache_head *
syncache_head(uint32_t row)
{
	struct syncache_head *sch;
	struct in_hnode *n;

	if (V_tcp.syncache == NULL)
		return (NULL);
	for (n = in_hash_first(&V_tcp.syncache->sc_rows, in_hash_mix(row));
	     n != NULL; n = in_hash_next(n)) {
		sch = container_of(n, struct syncache_head, sch_hnode);
		if (sch->sch_row == row)
			return (sch);
	}
	return (NULL);
}

/* Return: the row, made if need be; NULL: no memory. */
static struct syncache_head *
syncache_mkhead(struct tcp_syncache *sy, uint32_t row)
{
	struct syncache_head *sch = syncache_head(row);

	if (sch != NULL)
		return (sch);
	sch = uma_zalloc(&syncache_head_zone, M_ZERO);
	if (sch == NULL)
		return (NULL);
	sch->sch_row = row;
	TAILQ_INIT(&sch->sch_bucket);
	if (!in_hash_insert(&sy->sc_rows, &sch->sch_hnode, in_hash_mix(row))) {
		uma_zfree(&syncache_head_zone, sch);
		return (NULL);
	}
	return (sch);
}

/* Nothing in it, nothing to remember about it: it goes. */
static void
syncache_rmhead(struct syncache_head *sch, bool force)
{
	if (sch->sch_length != 0 || (!force && vtime() < sch->sch_overflow))
		return;
	in_hash_remove(&V_tcp.syncache->sc_rows, &sch->sch_hnode);
	uma_zfree(&syncache_head_zone, sch);
}

struct syncache *
syncache_lookup(const struct tcp_seg *sg)
{
	const struct syncache_head *sch = syncache_head(syncache_row(sg));
	struct syncache *sc;

	if (sch == NULL)
		return (NULL);
	TAILQ_FOREACH (sc, &sch->sch_bucket, sc_hash)
		if (sc->sc_faddr == sg->sg_src && sc->sc_laddr == sg->sg_dst &&
		    sc->sc_fport == sg->sg_sport &&
		    sc->sc_lport == sg->sg_dport)
			return (sc);
	return (NULL);
}

bool
syncache_overflowed(uint32_t row)
{
	const struct syncache_head *sch = syncache_head(row);

	return ((sch != NULL && vtime() < sch->sch_overflow) ||
		vtime() < V_tcp.sc_nomem);
}

/* ---- entries ---- */

/* A row has overflowed: an attack, or the end of one that goes on. */
static void
syncache_pause(struct syncache_head *sch)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	int64_t delta = SYNCOOKIE_LIFETIME << sy->sc_backoff;

	sch->sch_overflow = vtime() + SYNCOOKIE_LIFETIME;
	TCPSTAT_INC(sc_bucketoverflow);
	if (V_tcp.syncookies == 0)
		return;
	/* who is thrown out may be connected by now: its cookie says so */
	syncookie_owe();
	if (sy->sc_pause_until != 0 && sy->sc_pause_until + delta > vtime()) {
		if (sy->sc_backoff < SYNCACHE_MAX_BACKOFF) {
			delta *= 2;
			sy->sc_backoff++;
		}
	} else {
		delta = SYNCOOKIE_LIFETIME;
		sy->sc_backoff = 0;
	}
	sy->sc_pause_until = vtime() + delta;
}

static struct syncache *
syncache_zalloc(struct syncache_head *sch)
{
	struct syncache *sc;

	if (V_tcp.sc_count >= (uint32_t)V_tcp.sc_cachelimit)
		return (NULL);
	sc = uma_zalloc(&syncache_zone, M_ZERO);
	if (sc == NULL)
		return (NULL);
	if (uma_reserve(TCP_RESERVE) != 0) {
		uma_zfree(&syncache_zone, sc);
		return (NULL);
	}
	sc->sc_head = sch;
	V_tcp.sc_count++;
	return (sc);
}

void
syncache_free(struct syncache *sc)
{
	struct syncache_head *sch = sc->sc_head;

	MPASS((sc->sc_flags & SCF_CACHED) == 0);
	(void)uma_reserve(-(int64_t)TCP_RESERVE);
	if (!ref_empty(&sc->sc_cred))
		crfree(&sc->sc_cred);
	V_tcp.sc_count--;
	uma_zfree(&syncache_zone, sc);
	syncache_rmhead(sch, false);
}

struct syncache *
syncache_alloc(uint32_t row)
{
	struct tcp_syncache *sy = syncache_make();
	struct syncache_head *sch;
	struct syncache *sc;

	if (sy == NULL)
		return (NULL);
	sch = syncache_mkhead(sy, row);
	if (sch == NULL)
		return (NULL);
	sc = syncache_zalloc(sch);
	if (sc != NULL)
		return (sc);
	TCPSTAT_INC(sc_zonefail);
	sc = TAILQ_FIRST(&sch->sch_bucket);
	if (sc == NULL) {
		syncache_rmhead(sch, false);
		return (NULL);
	}
	/* which remembers it, so the row stays */
	syncache_pause(sch);
	syncache_drop(sc);
	return (syncache_zalloc(sch));
}

void
syncache_insert(struct syncache *sc)
{
	struct syncache_head *sch = sc->sc_head;

	if (sch->sch_length >= (uint32_t)V_tcp.sc_bucketlimit) {
		syncache_pause(sch);
		syncache_drop(TAILQ_FIRST(&sch->sch_bucket));
	}
	TAILQ_INSERT_TAIL(&sch->sch_bucket, sc, sc_hash);
	sch->sch_length++;
	sc->sc_flags |= SCF_CACHED;
	syncache_timeout(sc, true);
	tcpstates_move(-1, TCPS_SYN_RECEIVED);
	TCPSTAT_INC(sc_added);
}

void
syncache_drop(struct syncache *sc)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	struct syncache_head *sch = sc->sc_head;

	MPASS((sc->sc_flags & SCF_CACHED) != 0);
	TAILQ_REMOVE(&sy->sc_due[sc->sc_rxmits - 1], sc, sc_rxq);
	syncache_arm(sy);
	TAILQ_REMOVE(&sch->sch_bucket, sc, sc_hash);
	sch->sch_length--;
	sc->sc_flags &= (uint16_t)~SCF_CACHED;
	tcpstates_move(TCPS_SYN_RECEIVED, -1);
	syncache_free(sc);
}

/* ---- the timer ---- */

/* Arm the callout for the first that is due, or stop it. */
static void
syncache_arm(struct tcp_syncache *sy)
{
	const struct syncache *sc;
	int64_t first = INT64_MAX;

	for (unsigned i = 0; i < nitems(sy->sc_due); i++) {
		sc = TAILQ_FIRST(&sy->sc_due[i]);
		if (sc != NULL && sc->sc_rxttime < first)
			first = sc->sc_rxttime;
	}
	if (first == INT64_MAX)
		(void)callout_stop(&sy->sc_timer);
	else if (!callout_pending(&sy->sc_timer) ||
		 sy->sc_timer.c_time != first)
		(void)callout_reset(&sy->sc_timer,
		    first > vtime() ? first - vtime() : 0, syncache_timer,
		    NULL);
}

void
syncache_timeout(struct syncache *sc, bool reset)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	int64_t t;

	if (sc->sc_rxmits != 0)
		TAILQ_REMOVE(&sy->sc_due[sc->sc_rxmits - 1], sc, sc_rxq);
	if (reset)
		sc->sc_rxmits = 0;
	t = V_tcp.rexmit_initial;
	if (sc->sc_rxmits != 0)
		t = tcp_rangeset(t * tcp_backoff(sc->sc_rxmits),
		    V_tcp.rexmit_min, TCPTV_REXMTMAX);
	sc->sc_rxttime = vtime() + t;
	sc->sc_rxmits++;
	TAILQ_INSERT_TAIL(&sy->sc_due[sc->sc_rxmits - 1], sc, sc_rxq);
	syncache_arm(sy);
}

/* The time of one has come. */
static void
syncache_expire(struct syncache *sc)
{
	/* Perhaps somebody on the way drops what speaks of ECN. */
	if (sc->sc_rxmits > V_tcp.ecn_maxretries)
		sc->sc_flags &= (uint16_t)~SCF_ECN;
	if (sc->sc_rxmits > V_tcp.sc_rexmtlimit) {
		syncache_drop(sc);
		TCPSTAT_INC(sc_stale);
	} else if (syncache_respond(sc, TH_SYN | TH_ACK) == 0) {
		syncache_timeout(sc, false);
		TCPSTAT_INC(sc_retransmitted);
	} else {
		syncache_drop(sc);
		TCPSTAT_INC(sc_dropped);
	}
}

static void
syncache_timer(void *arg)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	struct syncache *sc;

	(void)arg;
	for (unsigned i = nitems(sy->sc_due); i-- > 0;)
		while ((sc = TAILQ_FIRST(&sy->sc_due[i])) != NULL &&
		       sc->sc_rxttime <= vtime())
			syncache_expire(sc);
	syncache_arm(sy);
}

/* ---- the end ---- */

/* Tell the peer of an entry that it comes to nothing. */
static void
syncache_reset(struct syncache *sc)
{
	/* Exact for a peer that has got our SYN, a refusal for others. */
	(void)syncache_respond(sc, TH_RST | TH_ACK);
	syncache_drop(sc);
}

/* Any entry, in order of the queues. */
static struct syncache *
syncache_first(void)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	struct syncache *sc = NULL;

	for (unsigned i = 0; sy != NULL && sc == NULL && i < nitems(sy->sc_due);
	     i++)
		sc = TAILQ_FIRST(&sy->sc_due[i]);
	return (sc);
}

void
syncache_cut(void)
{
	struct syncache *sc;

	while ((sc = syncache_first()) != NULL)
		syncache_reset(sc);
}

void
syncache_kill(const struct inpcb *inp, bool say)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	const struct ucred *cr = ref_get(&inp->inp_cred);
	struct syncache *sc, *next;

	for (unsigned i = 0; sy != NULL && i < nitems(sy->sc_due); i++) {
		TAILQ_FOREACH_SAFE (sc, &sy->sc_due[i], sc_rxq, next) {
			if (sc->sc_lport != inp->inp_lport ||
			    (inp->inp_laddr != INADDR_ANY &&
				inp->inp_laddr != sc->sc_laddr) ||
			    ref_get(&sc->sc_cred) != cr)
				continue;
			if (say)
				syncache_reset(sc);
			else
				syncache_drop(sc);
		}
	}
}

bool
syncache_destroy(struct op *op)
{
	struct tcp_syncache *sy = V_tcp.syncache;
	struct syncache_head *sch;
	struct syncache *sc;

	if (sy == NULL)
		return (true);
	while ((sc = syncache_first()) != NULL)
		syncache_drop(sc);
	if (!callout_drain(&sy->sc_timer, op))
		return (false);
	for (uint32_t row = 0; row <= sy->sc_mask && sy->sc_rows.h_count != 0;
	     row++) {
		sch = syncache_head(row);
		if (sch != NULL)
			syncache_rmhead(sch, true);
	}
	in_hash_destroy(&sy->sc_rows);
	V_tcp.syncache = NULL;
	uma_zfree(&tcp_syncache_zone, sy);
	return (true);
}
