/*
 * igmp_timer.c - when IGMP speaks: changes of membership, answers to queries.
 *
 * One callout for the vnet, armed for the earliest of
 *
 *	igi_v3_timer   answer to a general query, all groups of an interface
 *	inm_timer      answer to a query about a group; version 2: a report
 *	inm_sctimer    report of a change; the first at once, but in an event
 *	               of its own, so that changes of one moment share a packet
 *
 * and idle when there is nothing to say.
 *
 * Changes (RFC 9776 section 5.1): of the mode, told by a record with all
 * sources; of sources only, told by those that changed.  Each change is told
 * RV times, at random distances up to igi_uri seconds; changes that come
 * meanwhile go into the same reports and have RV of their own.  A group whose
 * last member is gone stays until that is done.
 *
 * Versions 1 and 2: the first member's report goes at once and again within
 * 10 s; the last member's goodbye (version 2) at once, unless somebody else
 * has reported since.
 *
 * FreeBSD has two timers for all vnets, every 200 and every 500 ms.
 */
#include <string.h>
#include "src/net/ip/igmp_var.h"

static const uint32_t mchange_size = sizeof(struct in_mchange);
MALLOC_TYPE(in_mchange_zone, igmp, IGMP_Z_CHANGES, "in_mchange", UMA_NOHASH);

int64_t
igmp_random_delay(int64_t max)
{
	if (max <= 1)
		return (1);
	return ((int64_t)(krandom("igmp.delay", curvnet->v_id, V_igmp.draws++) %
			  (uint64_t)max) +
		1);
}

/* ---- the callout ---- */

/* A change is to be told at @when; IGMP_NEVER: all has been. */
static void
inm_pending(struct in_multi *inm, int64_t when)
{
	if (inm->inm_sctimer == IGMP_NEVER && when != IGMP_NEVER)
		V_igmp.npending++;
	else if (inm->inm_sctimer != IGMP_NEVER && when == IGMP_NEVER &&
		 --V_igmp.npending == 0)
		wakeup(&V_igmp.wq);
	inm->inm_sctimer = when;
	if (when != IGMP_NEVER)
		igmp_want(when);
}

static void
inm_forget(struct in_multi *inm)
{
	inm->inm_scrv = 0;
	inm->inm_nchg = 0;
	kfree(&in_mchange_zone, inm->inm_chg);
	inm->inm_chg = NULL;
	inm_pending(inm, IGMP_NEVER);
}

/* One report of changes, and when the next one is due.  The group may go. */
static void
inm_tell(struct igmp_report *ir, struct in_multi *inm, bool again)
{
	int64_t max = (int64_t)inm->inm_igi->igi_uri * NS_S;

	igmp_v3_changes(ir, inm);
	if (again && (inm->inm_scrv != 0 || inm->inm_nchg != 0)) {
		inm_pending(inm, vtime() + igmp_random_delay(max));
		return;
	}
	inm_forget(inm);
	if (inm->inm_nmembers == 0)
		inm_free(inm);
}

/* Answers that are due at an interface. */
static void
igi_answers(struct igmp_ifsoftc *igi, int64_t now)
{
	struct igmp_report ir = { .ir_igi = igi };
	bool all = igi->igi_v3_timer <= now;
	struct in_multi *inm;

	if (all)
		igi->igi_v3_timer = IGMP_NEVER;
	TAILQ_FOREACH (inm, &igi->igi_inms, inm_link) {
		if (inm->inm_timer > now && !all)
			continue;
		if (igi->igi_version == IGMP_VERSION_3) {
			/* the answer about all is one about each */
			if (all)
				in_slist_free(&inm->inm_rec);
			igmp_v3_answer(&ir, inm);
		} else if (inm->inm_nmembers != 0) {
			inm->inm_state = IGMP_REPORTING_MEMBER;
			igmp_v1v2_send(
			    inm, igi->igi_version == IGMP_VERSION_2
				     ? IGMP_V2_HOST_MEMBERSHIP_REPORT
				     : IGMP_V1_HOST_MEMBERSHIP_REPORT);
		}
		inm->inm_timer = IGMP_NEVER;
	}
	igmp_report_send(&ir);
}

static void
igi_changes(struct igmp_ifsoftc *igi, int64_t now)
{
	struct igmp_report ir = { .ir_igi = igi };
	struct in_multi *inm, *next;

	TAILQ_FOREACH_SAFE (inm, &igi->igi_inms, inm_link, next)
		if (inm->inm_sctimer <= now)
			inm_tell(&ir, inm, true);
	igmp_report_send(&ir);
}

static void
igmp_timeout(void *arg)
{
	struct igmp_ifsoftc *igi;
	struct in_multi *inm;
	int64_t now = vtime(), due = IGMP_NEVER;

	(void)arg;
	V_igmp.due = IGMP_NEVER;
	TAILQ_FOREACH (igi, &V_igmp.ifs, igi_link) {
		igmp_set_version(igi, 0);
		igi_answers(igi, now);
		igi_changes(igi, now);
		due = imin(due, igi->igi_v3_timer);
		TAILQ_FOREACH (inm, &igi->igi_inms, inm_link)
			due = imin(due, imin(inm->inm_timer, inm->inm_sctimer));
	}
	if (due != IGMP_NEVER)
		igmp_want(due);
}

void
igmp_want(int64_t when)
{
	if (when >= V_igmp.due)
		return;
	V_igmp.due = when;
	(void)callout_reset(
	    &V_igmp.timer, imax(when - vtime(), 0), igmp_timeout, V_igmp_main);
}

