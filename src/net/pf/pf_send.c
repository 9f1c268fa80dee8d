/*
 * pf_send.c - what pf says itself: RST and ICMP errors of "block return".
 *
 * An answer is not sent from within the filter, where the stack is in the
 * middle of sending or receiving, but by a task: it waits in a queue of at
 * most PF_SENDQ_MAX; beyond that, or without memory, there is silence.  What
 * pf sends is not filtered on its way out.  (Coming back in by lo0 it is,
 * other than in FreeBSD, where a mark of the mbuf outlives that.)
 *
 * RSTs of "block return" carry the addresses of the blocked packet the other
 * way round, also in a vnet that forwards.  Never is an RST answered by RST,
 * or ICMP by ICMP.
 *
 * FreeBSD: pf_send_tcp(), pf_send_icmp(), pf_intr() of sys/netpfil/pf/pf.c.
 */
#include <string.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/ip_var.h"
#include "src/net/pf/pf_var.h"
#include "src/net/tcp/tcp.h"

static const struct field send_fields[] = {
	FIELD(struct pf_send_entry, pfse_next, LINK),
	FIELD(struct pf_send_entry, pfse_m, PTR),
	FIELD(struct pf_send_entry, pfse_src, IP4),
	FIELD(struct pf_send_entry, pfse_dst, IP4),
	FIELD(struct pf_send_entry, pfse_icmp, BOOL),
};
UMA_ZONE_NAMED(pf_send_zone, pf, PF_Z_SEND, "pf_temp", struct pf_send_entry, 0,
    send_fields);

static struct pf_send_entry *
sendq_take(void)
{
	struct pf_send_entry *pfse = STAILQ_FIRST(&V_pf.sendq);

	if (pfse != NULL) {
		STAILQ_REMOVE_HEAD(&V_pf.sendq, pfse_next);
		V_pf.nsendq--;
	}
	return (pfse);
}

static void
send_one(struct pf_send_entry *pfse)
{
	struct ip_outargs ia = {
		.ia_src = pfse->pfse_src,
		.ia_dst = pfse->pfse_dst,
		.ia_proto = IPPROTO_TCP,
	};
	struct mbuf *m = pfse->pfse_m;
	bool icmp = pfse->pfse_icmp;

	uma_zfree(&pf_send_zone, pfse);
	V_pf.sending = true;
	if (icmp)
		icmp_error(m, ICMP_UNREACH, ICMP_UNREACH_PORT, 0);
	else
		(void)ip_output(m, &ia);
	V_pf.sending = false;
}

/* FreeBSD: pf_intr(). */
static void
send_task(void *arg, int pending)
{
	struct pf_send_entry *pfse;

	(void)arg;
	(void)pending;
	while ((pfse = sendq_take()) != NULL)
		send_one(pfse);
}

void
pf_send_init(void)
{
	STAILQ_INIT(&V_pf.sendq);
	task_init(
	    &V_pf.send_task, VNET_MOD_pf, "pf.send", send_task, V_pf_main);
}

void
pf_send_drain(void)
{
	struct pf_send_entry *pfse;

	while ((pfse = sendq_take()) != NULL) {
		m_drop(pfse->pfse_m, DROP_QUEUE_FLUSH);
		uma_zfree(&pf_send_zone, pfse);
	}
}

static void
sendq_put(struct mbuf *m __takes, uint32_t src, uint32_t dst, bool icmp)
{
	struct pf_send_entry *pfse = NULL;

	if (m != NULL && V_pf.nsendq < PF_SENDQ_MAX)
		pfse = uma_zalloc(&pf_send_zone, M_ZERO);
	if (pfse == NULL) {
		m_drop(m, DROP_NOMEM);
		return;
	}
	pfse->pfse_m = m;
	pfse->pfse_src = src;
	pfse->pfse_dst = dst;
	pfse->pfse_icmp = icmp;
	STAILQ_INSERT_TAIL(&V_pf.sendq, pfse, pfse_next);
	V_pf.nsendq++;
	if (taskqueue_enqueue(TASKQ_SWI, &V_pf.send_task) != 0)
		pf_send_drain();
}

void
pf_send_rst(const struct pf_pdesc *pd, uint32_t seq, uint32_t ack, bool withack)
{
	struct mbuf *m = m_gethdr(M_NOWAIT);
	uint8_t *p;

	if (m != NULL) {
		m_align(m, TCP_HDRLEN);
		m->m_len = m->m_pkthdr.len = TCP_HDRLEN;
		m->m_pkthdr.csum_flags = CSUM_TCP;
		m->m_pkthdr.csum_data = TCPOFF_SUM;
		m->m_pkthdr.fib = pd->m->m_pkthdr.fib;
		p = mtod(m, uint8_t *);
		memset(p, 0, TCP_HDRLEN);
		be16enc(p + TCPOFF_SPORT, pd->dport);
		be16enc(p + TCPOFF_DPORT, pd->sport);
		be32enc(p + TCPOFF_SEQ, seq);
		be32enc(p + TCPOFF_ACK, ack);
		p[TCPOFF_OFF] = TCP_HDRLEN / 4 << 4;
		p[TCPOFF_FLAGS] = withack ? TH_RST | TH_ACK : TH_RST;
	}
	sendq_put(m, pd->dst, pd->src, false);
}

static void
return_tcp(const struct pf_pdesc *pd)
{
	uint32_t ack = pd->seq + pd->p_len;

	if ((pd->flags & TH_RST) != 0)
		return;
	ack += (pd->flags & TH_SYN) != 0;
	ack += (pd->flags & TH_FIN) != 0;
	pf_send_rst(pd, pd->ack, ack, true);
}

void
pf_return(const struct pf_pdesc *pd, enum vnetsim_pf_action action)
{
	bool tcp = pd->proto == IPPROTO_TCP;

	if (action == VNETSIM_PF_BLOCK)
		return;
	if (tcp && action != VNETSIM_PF_RETURN_ICMP) {
		if (!pd->fragment)
			return_tcp(pd);
		return;
	}
	if (pd->proto == IPPROTO_ICMP || action == VNETSIM_PF_RETURN_RST)
		return;
	sendq_put(m_copym(pd->m, 0, M_COPYALL, M_NOWAIT), 0, 0, true);
}
