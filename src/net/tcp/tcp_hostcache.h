/*
 * tcp_hostcache.h - what TCP remembers of a host between connections.
 */
#ifndef SRC_NET_TCP_TCP_HOSTCACHE_H
#define SRC_NET_TCP_TCP_HOSTCACHE_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/callout.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/inet/in_hash.h"

/* FreeBSD's defaults. */
#define TCP_HOSTCACHE_HASHSIZE    512
#define TCP_HOSTCACHE_BUCKETLIMIT 30
#define TCP_HOSTCACHE_EXPIRE      3600 /* s */
#define TCP_HOSTCACHE_PRUNE       300  /* s */

/* What is known; 0: not. */
struct hc_metrics_lite {
	uint32_t hc_mtu;      /* bytes, of the way there */
	uint32_t hc_ssthresh; /* bytes, headers included */
	uint32_t hc_cwnd;     /* bytes */
	int64_t hc_rtt;       /* ns */
	int64_t hc_rttvar;    /* ns */
};

struct hc_head;

struct hc_entry {
	TAILQ_ENTRY(hc_entry) hc_q; /* its row, the last used first */
	struct hc_head *hc_head;    /* (b) its row */
	uint32_t hc_ip4;            /* host order */
	int32_t hc_expire;          /* s that are left when it was last used */
	uint32_t hc_hits, hc_updates;
	struct hc_metrics_lite hc_metrics;
};

/* A row of the cache, while it has entries. */
struct hc_head {
	struct in_hnode hch_hnode; /* in hc_rows */
	uint32_t hch_row;
	uint32_t hch_length;
	TAILQ_HEAD(, hc_entry) hch_bucket;
};

/* The cache of a vnet: from init to shutdown. */
struct tcp_hostcache {
	struct in_hash hc_rows;
	uint32_t hc_mask;        /* rows less one; fixed by the first entry */
	struct callout hc_timer; /* (t) while there are entries */
};

struct vnet_hostcache {
	struct tcp_hostcache *hc; /* (o) */
	uint32_t count;           /* entries */
	int32_t enable;
	int32_t cachelimit;
	int32_t hashsize;
	int32_t bucketlimit;
	int32_t expire; /* s */
	int32_t prune;  /* s */
	int32_t purge;  /* the next run of the worker drops all */
};
VNET_STATE(hostcache, struct vnet_hostcache);
#define V_hostcache VNET(hostcache)

/**
 * tcp_hc_get() - what is known of a host; counts as a use
 * @faddr:	host order
 * @m:		out; all zero if nothing is known, or the cache is off or gone
 */
void tcp_hc_get(uint32_t faddr, struct hc_metrics_lite *m);

/**
 * tcp_hc_getmtu() - MTU of the way to a host
 * @faddr:	host order
 *
 * Return:	bytes; 0: not known.
 */
uint32_t tcp_hc_getmtu(uint32_t faddr);

/**
 * tcp_hc_updatemtu() - remember an MTU
 * @faddr:	host order
 * @mtu:	bytes
 *
 * Without memory, or room, nothing is remembered.
 */
void tcp_hc_updatemtu(uint32_t faddr, uint32_t mtu);

/**
 * tcp_hc_update() - a connection ends: remember how it was
 * @faddr:	host order
 * @m:		what it knows; what was known before counts half
 */
void tcp_hc_update(uint32_t faddr, const struct hc_metrics_lite *m);

/**
 * tcp_hc_nth() - walk the cache, by row, the last used first
 * @n:	0, 1, 2, ...
 *
 * Return:	entry; NULL: no more.
 */
const struct hc_entry *tcp_hc_nth(uint32_t n);

/* tcp_metrics.c: between a connection and the cache. */
struct tcpcb;

/* An established connection begins with what is known. */
void tcp_hc_load(struct tcpcb *tp);
/* A connection is discarded: keep what it has learnt, if that is enough. */
void tcp_hc_save(const struct tcpcb *tp);

VNET_MODULE_DECLARE(hostcache);

#endif /* !SRC_NET_TCP_TCP_HOSTCACHE_H */
