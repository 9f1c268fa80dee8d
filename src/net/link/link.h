/*
 * link.h - wires between two interfaces: delay, rate, queue, and what they do
 * to frames: loss, corruption, duplication, reordering.
 *
 * A link is world state: it belongs to no vnet and outlives what hangs on it.
 * An epair is two interfaces on one link.  Each direction is a stream with a
 * queue of frames in flight: a frame leaves its sender's account when it
 * enters the link and is charged to the receiver when it arrives (door WIRE).
 * A frame whose receiver is gone is dropped (link.nobody) and reported LATE.
 *
 * Every frame is reported once, at its sender, as a wire event, if anybody
 * listens; checksums are filled in only then, and where a frame is corrupted.
 * What the wire does is decided in link_fate.c, when a frame is sent.
 */
#ifndef SRC_NET_LINK_LINK_H
#define SRC_NET_LINK_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/wire.h>
#include <vnetsim/kern/ifnet.h>

/* One direction; all zero is a perfect wire. */
struct link_params {
	int64_t lp_delay;    /* ns, 0..1000 s */
	uint64_t lp_rate;    /* bits per second, 0: infinite */
	uint32_t lp_queue;   /* frames waiting for the wire, 0: default 50 */
	uint32_t lp_loss;    /* per million */
	uint32_t lp_dup;     /* per million */
	uint32_t lp_corrupt; /* per million */
	uint32_t lp_reorder; /* per million */
	uint32_t lp_mark;    /* per million: CE, if ECN can do that */
	/* how a reordered frame is late: by this long, 0..1000 s; or, if that
	 * is 0, until so many later ones have arrived, 0: 1, up to 1000 */
	uint32_t lp_holdn;
	int64_t lp_hold;
};

/* Frames that "drop N of CLASS", "corrupt next", "reorder next" take. */
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

/**
 * link_inject() - put a frame of nobody's on the wire
 * @l:		link
 * @end:	the end whose sender it has, 0 or 1: it arrives at the other
 * @bytes:	the frame, Ethernet header first, without FCS
 * @len:	its length in bytes
 * @macs:	overwrite its addresses with those of the two ends; a group
 *		stays one
 *
 * From then on it is a frame like others: it waits, is lost, arrives.  It is
 * reported without a sender.  Sums are not touched.
 *
 * Return:	0 (also if the wire loses it); VE_INVAL: shorter than an
 *		Ethernet header; VE_MSGSIZE: beyond the MTU of the interface
 *		that would get it; VE_NETDOWN: cut; VE_NOBUFS: queue full, or
 *		no memory.
 */
int link_inject(
    struct link *l, int end, const uint8_t *bytes, uint32_t len, bool macs);

/* Set one direction's parameters, for frames sent from now on (none overtakes
 * one sent before).  Return: 0; VE_INVAL: out of range. */
int link_set(struct link *l, int end, const struct link_params *p);
void link_get(const struct link *l, int end, struct link_params *p);

/* What is done to chosen frames, whatever the probabilities say. */
enum link_impair {
	LINK_DROP,
	LINK_CORRUPT,
	LINK_REORDER,
	LINK_NIMPAIR,
};

/**
 * link_nextof() - do it to the next @n frames of a class
 * @l:		link
 * @end:	sender's end, 0 or 1
 * @what:	enum link_impair
 * @n:		frames; 0: to none any more
 * @cls:	which
 *
 * One order per direction and @what, a new one replaces it.  A frame is
 * corrupted only if it is not lost, reordered only if it is not corrupted or
 * doubled; then it does not count.  Reordered by the hold that is set when
 * the frame is sent.
 */
void link_nextof(struct link *l, int end, enum link_impair what, uint32_t n,
    enum link_class cls);

/* Cut, or join again.  Both ends' carrier follows at once, as at the NICs of a
 * pulled cable: if_link_state_change() down or up.  What is on the wire,
 * waiting, flying or held back, is lost (link.cut, reported LATE); what is
 * sent while it is cut is refused with VE_NETDOWN. */
void link_cut(struct link *l, bool cut);

/**
 * link_set_sink() - who listens to the wires of this world
 * @sink:	NULL: nobody
 * @whole:	does he want whole frames with real sums?  Asked per frame, may
 *		be NULL: yes.  Else he gets headers where that is enough
 * @ctx:	world memory or NULL
 *
 * Installed by net_api.  All links are announced to a new listener.
 */
void link_set_sink(void (*sink)(void *ctx, const struct vnetsim_wire_event *ev),
    bool (*whole)(void *ctx), void *ctx);

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
	uint64_t ls_corrupt;
	uint64_t ls_held; /* reordered */
	uint64_t ls_mark; /* marked CE */
	uint64_t ls_late; /* found nobody when they arrived */
	uint64_t ls_arrived;
	uint32_t ls_waiting;  /* now waiting for the wire */
	uint32_t ls_inflight; /* now on the link, waiting ones included */
};
void link_getstats(struct link *l, int end, struct link_stats *ls);

#define LINK_DELAY_MAX (1000 * NS_S)
#define LINK_QUEUE_DEF 50
#define LINK_QUEUE_MAX 1000000
#define LINK_PPM       1000000
#define LINK_HOLDN_MAX 1000
/* One that waits for later frames and gets too few waits so long beyond its
 * time. */
#define LINK_HOLD_LIMIT (100 * NS_MS)

VNET_MODULE_DECLARE(if);
VNET_MODULE_DECLARE(lo);
VNET_MODULE_DECLARE(epair);
VNET_MODULE_DECLARE(bridge);
VNET_MODULE_DECLARE(tuntap);
VNET_MODULE_DECLARE(lagg);
VNET_MODULE_DECLARE(vlan);
VNET_MODULE_DECLARE(ether);
VNET_MODULE_DECLARE(lltable);
VNET_MODULE_DECLARE(pfil);

#endif /* !SRC_NET_LINK_LINK_H */
