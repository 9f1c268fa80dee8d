/*
 * if_llatbl.h - neighbours of an interface: hash, hold queue, expiry.
 *
 * One lltable per interface that resolves addresses; it knows no ARP: the
 * protocol installs ops.  An entry holds packets that wait for the answer
 * (at most lt_maxhold) and a timer.  Freed after a grace period.
 */
#ifndef SRC_NET_LINK_IF_LLATBL_H
#define SRC_NET_LINK_IF_LLATBL_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/epoch.h>
#include <vnetsim/kern/ifnet.h>

enum lle_state { LLE_INCOMPLETE, LLE_REACHABLE, LLE_STATIC, LLE_DELETED };

struct llentry {
	uint32_t lle_addr; /* host order */
	uint8_t lle_lladdr[ETHER_ADDR_LEN];
	uint8_t lle_state; /* enum lle_state */
	uint8_t la_asked;  /* requests sent without an answer */
	int64_t la_expire; /* virtual ns, 0: never */
	int64_t la_lastreq;
	struct lltable *lle_tbl;  /* (b) NULL once unlinked */
	struct mbufq la_hold;     /* (o) waiting packets */
	struct callout lle_timer; /* (t) */
	struct epoch_context lle_epoch;
	LIST_ENTRY(llentry) lle_next; /* bucket */
};

/* From the protocol; constant. */
struct lltable_ops {
	uint8_t lo_mod;
	/*
	 * Link-layer address of @dst.  Return: 0 (@lladdr is valid, caller
	 * owns m); VE_WOULDBLOCK: asking, @m is held; VE_HOSTDOWN,
	 * VE_HOSTUNREACH, VE_NOBUFS, VE_NETDOWN: @m is gone or held.
	 */
	int (*lo_resolve)(struct ifnet *ifp, bool isgw, struct mbuf *m __takes,
	    uint32_t dst, uint8_t *lladdr);
};

struct lltable {
	struct ifnet *llt_ifp;             /* (b) owner */
	const struct lltable_ops *llt_ops; /* (c) */
	LIST_HEAD(, llentry) * llt_hash;   /* (o) grows; NULL while empty */
	uint32_t llt_mask, llt_count;
	LIST_ENTRY(lltable) llt_link; /* vnet's list */
};

/* Return: the table (if_llt is set), NULL: no memory. */
struct lltable *lltable_create(
    struct ifnet *ifp, const struct lltable_ops *ops);
/* Unlink it, drop held packets, stop timers, free entries (deferred). */
void lltable_free(struct lltable *llt);
/* Delete all entries, dropping what they hold with @why. */
void lltable_flush(struct lltable *llt, enum drop_reason why);
/* Return: entry or NULL. */
struct llentry *lla_lookup(struct lltable *llt, uint32_t addr);
/* Return: a new INCOMPLETE entry, NULL: no memory, or the vnet has let go of
 * its neighbours.  @addr has none yet; @maxhold: packets it may hold. */
struct llentry *lla_create(
    struct lltable *llt, uint32_t addr, uint32_t maxhold);
/* Let @m wait for the answer (takes it); the oldest is pushed out of a full
 * queue, DROP_ARP_HOLD. */
void lla_hold(struct llentry *lle, struct mbuf *m __takes);
/* Unlink, drop what it holds with @why, stop its timer, free (deferred).  A
 * claimed timer still runs, and must see lle_tbl NULL and do nothing; to
 * delete an entry twice is fine. */
void lla_delete(struct llentry *lle, enum drop_reason why);
/* Give it an address (INCOMPLETE becomes REACHABLE) and take the held packets
 * out for sending. */
void lla_resolved(
    struct llentry *lle, const uint8_t *lladdr, struct mbufq *held);
/* Walk: the @n-th entry in order of address. */
struct llentry *lla_get(struct lltable *llt, uint32_t n);

extern const struct uma_zone llentry_zone;

#endif /* !SRC_NET_LINK_IF_LLATBL_H */
