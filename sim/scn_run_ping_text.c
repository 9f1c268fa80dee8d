/*
 * scn_run_ping_text.c - what ping(8) makes of packets, and its words.
 *
 * The first 8 bytes of data, if there are so many, are the time of sending:
 * seconds and microseconds; the others count up.  Every ICMP message that comes
 * to the host is read; answers to others are passed over, and so are errors
 * about packets of others.
 *
 * FreeBSD: pr_pack(), pr_icmph(), pr_iph(), finish() of sbin/ping/ping.c.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scn_run_var.h"

#define IPLEN    20u
#define TIMELEN  8u
#define US_PER_S INT64_C(1000000)

static uint32_t
get16(const uint8_t *p)
{
	return ((uint32_t)p[0] << 8 | p[1]);
}

static uint32_t
get32(const uint8_t *p)
{
	return (get16(p) << 16 | get16(p + 2));
}

static uint32_t
hlen_of(const uint8_t *ip)
{
	return ((ip[0] & 0xfu) << 2);
}

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* FreeBSD's pattern, behind the time. */
static uint8_t
pattern(uint32_t i)
{
	return ((uint8_t)i);
}

void
ping_fill(uint8_t *data, uint32_t size, int64_t now)
{
	int64_t us = now / 1000;

	for (uint32_t i = 0; i < size; i++)
		data[i] = pattern(i);
	if (size < TIMELEN)
		return;
	put32(data, (uint32_t)(us / US_PER_S));
	put32(data + 4, (uint32_t)(us % US_PER_S));
}

void
ping_begin_text(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_ping *p = s->u.ping;

	rbuf_add(&e->e_out, "PING ");
	rbuf_ip(&e->e_out, p->addr);
	rbuf_add(&e->e_out, " (");
	rbuf_ip(&e->e_out, p->addr);
	rbuf_add(&e->e_out, ")");
	if (p->src != 0) {
		rbuf_add(&e->e_out, " from ");
		rbuf_ip(&e->e_out, p->src);
	}
	rbuf_add(&e->e_out, ": %" PRIu32 " data bytes\n", p->size);
}

/* ---- an answer ---- */

static void
text_data(struct scn_env *e, const char *what, const uint8_t *p, uint32_t n)
{
	rbuf_add(&e->e_out, "\n%s:", what);
	for (uint32_t i = 0; i < n; i++)
		rbuf_add(&e->e_out, "%s%2x ", i % 16 == 8 ? "\n\t" : "", p[i]);
}

/* Does the data come back as it was sent? */
static void
text_check(struct scn_env *e, const struct scn_ping *p, const uint8_t *data,
    size_t len)
{
	uint32_t i = p->size >= TIMELEN ? TIMELEN : 0;

	if (len != p->size)
		rbuf_add(&e->e_out, "\nwrong total length %zu instead of %u",
		    len + PING_MINLEN + IPLEN,
		    (unsigned)(p->size + PING_MINLEN + IPLEN));
	for (; i < p->size && i < len; i++) {
		if (data[i] == pattern(i))
			continue;
		rbuf_add(&e->e_out,
		    "\nwrong data byte #%u should be 0x%x but was 0x%x",
		    (unsigned)i, pattern(i), data[i]);
		text_data(e, "cp", data, (uint32_t)len);
		return;
	}
}

/* A recorded route: @cp is its option, whole. */
static void
text_route(struct scn_env *e, struct run_ping *pg, const uint8_t *cp)
{
	uint32_t n = cp[2] > cp[1] ? cp[1] : cp[2];

	n = n < 4 ? 0 : (n - 4) & ~3u;
	if (n == 0)
		return;
	if (n == pg->pg_rrlen && memcmp(pg->pg_rr, cp + 3, n) == 0) {
		rbuf_add(&e->e_out, "\t(same route)");
		return;
	}
	pg->pg_rrlen = n;
	memcpy(pg->pg_rr, cp + 3, n);
	rbuf_add(&e->e_out, "\nRR: ");
	for (uint32_t i = 0; i < n; i += 4) {
		rbuf_add(&e->e_out, "%s\t", i > 0 ? "\n" : "");
		rbuf_ip(&e->e_out, get32(cp + 3 + i));
	}
}

static void
text_options(struct scn_env *e, const uint8_t *ip)
{
	struct run_ping *pg = &e->e_r->r_ping;
	uint32_t at, len, hlen = hlen_of(ip);

	for (at = IPLEN; at + 2 < hlen && ip[at] != 0; at += len) {
		len = ip[at] == 1 ? 1 : ip[at + 1];
		if (len == 0 || at + len > hlen)
			return;
		if (ip[at] == 7 && len >= 3 && len <= 39)
			text_route(e, pg, ip + at);
		else if (ip[at] == 1)
			rbuf_add(&e->e_out, "\nNOP");
	}
}

