/*
 * ip_ping.c - ping as an operation: one echo request, one answer.
 *
 * The op sends, then waits until ping_reply() has filled in its record or the
 * user's time is up.  op_arg[0] destination, [1] payload bytes, [2] timeout in
 * ns, [3] routing table; op_ptr[0] is the record.  The result is the round-trip
 * time in ns.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/protosw.h>
#include "src/net/ip/icmp_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

static const struct field ping_wait_fields[] = {
	FIELD(struct ping_wait, id, UINT),
	FIELD(struct ping_wait, answered, BOOL),
	FIELD(struct ping_wait, sent, TIME),
	FIELD(struct ping_wait, rtt, INT),
	FIELD(struct ping_wait, error, INT),
	FIELD(struct ping_wait, dst, IP4),
	FIELD(struct ping_wait, link, LINK),
};
UMA_ZONE(
    ping_wait_zone, icmp, ICMP_Z_PING, struct ping_wait, 0, ping_wait_fields);

static const struct field icmp_pings_fields[] = {
	FIELD(struct icmp_pings, ip_list, LINK),
	FIELD(struct icmp_pings, ip_wq, LINK),
};
UMA_ZONE(icmp_pings_zone, icmp, ICMP_Z_PINGS, struct icmp_pings, 0,
    icmp_pings_fields);

int
icmp_pings_init(void)
{
	V_icmp.pings = uma_zalloc(&icmp_pings_zone, M_ZERO);
	if (V_icmp.pings == NULL)
		return (VE_NOMEM);
	TAILQ_INIT(&V_icmp.pings->ip_list);
	return (0);
}

static bool
ping_none(struct op *op)
{
	const struct icmp_pings *ip = op->op_ptr[0];

	return (TAILQ_EMPTY(&ip->ip_list));
}

/* What still waits is told that there is no network; then the table goes. */
enum op_verdict
icmp_pings_shutdown(struct op *op)
{
	struct icmp_pings *ip = V_icmp.pings;
	struct ping_wait *pw;

	if (ip == NULL)
		return (OP_DONE);
	op->op_ptr[0] = ip;
	TAILQ_FOREACH (pw, &ip->ip_list, link) {
		pw->answered = true;
		pw->error = VE_NETDOWN;
	}
	wakeup(&ip->ip_wq);
	if (!ping_none(op) && !op->op_timedout)
		return (op_wait(op, &ip->ip_wq, ping_none, NS_S,
		    "for the pings that wait", ip));
	if (!ping_none(op))
		return (OP_DONE);
	waitq_abandon(&ip->ip_wq);
	V_icmp.pings = NULL;
	uma_zfree(&icmp_pings_zone, ip);
	return (OP_DONE);
}

void
ping_reply(uint32_t from, uint16_t id, int error)
{
	struct ping_wait *pw;

	if (V_icmp.pings == NULL)
		return;
	TAILQ_FOREACH (pw, &V_icmp.pings->ip_list, link) {
		if (pw->id != id || pw->dst != from || pw->answered)
			continue;
		pw->answered = true;
		pw->rtt = vtime() - pw->sent;
		pw->error = error;
		wakeup(&V_icmp.pings->ip_wq);
		return;
	}
}

static int
ping_send(const struct ping_wait *pw, uint32_t size, uint32_t fib)
{
	struct ip_outargs ia = { .ia_dst = pw->dst, .ia_proto = IPPROTO_ICMP };
	struct mbuf *m = m_getm(MLEN / 2, ICMP_HDRLEN, M_NOWAIT);
	uint8_t hdr[ICMP_HDRLEN] = { ICMP_ECHO }, byte;

	if (m == NULL)
		return (VE_NOBUFS);
	m->m_pkthdr.fib = (uint8_t)fib;
	be16enc(hdr + 4, pw->id);
	memcpy(mtod(m, uint8_t *), hdr, sizeof(hdr));
	for (uint32_t i = 0; i < size; i++) {
		byte = (uint8_t)i; /* ping(8)'s pattern */
		if (!m_append(m, &byte, 1, M_NOWAIT)) {
			m_freem(m);
			return (VE_NOBUFS);
		}
	}
	be16enc(mtod(m, uint8_t *) + 2, in_cksum(m, 0, m->m_pkthdr.len, 0));
	return (ip_output(m, &ia));
}

static void
ping_done(struct op *op)
{
	struct ping_wait *pw = op->op_ptr[0];

	if (pw == NULL)
		return;
	op->op_ptr[0] = NULL;
	TAILQ_REMOVE(&V_icmp.pings->ip_list, pw, link);
	uma_zfree(&ping_wait_zone, pw);
	if (TAILQ_EMPTY(&V_icmp.pings->ip_list))
		wakeup(&V_icmp.pings->ip_wq);
}

static bool
ping_answered(struct op *op)
{
	const struct ping_wait *pw = op->op_ptr[0];

	return (pw->answered);
}

static enum op_verdict
ping_step(struct op *op)
{
	struct ping_wait *pw = op->op_ptr[0];

	if (V_icmp.pings == NULL) {
		op->op_error = VE_NETDOWN;
		return (OP_DONE);
	}
	if (pw == NULL) {
		pw = uma_zalloc(&ping_wait_zone, M_ZERO);
		if (pw == NULL) {
			op->op_error = VE_NOMEM;
			return (OP_DONE);
		}
		pw->id = (uint16_t)++V_icmp.pingid;
		pw->dst = (uint32_t)op->op_arg[0];
		pw->sent = vtime();
		TAILQ_INSERT_TAIL(&V_icmp.pings->ip_list, pw, link);
		op->op_ptr[0] = pw;
		op->op_error = ping_send(
		    pw, (uint32_t)op->op_arg[1], (uint32_t)op->op_arg[3]);
		if (op->op_error == 0 && !pw->answered)
			return (op_wait_timeout(op, &V_icmp.pings->ip_wq,
			    ping_answered, (int64_t)op->op_arg[2],
			    "for an echo reply", NULL));
	}
	if (op->op_error == 0)
		op->op_error = pw->answered ? pw->error : VE_TIMEDOUT;
	op->op_result = pw->rtt;
	ping_done(op);
	return (OP_DONE);
}

const struct op_desc ping_op = {
	.od_name = "ping",
	.od_step = ping_step,
	.od_cancel = ping_done,
};
