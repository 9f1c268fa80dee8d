/*
 * in_hash.h - a hash that grows by one bucket at a time (linear hashing).
 *
 * For what a vnet looks up per packet: pcbs by 4-tuple, ports.  A node is
 * embedded in its object; links are 32-bit offsets from the world's base in
 * units of 8 bytes, as those of ref.h, and hashes are cached (spike.md, advice
 * 14).  An empty hash owns no memory.
 *
 * An insertion splits at most one bucket and makes at most one segment of
 * buckets, so it costs the same with ten thousand nodes and with a million.
 */
#ifndef SRC_NET_INET_IN_HASH_H
#define SRC_NET_INET_IN_HASH_H

#include <stdbool.h>
#include <stdint.h>

struct in_hnode {
	_Alignas(8) uint32_t hn_next; /* offset; 0: end of the chain */
	uint32_t hn_hash;
};

struct in_hash {
	uint32_t *h_bucket; /* (o) first segment: offsets of first nodes */
	uint32_t **h_dir;   /* (o) the other segments; NULL: none */
	uint32_t h_dircap;  /* room of h_dir */
	uint32_t h_n;       /* buckets in use */
	uint32_t h_cap;     /* room of all segments */
	uint32_t h_mask;    /* smallest power of two >= h_n, less one */
	uint32_t h_count;   /* nodes */
};

/**
 * in_hash_insert() - add a node
 * @h:		hash
 * @n:		node in world memory, in no hash
 * @hash:	32 well mixed bits
 *
 * Return:	true; false: it is the first node and there is no memory.  A
 *		hash that cannot grow only gets slower.
 */
bool in_hash_insert(struct in_hash *h, struct in_hnode *n, uint32_t hash);

/**
 * in_hash_remove() - take a node out
 * @h:	hash
 * @n:	in it
 */
void in_hash_remove(struct in_hash *h, struct in_hnode *n);

/**
 * in_hash_first(), in_hash_next() - walk the nodes that have a hash
 * @h:		hash
 * @hash:	hash
 * @n:		node found last
 *
 * Return:	next node with exactly this hash, newest first; NULL: no more.
 */
struct in_hnode *in_hash_first(const struct in_hash *h, uint32_t hash);
struct in_hnode *in_hash_next(const struct in_hnode *n);

/* Free the buckets; there are no nodes. */
void in_hash_destroy(struct in_hash *h);

/* Mix 64 bits into 32. */
static inline uint32_t
in_hash_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	x *= UINT64_C(0xd6e8feb86659fd93);
	x ^= x >> 32;
	return ((uint32_t)x);
}

#endif /* !SRC_NET_INET_IN_HASH_H */
