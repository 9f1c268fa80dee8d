/*
 * if_llatbl.c - neighbours of an interface, and module `lltable`.
 *
 * One table per interface, made and freed by the family that resolves there
 * (if_afops).  A table costs nothing until its first entry; then its hash has
 * four buckets and doubles when there are twice as many entries as buckets.
 *
 * An entry dies in two acts: lla_delete() unlinks it, drops what it holds and
 * stops its timer; the memory goes after a grace period, because the timer may
 * be claimed and run once more.  It then finds lle_tbl NULL and state
 * LLE_DELETED, and must do nothing but perhaps delete it again, which is not
 * felt.
 *
 * The timers are this module's, whoever's function they run: its shutdown
 * empties all tables, so that none is armed.  Tables go with their interfaces.
 *
 * FreeBSD: sys/net/if_llatbl.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/if_llatbl.h"
#include "src/net/link/if_var.h"

enum { LLT_Z_ENTRY, LLT_Z_TABLE, LLT_Z_HASH, LLT_Z_ALL };

#define LLT_BUCKETS_MIN 4

/* All tables of a vnet: V_lltables. */
struct lltables {
	LIST_HEAD(, lltable) ls_list;
};

struct vnet_lltable {
	struct lltables *llt_all; /* (o) */
	uint32_t llt_ntables;
	uint32_t llt_nentries; /* linked ones */
	uint32_t llt_open;     /* 1; 0 after shutdown: no new entries */
	uint32_t llt_pad;
};
VNET_STATE(lltable, struct vnet_lltable);
#define V_lltable VNET(lltable)

static const char *const lle_states[] = { "incomplete", "reachable", "static",
	"deleted" };

static const struct field llentry_fields[] = {
	FIELD(struct llentry, lle_addr, IP4),
	FIELD(struct llentry, lle_lladdr, ETHER),
	FIELD_ENUM(struct llentry, lle_state, lle_states),
	FIELD(struct llentry, la_asked, UINT),
	FIELD(struct llentry, la_expire, TIME),
	FIELD(struct llentry, la_lastreq, TIME),
	FIELD(struct llentry, lle_tbl, PTR),
	FIELD(struct llentry, la_hold.mq_head, PTR),
	FIELD(struct llentry, la_hold.mq_tail, LINK),
	FIELD(struct llentry, la_hold.mq_len, UINT),
	FIELD(struct llentry, la_hold.mq_maxlen, UINT),
	FIELD(struct llentry, lle_timer, CALLOUT),
	FIELD(struct llentry, lle_epoch, OPAQUE),
	FIELD(struct llentry, lle_next, LINK),
};
UMA_ZONE(llentry_zone, lltable, LLT_Z_ENTRY, struct llentry, 0, llentry_fields);

static const struct field lltable_fields[] = {
	FIELD(struct lltable, llt_ifp, PTR),
	FIELD(struct lltable, llt_ops, FUNC),
	FIELD(struct lltable, llt_hash, LINK),
	FIELD(struct lltable, llt_mask, OPAQUE),
	FIELD(struct lltable, llt_count, UINT),
	FIELD(struct lltable, llt_link, LINK),
};
static UMA_ZONE(
    lltable_zone, lltable, LLT_Z_TABLE, struct lltable, 0, lltable_fields);
static MALLOC_TYPE(llthash_zone, lltable, LLT_Z_HASH, "llt_hash", UMA_NOHASH);

static const struct field lltables_fields[] = {
	FIELD(struct lltables, ls_list, LINK),
};
static UMA_ZONE(
    lltables_zone, lltable, LLT_Z_ALL, struct lltables, 0, lltables_fields);

/* ---- hash ---- */

static uint32_t
llt_bucket(const struct lltable *llt, uint32_t addr)
{
	return ((addr * UINT32_C(2654435761)) >> 16 & llt->llt_mask);
}

/* Room for one more.  Return: false: no memory (a longer chain does, too, but
 * the first entry needs a table). */
