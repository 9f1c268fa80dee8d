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
	struct rtentry **bucket, *rt;

	if (n > FIB4_MAXBUCKETS)
		return (0);
	bucket = kmalloc(&fib_bucket_zone, n * sizeof(void *), M_ZERO);
	if (bucket == NULL)
		return (fib->fib_bucket == NULL ? VE_NOBUFS : 0);
	kfree(&fib_bucket_zone, fib->fib_bucket);
	fib->fib_bucket = bucket;
	fib->fib_mask = n - 1;
	TAILQ_FOREACH (rt, &fib->fib_all, rt_link)
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
	TAILQ_INSERT_TAIL(&fib->fib_all, rt, rt_link);
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
	TAILQ_REMOVE(&fib->fib_all, rt, rt_link);
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
