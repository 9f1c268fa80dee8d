/*
 * in_hash.c - linear hashing with 32-bit links.
 *
 * With n buckets in use, and m the smallest power of two >= n (h_mask + 1), a
 * hash belongs to bucket (hash mod m), or if that one does not exist yet, (hash
 * mod m/2). Adding bucket n therefore takes nodes from one bucket only: n -
 * m/2.  One bucket is added for each node beyond one per bucket.
 *
 * The array doubles when it is full; only the buckets in use are copied and
 * new ones are set when they are added, so nothing is cleared.  If there is no
 * memory for it, chains grow until there is.
 */
#include <string.h>
#include "src/core/world.h"
#include "src/net/inet/in_hash.h"
#include "src/net/inet/in_pcb.h"

#define IN_HASH_MIN 8 /* buckets of a new table */

MALLOC_TYPE(in_hash_zone, inpcb, INPCB_Z_HASH, "in_hash", UMA_NOHASH);

static inline struct in_hnode *
node_at(uint32_t off)
{
	if (off == 0)
		return (NULL);
	return ((struct in_hnode *)(void *)(kctx->kc_world->w_mem.wm_base +
					    ((size_t)off << 3)));
}

static inline uint32_t
node_offset(const struct in_hnode *n)
{
	return ((uint32_t)(((uintptr_t)n -
			       (uintptr_t)kctx->kc_world->w_mem.wm_base) >>
			   3));
}

static inline uint32_t
bucket_of(const struct in_hash *h, uint32_t hash)
{
	uint32_t b = hash & h->h_mask;

	return (b < h->h_n ? b : b & (h->h_mask >> 1));
}

static bool
grow_array(struct in_hash *h)
{
	uint32_t *b, cap;

	cap = h->h_cap == 0 ? IN_HASH_MIN : h->h_cap * 2;
	b = kmalloc(&in_hash_zone, cap * sizeof(*b), M_NOWAIT);
	if (b == NULL)
		return (false);
	if (h->h_cap == 0) {
		memset(b, 0, cap * sizeof(*b));
		h->h_n = cap;
		h->h_mask = cap - 1;
	} else {
		memcpy(b, h->h_bucket, h->h_n * sizeof(*b));
		kfree(&in_hash_zone, h->h_bucket);
	}
	h->h_bucket = b;
	h->h_cap = cap;
	return (true);
}

/* Add one bucket, if there is room for it. */
static void
split(struct in_hash *h)
{
	struct in_hnode *n;
	uint32_t next, *from, *to;

	if (h->h_n == h->h_cap && !grow_array(h))
		return;
	if (h->h_n > h->h_mask)
		h->h_mask = h->h_mask * 2 + 1;
	from = &h->h_bucket[h->h_n & (h->h_mask >> 1)];
	to = &h->h_bucket[h->h_n];
	*to = 0;
	while ((n = node_at(*from)) != NULL) {
		next = n->hn_next;
		if ((n->hn_hash & h->h_mask) == h->h_n) {
			*to = *from;
			*from = next;
			n->hn_next = 0;
			to = &n->hn_next;
		} else {
			from = &n->hn_next;
		}
	}
	h->h_n++;
}

bool
in_hash_insert(struct in_hash *h, struct in_hnode *n, uint32_t hash)
{
	uint32_t *b;

	if (h->h_bucket == NULL && !grow_array(h))
		return (false);
	if (h->h_count >= h->h_n)
		split(h);
	b = &h->h_bucket[bucket_of(h, hash)];
	n->hn_hash = hash;
	n->hn_next = *b;
	*b = node_offset(n);
	h->h_count++;
	return (true);
}

void
in_hash_remove(struct in_hash *h, struct in_hnode *n)
{
	uint32_t *at, off;

	off = node_offset(n);
	at = &h->h_bucket[bucket_of(h, n->hn_hash)];
	while (*at != off) {
		MPASS(*at != 0);
		at = &node_at(*at)->hn_next;
	}
	*at = n->hn_next;
	n->hn_next = 0;
	h->h_count--;
}

static struct in_hnode *
same_hash(struct in_hnode *n, uint32_t hash)
{
	while (n != NULL && n->hn_hash != hash)
		n = node_at(n->hn_next);
	return (n);
}

struct in_hnode *
in_hash_first(const struct in_hash *h, uint32_t hash)
{
	if (h->h_bucket == NULL)
		return (NULL);
	return (same_hash(node_at(h->h_bucket[bucket_of(h, hash)]), hash));
}

struct in_hnode *
in_hash_next(const struct in_hnode *n)
{
	return (same_hash(node_at(n->hn_next), n->hn_hash));
}

void
in_hash_destroy(struct in_hash *h)
{
	MPASS(h->h_count == 0);
	kfree(&in_hash_zone, h->h_bucket);
	*h = (struct in_hash){ 0 };
}
