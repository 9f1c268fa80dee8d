/*
 * mbuf.h - packets: chains of mbufs, shared clusters, checksum marks.
 *
 * An mbuf is 256 bytes; small data lies inside, larger data in a 2048-byte
 * cluster that may be shared (copies share, writers check M_WRITABLE).  Mbufs
 * and clusters lie in the world's extents and are charged to a vnet, so a
 * segment crosses a link without being copied and outlives its sender.
 *
 * l3off follows m_data: prepending and trimming in front keep it right.
 *
 * m has one owner.  A function that takes it says __takes.  Every drop is
 * m_drop(m, reason): one counter, one trace record.
 *
 * Checksums: CSUM_DATA_VALID on an incoming packet says that its sums need no
 * look; CSUM_TCP/UDP/IP on an outgoing one says that the sum is not in the
 * bytes yet.  A link carries the marks over (outgoing "not computed" becomes
 * incoming "valid"); the bytes get real sums where a frame is tapped,
 * corrupted, saved or leaves the process (m_csum_fill()).
 *
 * rcvif is an index and a generation, so a queued packet survives its
 * interface: m_rcvif() answers NULL then.
 */
#ifndef VNETSIM_KERN_MBUF_H
#define VNETSIM_KERN_MBUF_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/drop.h>
#include <vnetsim/kern/kdefs.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>
#include <vnetsim/kern/uma.h>

struct ifnet;
struct vnet;

#define MSIZE     256
#define MCLBYTES  2048
#define M_COPYALL 1000000000

enum m_flag {
	M_EXT = 0x1,    /* data lies in a cluster */
	M_PKTHDR = 0x2, /* first of a packet */
	M_EOR = 0x4,    /* end of record */
	M_BCAST = 0x10, /* came or goes as link-level broadcast */
	M_MCAST = 0x20,
	M_LOOP = 0x40,   /* looped back, never saw a wire */
	M_TAPPED = 0x80, /* sums in the bytes are real already */
	/* farewell: exempt from the RST rate limit, DESIGN 6 */
	M_LAMEDUCK = 0x100,
};

enum csum_flag {
	/* outgoing: still to be computed */
	CSUM_IP = 0x1,
	CSUM_UDP = 0x2,
	CSUM_TCP = 0x4,
	/* incoming: known to be right */
	CSUM_L3_VALID = 0x10,
	CSUM_DATA_VALID = 0x20,
};

/* Only meaningful with M_PKTHDR. */
struct pkthdr {
	uint32_t len;       /* whole packet, bytes */
	uint32_t rcvif_idx; /* 0: none */
	uint32_t rcvif_gen;
	uint16_t csum_flags;
	uint16_t csum_data; /* offset of the sum within its L4 header */
	uint16_t l3off;     /* bytes from m_data to the IP header */
	uint8_t fib;
	uint8_t proto; /* netisr protocol while queued */
	uint32_t flowid;
	int64_t rcvtime;   /* virtual ns */
	const char *phase; /* constant: sender's teardown phase, or NULL */
	const char *step;  /* constant: and step */
};

struct mbuf {
	struct mbuf *m_next;    /* (o) rest of this packet */
	struct mbuf *m_nextpkt; /* (o by the queue) next packet */
	uint8_t *m_data;
	uint32_t m_len;
	uint16_t m_flags;
	uint16_t m_hops;  /* bridges, or tunnels, that it went through */
	struct ref m_ext; /* (r) cluster, if M_EXT */
	struct pkthdr m_pkthdr;
	uint8_t m_dat[MSIZE - 4 * 8 - 16 - sizeof(struct pkthdr)];
};
_Static_assert(sizeof(struct mbuf) == MSIZE, "an mbuf is MSIZE bytes");

#define MLEN                                                                   \
	((uint32_t)FIELD_SIZE(struct mbuf, m_dat)) /* with or without hdr */
#define MHLEN       MLEN
#define MINCLSIZE   (MLEN + 1)
#define mtod(m, t)  ((t)(void *)((m)->m_data))
#define mtodo(m, o) ((uint8_t *)((m)->m_data + (o)))

/* A FIFO of packets linked by m_nextpkt: struct mbufq of FreeBSD. */
struct mbufq {
	struct mbuf *mq_head;
	struct mbuf *mq_tail;
	uint32_t mq_len;
	uint32_t mq_maxlen;
};

extern const struct uma_zone mbuf_zone;
extern const struct uma_zone mcl_zone;

