/*
 * test_ip.h - what tests of IPv4 share: packets made by hand.
 *
 * They are handed to IP of the client (tests/lib/tstack.h) as if they had come
 * by epair0b.
 */
#ifndef TESTS_TEST_IP_H
#define TESTS_TEST_IP_H

#include <string.h>
#include <vnetsim/kern/ifnet.h>
#include <vnetsim/kern/protosw.h>
#include "src/core/world.h"
#include "src/net/ip/in_var.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "tests/lib/tstack.h"

#define CLI_VNET 2

static inline int64_t
get(struct st *s, const char *name)
{
	int64_t v = -1;

	assert_int_equal(vnetsim_sysctl_get(s->w, s->cli, name, &v), 0);
	return (v);
}

static inline void
set(struct st *s, const char *name, int64_t v)
{
	assert_int_equal(vnetsim_sysctl_set(s->w, s->cli, name, v), 0);
}

static inline void
sum(uint8_t *p, uint32_t len, uint32_t at)
{
	uint32_t x = 0;

	be16enc(p + at, 0);
	for (uint32_t i = 0; i < len; i += 2)
		x += (uint32_t)p[i] << 8 | (i + 1 < len ? p[i + 1] : 0u);
	while (x >> 16 != 0)
		x = (x & 0xffff) + (x >> 16);
	be16enc(p + at, (uint16_t)~x);
}

/* A sound packet: 20 bytes header and @n bytes of payload; no sum yet. */
static inline void
packet(uint8_t *p, uint8_t proto, uint32_t src, uint32_t dst, uint32_t n)
{
	memset(p, 0, IP_HDRLEN + n);
	p[IP_O_VHL] = 0x45;
	be16enc(p + IP_O_LEN, (uint16_t)(IP_HDRLEN + n));
	p[IP_O_TTL] = 64;
	p[IP_O_P] = proto;
	be32enc(p + IP_O_SRC, src);
	be32enc(p + IP_O_DST, dst);
}

/* Hand a packet to IP of the client, then let some time pass. */
static inline void
deliver(struct st *s, const uint8_t *p, uint32_t len, uint16_t flags)
{
	struct vnet_frame f;
	struct mbuf *m;

	assert_true(
	    vnet_enter(&f, vnet_byid(CLI_VNET), DOOR_WIRE, VNET_MOD_ip));
	m = m_getm(0, 0, M_NOWAIT);
	assert_non_null(m);
	assert_true(len == 0 || m_append(m, p, len, M_NOWAIT));
	m->m_flags |= flags;
	if_setrcvif(m, ifunit("epair0b"));
	ip_input(m);
	vnet_leave(&f);
	st_run(s, ST_MS);
}

#endif /* !TESTS_TEST_IP_H */
