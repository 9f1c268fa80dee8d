/*
 * fib4.h - longest prefix first: one hash, probed once per length in use.
 *
 * Routes stand in one hash table by (network, length).  A bitmap says which
 * lengths exist; a lookup probes them from the longest down, so it costs one
 * probe per length in use (a host has three or four), whatever the number of
 * routes.  The table starts with nothing and doubles when it is full.
 *
 * The same routes stand in a tree in order of (network, length), for listings
 * and for walks: a treap, whose shape depends on the keys only, with the sizes
 * of its parts, so that the n-th route is found in O(log n).
 */
#ifndef SRC_NET_IP_FIB4_H
#define SRC_NET_IP_FIB4_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>

struct rtentry {
	uint32_t rt_dst; /* host order, host bits 0 */
	uint8_t rt_plen;
	uint8_t rt_fib;           /* which table it is in */
	uint32_t rt_flags;        /* enum rt_flags */
	uint32_t rt_expire;       /* virtual s since the start; 0: never */
	struct ref rt_nhop;       /* (r) */
	struct rtentry *rt_hnext; /* (b) bucket */
	struct epoch_context rt_epoch;
	struct rtentry *rt_left;  /* (b) tree */
	struct rtentry *rt_right; /* (b) */
	uint32_t rt_size;         /* of the part of the tree below it, and it */
};

struct fib4 {
	struct rtentry **fib_bucket; /* (o) NULL while empty */
	uint32_t fib_mask;           /* buckets - 1 */
	uint32_t fib_count;
	uint64_t fib_lengths; /* bit per prefix length in use */
	uint32_t fib_perlen[33];
	struct rtentry *fib_root; /* tree */
};

/* Return: the entry with exactly this key, NULL: none. */
struct rtentry *fib4_find(const struct fib4 *fib, uint32_t dst, uint8_t plen);

/* Return: the longest match, NULL: none. */
struct rtentry *fib4_match(const struct fib4 *fib, uint32_t dst);

/**
 * fib4_insert() - add an entry
 * @fib:	table
 * @rt:		key is not in it
 *
 * Return:	0; VE_NOBUFS: no memory for the first table.  (One that cannot
 *		grow just gets slower.)
 */
int fib4_insert(struct fib4 *fib, struct rtentry *rt);

/* Take an entry out. */
void fib4_remove(struct fib4 *fib, struct rtentry *rt);

/* The @n-th in order of (network, length), from 0.  NULL: no more. */
struct rtentry *fib4_nth(const struct fib4 *fib, uint32_t n);

/* The one behind @rt (which may have been removed), NULL: the first. */
struct rtentry *fib4_next(const struct fib4 *fib, const struct rtentry *rt);

/* All, in order; the one at hand may be removed. */
#define FIB4_FOREACH(rt, next, fib)                                            \
	for ((rt) = fib4_next((fib), NULL);                                    \
	     (rt) != NULL && ((next) = fib4_next((fib), (rt)), true);          \
	     (rt) = (next))

/* Free the buckets; the table is empty. */
void fib4_free(struct fib4 *fib);

extern const struct uma_zone fib_bucket_zone;

#endif /* !SRC_NET_IP_FIB4_H */
