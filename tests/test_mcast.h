/*
 * test_mcast.h - what tests of multicast share.
 *
 * The client of tests/lib/tstack.h joins; what it says of it is looked at on
 * the wire, and queries come from the hub's end without a router there.
 */
#ifndef TESTS_TEST_MCAST_H
#define TESTS_TEST_MCAST_H

#include <vnetsim/link.h>
#include <vnetsim/mcast.h>
#include "src/net/inet/in_pcb.h"
#include "src/net/ip/igmp.h"
#include "src/net/link/if_var.h"
#include "tests/test_ip.h"

#define G(n)   (UINT32_C(0xef010200) + (n)) /* 239.1.2.n */
#define SRC(n) (UINT32_C(0x0a000100) + (n))

/* IGMP that the client sent. */
struct igmp_seen {
	int64_t is_time;
	uint32_t is_dst, is_src;
	uint32_t is_len; /* of the message */
	uint8_t is_ttl, is_hlen, is_tos;
	uint8_t is_bytes[1600];
};
static struct igmp_seen seen[64];
static uint32_t nseen;
static uint32_t nudp; /* datagrams to groups that it sent */

static void
wiretap(void *arg, const struct vnetsim_wire_event *ev)
{
	const uint8_t *ip = ev->we_bytes + 14;
	struct igmp_seen *is;

	(void)arg;
	if (ev->we_kind != VNETSIM_WIRE_FRAME || ev->we_vnet != CLI_VNET ||
	    ev->we_len < 34 || be16dec(ev->we_bytes + 12) != 0x0800)
		return;
	if (ip[IP_O_P] == IPPROTO_UDP && IN_MULTICAST(be32dec(ip + IP_O_DST)))
		nudp++;
	if (ip[IP_O_P] != IPPROTO_IGMP || nseen == nitems(seen))
		return;
	is = &seen[nseen++];
	is->is_time = ev->we_time;
	is->is_src = be32dec(ip + IP_O_SRC);
	is->is_dst = be32dec(ip + IP_O_DST);
	is->is_ttl = ip[IP_O_TTL];
	is->is_tos = ip[IP_O_TOS];
	is->is_hlen = (uint8_t)((ip[0] & 15) * 4);
	is->is_len = be16dec(ip + IP_O_LEN) - is->is_hlen;
	assert_true(is->is_len <= sizeof(is->is_bytes));
	memcpy(is->is_bytes, ip + is->is_hlen, is->is_len);
}

static inline void
start(struct st *s)
{
	assert_true(st_open(s, NULL));
	st_setup(s);
	vnetsim_set_wire(s->w, wiretap, NULL);
	nseen = nudp = 0;
}

static inline void
finish(struct st *s)
{
	unsigned n = st_finish(s);

	if (n != 0)
		st_print(s);
	assert_int_equal(n, 0);
	st_close(s);
}

static inline int
call(struct st *s, int fd, int what, uint32_t group, uint32_t src)
{
	struct vnetsim_mreq mr = { .group = group, .source = src };

	return (vnetsim_mcast(s->w, s->pcli, fd, what, &mr));
}

static inline int
join(struct st *s, int fd, uint32_t group)
{
	return (call(s, fd, VNETSIM_IP_ADD_MEMBERSHIP, group, 0));
}

static inline int
leave(struct st *s, int fd, uint32_t group)
{
	return (call(s, fd, VNETSIM_IP_DROP_MEMBERSHIP, group, 0));
}

/* A UDP socket on a port, shared. */
static inline int
udp(struct st *s, vnetsim_handle proc, uint16_t port)
{
	struct vnetsim_addr a = { 0, port };
	int fd = -1;

	assert_int_equal(vnetsim_socket(s->w, proc, VNETSIM_UDP, &fd), 0);
	assert_int_equal(
	    vnetsim_setsockopt(s->w, proc, fd, VNETSIM_SO_REUSEPORT, 1), 0);
	assert_int_equal(vnetsim_bind(s->w, proc, fd, &a), 0);
	return (fd);
}

/* The record of a version 3 report. */
static inline bool
record(const struct igmp_seen *is, uint32_t n, uint8_t type, uint32_t group,
    uint32_t nsrc)
{
	const uint8_t *p = is->is_bytes + 8;

	if (is->is_bytes[0] != IGMP_V3_HOST_MEMBERSHIP_REPORT ||
	    n >= be16dec(is->is_bytes + 6))
		return (false);
	while (n-- > 0)
		p += 8 + 4 * be16dec(p + 2);
	return (
	    p[0] == type && be16dec(p + 2) == nsrc && be32dec(p + 4) == group);
}

/* Hand an IGMP message to the client, from the hub, with TTL @ttl. */
static inline void
igmp(struct st *s, uint32_t dst, uint8_t ttl, uint8_t *msg, uint32_t n)
{
	uint8_t p[IP_HDRLEN + 4200];

	if (n >= 4)
		sum(msg, n, IGMP_O_SUM);
	packet(p, IPPROTO_IGMP, ST_HUB, dst, n);
	p[IP_O_TTL] = ttl;
	memcpy(p + IP_HDRLEN, msg, n);
	sum(p, IP_HDRLEN, IP_O_SUM);
	deliver(s, p, IP_HDRLEN + n, 0);
}

/* A query of version 1 or 2; @resp: 0.1 s. */
static inline void
query2(struct st *s, uint32_t group, uint8_t resp)
{
	uint8_t m[8] = { IGMP_HOST_MEMBERSHIP_QUERY, resp };

	be32enc(m + 4, group);
	igmp(s, group != 0 ? group : INADDR_ALLHOSTS, 1, m, sizeof(m));
}

/* A query of version 3 about @n sources from SRC(first) on. */
static inline void
query3(struct st *s, uint32_t group, uint8_t resp, uint32_t first, uint32_t n)
{
	uint8_t m[12 + 4 * 1000] = { IGMP_HOST_MEMBERSHIP_QUERY, resp };

	be32enc(m + 4, group);
	m[8] = 2;
	m[9] = 125;
	be16enc(m + 10, (uint16_t)n);
	for (uint32_t i = 0; i < n; i++)
		be32enc(m + 12 + 4 * i, SRC(first + i));
	igmp(s, group != 0 ? group : INADDR_ALLHOSTS, 1, m, 12 + 4 * n);
}

#endif /* !TESTS_TEST_MCAST_H */