static bool
llt_grow(struct lltable *llt)
{
	uint32_t was = llt->llt_hash == NULL ? 0 : llt->llt_mask + 1, n;
	struct llentry *lle, *next;
	struct lltable old = *llt;

	if (was != 0 && llt->llt_count < 2 * was)
		return (true);
	n = was == 0 ? LLT_BUCKETS_MIN : 2 * was;
	llt->llt_hash =
	    kmalloc(&llthash_zone, n * sizeof(llt->llt_hash[0]), M_ZERO);
	if (llt->llt_hash == NULL) {
		llt->llt_hash = old.llt_hash;
		return (was != 0);
	}
	llt->llt_mask = n - 1;
	for (uint32_t i = 0; i < was; i++) {
		LIST_FOREACH_SAFE (lle, &old.llt_hash[i], lle_next, next) {
			LIST_REMOVE(lle, lle_next);
			LIST_INSERT_HEAD(
			    &llt->llt_hash[llt_bucket(llt, lle->lle_addr)], lle,
			    lle_next);
		}
	}
	kfree(&llthash_zone, old.llt_hash);
	return (true);
}

struct llentry *
lla_lookup(struct lltable *llt, uint32_t addr)
{
	struct llentry *lle;

	if (llt->llt_hash == NULL)
		return (NULL);
	LIST_FOREACH (lle, &llt->llt_hash[llt_bucket(llt, addr)], lle_next)
		if (lle->lle_addr == addr)
			return (lle);
	return (NULL);
}

/* ---- entries ---- */

struct llentry *
lla_create(struct lltable *llt, uint32_t addr, uint32_t maxhold)
{
	struct llentry *lle;

	MPASS(uma_owner(llt) == curvnet && lla_lookup(llt, addr) == NULL);
	if (V_lltable.llt_open == 0 || !llt_grow(llt))
		return (NULL);
	lle = uma_zalloc(&llentry_zone, M_ZERO);
	if (lle == NULL)
		return (NULL);
	lle->lle_addr = addr;
	lle->lle_state = LLE_INCOMPLETE;
	lle->lle_tbl = llt;
	mbufq_init(&lle->la_hold, maxhold);
	callout_init(&lle->lle_timer, VNET_MOD_lltable, "lltable.entry");
	LIST_INSERT_HEAD(&llt->llt_hash[llt_bucket(llt, addr)], lle, lle_next);
	llt->llt_count++;
	V_lltable.llt_nentries++;
	return (lle);
}

void
lla_hold(struct llentry *lle, struct mbuf *m)
{
	MPASS(lle->lle_tbl != NULL);
	if (lle->la_hold.mq_maxlen == 0) {
		m_drop(m, DROP_ARP_HOLD);
		return;
	}
	if (lle->la_hold.mq_len >= lle->la_hold.mq_maxlen)
		m_drop(mbufq_dequeue(&lle->la_hold), DROP_ARP_HOLD);
	(void)mbufq_enqueue(&lle->la_hold, m);
}

static void
lle_free(struct epoch_context *ctx)
{
	struct llentry *lle = container_of(ctx, struct llentry, lle_epoch);

	MPASS(!callout_active(&lle->lle_timer));
	uma_zfree(&llentry_zone, lle);
}

void
lla_delete(struct llentry *lle, enum drop_reason why)
{
	/* a timer that was claimed comes late */
	if (lle->lle_state == LLE_DELETED)
		return;
	MPASS(lle->lle_tbl != NULL && uma_owner(lle) == curvnet);
	LIST_REMOVE(lle, lle_next);
	lle->lle_tbl->llt_count--;
	V_lltable.llt_nentries--;
	lle->lle_tbl = NULL;
	lle->lle_state = LLE_DELETED;
	mbufq_drain(&lle->la_hold, why);
	(void)callout_stop(&lle->lle_timer);
	NET_EPOCH_CALL(lle_free, &lle->lle_epoch);
}

void
lla_resolved(struct llentry *lle, const uint8_t *lladdr, struct mbufq *held)
{
	MPASS(lle->lle_tbl != NULL);
	memcpy(lle->lle_lladdr, lladdr, ETHER_ADDR_LEN);
	if (lle->lle_state == LLE_INCOMPLETE)
		lle->lle_state = LLE_REACHABLE;
	lle->la_asked = 0;
	*held = lle->la_hold;
	mbufq_init(&lle->la_hold, held->mq_maxlen);
}

