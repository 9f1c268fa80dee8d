/*
 * frametext_flow.c - who talks to whom in a frame.
 *
 * Only what is needed to name a TCP connection: Ethernet, IPv4 or IPv6
 * without extension headers, and the ports.  Anything else has no name here;
 * that is no error.
 */
#include "sim/frametext_flow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/decode_packet.h"

/** flow_reverse() - the other direction of a flow */
struct flow_key
flow_reverse(const struct flow_key *key)
{
	struct flow_key r = *key;

	memcpy(r.fk_src, key->fk_dst, sizeof(r.fk_src));
	memcpy(r.fk_dst, key->fk_src, sizeof(r.fk_dst));
	r.fk_sport = key->fk_dport;
	r.fk_dport = key->fk_sport;
	return (r);
}

/**
 * flow_of_frame() - the TCP connection that a frame belongs to
 * @key:	out: addresses and ports; the link is 0
 * @p:		the frame from its Ethernet header on
 * @len:	bytes
 *
 * Return: false if the frame is no TCP segment, or a later fragment of one.
 */
bool
flow_of_frame(struct flow_key *key, const uint8_t *p, size_t len)
{
	size_t th;

	memset(key, 0, sizeof(*key));
	while (decode_tagged(p, len)) {
		p += VLAN_TAG_LEN;
		len -= VLAN_TAG_LEN;
	}
	if (len >= ETHER_LEN + 20 && decode_16(p + 12) == ETHERTYPE_4 &&
	    p[14] >> 4 == 4 && p[23] == PROTO_TCP &&
	    (decode_16(p + 20) & 0x1fff) == 0) {
		th = ETHER_LEN + (size_t)(p[14] & 15) * 4;
		key->fk_family = 4;
		memcpy(key->fk_src, p + 26, 4);
		memcpy(key->fk_dst, p + 30, 4);
	} else if (len >= ETHER_LEN + 40 && decode_16(p + 12) == ETHERTYPE_6 &&
		   p[14] >> 4 == 6 && p[20] == PROTO_TCP) {
		th = ETHER_LEN + 40;
		key->fk_family = 6;
		memcpy(key->fk_src, p + 22, 16);
		memcpy(key->fk_dst, p + 38, 16);
	} else {
		return (false);
	}
	if (th < ETHER_LEN + 20 || th + 4 > len)
		return (false);
	key->fk_sport = decode_16(p + th);
	key->fk_dport = decode_16(p + th + 2);
	return (true);
}

/**
 * frametext_addr() - an address as text
 * @buf:	out: FRAMETEXT_ADDR_MAX bytes
 * @addr:	4 or 16 bytes
 * @family:	4 or 6
 *
 * IPv6 as RFC 5952 says: lower case, the longest run of at least two zero
 * groups (the first of equals) as "::".
 */
void
frametext_addr(char *buf, const uint8_t *addr, uint32_t family)
{
	int i, run, at = -1, best = 1;
	size_t n = 0;

	if (family == 4) {
		(void)snprintf(buf, FRAMETEXT_ADDR_MAX, "%u.%u.%u.%u", addr[0],
		    addr[1], addr[2], addr[3]);
		return;
	}
	for (i = 0; i < 8; i++) {
		for (run = 0; i + run < 8; run++) {
			if (decode_16(addr + 2 * (i + run)) != 0)
				break;
		}
		if (run > best) {
			best = run;
			at = i;
		}
	}
	buf[0] = '\0';
	for (i = 0; i < 8; i++) {
		if (i == at) {
			n += (size_t)snprintf(
			    buf + n, FRAMETEXT_ADDR_MAX - n, "::");
			i += best - 1;
			continue;
		}
		n += (size_t)snprintf(buf + n, FRAMETEXT_ADDR_MAX - n, "%s%x",
		    n > 0 && buf[n - 1] != ':' ? ":" : "",
		    decode_16(addr + 2 * i));
	}
}

/**
 * frametext_conn() - name the TCP connection of a frame, sender first
 * @buf:	out: "tcp/10.0.0.1:49152>10.0.0.2:80"
 * @n:		FRAMETEXT_CONN_MAX is enough
 * @p:		the frame from its Ethernet header on
 * @len:	its length in bytes
 *
 * Return: false, and @buf is as it was, if it is no TCP segment.
 */
bool
frametext_conn(char *buf, size_t n, const uint8_t *p, size_t len)
{
	char src[FRAMETEXT_ADDR_MAX], dst[FRAMETEXT_ADDR_MAX];
	struct flow_key key;

	if (!flow_of_frame(&key, p, len))
		return (false);
	frametext_addr(src, key.fk_src, key.fk_family);
	frametext_addr(dst, key.fk_dst, key.fk_family);
	(void)snprintf(buf, n,
	    key.fk_family == 6 ? "tcp/[%s]:%" PRIu16 ">[%s]:%" PRIu16
			       : "tcp/%s:%" PRIu16 ">%s:%" PRIu16,
	    src, key.fk_sport, dst, key.fk_dport);
	return (true);
}
