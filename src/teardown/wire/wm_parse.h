/*
 * wm_parse.h - the monitor's own reading of frames.
 */
#ifndef WIRE_WM_PARSE_H
#define WIRE_WM_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Control bits, RFC 9293 section 3.1. */
enum {
	WM_FIN = 0x01,
	WM_SYN = 0x02,
	WM_RST = 0x04,
	WM_ACK = 0x10,
};

enum wm_class {
	WM_BAD, /* a header does not hold */
	WM_ARP,
	WM_FRAG,
	WM_TCP,
	WM_UDP,
	WM_ICMP,
	WM_OTHER,
};

/* A TCP segment, host order. */
struct wm_seg {
	uint32_t sg_src;
	uint32_t sg_dst;
	uint16_t sg_sport;
	uint16_t sg_dport;
	uint32_t sg_seq;
	uint32_t sg_ack;
	uint32_t sg_len; /* payload bytes */
	uint16_t sg_win; /* as in the header, not scaled */
	uint8_t sg_flags;
	uint8_t sg_wscale; /* shift count, WM_NOSCALE without the option */
};

enum {
	WM_NOSCALE = 0xff,
	WM_MAXSCALE = 14, /* RFC 7323 section 2.3 */
};

/*
 * Classifies a frame of len bytes from its Ethernet header on.  WM_TCP: *sg is
 * filled in.  WM_BAD: *why names the first thing that does not hold, a
 * constant string.  Reads no byte beyond len and trusts no length field.
 * headers: only the first VNETSIM_WIRE_HEAD bytes are there, sums are right.
 */
enum wm_class wm_parse(const uint8_t *p, size_t len, bool headers,
    struct wm_seg *sg, const char **why);

/*
 * Addresses and protocol of an IPv4 packet, whatever else is wrong with it.
 * Return: false: it is none, or too short.
 */
bool wm_parse_pair(const uint8_t *p, size_t len, uint64_t pair[2]);

/*
 * The Internet checksum's sum over len bytes, folded to 16 bits, in memory
 * order: a block with a right checksum in it sums to 0xffff on any machine.
 * RFC 1071.
 */
uint32_t wm_sum(const uint8_t *p, size_t len, uint64_t start);

#endif /* !WIRE_WM_PARSE_H */
