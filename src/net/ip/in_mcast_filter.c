/*
 * in_mcast_filter.c - lists of sources, and the filter that several members of
 * a group have together.
 *
 * A list is an array in ascending order: they are short (net.inet.ip.mcast.
 * maxsocksrc, 128, per member; maxgrpsrc, 512, per group), searched for each
 * packet and changed rarely.
 *
 * Together (RFC 9776 section 3.2):
 *
 *	nobody excludes    INCLUDE: the union of all lists
 *	somebody does      EXCLUDE: what all of those exclude, without what
 *	                   anybody else includes
 *	nobody is there    INCLUDE, no sources
 *
 * It is computed anew from the members at each change, into a new list; so a
 * change that fails has changed nothing.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/ip/igmp_var.h"

MALLOC_TYPE(in_msource_zone, igmp, IGMP_Z_SOURCES, "in_msource", UMA_NOHASH);

/* ---- lists ---- */

/* Where it is, or would be. */
static uint32_t
slist_place(const struct in_slist *sl, uint32_t src)
{
	uint32_t lo = 0, hi = sl->is_n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (sl->is_src[mid] < src)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

bool
in_slist_has(const struct in_slist *sl, uint32_t src)
{
	uint32_t at = slist_place(sl, src);

	return (at < sl->is_n && sl->is_src[at] == src);
}

static uint32_t *
slist_room(uint32_t n)
{
	return (kmalloc(&in_msource_zone, n * sizeof(uint32_t), M_NOWAIT));
}

/* Into its place; there is room. */
static void
slist_insert(struct in_slist *sl, uint32_t src)
{
	uint32_t at = slist_place(sl, src);

	memmove(sl->is_src + at + 1, sl->is_src + at,
	    (sl->is_n - at) * sizeof(uint32_t));
	sl->is_src[at] = src;
	sl->is_n++;
}

int
in_slist_add(struct in_slist *sl, uint32_t src)
{
	uint32_t *room = slist_room(sl->is_n + 1);

	if (room == NULL)
		return (VE_NOBUFS);
	if (sl->is_n != 0)
		memcpy(room, sl->is_src, sl->is_n * sizeof(uint32_t));
	kfree(&in_msource_zone, sl->is_src);
	sl->is_src = room;
	slist_insert(sl, src);
	return (0);
}

void
in_slist_del(struct in_slist *sl, uint32_t src)
{
	uint32_t at = slist_place(sl, src);

	MPASS(at < sl->is_n && sl->is_src[at] == src);
	sl->is_n--;
	memmove(sl->is_src + at, sl->is_src + at + 1,
	    (sl->is_n - at) * sizeof(uint32_t));
	if (sl->is_n == 0)
		in_slist_free(sl);
}

int
in_slist_set(struct in_slist *sl, const uint32_t *src, uint32_t n)
{
	MPASS(sl->is_src == NULL && sl->is_n == 0);
	if (n == 0)
		return (0);
	sl->is_src = slist_room(n);
	if (sl->is_src == NULL)
		return (VE_NOBUFS);
	for (uint32_t i = 0; i < n; i++)
		if (!in_slist_has(sl, src[i]))
			slist_insert(sl, src[i]);
	return (0);
}

void
in_slist_free(struct in_slist *sl)
{
	kfree(&in_msource_zone, sl->is_src);
	sl->is_src = NULL;
	sl->is_n = 0;
}

/* ---- together ---- */

/* Do all others that exclude anything exclude it, and does nobody include it?
 */
static bool
all_exclude(const struct in_multi *inm, uint32_t src)
{
	const struct in_mfilter *imf;

	TAILQ_FOREACH (imf, &inm->inm_members, imf_member)
		if ((imf->imf_mode == MCAST_EXCLUDE) !=
		    in_slist_has(&imf->imf_sources, src))
			return (false);
	return (true);
}

static int
merge_exclude(const struct in_multi *inm, const struct in_mfilter *first,
    struct in_slist *src)
{
	uint32_t n = first->imf_sources.is_n, s;

	if (n == 0)
		return (0);
	src->is_src = slist_room(n);
	if (src->is_src == NULL)
		return (VE_NOBUFS);
	for (uint32_t i = 0; i < n; i++) {
		s = first->imf_sources.is_src[i];
		if (all_exclude(inm, s))
			src->is_src[src->is_n++] = s;
	}
	if (src->is_n == 0)
		in_slist_free(src);
	return (0);
}

static int
merge_include(const struct in_multi *inm, struct in_slist *src)
{
	uint32_t max = (uint32_t)igmp_tunable(IGT_maxgrpsrc), sum = 0;
	const struct in_mfilter *imf;

	TAILQ_FOREACH (imf, &inm->inm_members, imf_member)
		sum += imf->imf_sources.is_n;
	if (sum == 0)
		return (0);
	src->is_src = slist_room(imin(sum, max));
	if (src->is_src == NULL)
		return (VE_NOBUFS);
	TAILQ_FOREACH (imf, &inm->inm_members, imf_member) {
		for (uint32_t i = 0; i < imf->imf_sources.is_n; i++) {
			if (in_slist_has(src, imf->imf_sources.is_src[i]))
				continue;
			if (src->is_n == max) {
				in_slist_free(src);
				return (VE_NOSPC);
			}
			slist_insert(src, imf->imf_sources.is_src[i]);
		}
	}
	return (0);
}

int
inm_merge(const struct in_multi *inm, uint32_t *mode, struct in_slist *src)
{
	const struct in_mfilter *imf;

	*src = (struct in_slist){ NULL, 0 };
	*mode = MCAST_EXCLUDE;
	TAILQ_FOREACH (imf, &inm->inm_members, imf_member)
		if (imf->imf_mode == MCAST_EXCLUDE)
			return (merge_exclude(inm, imf, src));
	*mode = MCAST_INCLUDE;
	return (merge_include(inm, src));
}