/* Return: round-trip time in us, -1: unknown. */
static int64_t
answer_time(const struct scn_env *e, const struct scn_ping *p,
    const uint8_t *data, size_t len)
{
	int64_t sent;

	if (p->size < TIMELEN || len < TIMELEN)
		return (-1);
	sent = (int64_t)get32(data) * US_PER_S + get32(data + 4);
	return (vnetsim_now(e->e_w) / 1000 - sent);
}

static void
answer_count(struct run_ping *pg, int64_t us)
{
	if (us < 0)
		return;
	pg->pg_tsum += us;
	pg->pg_tsumsq += (double)us * (double)us;
	if (us < pg->pg_tmin || pg->pg_got + pg->pg_dups == 0)
		pg->pg_tmin = us;
	if (us > pg->pg_tmax)
		pg->pg_tmax = us;
}

/* @icmp: an echo reply to us, @len bytes. */
static void
ping_answer(struct scn_env *e, const struct scn_stmt *s, const uint8_t *ip,
    const uint8_t *icmp, size_t len)
{
	const struct scn_ping *p = s->u.ping;
	struct run_ping *pg = &e->e_r->r_ping;
	uint32_t seq = get16(icmp + 6), bit = seq % PING_DUPCHK;
	const uint8_t *data = icmp + PING_MINLEN;
	int64_t us = answer_time(e, p, data, len - PING_MINLEN);
	bool dup = (pg->pg_seen[bit / 8] & 1u << (bit & 7)) != 0;

	answer_count(pg, us);
	pg->pg_seen[bit / 8] |= (uint8_t)(1u << (bit & 7));
	if (dup)
		pg->pg_dups++;
	else
		pg->pg_got++;
	if (p->quiet)
		return;
	if (p->waittime_ns >= 0 && us > p->waittime_ns / 1000) {
		pg->pg_late++;
		return;
	}
	rbuf_add(&e->e_out, "%zu bytes from ", len);
	rbuf_ip(&e->e_out, get32(ip + 12));
	rbuf_add(&e->e_out, ": icmp_seq=%" PRIu32 " ttl=%u", seq, ip[8]);
	if (us >= 0)
		rbuf_add(&e->e_out, " time=%" PRId64 ".%03d ms", us / 1000,
		    (int)(us % 1000));
	if (dup)
		rbuf_add(&e->e_out, " (DUP!)");
	text_check(e, p, data, len - PING_MINLEN);
	text_options(e, ip);
	rbuf_add(&e->e_out, "\n");
}

/* ---- an error ---- */

/* FreeBSD: pr_iph() */
static void
text_header(struct scn_env *e, const uint8_t *ip)
{
	rbuf_add(&e->e_out,
	    "Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst\n"
	    " %1x  %1x  %02x %04x %04x   %1x %04x  %02x  %02x %04x ",
	    ip[0] >> 4u, ip[0] & 0xfu, ip[1], get16(ip + 2), get16(ip + 4),
	    get16(ip + 6) >> 13, get16(ip + 6) & 0x1fff, ip[8], ip[9],
	    get16(ip + 10));
	rbuf_ip(&e->e_out, get32(ip + 12));
	rbuf_add(&e->e_out, "  ");
	rbuf_ip(&e->e_out, get32(ip + 16));
	rbuf_add(&e->e_out, " ");
	for (uint32_t i = IPLEN; i < hlen_of(ip); i++)
		rbuf_add(&e->e_out, "%02x", ip[i]);
	rbuf_add(&e->e_out, "\n\n");
}

static void
text_unreach(struct scn_env *e, const uint8_t *icmp)
{
	static const char *const codes[] = { [0] = "Destination Net",
		[1] = "Destination Host",
		[2] = "Destination Protocol",
		[3] = "Destination Port" };

	switch (icmp[1]) {
	case 4:
		rbuf_add(&e->e_out,
		    "frag needed and DF set (MTU %" PRIu32 ")\n",
		    get16(icmp + 6));
		break;
	case 5:
		rbuf_add(&e->e_out, "Source Route Failed\n");
		break;
	case 13:
		rbuf_add(&e->e_out, "Communication prohibited by filter\n");
		break;
	default:
		if (icmp[1] < 4)
			rbuf_add(&e->e_out, "%s Unreachable\n", codes[icmp[1]]);
		else
			rbuf_add(&e->e_out, "Dest Unreachable, Bad Code: %u\n",
			    icmp[1]);
	}
}

static void
text_redirect(struct scn_env *e, const uint8_t *icmp)
{
	static const char *const codes[] = { "Network", "Host",
		"Type of Service and Network", "Type of Service and Host" };

	if (icmp[1] < 4)
		rbuf_add(&e->e_out, "Redirect %s", codes[icmp[1]]);
	else
		rbuf_add(&e->e_out, "Redirect, Bad Code: %u", icmp[1]);
	rbuf_add(&e->e_out, "(New addr: ");
	rbuf_ip(&e->e_out, get32(icmp + 4));
	rbuf_add(&e->e_out, ")\n");
}