/**
 * m_gethdr() - an empty packet of curvnet
 * @flags:	enum malloc_flags
 *
 * m_data leaves no headroom; see m_align().
 * Return:	mbuf with M_PKTHDR, or NULL: no memory.
 */
#define m_gethdr(flags) m_gethdr_site((flags), SITE)
struct mbuf *m_gethdr_site(int flags, const char *site);

/**
 * m_get() - an empty continuation mbuf
 * @flags:	enum malloc_flags
 *
 * Return:	mbuf, or NULL: no memory.
 */
#define m_get(flags) m_get_site((flags), SITE)
struct mbuf *m_get_site(int flags, const char *site);

/**
 * m_getcl() - an mbuf with a cluster
 * @flags:	enum malloc_flags
 * @pkthdr:	with packet header
 *
 * Return:	mbuf with MCLBYTES of room, or NULL: no memory.
 */
#define m_getcl(flags, pkthdr) m_getcl_site((flags), (pkthdr), SITE)
struct mbuf *m_getcl_site(int flags, bool pkthdr, const char *site);

/**
 * m_getm() - a packet with room for @len bytes of data and @head before
 * @head:	bytes of headroom in the first mbuf, at most MLEN
 * @len:	bytes, m_len and pkthdr.len are set to it; content is not
 * @flags:	enum malloc_flags
 *
 * Return:	chain, or NULL: no memory (nothing is left behind).
 */
#define m_getm(head, len, flags) m_getm_site((head), (len), (flags), SITE)
struct mbuf *m_getm_site(
    uint32_t head, uint32_t len, int flags, const char *site);

/**
 * m_align() - put the data of an empty mbuf at the end of its room
 * @m:		m_len is 0, not shared
 * @len:	bytes that are going to be written; all the rest is headroom
 */
void m_align(struct mbuf *m, uint32_t len);

/**
 * m_free() - free one mbuf
 * @m:	takes it
 *
 * Return:	its m_next.
 */
struct mbuf *m_free(struct mbuf *m __takes);

/**
 * m_freem() - free a whole packet (not the ones behind it)
 * @m:	takes it; NULL is fine.  For consumed packets; a drop is m_drop()
 */
void m_freem(struct mbuf *m __takes);

/**
 * m_drop() - drop a packet and say why
 * @m:		takes it; NULL is fine (still counted)
 * @why:	reason; counted in curvnet (in the packet's owner if NULL)
 */
void m_drop(struct mbuf *m __takes, enum drop_reason why);

/**
 * m_pullup() - make the first @len bytes contiguous and writable
 * @m:		takes it if NULL is returned
 * @len:	bytes, at most MLEN
 *
 * Return:	the packet; NULL: shorter than @len, or no memory (freed; the
 *		caller counts the drop with m_drop(NULL, reason)).
 */
struct mbuf *m_pullup(struct mbuf *m __takes, uint32_t len);

/**
 * m_prepend() - room for @len more bytes in front
 * @m:		takes it if NULL is returned
 * @len:	bytes, at most MLEN
 * @flags:	enum malloc_flags
 *
 * Uses headroom if there is some and it is not shared.
 * Return:	the packet, m_data at the new bytes; NULL: no memory (freed).
 */
struct mbuf *m_prepend(struct mbuf *m __takes, uint32_t len, int flags);

/**
 * m_adj() - trim
 * @m:		packet
 * @len:	> 0: bytes off the front; < 0: off the end; clipped to length
 */
void m_adj(struct mbuf *m, int len);

/**
 * m_copym() - a packet with the same bytes; clusters are shared
 * @m:		packet
 * @off:	first byte
 * @len:	bytes or M_COPYALL; clipped
 * @flags:	enum malloc_flags
 *
 * Return:	new packet (with header if @off is 0), or NULL: no memory.
 */
#define m_copym(m, off, len, flags) m_copym_site(m, off, len, flags, SITE)
struct mbuf *m_copym_site(const struct mbuf *m, uint32_t off, uint32_t len,
    int flags, const char *site);

/**
 * m_dup() - a packet with its own copy of the bytes
 * @m:		packet
 * @flags:	enum malloc_flags
 *
 * Return:	new packet, or NULL: no memory.
 */
struct mbuf *m_dup(const struct mbuf *m, int flags);

/**
 * m_split() - cut a packet in two
 * @m:		keeps the first @len bytes
 * @len:	bytes, < length
 * @flags:	enum malloc_flags
 *
 * Return:	the rest as a packet; NULL: no memory (@m unchanged).
 */
