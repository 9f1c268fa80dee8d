/*
 * igmp_input.c - IGMP from others: queries, and reports that make ours
 * needless.
 *
 * A message counts if its sum is right, its TTL 1 (nobody passes it on) and its
 * length that of one of the three versions of a query.  Who asks in version 1
 * or 2 makes this interface speak that version (igmp.c); a query of version 3
 * is then not for us.
 *
 * An answer comes after a random part of the delay that the query allows, and
 * is given up if something that includes it is due earlier (RFC 9776 section
 * 5.2).  Queries about sources of a group are heeded once in
 * net.inet.igmp.gsrdelay seconds per group.
 *
 * In versions 1 and 2 another member's report stands for ours.
 *
 * FreeBSD: igmp_input() of sys/netinet/igmp.c.
 */
#include <vnetsim/errno.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"

/* Longest query that is read: its sources come from there. */
#define IGMP_HEAD IGMP_V3_QUERYLEN

/* A message: the packet, its header, its first bytes. */
struct igmp_in {
	struct mbuf *m;
	struct ip_repr ip;
	struct igmp_ifsoftc *igi;
	uint32_t off; /* of the message in the packet */
	uint32_t len;
	uint32_t group;
	uint8_t head[IGMP_HEAD];
};

/* RFC 9776 section 4.1.1: mantissa and exponent above 127. */
static uint32_t
igmp_code(uint8_t code)
{
	if (code < 128)
		return (code);
	return (((code & 0xfu) | 0x10) << (((code >> 4) & 7) + 3));
}

/* ---- version 3 ---- */

/* Remember sources that are asked about.  Without memory, or beyond the limit,
 * the answer will be about the whole group. */
static void
inm_record_sources(struct in_multi *inm, const struct igmp_in *in, uint32_t n)
{
	uint32_t max = (uint32_t)igmp_tunable(IGT_maxgrpsrc), src;
	uint8_t buf[4];

	for (uint32_t i = 0; i < n; i++) {
		m_copydata(in->m, in->off + IGMP_O_SRC + 4 * i, 4, buf);
		src = be32dec(buf);
		if (in_slist_has(&inm->inm_rec, src))
			continue;
		if (inm->inm_rec.is_n >= max ||
		    in_slist_add(&inm->inm_rec, src) != 0) {
			in_slist_free(&inm->inm_rec);
			return;
		}
	}
}

static enum drop_reason
igmp_v3_group_query(
    struct igmp_in *in, struct in_multi *inm, int64_t delay, uint32_t nsrc)
{
	int64_t gap = igmp_tunable(IGT_gsrdelay) * NS_S;
	bool whole = inm->inm_timer != IGMP_NEVER && inm->inm_rec.is_n == 0;

	if (nsrc != 0) {
		IGMPSTAT_INC(rcv_gsr_queries);
		if (inm->inm_lastgsr != -IGMP_NEVER &&
		    vtime() - inm->inm_lastgsr < gap) {
			IGMPSTAT_INC(drop_gsr_queries);
			return (DROP_IGMP_LIMIT);
		}
		inm->inm_lastgsr = vtime();
		/* an answer about the whole group includes this one */
		if (!whole)
			inm_record_sources(inm, in, nsrc);
	} else {
		IGMPSTAT_INC(rcv_group_queries);
		in_slist_free(&inm->inm_rec);
	}
	inm->inm_timer = imin(inm->inm_timer, vtime() + delay);
	igmp_want(inm->inm_timer);
	return (DROP_NONE);
}