struct llentry *
lla_get(struct lltable *llt, uint32_t n)
{
	struct llentry *lle, *best;
	uint64_t above = 0;

	if (n >= llt->llt_count)
		return (NULL);
	for (;;) {
		best = NULL;
		for (uint32_t i = 0; i <= llt->llt_mask; i++)
			LIST_FOREACH (lle, &llt->llt_hash[i], lle_next)
				if (lle->lle_addr >= above &&
				    (best == NULL ||
					lle->lle_addr < best->lle_addr))
					best = lle;
		if (n-- == 0 || best == NULL)
			return (best);
		above = (uint64_t)best->lle_addr + 1;
	}
}

/* ---- tables ---- */

struct lltable *
lltable_create(struct ifnet *ifp, const struct lltable_ops *ops)
{
	struct lltable *llt;

	MPASS(ifp->if_llt == NULL && V_lltable.llt_all != NULL);
	llt = uma_zalloc(&lltable_zone, M_ZERO);
	if (llt == NULL)
		return (NULL);
	llt->llt_ifp = ifp;
	llt->llt_ops = ops;
	LIST_INSERT_HEAD(&V_lltable.llt_all->ls_list, llt, llt_link);
	V_lltable.llt_ntables++;
	ifp->if_llt = llt;
	return (llt);
}

void
lltable_flush(struct lltable *llt, enum drop_reason why)
{
	for (uint32_t i = 0; llt->llt_hash != NULL && i <= llt->llt_mask; i++)
		while (!LIST_EMPTY(&llt->llt_hash[i]))
			lla_delete(LIST_FIRST(&llt->llt_hash[i]), why);
}

void
lltable_free(struct lltable *llt)
{
	MPASS(uma_owner(llt) == curvnet);
	lltable_flush(llt, DROP_ARP_FLUSH);
	MPASS(llt->llt_count == 0);
	llt->llt_ifp->if_llt = NULL;
	LIST_REMOVE(llt, llt_link);
	V_lltable.llt_ntables--;
	kfree(&llthash_zone, llt->llt_hash);
	uma_zfree(&lltable_zone, llt);
}

/* ---- the module ---- */

static int
lltable_init(void)
{
	V_lltable.llt_all = uma_zalloc(&lltables_zone, M_ZERO);
	if (V_lltable.llt_all == NULL)
		return (VE_NOMEM);
	V_lltable.llt_open = 1;
	return (0);
}

static enum op_verdict
lltable_shutdown(struct op *op)
{
	struct lltable *llt;

	(void)op;
	V_lltable.llt_open = 0;
	LIST_FOREACH (llt, &V_lltable.llt_all->ls_list, llt_link)
		lltable_flush(llt, DROP_ARP_FLUSH);
	return (OP_DONE);
}

static void
lltable_uninit(void)
{
	if (V_lltable.llt_ntables != 0 || V_lltable.llt_open != 0)
		return;
	uma_zfree(&lltables_zone, V_lltable.llt_all);
	V_lltable.llt_all = NULL;
}

#define F(m, kind) FIELD(struct vnet_lltable, m, kind)
static const struct field vnet_lltable_fields[] = {
	F(llt_all, LINK),
	F(llt_ntables, UINT),
	F(llt_nentries, UINT),
	F(llt_open, UINT),
	F(llt_pad, OPAQUE),
};
#undef F
static const struct vnet_contract lltable_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_lltable, llt_open),
	CONTRACT_SHUTDOWN(struct vnet_lltable, llt_nentries),
	CONTRACT_UNINIT(struct vnet_lltable, llt_ntables),
};
static const struct uma_zone *const lltable_zones[] = {
	[LLT_Z_ENTRY] = &llentry_zone,
	[LLT_Z_TABLE] = &lltable_zone,
	[LLT_Z_HASH] = &llthash_zone,
	[LLT_Z_ALL] = &lltables_zone,
};

VNET_MODULE(lltable) = {
	.vm_name = "lltable",
	.vm_id = VNET_MOD_lltable,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_lltable),
	.vm_sub = SI_SUB_INIT_IF,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_INIT_IF,
	.vm_unorder = SI_ORDER_FIRST,
	.vm_init = lltable_init,
	.vm_shutdown = lltable_shutdown,
	.vm_uninit = lltable_uninit,
	.vm_fields = vnet_lltable_fields,
	.vm_nfields = nitems(vnet_lltable_fields),
	.vm_contracts = lltable_contracts,
	.vm_ncontracts = nitems(lltable_contracts),
	.vm_zones = lltable_zones,
	.vm_nzones = nitems(lltable_zones),
};
