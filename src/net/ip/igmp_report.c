/*
 * igmp_report.c - what IGMP says.
 *
 * Version 3: one report to 224.0.0.22 carries records of any number of groups,
 * as far as the MTU goes; what does not fit goes into the next.  A list of
 * sources that is longer than a packet is split, but for one that excludes,
 * which has to be cut off (RFC 9776 section 4.2.16): the routers then pass on
 * too much, never too little.  Versions 1 and 2: one message per group.
 *
 * All have TTL 1, precedence "internetwork control" and (net.inet.igmp.sendra)
 * the Router Alert option; an interface without an address says 0.0.0.0.  They
 * do not come back to us: we are no router.
 *
 * A message for which there is no memory is lost as on the wire: what must
 * arrive is said RV times.  In a dying vnet the first one of an interface
 * draws on its reserve.
 *
 * FreeBSD: igmp_v1v2_queue_report(), igmp_v3_enqueue_group_record(),
 * igmp_intr() of sys/netinet/igmp.c.
 */
#include <string.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/ip/igmp_var.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"

enum { IPOPT_RA = 148, RALEN = 4 };
#define IPTOS_PREC_INTERNETCONTROL 0xc0

static int
igmp_mflags(void)
{
	return (curvnet->v_phase != PHASE_ALIVE ? M_RESERVE : M_NOWAIT);
}

/* Put the IP header in front; takes @m. */
static void
igmp_emit(const struct igmp_ifsoftc *igi, struct mbuf *m, uint32_t dst)
{
	const struct in_ifaddr *ia = in_ifaddr_first(igi->igi_ifp);
	uint32_t optlen = igmp_tunable(IGT_sendra) != 0 ? RALEN : 0;
	uint32_t hlen = IP_HDRLEN + optlen;
	struct ip_outargs args = { .ia_dst = dst, .ia_hdr = true };
	struct ip_way way = {
		.ifp = igi->igi_ifp,
		.src = ia != NULL ? ia->ia_addr : 0,
		.nexthop = dst,
		.mtu = igi->igi_ifp->if_mtu,
	};
	uint8_t *p = mtod(m, uint8_t *);

	be16enc(p + IGMP_O_SUM, 0);
	be16enc(p + IGMP_O_SUM, in_cksum(m, 0, m->m_pkthdr.len, 0));
	m = m_prepend(m, hlen, igmp_mflags());
	if (m == NULL) {
		m_drop(NULL, DROP_NOMEM);
		return;
	}
	p = mtod(m, uint8_t *);
	memset(p, 0, hlen);
	p[IP_O_VHL] = (uint8_t)(0x40 | hlen >> 2);
	p[IP_O_TOS] = IPTOS_PREC_INTERNETCONTROL;
	be16enc(p + IP_O_LEN, (uint16_t)m->m_pkthdr.len);
	be16enc(p + IP_O_OFF, IP_DF);
	p[IP_O_TTL] = 1;
	p[IP_O_P] = IPPROTO_IGMP;
	be32enc(p + IP_O_SRC, way.src);
	be32enc(p + IP_O_DST, dst);
	if (optlen != 0) {
		p[IP_HDRLEN] = IPOPT_RA;
		p[IP_HDRLEN + 1] = RALEN;
	}
	m->m_pkthdr.csum_flags = CSUM_IP;
	m->m_pkthdr.l3off = 0;
	m->m_flags |= M_MCAST;
	IGMPSTAT_INC(snd_reports);
	(void)ip_output_way(m, &args, &way);
}

/* A message of @len bytes, all zero, with room for headers. */
static struct mbuf *
igmp_message(void)
{
	uint32_t head = IP_HDRLEN + RALEN + 16;
	struct mbuf *m = m_getm(head, IGMP_MINLEN, igmp_mflags());

	if (m == NULL)
		m_drop(NULL, DROP_NOMEM);
	else
		memset(mtod(m, uint8_t *), 0, IGMP_MINLEN);
	return (m);
}

void
igmp_v1v2_send(struct in_multi *inm, uint8_t type)
{
	uint32_t dst = inm->inm_addr;
	struct mbuf *m;

	if (igmp_mute())
		return;
	m = igmp_message();
	if (m == NULL)
		return;
	if (type == IGMP_HOST_LEAVE_MESSAGE)
		dst = INADDR_ALLRTRS;
	*mtodo(m, IGMP_O_TYPE) = type;
	be32enc(mtodo(m, IGMP_O_GROUP), inm->inm_addr);
	igmp_emit(inm->inm_igi, m, dst);
}

/* ---- reports of version 3 ---- */

void
igmp_report_send(struct igmp_report *ir)
{
	struct mbuf *m = ir->ir_m;

	if (m == NULL)
		return;
	*mtodo(m, IGMP_O_TYPE) = IGMP_V3_HOST_MEMBERSHIP_REPORT;
	be16enc(mtodo(m, IGMP_O_GROUP + 2), (uint16_t)ir->ir_nrec);
	ir->ir_m = NULL;
	ir->ir_nrec = 0;
	igmp_emit(ir->ir_igi, m, INADDR_ALLRPTS);
}

/* Sources that a record in this packet may have; < 0: not even none. */
static int64_t
report_room(const struct igmp_report *ir)
{
	uint32_t used =
	    IP_HDRLEN + RALEN +
	    (ir->ir_m != NULL ? ir->ir_m->m_pkthdr.len : IGMP_MINLEN);

	return (
	    ((int64_t)ir->ir_igi->igi_ifp->if_mtu - used - IGMP_RECLEN) / 4);
}