/* FreeBSD: pr_icmph(), of the messages that quote a packet. */
static void
text_error(struct scn_env *e, const uint8_t *icmp)
{
	switch (icmp[0]) {
	case 3:
		text_unreach(e, icmp);
		break;
	case 4:
		rbuf_add(&e->e_out, "Source Quench\n");
		break;
	case 5:
		text_redirect(e, icmp);
		break;
	case 11:
		rbuf_add(&e->e_out, "%s\n",
		    icmp[1] == 0 ? "Time to live exceeded"
				 : "Frag reassembly time exceeded");
		break;
	default:
		rbuf_add(&e->e_out, "Parameter problem: pointer = 0x%02x\n",
		    icmp[4]);
	}
	text_header(e, icmp + PING_MINLEN);
}

static bool
is_error(uint8_t type)
{
	return ((type >= 3 && type <= 5) || type == 11 || type == 12);
}

/* What it means to who waits for an answer. */
static int
error_of(const uint8_t *icmp)
{
	static const uint8_t codes[] = { VE_NETUNREACH, VE_HOSTUNREACH,
		VE_CONNREFUSED, VE_CONNREFUSED, VE_MSGSIZE };

	if (icmp[0] == 3 && icmp[1] < sizeof(codes))
		return (codes[icmp[1]]);
	return (icmp[0] == 3 || icmp[0] == 11 ? VE_HOSTUNREACH : 0);
}

int
ping_packet(
    struct scn_env *e, const struct scn_stmt *s, const uint8_t *pkt, size_t len)
{
	const struct run_ping *pg = &e->e_r->r_ping;
	const uint8_t *icmp, *quoted, *echo;
	size_t hlen;

	if (len < IPLEN || len < (hlen = hlen_of(pkt)) + PING_MINLEN)
		return (0);
	icmp = pkt + hlen;
	len -= hlen;
	if (icmp[0] == 0 && get16(icmp + 4) == pg->pg_ident) {
		ping_answer(e, s, pkt, icmp, len);
		return (0);
	}
	quoted = icmp + PING_MINLEN;
	if (!is_error(icmp[0]) || len < PING_MINLEN + IPLEN ||
	    len < PING_MINLEN + hlen_of(quoted) + PING_MINLEN)
		return (0);
	echo = quoted + hlen_of(quoted);
	if (get32(quoted + 16) != s->u.ping->addr || quoted[9] != 1 ||
	    echo[0] != 8 || get16(echo + 4) != pg->pg_ident)
		return (0);
	if (!s->u.ping->quiet) {
		rbuf_add(&e->e_out, "%zu bytes from ", len);
		rbuf_ip(&e->e_out, get32(pkt + 12));
		rbuf_add(&e->e_out, ": ");
		text_error(e, icmp);
	}
	return (error_of(icmp));
}

/* ---- the end ---- */

/* Square root, rounded to the next integer. */
static int64_t
root(double v)
{
	int64_t lo = 0, hi = INT64_C(1) << 31, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (((double)mid + 0.5) * ((double)mid + 0.5) <= v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static void
text_ms(struct scn_env *e, int64_t us, const char *behind)
{
	rbuf_add(&e->e_out, "%" PRId64 ".%03d%s", us / 1000, (int)(us % 1000),
	    behind);
}

void
ping_finish_text(struct scn_env *e, const struct scn_stmt *s)
{
	const struct run_ping *pg = &e->e_r->r_ping;
	int64_t n = pg->pg_got + pg->pg_dups, lost;
	double avg;

	rbuf_add(&e->e_out, "\n--- ");
	rbuf_ip(&e->e_out, s->u.ping->addr);
	rbuf_add(&e->e_out,
	    " ping statistics ---\n%" PRId64 " packets transmitted, %" PRId64
	    " packets received, ",
	    pg->pg_sent, pg->pg_got);
	if (pg->pg_dups > 0)
		rbuf_add(&e->e_out, "+%" PRId64 " duplicates, ", pg->pg_dups);
	/* per mille, rounded */
	lost = ((pg->pg_sent - pg->pg_got) * 2000 + pg->pg_sent) /
	       (2 * pg->pg_sent);
	rbuf_add(&e->e_out, "%" PRId64 ".%d%% packet loss", lost / 10,
	    (int)(lost % 10));
	if (pg->pg_late > 0)
		rbuf_add(&e->e_out, ", %" PRId64 " packets out of wait time",
		    pg->pg_late);
	rbuf_add(&e->e_out, "\n");
	if (pg->pg_got == 0 || s->u.ping->size < TIMELEN)
		return;
	avg = (double)pg->pg_tsum / (double)n;
	rbuf_add(&e->e_out, "round-trip min/avg/max/stddev = ");
	text_ms(e, pg->pg_tmin, "/");
	text_ms(e, (pg->pg_tsum + n / 2) / n, "/");
	text_ms(e, pg->pg_tmax, "/");
	text_ms(e, root(pg->pg_tsumsq / (double)n - avg * avg), " ms\n");
}