static enum drop_reason
igmp_v3_query(struct igmp_in *in)
{
	uint32_t nsrc = be16dec(in->head + IGMP_O_NSRC);
	uint8_t rv = in->head[IGMP_O_MISC] & 7;
	struct igmp_ifsoftc *igi = in->igi;
	uint32_t resp = igmp_code(in->head[IGMP_O_CODE]);
	struct in_multi *inm;
	int64_t delay;

	IGMPSTAT_INC(rcv_v3_queries);
	if (in->len < IGMP_V3_QUERYLEN + 4 * nsrc ||
	    (in->group == 0 && (nsrc != 0 || in->ip.dst != INADDR_ALLHOSTS)) ||
	    (in->group != 0 && !IN_MULTICAST(in->group))) {
		IGMPSTAT_INC(rcv_badqueries);
		return (DROP_IGMP_BAD);
	}
	if (igi->igi_version != IGMP_VERSION_3)
		return (DROP_IGMP_OLD);
	igi->igi_rv = rv < 2 ? IGMP_RV_INIT : rv;
	if (in->head[IGMP_O_QQIC] != 0)
		igi->igi_qi = igmp_code(in->head[IGMP_O_QQIC]);
	igi->igi_qri = imax(resp / 10, 1u);
	delay = igmp_random_delay((int64_t)resp * (NS_S / 10));
	if (in->group == 0) {
		IGMPSTAT_INC(rcv_gen_queries);
		if (vtime() + delay < igi->igi_v3_timer) {
			igi->igi_v3_timer = vtime() + delay;
			igmp_want(igi->igi_v3_timer);
		}
		return (DROP_NONE);
	}
	inm = inm_lookup(igi, in->group);
	if (inm == NULL || inm->inm_nmembers == 0 ||
	    inm->inm_state == IGMP_SILENT_MEMBER ||
	    igi->igi_v3_timer <= vtime() + delay)
		return (DROP_NONE);
	return (igmp_v3_group_query(in, inm, delay, nsrc));
}

/* ---- versions 1 and 2 ---- */

static enum drop_reason
igmp_v1v2_query(struct igmp_in *in)
{
	int v = in->head[IGMP_O_CODE] == 0 ? IGMP_VERSION_1 : IGMP_VERSION_2;
	int64_t max = v == IGMP_VERSION_1 ? IGMP_MAX_HOST_REPORT_DELAY * NS_S
					  : in->head[IGMP_O_CODE] * (NS_S / 10);
	struct in_multi *inm;
	int64_t when;

	IGMPSTAT_INC(rcv_v1v2_queries);
	if ((in->group == 0 && in->ip.dst != INADDR_ALLHOSTS) ||
	    (in->group != 0 &&
		(v == IGMP_VERSION_1 || !IN_MULTICAST(in->group)))) {
		IGMPSTAT_INC(rcv_badqueries);
		return (DROP_IGMP_BAD);
	}
	if (igmp_tunable(v == IGMP_VERSION_1 ? IGT_v1enable : IGT_v2enable) ==
	    0)
		return (DROP_IGMP_OLD);
	if (in->group == 0)
		IGMPSTAT_INC(rcv_gen_queries);
	else
		IGMPSTAT_INC(rcv_group_queries);
	igmp_set_version(in->igi, v);
	TAILQ_FOREACH (inm, &in->igi->igi_inms, inm_link) {
		if ((in->group != 0 && in->group != inm->inm_addr) ||
		    inm->inm_nmembers == 0 ||
		    inm->inm_state == IGMP_SILENT_MEMBER)
			continue;
		when = vtime() + igmp_random_delay(max);
		if (when < inm->inm_timer)
			inm->inm_timer = when;
		igmp_want(inm->inm_timer);
	}
	return (DROP_NONE);
}

