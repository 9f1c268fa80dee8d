/*
 * decode_tcp.c - text of a frame: TCP, in packetdrill's notation.
 *
 *	S 0:0(0) win 65535 <mss 1460,nop,wscale 6>
 *	S. 0:0(0) ack 1 win 65535 <mss 1460>
 *	P. 1:101(100) ack 1 win 1024
 *
 * Sequence numbers are relative to the SYN of their direction, acknowledged
 * ones and SACK blocks to the SYN of the other direction, both found in the
 * state.  A connection that is met in the middle counts from the first
 * segment seen as if its SYN had come right before.  A RST teaches nothing: a
 * refused connection answers with a sequence number of no one's space, which
 * is printed as it is.  The window is the field, not scaled.
 *
 * RFC 9293 section 3.1, RFC 7323, RFC 2018.
 */
#include "sim/decode_packet.h"

#include <inttypes.h>

#include "sim/frametext_state.h"

#define F_FIN 0x01
#define F_SYN 0x02
#define F_RST 0x04
#define F_ACK 0x10
#define F_URG 0x20

/**
 * struct tcp_base - where the sequence numbers of a segment count from
 * @tb_snd:	for SEG.SEQ; @tb_rcv: for SEG.ACK; 0 if it is not known
 */
struct tcp_base {
	uint32_t tb_snd;
	uint32_t tb_rcv;
};

static struct tcp_base
tcp_bases(struct decode *d, const struct flow_key *key, uint32_t seq,
    uint32_t ack, unsigned flags)
{
	struct flow_key rkey = flow_reverse(key);
	struct tcp_base b = { 0, 0 };
	bool known, rknown;

	if (d->d_st == NULL)
		return (b);
	known = frametext_flow_get(d->d_st, key, &b.tb_snd);
	rknown = frametext_flow_get(d->d_st, &rkey, &b.tb_rcv);
	if ((flags & F_RST) != 0)
		return (b);
	if ((flags & F_SYN) != 0 || !known) {
		b.tb_snd = (flags & F_SYN) != 0 ? seq : seq - 1;
		if (!frametext_flow_set(d->d_st, key, b.tb_snd))
			b.tb_snd = 0;
	}
	if ((flags & F_ACK) != 0 && !rknown) {
		b.tb_rcv = ack - 1;
		if (!frametext_flow_set(d->d_st, &rkey, b.tb_rcv))
			b.tb_rcv = 0;
	}
	return (b);
}

static void
tcp_sack(struct decode *d, const uint8_t *opt, size_t len, uint32_t base)
{
	size_t i;

	textbuf_add(d->d_tb, "sack");
	for (i = 2; i + 8 <= len; i += 8) {
		textbuf_add(d->d_tb, " %" PRIu32 ":%" PRIu32,
		    decode_32(opt + i) - base, decode_32(opt + i + 4) - base);
	}
}

/* One option of @len bytes, kind and length included. */
static void
tcp_option(struct decode *d, const uint8_t *opt, size_t len, uint32_t base)
{
	size_t i;

	if (opt[0] == 2 && len == 4) {
		textbuf_add(d->d_tb, "mss %u", decode_16(opt + 2));
	} else if (opt[0] == 3 && len == 3) {
		textbuf_add(d->d_tb, "wscale %u", opt[2]);
	} else if (opt[0] == 4 && len == 2) {
		textbuf_add(d->d_tb, "sackOK");
	} else if (opt[0] == 5 && len >= 10 && (len - 2) % 8 == 0) {
		tcp_sack(d, opt, len, base);
	} else if (opt[0] == 8 && len == 10) {
		textbuf_add(d->d_tb, "TS val %" PRIu32 " ecr %" PRIu32,
		    decode_32(opt + 2), decode_32(opt + 6));
	} else {
		textbuf_add(d->d_tb, "opt-%u", opt[0]);
		for (i = 2; i < len; i++)
			textbuf_add(
			    d->d_tb, "%s%02x", i == 2 ? " 0x" : "", opt[i]);
	}
}

static void
tcp_options(struct decode *d, size_t off, size_t end, uint32_t base)
{
	const uint8_t *p = d->d_p;
	size_t len;

	textbuf_add(d->d_tb, " <");
	while (off < end) {
		if (p[off] <= 1) {
			textbuf_add(d->d_tb, "%s", p[off] == 0 ? "eol" : "nop");
			/* RFC 9293 3.1: zeros pad behind the end of options */
			if (p[off] == 0)
				break;
			len = 1;
		} else {
			len = end - off < 2 ? 0 : p[off + 1];
			if (len < 2 || len > end - off) {
				textbuf_add(d->d_tb, "opt-%u>", p[off]);
				decode_bad(d, off, "option's length");
				return;
			}
			tcp_option(d, p + off, len, base);
		}
		off += len;
		if (off < end)
			textbuf_add(d->d_tb, ",");
	}
	textbuf_add(d->d_tb, ">");
}

static void
tcp_flags(struct decode *d, unsigned flags)
{
	static const char letter[] = "FSRP.UEW";
	/* packetdrill's order: S and F first, the dot behind the letters */
	static const unsigned order[] = { 1, 0, 2, 3, 4, 5, 6, 7 };
	unsigned i;

	textbuf_add(d->d_tb, " ");
	if (flags == 0)
		textbuf_add(d->d_tb, "-");
	for (i = 0; i < 8; i++) {
		if ((flags >> order[i] & 1) != 0)
			textbuf_add(d->d_tb, "%c", letter[order[i]]);
	}
}

/** decode_tcp() - describe a TCP segment; updates the flow's state */
void
decode_tcp(struct decode *d, struct decode_net *net, size_t off, size_t end)
{
	const uint8_t *p = d->d_p + off;
	struct tcp_base base;
	uint32_t seq, len;
	size_t hl;

	if (end - off < 20) {
		decode_hosts(d, net, "tcp");
		decode_bad(d, end, "header cut short");
		return;
	}
	net->dn_key.fk_sport = decode_16(p);
	net->dn_key.fk_dport = decode_16(p + 2);
	decode_ports(d, net, "tcp");
	hl = (size_t)(p[12] >> 4) * 4;
	if (hl < 20 || hl > end - off) {
		decode_bad(d, off + 12,
		    hl < 20 ? "data offset below 20"
			    : "data offset beyond the packet");
		return;
	}
	base = tcp_bases(
	    d, &net->dn_key, decode_32(p + 4), decode_32(p + 8), p[13]);
	seq = decode_32(p + 4) - base.tb_snd;
	len = (uint32_t)(end - off - hl);
	tcp_flags(d, p[13]);
	textbuf_add(d->d_tb, " %" PRIu32 ":%" PRIu32 "(%" PRIu32 ")", seq,
	    seq + len, len);
	if ((p[13] & F_ACK) != 0)
		textbuf_add(
		    d->d_tb, " ack %" PRIu32, decode_32(p + 8) - base.tb_rcv);
	textbuf_add(d->d_tb, " win %u", decode_16(p + 14));
	if ((p[13] & F_URG) != 0)
		textbuf_add(d->d_tb, " urg %u", decode_16(p + 18));
	if (hl > 20)
		tcp_options(d, off + 20, off + hl, base.tb_rcv);
	if (decode_sum_pseudo(d, net, off, end) != 0)
		textbuf_add(d->d_tb, " [bad tcp sum]");
}
