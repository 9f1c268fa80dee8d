/*
 * link_var.h - a link, as the files link*.c see it.
 */
#ifndef SRC_NET_LINK_LINK_VAR_H
#define SRC_NET_LINK_LINK_VAR_H

#include "src/net/link/if_var.h"

/* The longest frame: the largest MTU and an Ethernet header. */
#define LINK_MAXFRAME (IF_MAXMTU + 14)

/* "drop N of CLASS" and its like: what is still to be done. */
struct link_next {
	uint32_t ln_n;
	uint32_t ln_cls; /* enum link_class */
};

/*
 * One direction.  Frames wait in one FIFO from the moment they are sent until
 * they arrive, linked by m_nextpkt; those that later ones overtake in a list
 * beside it.  While there, fields of the packet header that mean nothing on a
 * wire hold their record, see link_queue.c.
 */
struct link_dir {
	struct link *ld_link; /* (c) */
	uint32_t ld_end;      /* (c) sender's end */
	evnode_t ld_node;     /* arrival of the head */
	struct mbuf *ld_head; /* (o) */
	struct mbuf *ld_tail;
	struct mbuf *ld_wait; /* (b) first that waits for the wire, or NULL */
	uint32_t ld_nwait;    /* from ld_wait on */
	uint32_t ld_nflight;  /* in the FIFO */
	int64_t ld_free;      /* when the wire is free again */
	int64_t ld_last;      /* last arrival that was promised */
	uint64_t ld_ordinal;  /* frames that got on the wire */
	struct link_params ld_p;
	struct link_next ld_next[LINK_NIMPAIR];
	struct mbuf *ld_held; /* (o) overtaken ones, by arrival */
	evnode_t ld_hnode;    /* arrival of the first of them */
	uint32_t ld_nheld;
	struct link_stats ld_st;
};

struct link {
	char l_name[IFNAMSIZ];
	uint64_t l_handle;
	uint32_t l_id;
	bool l_cut;
	struct ifnet *l_if[2]; /* (b) who is plugged in; it pulls itself */
	struct link_dir l_dir[2];
	TAILQ_ENTRY(link) l_link; /* world's list */
};

/* Who is at an end and can be reached: its vnet, or NULL. */
struct vnet *link_endvnet(const struct link *l, int end);

/* link_queue.c: empty a direction, @why each frame. */
void link_flush(struct link_dir *ld, enum drop_reason why);

/* link_queue.c: a frame (charged to the world) reaches the receiver. */
void link_arrive(struct link_dir *ld, struct mbuf *m __takes);

/* link_queue.c: why an interface takes no frames; DROP_NONE: it does. */
enum drop_reason link_refuses(const struct ifnet *ifp);

/* link_queue.c: write a frame's record, hand it to the world. */
void link_record(struct mbuf *m, int64_t begin, int64_t arrive, uint64_t frame);

/* link_queue.c: number of a frame that is under way. */
uint64_t link_frame(const struct mbuf *m);

/* link_fate.c: what the wire does to a frame that gets on it. */
enum link_fate {
	FATE_ARRIVES,
	FATE_LOST, /* *why is set */
	FATE_CORRUPT,
	FATE_CORRUPT_L3, /* behind the Ethernet header */
	FATE_DUP,
	FATE_HELD,
};
enum link_fate link_fate(
    struct link_dir *ld, const struct mbuf *m, enum drop_reason *why);

/* link_fate.c: is this frame to be marked, if it can be? */
bool link_marks(const struct link_dir *ld);

/* link_mark.c: perhaps mark a frame that gets on the wire.  Takes @m.  Return:
 * it, or a copy. */
struct mbuf *link_mark(struct link_dir *ld, struct mbuf *m __takes);

/* link_fate.c: a copy with one bit, *bit, flipped; @l3: one behind the Ethernet
 * header.  Return: NULL: no memory, or there is no bit. */
struct mbuf *link_corrupt(
    const struct link_dir *ld, const struct mbuf *m, bool l3, uint32_t *bit);

/**
 * link_hold() - put a frame on the wire that later ones overtake
 * @ld:		direction
 * @m:		takes it
 * @arrive:	the latest arrival, virtual ns
 * @frame:	its number
 * @npass:	it arrives behind so many later ones; 0: at @arrive
 */
void link_hold(struct link_dir *ld, struct mbuf *m __takes, int64_t arrive,
    uint64_t frame, uint32_t npass);

/* link_held.c: frame number @frame has arrived: who has waited for it? */
void link_passed(struct link_dir *ld, uint64_t frame);

/* link_held.c: take the first one out; NULL: none.  ld_hnode is the caller's
 * to cancel. */
struct mbuf *link_unhold(struct link_dir *ld);

#endif /* !SRC_NET_LINK_LINK_VAR_H */