/* One record with @n of its sources; it fits.  Return: false: no memory. */
static bool
report_record(struct igmp_report *ir, uint8_t type, uint32_t group,
    const uint32_t *src, uint32_t n)
{
	uint8_t rec[IGMP_RECLEN] = { type }, s[4];

	MPASS(n == 0 || src != NULL);
	if (ir->ir_m == NULL)
		ir->ir_m = igmp_message();
	if (ir->ir_m == NULL)
		return (false);
	be16enc(rec + 2, (uint16_t)n);
	be32enc(rec + 4, group);
	if (!m_append(ir->ir_m, rec, sizeof(rec), igmp_mflags()))
		goto lost;
	for (uint32_t i = 0; i < n; i++) {
		be32enc(s, src[i]);
		if (!m_append(ir->ir_m, s, sizeof(s), igmp_mflags()))
			goto lost;
	}
	ir->ir_nrec++;
	return (true);
lost:
	/* half a record: none of this packet is said */
	m_drop(ir->ir_m, DROP_NOMEM);
	ir->ir_m = NULL;
	ir->ir_nrec = 0;
	return (false);
}

void
igmp_report_add(struct igmp_report *ir, uint8_t type, uint32_t group,
    const struct in_slist *src)
{
	bool cut =
	    type == IGMP_MODE_IS_EXCLUDE || type == IGMP_CHANGE_TO_EXCLUDE;
	uint32_t at = 0, n;
	int64_t room;

	if (igmp_mute())
		return;
	do {
		n = src->is_n - at;
		room = report_room(ir);
		/* a new packet, if that is better than to split */
		if (ir->ir_m != NULL && room < (int64_t)n) {
			igmp_report_send(ir);
			room = report_room(ir);
		}
		if (room < 0)
			return;
		n = (uint32_t)imin((int64_t)n, room);
		if (n == 0 && at < src->is_n)
			return; /* MTU of a toy: not one source fits */
		if (!report_record(ir, type, group,
			src->is_src != NULL ? src->is_src + at : NULL, n))
			return;
		at += n;
	} while (at < src->is_n && !cut);
}

void
igmp_v3_current(struct igmp_report *ir, const struct in_multi *inm)
{
	if (inm->inm_nmembers == 0 || inm->inm_state == IGMP_SILENT_MEMBER)
		return;
	if (inm->inm_mode == MCAST_EXCLUDE)
		igmp_report_add(
		    ir, IGMP_MODE_IS_EXCLUDE, inm->inm_addr, &inm->inm_sources);
	else if (inm->inm_sources.is_n != 0)
		igmp_report_add(
		    ir, IGMP_MODE_IS_INCLUDE, inm->inm_addr, &inm->inm_sources);
}

/* RFC 9776 section 5.2: of those asked about, the ones that we want. */
void
igmp_v3_answer(struct igmp_report *ir, struct in_multi *inm)
{
	struct in_slist *rec = &inm->inm_rec;
	uint32_t n = 0;

	if (rec->is_n == 0) {
		igmp_v3_current(ir, inm);
		return;
	}
	for (uint32_t i = 0; i < rec->is_n; i++)
		if (in_slist_has(&inm->inm_sources, rec->is_src[i]) ==
		    (inm->inm_mode == MCAST_INCLUDE))
			rec->is_src[n++] = rec->is_src[i];
	rec->is_n = n;
	if (n != 0 && inm->inm_nmembers != 0)
		igmp_report_add(ir, IGMP_MODE_IS_INCLUDE, inm->inm_addr, rec);
	in_slist_free(rec);
}

/* The changed sources that are wanted, or those that are not, as one record;
 * the list is built where the answer's would be, in place. */
static void
changes_record(struct igmp_report *ir, struct in_multi *inm, bool allow)
{
	uint8_t type = allow ? IGMP_ALLOW_NEW_SOURCES : IGMP_BLOCK_OLD_SOURCES;
	struct in_slist part = { NULL, 0 };
	uint32_t buf[64];
	bool want;

	part.is_src = buf;
	for (uint32_t i = 0; i < inm->inm_nchg; i++) {
		want =
		    in_slist_has(&inm->inm_sources, inm->inm_chg[i].mc_src) ==
		    (inm->inm_mode == MCAST_INCLUDE);
		if (want != allow)
			continue;
		buf[part.is_n++] = inm->inm_chg[i].mc_src;
		if (part.is_n == nitems(buf)) {
			igmp_report_add(ir, type, inm->inm_addr, &part);
			part.is_n = 0;
		}
	}
	if (part.is_n != 0)
		igmp_report_add(ir, type, inm->inm_addr, &part);
}

void
igmp_v3_changes(struct igmp_report *ir, struct in_multi *inm)
{
	uint32_t n = 0;

	if (inm->inm_scrv != 0) {
		igmp_report_add(ir,
		    inm->inm_mode == MCAST_EXCLUDE ? IGMP_CHANGE_TO_EXCLUDE
						   : IGMP_CHANGE_TO_INCLUDE,
		    inm->inm_addr, &inm->inm_sources);
		inm->inm_scrv--;
	} else {
		changes_record(ir, inm, true);
		changes_record(ir, inm, false);
	}
	inm->inm_told = true;
	/* the record of a mode names all sources, so it tells these, too */
	for (uint32_t i = 0; i < inm->inm_nchg; i++)
		if (--inm->inm_chg[i].mc_left != 0)
			inm->inm_chg[n++] = inm->inm_chg[i];
	inm->inm_nchg = n;
	if (n == 0) {
		kfree(&in_mchange_zone, inm->inm_chg);
		inm->inm_chg = NULL;
	}
}