struct mbuf *m_split(struct mbuf *m, uint32_t len, int flags);

/**
 * m_cat() - append the mbufs of @n to @m; headers are the caller's to mend
 * @m:	packet
 * @n:	takes it
 */
void m_cat(struct mbuf *m, struct mbuf *n __takes);

/**
 * m_copydata() - bytes out
 * @m:		packet
 * @off:	first byte
 * @len:	bytes; @off + @len is within the packet
 * @dst:	at least @len bytes
 */
void m_copydata(const struct mbuf *m, uint32_t off, uint32_t len, void *dst);

/**
 * m_append() - bytes in, at the end
 * @m:		packet with header
 * @src:	bytes
 * @len:	how many
 * @flags:	enum malloc_flags
 *
 * Return:	true; false: no memory (@m is as before).
 */
bool m_append(struct mbuf *m, const void *src, uint32_t len, int flags);

/**
 * m_length() - bytes in a chain
 * @m:	chain or NULL
 *
 * Return:	the sum of m_len.
 */
uint32_t m_length(const struct mbuf *m);

/**
 * m_writable() - may the bytes of this mbuf be changed?
 * @m:	mbuf
 *
 * Return:	false if its cluster is shared.
 */
bool m_writable(const struct mbuf *m);

/**
 * m_chown() - the whole packet changes hands
 * @m:	packet
 * @to:	new owner, NULL for the world (on a link)
 *
 * A cluster goes with it unless another mbuf of the old owner holds it, too;
 * then it follows when that one is freed.  So a cluster is always charged to
 * the owner of one of its mbufs, and none stays behind with a dead vnet.
 */
void m_chown(struct mbuf *m, struct vnet *to);

/**
 * m_rcvif() - interface it came in by
 * @m:	packet
 *
 * Return:	the ifnet; NULL if none was set or it is gone.
 */
struct ifnet *m_rcvif(const struct mbuf *m);

/* Queues. */
void mbufq_init(struct mbufq *q, uint32_t maxlen);
/* Return: 0, or VE_NOBUFS if full (@m stays the caller's). */
int mbufq_enqueue(struct mbufq *q, struct mbuf *m);
/* Return: the oldest packet, or NULL. */
struct mbuf *mbufq_dequeue(struct mbufq *q);
/* Drops all, with a reason. */
void mbufq_drain(struct mbufq *q, enum drop_reason why);

/**
 * in_cksum() - Internet checksum over part of a chain, RFC 1071
 * @m:		packet
 * @off:	first byte
 * @len:	bytes; within the packet
 * @sum:	to start from: 0, or in_pseudo()
 *
 * Return:	the complemented sum, host order; 0 over data that carries a
 *		right sum.
 */
uint16_t in_cksum(
    const struct mbuf *m, uint32_t off, uint32_t len, uint32_t sum);

/**
 * m_csum_fill() - put the outstanding checksums into the bytes
 * @m:	packet; l3off says where its IPv4 header is
 *
 * CSUM_IP, CSUM_TCP and CSUM_UDP are done and become "valid" marks.  A mbuf
 * whose cluster is shared and in which a sum lies gets its own copy first.
 * Return:	0; VE_NOBUFS: no memory for the copy; VE_INVAL: what the marks
 *		promise is not there (the rest of the sums is done).
 */
int m_csum_fill(struct mbuf *m);

/**
 * in_pseudo() - sum of the IPv4 pseudo header
 * @src:	host order
 * @dst:	host order
 * @proto:	IP protocol
 * @len:	L4 length, bytes
 *
 * Return:	a partial sum for in_cksum().
 */
uint32_t in_pseudo(uint32_t src, uint32_t dst, uint8_t proto, uint32_t len);

/* Bytes on the wire are read and written by accessors, never by overlay. */
static inline uint16_t
be16dec(const void *p)
{
	const uint8_t *b = p;

	return ((uint16_t)((b[0] << 8) | b[1]));
}

static inline uint32_t
be32dec(const void *p)
{
	const uint8_t *b = p;

	return ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
		(uint32_t)b[2] << 8 | b[3]);
}

static inline void
be16enc(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static inline void
be32enc(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)(v >> 24);
	b[1] = (uint8_t)(v >> 16);
	b[2] = (uint8_t)(v >> 8);
	b[3] = (uint8_t)v;
}

#endif /* !VNETSIM_KERN_MBUF_H */
