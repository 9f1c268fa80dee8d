/*
 * in_hash.c - linear hashing with 32-bit links.
 *
 * With n buckets in use, and m the smallest power of two >= n (h_mask + 1), a
 * hash belongs to bucket (hash mod m), or if that one does not exist yet, (hash
 * mod m/2). Adding bucket n therefore takes nodes from one bucket only: n -
 * m/2.  One bucket is added for each node beyond one per bucket.
 *
 * Buckets lie in segments of IN_HASH_SEG.  The first one starts small and
 * doubles until it has that size; then whole segments are added, and nothing
 * is copied but their directory.  New buckets are set when they are added, so
 * nothing is cleared.  If there is no memory, chains grow until there is.
 */
#include <string.h>
#include "src/core/world.h"
#include "src/net/inet/in_hash.h"
#include "src/net/inet/in_pcb.h"

#define IN_HASH_MIN 8    /* buckets of a new table */
#define IN_HASH_SEG 4096 /* buckets of a segment, a power of two */
#define IN_HASH_DIR 4    /* entries of a new directory */

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

static inline uint32_t *
bucket_at(const struct in_hash *h, uint32_t b)
{
	if (b < IN_HASH_SEG)
		return (&h->h_bucket[b]);
	return (&h->h_dir[b / IN_HASH_SEG - 1][b % IN_HASH_SEG]);
}

static inline uint32_t *
bucket_of(const struct in_hash *h, uint32_t hash)
{
	uint32_t b = hash & h->h_mask;

	return (bucket_at(h, b < h->h_n ? b : b & (h->h_mask >> 1)));
}

/* The first segment, or twice of it. */
static bool
grow_first(struct in_hash *h)
{
	uint32_t cap = h->h_cap == 0 ? IN_HASH_MIN : h->h_cap * 2, *b;

	b = kmalloc(&in_hash_zone, cap * sizeof(*b), M_NOWAIT);
	if (b == NULL)
		return (false);
	if (h->h_bucket == NULL) {
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

static bool
grow_dir(struct in_hash *h)
{
	uint32_t cap = h->h_dircap == 0 ? IN_HASH_DIR : h->h_dircap * 2, **d;

	d = kmalloc(&in_hash_zone, cap * sizeof(uint32_t *), M_NOWAIT);
	if (d == NULL)
		return (false);
	if (h->h_dir != NULL)
		memcpy(d, h->h_dir, h->h_dircap * sizeof(uint32_t *));
	kfree(&in_hash_zone, h->h_dir);
	h->h_dir = d;
	h->h_dircap = cap;
	return (true);
}

/* Room for more buckets. */
static bool
grow(struct in_hash *h)
{
	uint32_t seg = h->h_cap / IN_HASH_SEG, *b;

	if (seg == 0)
		return (grow_first(h));
	if (seg - 1 == h->h_dircap && !grow_dir(h))
		return (false);
	b = kmalloc(&in_hash_zone, IN_HASH_SEG * sizeof(*b), M_NOWAIT);
	if (b == NULL)
		return (false);
	h->h_dir[seg - 1] = b;
	h->h_cap += IN_HASH_SEG;
	return (true);
}

/* Add one bucket, if there is room for it. */
static void
split(struct in_hash *h)
{
	struct in_hnode *n;
	uint32_t next, *from, *to;

	if (h->h_n == h->h_cap && !grow(h))
		return;
	if (h->h_n > h->h_mask)
		h->h_mask = h->h_mask * 2 + 1;
	from = bucket_at(h, h->h_n & (h->h_mask >> 1));
	to = bucket_at(h, h->h_n);
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

	if (h->h_bucket == NULL && !grow(h))
		return (false);
	if (h->h_count >= h->h_n)
		split(h);
	b = bucket_of(h, hash);
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
	at = bucket_of(h, n->hn_hash);
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
	return (same_hash(node_at(*bucket_of(h, hash)), hash));
}

struct in_hnode *
in_hash_next(const struct in_hnode *n)
{
	return (same_hash(node_at(n->hn_next), n->hn_hash));
}

void
in_hash_destroy(struct in_hash *h)
{
	uint32_t i;

	MPASS(h->h_count == 0);
	for (i = IN_HASH_SEG; i < h->h_cap; i += IN_HASH_SEG)
		kfree(&in_hash_zone, h->h_dir[i / IN_HASH_SEG - 1]);
	kfree(&in_hash_zone, h->h_dir);
	kfree(&in_hash_zone, h->h_bucket);
	*h = (struct in_hash){ 0 };
}