/* Somebody else is a member, too. */
static enum drop_reason
igmp_report_input(struct igmp_in *in, bool v2)
{
	struct in_multi *inm;

	IGMPSTAT_INC(rcv_reports);
	if (v2 && in->ip.hlen == IP_HDRLEN)
		IGMPSTAT_INC(rcv_nora);
	if (!IN_MULTICAST(in->group) || in->group != in->ip.dst) {
		IGMPSTAT_INC(rcv_badreports);
		return (DROP_IGMP_BAD);
	}
	if (in->ip.src == INADDR_ANY && igmp_tunable(IGT_recvifkludge) == 0)
		return (DROP_IGMP_BAD);
	inm = inm_lookup(in->igi, in->group);
	if (inm == NULL || inm->inm_nmembers == 0)
		return (DROP_NONE);
	IGMPSTAT_INC(rcv_ourreports);
	if (inm->inm_state == IGMP_SILENT_MEMBER)
		return (DROP_NONE);
	if (in->igi->igi_version != IGMP_VERSION_3) {
		/* RFC 2236 section 3: a report of version 2 means nothing to
		 * routers of version 1 */
		if (v2 && in->igi->igi_version == IGMP_VERSION_1)
			return (DROP_NONE);
		inm->inm_state = IGMP_IDLE_MEMBER;
	} else if (igmp_tunable(IGT_legacysupp) == 0) {
		return (DROP_NONE);
	}
	inm->inm_timer = IGMP_NEVER;
	in_slist_free(&inm->inm_rec);
	return (DROP_NONE);
}

/* ---- all ---- */

static enum drop_reason
igmp_query(struct igmp_in *in)
{
	if (in->len == IGMP_MINLEN)
		return (igmp_v1v2_query(in));
	if (in->len >= IGMP_V3_QUERYLEN)
		return (igmp_v3_query(in));
	IGMPSTAT_INC(rcv_badqueries);
	return (DROP_IGMP_BAD);
}

static enum drop_reason
igmp_check(struct igmp_in *in)
{
	IGMPSTAT_INC(rcv_total);
	if (in->len < IGMP_MINLEN) {
		IGMPSTAT_INC(rcv_tooshort);
		return (DROP_IGMP_SHORT);
	}
	if (in_cksum(in->m, in->off, in->len, 0) != 0) {
		IGMPSTAT_INC(rcv_badsum);
		return (DROP_IGMP_BADSUM);
	}
	if (in->ip.ttl != 1) {
		IGMPSTAT_INC(rcv_badttl);
		return (DROP_IGMP_TTL);
	}
	return (DROP_NONE);
}

static enum drop_reason
igmp_message_input(struct igmp_in *in)
{
	struct ifnet *ifp = m_rcvif(in->m);
	enum drop_reason why = igmp_check(in);

	if (why != DROP_NONE)
		return (why);
	in->igi = ifp != NULL ? igmp_ifsoftc_get(ifp) : NULL;
	if (in->igi == NULL)
		return (DROP_NOMEM);
	if (in->igi->igi_silent)
		return (DROP_IGMP_TYPE);
	m_copydata(in->m, in->off, imin(in->len, IGMP_HEAD), in->head);
	in->group = be32dec(in->head + IGMP_O_GROUP);
	igmp_set_version(in->igi, 0);
	switch (in->head[IGMP_O_TYPE]) {
	case IGMP_HOST_MEMBERSHIP_QUERY:
		return (igmp_query(in));
	case IGMP_V1_HOST_MEMBERSHIP_REPORT:
		return (igmp_report_input(in, false));
	case IGMP_V2_HOST_MEMBERSHIP_REPORT:
		return (igmp_report_input(in, true));
	default:
		return (DROP_IGMP_TYPE);
	}
}

void
igmp_input(struct mbuf *m __takes, uint32_t hlen)
{
	struct igmp_in in = { .off = hlen };
	enum drop_reason why;

	/* what counts needs a place to be counted in */
	(void)igmp_attach();
	why = ip_parse(&m, &in.ip);
	if (why == DROP_NONE) {
		in.m = m;
		in.len = in.ip.len - hlen;
		why = igmp_message_input(&in);
	}
	/* what makes sense is for raw sockets, too */
	if ((why == DROP_NONE || why == DROP_IGMP_TYPE) &&
	    ip_raw_input(m, &in.ip))
		return;
	if (why != DROP_NONE)
		m_drop(m, why);
	else
		m_freem(m);
}
