/*
 * capture_linktype.c - frames of other link types as Ethernet frames.
 *
 * "tcpdump -i any" on Linux gives cooked frames, a tunnel gives bare IP, a
 * loopback interface of the BSDs an address family before the packet.  What
 * is behind those headers is the same; they are replaced by an Ethernet header
 * with the type that they stand for, the sender's address where one is known
 * and zeroes elsewhere.
 *
 *	type			header				Ethernet type
 *	BSD loopback (0, 108)	address family, 4 bytes in	2: IPv4; 24,
 *				either byte order		28, 30, 10: IPv6
 *	raw IP (12, 14, 101)	none				IP version
 *	IPv4, IPv6 (228, 229)	none				IP version
 *	Linux cooked (113)	16 bytes, address at 6		at 14
 *	Linux cooked 2 (276)	20 bytes, address at 12		at 0
 *
 * The numbers are those of libpcap's DLT_ and of its files' LINKTYPE_, which
 * differ for raw IP only.  tcpdump.org, "Link-layer header types".
 */
#include "sim/capture_linktype.h"

#include <string.h>

enum {
	TYPE_NULL = 0,
	TYPE_RAW = 12,
	TYPE_RAW_OPENBSD = 14,
	TYPE_RAW_FILE = 101,
	TYPE_LOOP = 108,
	TYPE_SLL = 113,
	TYPE_IPV4 = 228,
	TYPE_IPV6 = 229,
	TYPE_SLL2 = 276
};

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu

/** capture_linktype_known() - can frames of this type be converted? */
bool
capture_linktype_known(int dlt)
{
	static const int known[] = { TYPE_NULL, TYPE_RAW, TYPE_RAW_OPENBSD,
		TYPE_RAW_FILE, TYPE_LOOP, TYPE_SLL, TYPE_IPV4, TYPE_IPV6,
		TYPE_SLL2 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == dlt)
			return (true);
	return (false);
}

static void
put_type(uint8_t eh[CAPTURE_ETHER_HDR], unsigned type)
{
	eh[12] = (uint8_t)(type >> 8);
	eh[13] = (uint8_t)type;
}

/* The protocol family of a loopback header, in whichever byte order. */
static bool
loopback_type(const uint8_t *p, uint8_t eh[CAPTURE_ETHER_HDR])
{
	unsigned family = 0;

	if (p[0] == 0 && p[1] == 0 && p[2] == 0)
		family = p[3];
	else if (p[1] == 0 && p[2] == 0 && p[3] == 0)
		family = p[0];
	if (family == 2)
		put_type(eh, ETHERTYPE_IPV4);
	else if (family == 24 || family == 28 || family == 30 || family == 10)
		put_type(eh, ETHERTYPE_IPV6);
	else
		return (false);
	return (true);
}

/* A cooked header: type at @type, address of length @alen at @addr. */
static bool
cooked(const uint8_t *p, size_t type, unsigned alen, size_t addr,
    uint8_t eh[CAPTURE_ETHER_HDR])
{
	if (alen == 6)
		memcpy(eh + 6, p + addr, 6);
	eh[12] = p[type];
	eh[13] = p[type + 1];
	/* below 1536 it is a length or Linux' own: nothing of Ethernet */
	return (p[type] >= 6);
}

/**
 * capture_linktype_ether() - the Ethernet header for a frame
 * @dlt:	its link type, for which capture_linktype_known() is true
 * @p:		the frame
 * @len:	its length in bytes, as far as it was captured
 * @eh:		out: the header
 * @skip:	out: bytes of @p that it stands for
 *
 * Return:	true; false: it is too short, or carries nothing that Ethernet
 *		has a type for.
 */
bool
capture_linktype_ether(int dlt, const uint8_t *p, size_t len,
    uint8_t eh[CAPTURE_ETHER_HDR], size_t *skip)
{
	memset(eh, 0, CAPTURE_ETHER_HDR);
	switch (dlt) {
	case TYPE_NULL:
	case TYPE_LOOP:
		*skip = 4;
		return (len >= 4 && loopback_type(p, eh));
	case TYPE_SLL:
		*skip = 16;
		return (len >= 16 &&
			cooked(p, 14, (unsigned)p[4] << 8 | p[5], 6, eh));
	case TYPE_SLL2:
		*skip = 20;
		return (len >= 20 && cooked(p, 0, p[11], 12, eh));
	default:
		*skip = 0;
		if (len == 0 || (p[0] >> 4 != 4 && p[0] >> 4 != 6))
			return (false);
		put_type(eh, p[0] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
		return (true);
	}
}