void
igmp_cancel_timers(struct igmp_ifsoftc *igi)
{
	struct in_multi *inm, *next;

	igi->igi_v3_timer = IGMP_NEVER;
	TAILQ_FOREACH_SAFE (inm, &igi->igi_inms, inm_link, next) {
		inm->inm_timer = IGMP_NEVER;
		in_slist_free(&inm->inm_rec);
		inm_forget(inm);
		/* not one whose last member is just leaving */
		if (inm->inm_state == IGMP_LEAVING_MEMBER)
			inm_free(inm);
	}
}

/* ---- changes ---- */

/* Remember that @src has changed.  There is room. */
static void
chg_note(struct in_mchange *chg, uint32_t *n, uint32_t src, uint32_t rv)
{
	for (uint32_t i = 0; i < *n; i++) {
		if (chg[i].mc_src == src) {
			chg[i].mc_left = rv;
			return;
		}
	}
	chg[*n].mc_src = src;
	chg[*n].mc_left = rv;
	(*n)++;
}

/* Sources have changed, the mode has not.  Return: false: no memory. */
static bool
inm_note_sources(struct in_multi *inm, const struct in_slist *old)
{
	const struct in_slist *new = &inm->inm_sources;
	uint32_t rv = inm->inm_igi->igi_rv, n = inm->inm_nchg;
	struct in_mchange *chg;

	chg = kmalloc(&in_mchange_zone,
	    (size_t)(n + old->is_n + new->is_n) * mchange_size, M_NOWAIT);
	if (chg == NULL)
		return (false);
	if (n != 0)
		memcpy(chg, inm->inm_chg, (size_t)n * mchange_size);
	for (uint32_t i = 0; i < old->is_n; i++)
		if (!in_slist_has(new, old->is_src[i]))
			chg_note(chg, &n, old->is_src[i], rv);
	for (uint32_t i = 0; i < new->is_n; i++)
		if (!in_slist_has(old, new->is_src[i]))
			chg_note(chg, &n, new->is_src[i], rv);
	kfree(&in_mchange_zone, inm->inm_chg);
	inm->inm_chg = chg;
	inm->inm_nchg = n;
	return (true);
}

/* Version 3: @was and @old were the filter, another one is. */
static void
inm_v3_change(struct in_multi *inm, uint32_t was, const struct in_slist *old)
{
	bool same =
	    old->is_n == inm->inm_sources.is_n &&
	    (old->is_n == 0 || memcmp(old->is_src, inm->inm_sources.is_src,
				   old->is_n * sizeof(uint32_t)) == 0);

	if (was == inm->inm_mode && same)
		return;
	/* without memory for the difference the whole is told */
	if (was != inm->inm_mode || !inm_note_sources(inm, old)) {
		inm->inm_scrv = inm->inm_igi->igi_rv;
		inm->inm_nchg = 0;
		kfree(&in_mchange_zone, inm->inm_chg);
		inm->inm_chg = NULL;
	}
	inm->inm_told = false;
	inm_pending(inm, vtime());
}

/* RFC 2236 section 6, RFC 1112 appendix I. */
static void
inm_v1v2_change(struct in_multi *inm, bool first)
{
	bool v2 = inm->inm_igi->igi_version == IGMP_VERSION_2;

	if (inm->inm_nmembers == 0) {
		if (v2 && inm->inm_state == IGMP_REPORTING_MEMBER)
			igmp_v1v2_send(inm, IGMP_HOST_LEAVE_MESSAGE);
		inm->inm_state = IGMP_LEAVING_MEMBER;
		inm->inm_timer = IGMP_NEVER;
	} else if (first) {
		igmp_v1v2_send(inm, v2 ? IGMP_V2_HOST_MEMBERSHIP_REPORT
				       : IGMP_V1_HOST_MEMBERSHIP_REPORT);
		inm->inm_state = IGMP_REPORTING_MEMBER;
		inm->inm_timer =
		    vtime() +
		    igmp_random_delay(IGMP_MAX_HOST_REPORT_DELAY * NS_S);
		igmp_want(inm->inm_timer);
	}
}

void
igmp_change_state(struct in_multi *inm, uint32_t mode, struct in_slist *src)
{
	bool first = inm->inm_state == IGMP_NOT_MEMBER ||
		     inm->inm_state == IGMP_LEAVING_MEMBER;
	struct igmp_ifsoftc *igi = inm->inm_igi;
	struct in_slist old = inm->inm_sources;
	uint32_t was = inm->inm_mode;

	igmp_set_version(igi, 0);
	inm->inm_mode = (uint8_t)mode;
	inm->inm_sources = *src;
	if (igi->igi_silent || !igmp_isgroupreported(inm->inm_addr)) {
		inm->inm_state = IGMP_SILENT_MEMBER;
	} else if (igi->igi_version == IGMP_VERSION_3) {
		inm_v3_change(inm, was, &old);
		inm->inm_state = inm->inm_nmembers != 0 ? IGMP_REPORTING_MEMBER
							: IGMP_LEAVING_MEMBER;
	} else {
		inm_v1v2_change(inm, first);
	}
	in_slist_free(&old);
	if (inm->inm_nmembers == 0 && inm->inm_sctimer == IGMP_NEVER)
		inm_free(inm);
}

void
igmp_flush(bool say)
{
	struct igmp_ifsoftc *igi;
	struct in_multi *inm, *next;

	TAILQ_FOREACH (igi, &V_igmp.ifs, igi_link) {
		struct igmp_report ir = { .ir_igi = igi };

		TAILQ_FOREACH_SAFE (inm, &igi->igi_inms, inm_link, next) {
			if (inm->inm_sctimer == IGMP_NEVER)
				continue;
			if (say && !inm->inm_told) {
				inm_tell(&ir, inm, false);
				continue;
			}
			inm_forget(inm);
			if (inm->inm_nmembers == 0)
				inm_free(inm);
		}
		igmp_report_send(&ir);
	}
}
