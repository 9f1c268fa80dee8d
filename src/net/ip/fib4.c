/*
 * fib4.c - longest prefix match for IPv4; fib4.h says how.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/ip/fib4.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/route.h"

#define FIB4_MINBUCKETS 8
#define FIB4_MAXBUCKETS (1u << 20)

static uint32_t
fib4_hash(uint32_t dst, uint8_t plen)
{
	uint64_t x = ((uint64_t)dst << 8 | plen) * UINT64_C(0x9e3779b97f4a7c15);

	return ((uint32_t)(x >> 32));
}

struct rtentry *
fib4_find(const struct fib4 *fib, uint32_t dst, uint8_t plen)
{
	struct rtentry *rt;

	if (fib->fib_bucket == NULL)
		return (NULL);
	rt = fib->fib_bucket[fib4_hash(dst, plen) & fib->fib_mask];
	while (rt != NULL && (rt->rt_dst != dst || rt->rt_plen != plen))
		rt = rt->rt_hnext;
	return (rt);
}

struct rtentry *
fib4_match(const struct fib4 *fib, uint32_t dst)
{
	struct rtentry *rt;

	for (int plen = 32; plen >= 0; plen--) {
		if ((fib->fib_lengths & (UINT64_C(1) << plen)) == 0)
			continue;
		rt =
		    fib4_find(fib, dst & in_mask((uint8_t)plen), (uint8_t)plen);
		if (rt != NULL)
			return (rt);
	}
	return (NULL);
}

/* ---- the tree ---- */

static uint64_t
rt_key(const struct rtentry *rt)
{
	return ((uint64_t)rt->rt_dst << 8 | rt->rt_plen);
}

/* The higher one stands above: chosen by the key, which nobody orders by it. */
static uint32_t
rt_prio(const struct rtentry *rt)
{
	return (fib4_hash(rt->rt_dst ^ 0x5bd1e995u, rt->rt_plen));
}

static uint32_t
tree_size(const struct rtentry *t)
{
	return (t != NULL ? t->rt_size : 0);
}

static void
tree_count(struct rtentry *t)
{
	t->rt_size = 1 + tree_size(t->rt_left) + tree_size(t->rt_right);
}

/* Keys below @key to *lo, the others to *hi. */
static void
tree_split(
    struct rtentry *t, uint64_t key, struct rtentry **lo, struct rtentry **hi)
{
	if (t == NULL) {
		*lo = *hi = NULL;
		return;
	}
	if (rt_key(t) < key) {
		tree_split(t->rt_right, key, &t->rt_right, hi);
		*lo = t;
	} else {
		tree_split(t->rt_left, key, lo, &t->rt_left);
		*hi = t;
	}
	tree_count(t);
}

/* All keys of @lo are below those of @hi. */
static struct rtentry *
tree_join(struct rtentry *lo, struct rtentry *hi)
{
	if (lo == NULL || hi == NULL)
		return (lo != NULL ? lo : hi);
	if (rt_prio(lo) > rt_prio(hi)) {
		lo->rt_right = tree_join(lo->rt_right, hi);
		tree_count(lo);
		return (lo);
	}
	hi->rt_left = tree_join(lo, hi->rt_left);
	tree_count(hi);
	return (hi);
}

static void
tree_insert(struct fib4 *fib, struct rtentry *rt)
{
	struct rtentry *lo, *hi;

	rt->rt_left = rt->rt_right = NULL;
	rt->rt_size = 1;
	tree_split(fib->fib_root, rt_key(rt), &lo, &hi);
	fib->fib_root = tree_join(tree_join(lo, rt), hi);
}

static void
tree_remove(struct fib4 *fib, struct rtentry *rt)
{
	struct rtentry **at = &fib->fib_root;

	while (*at != rt) {
		(*at)->rt_size--;
		at = rt_key(rt) < rt_key(*at) ? &(*at)->rt_left
					      : &(*at)->rt_right;
	}
	*at = tree_join(rt->rt_left, rt->rt_right);
}

struct rtentry *
fib4_nth(const struct fib4 *fib, uint32_t n)
{
	struct rtentry *t = fib->fib_root;
	uint32_t left;

	while (t != NULL && n != (left = tree_size(t->rt_left))) {
		if (n < left) {
			t = t->rt_left;
		} else {
			n -= left + 1;
			t = t->rt_right;
		}
	}
	return (t);
}

struct rtentry *
fib4_next(const struct fib4 *fib, const struct rtentry *rt)
{
	struct rtentry *t = fib->fib_root, *best = NULL;

	while (t != NULL) {
		if (rt == NULL || rt_key(t) > rt_key(rt)) {
			best = t;
			t = t->rt_left;
		} else
			t = t->rt_right;
	}
	return (best);
}

/* ---- the table ---- */

static void
fib4_link(struct fib4 *fib, struct rtentry *rt)
{
	struct rtentry **bucket;

	bucket = &fib->fib_bucket[fib4_hash(rt->rt_dst, rt->rt_plen) &
				  fib->fib_mask];
	rt->rt_hnext = *bucket;
	*bucket = rt;
}

static int
fib4_grow(struct fib4 *fib)
{
	uint32_t n =
	    fib->fib_bucket == NULL ? FIB4_MINBUCKETS : 2 * (fib->fib_mask + 1);
	struct rtentry **bucket, *rt, *next;

	if (n > FIB4_MAXBUCKETS)
		return (0);
	bucket = kmalloc(&fib_bucket_zone, n * sizeof(void *), M_ZERO);
	if (bucket == NULL)
		return (fib->fib_bucket == NULL ? VE_NOBUFS : 0);
	kfree(&fib_bucket_zone, fib->fib_bucket);
	fib->fib_bucket = bucket;
	fib->fib_mask = n - 1;
	FIB4_FOREACH(rt, next, fib)
	fib4_link(fib, rt);
	return (0);
}

int
fib4_insert(struct fib4 *fib, struct rtentry *rt)
{
	int error;

	MPASS(rt->rt_plen <= 32 && (rt->rt_dst & ~in_mask(rt->rt_plen)) == 0);
	if (fib->fib_bucket == NULL || fib->fib_count > fib->fib_mask) {
		error = fib4_grow(fib);
		if (error != 0)
			return (error);
	}
	fib4_link(fib, rt);
	tree_insert(fib, rt);
	fib->fib_count++;
	fib->fib_perlen[rt->rt_plen]++;
	fib->fib_lengths |= UINT64_C(1) << rt->rt_plen;
	return (0);
}

void
fib4_remove(struct fib4 *fib, struct rtentry *rt)
{
	struct rtentry **rtp;

	rtp = &fib->fib_bucket[fib4_hash(rt->rt_dst, rt->rt_plen) &
			       fib->fib_mask];
	while (*rtp != rt)
		rtp = &(*rtp)->rt_hnext;
	*rtp = rt->rt_hnext;
	tree_remove(fib, rt);
	fib->fib_count--;
	if (--fib->fib_perlen[rt->rt_plen] == 0)
		fib->fib_lengths &= ~(UINT64_C(1) << rt->rt_plen);
}

void
fib4_free(struct fib4 *fib)
{
	MPASS(fib->fib_count == 0);
	kfree(&fib_bucket_zone, fib->fib_bucket);
	fib->fib_bucket = NULL;
}
