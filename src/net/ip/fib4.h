/*
 * fib4.h - longest prefix first: one hash, probed once per length in use.
 *
 * Routes stand in one hash table by (network, length).  A bitmap says which
 * lengths exist; a lookup probes them from the longest down, so it costs one
 * probe per length in use (a host has three or four), whatever the number of
 * routes.  The table starts with nothing and doubles when it is full.
 */
#ifndef SRC_NET_IP_FIB4_H
#define SRC_NET_IP_FIB4_H

#include <stdint.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/ref.h>

struct rtentry {
	uint32_t rt_dst; /* host order, host bits 0 */
	uint8_t rt_plen;
	uint32_t rt_flags;        /* enum rt_flags */
	uint32_t rt_expire;       /* virtual s since the start; 0: never */
	struct ref rt_nhop;       /* (r) */
	struct rtentry *rt_hnext; /* (b) bucket */
	struct epoch_context rt_epoch;
	TAILQ_ENTRY(rtentry) rt_link; /* order of birth */
};

struct fib4 {
	struct rtentry **fib_bucket; /* (o) NULL while empty */
	uint32_t fib_mask;           /* buckets - 1 */
	uint32_t fib_count;
	uint64_t fib_lengths; /* bit per prefix length in use */
	uint32_t fib_perlen[33];
	TAILQ_HEAD(, rtentry) fib_all;
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

/* Free the buckets; the table is empty. */
void fib4_free(struct fib4 *fib);

extern const struct uma_zone fib_bucket_zone;

#endif /* !SRC_NET_IP_FIB4_H */
