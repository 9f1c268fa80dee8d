/*
 * decode_packet.h - a frame as one line of text; shared by its decoders.
 *
 * The decoders are our own on purpose: they share no line with the stack, so
 * that the two can disagree.
 */
#ifndef SIM_DECODE_PACKET_H
#define SIM_DECODE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/frametext_buf.h"
#include "sim/frametext_flow.h"

#define ETHER_LEN    14
#define ETHERTYPE_4  0x0800
#define ETHERTYPE_A  0x0806
#define ETHERTYPE_6  0x86dd
#define ETHERTYPE_Q  0x8100 /* 802.1Q */
#define ETHERTYPE_AD 0x88a8 /* 802.1ad */
#define VLAN_TAG_LEN 4

#define PROTO_ICMP  1
#define PROTO_IGMP  2
#define PROTO_IPIP  4
#define PROTO_TCP   6
#define PROTO_UDP   17
#define PROTO_GRE   47
#define PROTO_ICMP6 58

struct frametext_state;

/**
 * struct decode - a frame being described
 * @d_tb:	receives the text
 * @d_p:	the frame; all offsets count from here
 * @d_st:	(b) what is known from earlier frames, or NULL
 * @d_link:	link it is on
 * @d_level:	packets around the one that is being described
 */
struct decode {
	struct textbuf *d_tb;
	const uint8_t *d_p;
	struct frametext_state *d_st;
	uint32_t d_link;
	uint32_t d_level;
};

/**
 * struct decode_net - what the transport needs to know of the network layer
 * @dn_key:	addresses; the transport fills in the ports
 * @dn_proto:	protocol number, for the pseudo-header
 * @dn_whole:	the whole packet is there, so a checksum can be judged
 */
struct decode_net {
	struct flow_key dn_key;
	uint8_t dn_proto;
	bool dn_whole;
};

static inline uint16_t
decode_16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static inline uint32_t
decode_32(const uint8_t *p)
{
	return ((uint32_t)decode_16(p) << 16 | decode_16(p + 2));
}

/* Is there a tag of 802.1Q or 802.1ad behind the addresses?  The rest reads
 * like a frame that begins VLAN_TAG_LEN bytes later. */
static inline bool
decode_tagged(const uint8_t *p, size_t len)
{
	return (len >= ETHER_LEN + VLAN_TAG_LEN &&
		(decode_16(p + 12) == ETHERTYPE_Q ||
		    decode_16(p + 12) == ETHERTYPE_AD));
}

void decode_ether(struct decode *d, size_t len);
void decode_arp(struct decode *d, size_t off, size_t end);
void decode_ip4(struct decode *d, size_t off, size_t end);
void decode_ip6(struct decode *d, size_t off, size_t end);
void decode_icmp(
    struct decode *d, const struct decode_net *net, size_t off, size_t end);
void decode_igmp(
    struct decode *d, const struct decode_net *net, size_t off, size_t end);
void decode_icmp6(
    struct decode *d, const struct decode_net *net, size_t off, size_t end);
void decode_udp(
    struct decode *d, struct decode_net *net, size_t off, size_t end);
void decode_tcp(
    struct decode *d, struct decode_net *net, size_t off, size_t end);

void decode_ipip(
    struct decode *d, const struct decode_net *net, size_t off, size_t end);
void decode_gre(
    struct decode *d, const struct decode_net *net, size_t off, size_t end);

void decode_bad(struct decode *d, size_t at, const char *why);
void decode_hosts(
    struct decode *d, const struct decode_net *net, const char *proto);
void decode_ports(
    struct decode *d, const struct decode_net *net, const char *proto);
uint16_t decode_sum(const uint8_t *p, size_t len, uint32_t start);
uint16_t decode_sum_pseudo(const struct decode *d, const struct decode_net *net,
    size_t off, size_t end);

#endif /* !SIM_DECODE_PACKET_H */
