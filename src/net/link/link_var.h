/*
 * link_var.h - a link, as link.c, link_queue.c and link_wire.c see it.
 */
#ifndef SRC_NET_LINK_LINK_VAR_H
#define SRC_NET_LINK_LINK_VAR_H

#include "src/net/link/if_var.h"

/* The longest frame: the largest MTU and an Ethernet header. */
#define LINK_MAXFRAME (IF_MAXMTU + 14)

/*
 * One direction.  Frames wait in one FIFO from the moment they are sent until
 * they arrive, linked by m_nextpkt.  While there, fields of the packet header
 * that mean nothing on a wire hold its record, see link_queue.c.
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
	uint32_t ld_dropn;   /* frames still to lose ... */
	uint32_t ld_dropcls; /* ... of this class */
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

/* link_queue.c: empty a direction, @why each frame. */
void link_flush(struct link_dir *ld, enum drop_reason why);

/* Who is at an end and can be reached: its vnet, or NULL. */
struct vnet *link_endvnet(const struct link *l, int end);

#endif /* !SRC_NET_LINK_LINK_VAR_H */
