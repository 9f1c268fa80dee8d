/*
 * scn_run_mcast.c - multicast: options of sockets, ifmcstat(8), and what a
 * querier or another member says on a wire.
 *
 * ifmcstat prints FreeBSD's lines for groups of IPv4; an interface without any
 * is left out.  Messages on a wire have the form that RFC 9776 wants: TTL 1,
 * Router Alert, right sums.
 */
#include <inttypes.h>
#include <string.h>

#include <vnetsim/mcast.h>

#include "sim/scn_link.h"
#include "sim/scn_run_var.h"

enum { IPOPT_RA = 148, IGMP_V3_QUERY_LEN = 12, IP_LEN = 24, ETHER_LEN = 14 };

/**
 * run_mcast_option() - join, leave, or change sources
 * @e:	environment
 * @a:	the statement's words
 * @rs:	its socket
 *
 * Return:	as vnetsim_mcast().
 */
int
run_mcast_option(
    struct scn_env *e, const struct scn_sock *a, const struct run_sock *rs)
{
	static const struct {
		int opt, what;
	} map[] = {
		{ 12, VNETSIM_IP_ADD_MEMBERSHIP },
		{ 13, VNETSIM_IP_DROP_MEMBERSHIP },
		{ 70, VNETSIM_IP_ADD_SOURCE_MEMBERSHIP },
		{ 71, VNETSIM_IP_DROP_SOURCE_MEMBERSHIP },
		{ 72, VNETSIM_IP_BLOCK_SOURCE },
		{ 73, VNETSIM_IP_UNBLOCK_SOURCE },
	};
	const struct scn_mreq *m = a->mreq;
	struct vnetsim_mreq mr = {
		.group = m->group,
		.source = m->source,
		.ifaddr = m->ifaddr,
		.ifname = m->ifname,
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (map[i].opt == a->opt)
			return (RUN_CALL(e, "mcast",
			    vnetsim_mcast(e->e_w, rs->rs_proc, rs->rs_fd,
				map[i].what, &mr)));
	return (RUN_CALL(e, "setsourcefilter",
	    vnetsim_setsourcefilter(e->e_w, rs->rs_proc, rs->rs_fd, &mr,
		m->include ? VNETSIM_MCAST_INCLUDE : VNETSIM_MCAST_EXCLUDE,
		m->nsrc, m->src)));
}

/* ---- ifmcstat ---- */

static void
print_addr(struct scn_env *e, const char *before, uint32_t a)
{
	rbuf_add(&e->e_out, "%s%" PRIu32 ".%" PRIu32 ".%" PRIu32 ".%" PRIu32,
	    before, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void
show_group(struct scn_env *e, const struct vnetsim_mcast_group *g,
    const uint32_t *src, uint32_t max, bool ether)
{
	static const char *const modes[] = { "undefined", "include",
		"exclude" };

	print_addr(e, "\t\tgroup ", g->group);
	rbuf_add(&e->e_out, " refcnt %" PRIu32 " mode %s", g->nmembers,
	    modes[g->mode]);
	for (uint32_t i = 0; i < g->nsrc && i < max; i++)
		print_addr(e, i == 0 ? " srcs " : ",", src[i]);
	rbuf_add(&e->e_out, "\n");
	if (ether)
		rbuf_add(&e->e_out,
		    "\t\t\tmcast-macaddr 01:00:5e:%02" PRIx32 ":%02" PRIx32
		    ":%02" PRIx32 "\n",
		    g->group >> 16 & 0x7f, g->group >> 8 & 255, g->group & 255);
}

static void
show_if(struct scn_env *e, vnetsim_handle jail, const struct vnetsim_ifinfo *ii)
{
	struct vnetsim_mcast_group g;
	struct vnetsim_igmp igmp;
	uint32_t src[SCN_MSFILTER_MAX];

	if (vnetsim_igmp(e->e_w, jail, ii->name, &igmp) != 0)
		return;
	rbuf_add(&e->e_out, "%s:\n", ii->name);
	rbuf_add(&e->e_out,
	    "\tigmpv%" PRIu32 " rv %" PRIu32 " qi %" PRIu32 " qri %" PRIu32
	    " uri %" PRIu32 "\n",
	    igmp.version, igmp.rv, igmp.qi, igmp.qri, igmp.uri);
	for (uint32_t n = 0; vnetsim_mcast_next(e->e_w, jail, ii->name, n, &g,
				 src, SCN_MSFILTER_MAX) == 0;
	     n++)
		show_group(e, &g, src, SCN_MSFILTER_MAX,
		    (ii->flags & 0x8) == 0); /* IFF_LOOPBACK */
}

/**
 * run_ifmcstat() - ifmcstat(8)
 * @e:	environment
 * @s:	the command
 *
 * Return:	0; VE_NOENT: no such jail; VE_NXIO: no such interface.
 */
int
run_ifmcstat(struct scn_env *e, const struct scn_stmt *s)
{
	vnetsim_handle jail = run_jail(e, s->jail);
	struct vnetsim_ifinfo ii;
	bool found = s->u.name == NULL;

	if (jail == 0)
		return (VE_NOENT);
	for (uint32_t n = 0; vnetsim_if_next(e->e_w, jail, n, &ii) == 0; n++) {
		if (s->u.name != NULL && strcmp(s->u.name, ii.name) != 0)
			continue;
		found = true;
		show_if(e, jail, &ii);
	}
	return (found ? 0 : VE_NXIO);
}

/* ---- link END send igmp ---- */

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static void
put_sum(uint8_t *p, size_t len, size_t at)
{
	uint32_t x = 0;

	for (size_t i = 0; i < len; i += 2)
		x += (uint32_t)p[i] << 8 | (i + 1 < len ? p[i + 1] : 0u);
	while (x >> 16 != 0)
		x = (x & 0xffff) + (x >> 16);
	put16(p + at, ~x);
}

/* The smallest byte that says at least @v: RFC 9776 section 4.1.1. */
static uint8_t
code(uint32_t v)
{
	uint32_t exp = 0;

	if (v < 128)
		return (v == 0 ? 1 : (uint8_t)v);
	while ((v >> (exp + 3)) > 31)
		exp++;
	return ((uint8_t)(0x80 | exp << 4 | (v >> (exp + 3) & 15)));
}

/* The message at @p.  Return: its length. */
static size_t
igmp_message(const struct scn_igmp *ig, uint8_t *p)
{
	uint32_t resp = (uint32_t)(ig->max_ns / 100000000);
	size_t len = 8;

	p[0] = ig->type;
	put32(p + 4, ig->group);
	if (ig->version == 2)
		p[1] = resp > 255 ? 255 : resp == 0 ? 1 : (uint8_t)resp;
	if (ig->version == 3) {
		p[1] = code(resp);
		p[8] = 2;
		p[9] = 125;
		put16(p + 10, ig->nsrc);
		for (uint32_t i = 0; i < ig->nsrc; i++)
			put32(
			    p + IGMP_V3_QUERY_LEN + (size_t)i * 4, ig->src[i]);
		len = IGMP_V3_QUERY_LEN + (size_t)ig->nsrc * 4;
	}
	put_sum(p, len, 2);
	return (len);
}

/**
 * run_link_igmp() - put it on the wire
 * @e:	environment
 * @s:	the statement
 *
 * Return:	VE_NXIO: no such link; as vnetsim_link_inject().
 */
int
run_link_igmp(struct scn_env *e, const struct scn_stmt *s)
{
	uint8_t f[ETHER_LEN + IP_LEN + IGMP_V3_QUERY_LEN +
		  4 * SCN_MSFILTER_MAX] = { 0 };
	const struct scn_link *l = s->u.link;
	const struct scn_igmp *ig = l->igmp;
	uint8_t *ip = f + ETHER_LEN;
	uint32_t dst = ig->group;
	vnetsim_handle link;
	size_t len;
	int end;

	link = vnetsim_link_find(e->e_w, l->name, &end);
	if (link == 0)
		return (VE_NXIO);
	if (ig->type == 0x17)
		dst = 0xe0000002; /* all routers */
	else if (dst == 0)
		dst = 0xe0000001; /* all hosts */
	f[0] = 0x01;
	f[2] = 0x5e;
	f[3] = dst >> 16 & 0x7f;
	put16(f + 4, dst & 0xffff);
	put16(f + 12, 0x0800);
	len = igmp_message(ig, ip + IP_LEN) + IP_LEN;
	ip[0] = 0x46;
	ip[1] = 0xc0;
	put16(ip + 2, (uint32_t)len);
	ip[8] = 1;
	ip[9] = 2;
	put32(ip + 12, ig->from);
	put32(ip + 16, dst);
	ip[20] = IPOPT_RA;
	ip[21] = 4;
	put_sum(ip, IP_LEN, 10);
	return (RUN_CALL(e, "link send",
	    vnetsim_link_inject(
		e->e_w, link, l->end == SCN_END_B, f, ETHER_LEN + len, true)));
}
