/*
 * link.h - wires between two interfaces: delay, rate, queue, loss, duplication.
 *
 * A link is world state: it belongs to no vnet and outlives what hangs on it.
 * An epair is two interfaces on one link.  Each direction is a stream with a
 * queue of frames in flight: a frame leaves its sender's account when it
 * enters the link and is charged to the receiver when it arrives (door WIRE).
 * A frame whose receiver is gone is dropped (link.nobody) and reported LATE.
 *
 * Every frame is reported once, at its sender, as a wire event, if anybody
 * listens; checksums are filled in only then.  Loss and duplication draw from
 * krandom("link.loss"/"link.dup", link*2+direction, ordinal), so one
 * direction's draws do not depend on the other's.
 */
#ifndef SRC_NET_LINK_LINK_H
#define SRC_NET_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/wire.h>
#include <vnetsim/kern/ifnet.h>

/* One direction; all zero is a perfect wire. */
struct link_params {
	int64_t lp_delay;  /* ns, 0..1000 s */
	uint64_t lp_rate;  /* bits per second, 0: infinite */
	uint32_t lp_queue; /* frames waiting for the wire, 0: default 50 */
	uint32_t lp_loss;  /* per million */
	uint32_t lp_dup;   /* per million */
};

/* Frames that "drop N of CLASS" takes. */
enum link_class {
	LINK_ANY,
	LINK_ARP,
	LINK_TCP,
	LINK_SYN,
	LINK_FIN,
	LINK_RST,
	LINK_ACK,
	LINK_DATA,
	LINK_UDP,
	LINK_ICMP,
};

struct link;

/**
 * link_create() - a wire; both ends are free
 * @name:	"epair0"
 * @lp:		out
 *
 * Return:	0; VE_NOMEM.
 */
int link_create(const char *name, struct link **lp);

/* Take it away: in-flight frames are dropped (link.nobody).  Both ends are
 * pulled. */
void link_destroy(struct link *l);

/* Plug an interface into an end (0 or 1), or pull it (NULL).  It gets the
 * link's carrier. */
void link_plug(struct link *l, int end, struct ifnet *ifp);

/**
 * link_transmit() - put a frame on the wire
 * @l:		link
 * @end:	sender's end
 * @m:		takes it; Ethernet header first
 *
 * Return:	0 (also if the wire loses it); VE_NOBUFS: its queue is full;
 *		VE_NETDOWN: cut.
 */
int link_transmit(struct link *l, int end, struct mbuf *m __takes);

/* Set one direction's parameters, for frames sent from now on (none overtakes
 * one sent before).  Return: 0; VE_INVAL: out of range. */
int link_set(struct link *l, int end, const struct link_params *p);
void link_get(const struct link *l, int end, struct link_params *p);
/* Lose the next @n frames of @cls sent from @end; 0: none any more. */
void link_dropnext(struct link *l, int end, uint32_t n, enum link_class cls);
/* Cut, or join again; carrier follows.  Frames under way are lost
 * (link.cut). */
void link_cut(struct link *l, bool cut);

/* Who listens to the wires of this world; NULL: nobody.  Installed by
 * net_api; @ctx must be world memory or NULL. */
void link_set_sink(
    void (*sink)(void *ctx, const struct vnetsim_wire_event *ev), void *ctx);

/* By number or interface; NULL: none. */
struct link *link_byid(uint32_t id);
struct link *link_of(const struct ifnet *ifp, int *end);

/* Walk the links in order of birth; NULL: the first, no more. */
struct link *link_next(const struct link *l);
const char *link_name(const struct link *l); /* "epair0" */
uint32_t link_id(const struct link *l);      /* counted over the world */
uint64_t link_handle(const struct link *l);  /* HANDLE_LINK */
bool link_iscut(const struct link *l);
struct ifnet *link_end(const struct link *l, int end);

/* What became of the frames of one direction. */
struct link_stats {
	uint64_t ls_sent;   /* handed to the link */
	uint64_t ls_bytes;  /* of them */
	uint64_t ls_queue;  /* queue full */
	uint64_t ls_lost;   /* lost by chance */
	uint64_t ls_filter; /* lost by "drop N" */
	uint64_t ls_cut;    /* cut when sent */
	uint64_t ls_nobody; /* far end not up when sent */
	uint64_t ls_dup;    /* doubled */
	uint64_t ls_late;   /* found nobody when they arrived */
	uint64_t ls_arrived;
	uint32_t ls_waiting;  /* now waiting for the wire */
	uint32_t ls_inflight; /* now on the link, waiting ones included */
};
void link_getstats(struct link *l, int end, struct link_stats *ls);

#define LINK_DELAY_MAX (1000 * NS_S)
#define LINK_QUEUE_DEF 50
#define LINK_QUEUE_MAX 1000000
#define LINK_PPM       1000000

VNET_MODULE_DECLARE(if);
VNET_MODULE_DECLARE(lo);
VNET_MODULE_DECLARE(epair);
VNET_MODULE_DECLARE(ether);
VNET_MODULE_DECLARE(lltable);
VNET_MODULE_DECLARE(pfil);

#endif /* !SRC_NET_LINK_LINK_H */
