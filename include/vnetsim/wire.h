/*
 * wire.h - what happened on the wires: one stream of events, from the world.
 *
 * The world reports every frame at the moment its sender puts it on a link,
 * and the few facts that no frame shows: a vnet is born, its teardown begins,
 * it is dead.  The capture writer, the wire monitor and "decode" consume the
 * same stream; check-pcap rebuilds it from a capture.  So the live monitor and
 * the offline one see the same thing, byte for byte.
 *
 * Numbers are host order, times are virtual nanoseconds from the world's
 * start, ids count from 0 in order of birth.  Nothing here depends on an
 * address, a pid or the wall clock.
 */
#ifndef VNETSIM_WIRE_H
#define VNETSIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vnetsim_wire_kind {
	VNETSIM_WIRE_LINK,  /* a link was made; its two ends are named */
	VNETSIM_WIRE_FRAME, /* a frame was put on a link, verdict included */
	VNETSIM_WIRE_LATE,  /* an earlier frame found nobody at the far end */
	VNETSIM_WIRE_BORN,  /* a vnet exists from now on */
	VNETSIM_WIRE_KILL,  /* a vnet's teardown begins, with its policy */
	VNETSIM_WIRE_DEAD,  /* a vnet is gone; nothing may be sent by it */
	VNETSIM_WIRE_END,   /* the run is over */
	VNETSIM_WIRE_MOVED, /* an earlier frame (HELD) arrives at another time
			     */
};

/* What the link did with a frame when it was sent. */
enum vnetsim_verdict {
	VNETSIM_V_SENT,  /* will arrive at we_arrive (unless a LATE follows) */
	VNETSIM_V_LOST,  /* the link lost it */
	VNETSIM_V_QUEUE, /* the link's queue was full */
	VNETSIM_V_DUP,   /* will arrive twice */
	VNETSIM_V_CUT,   /* the link is cut or the far end is not up */
	/* one bit of it, we_bit, arrives flipped at we_arrive */
	VNETSIM_V_CORRUPT,
	VNETSIM_V_HELD, /* later ones overtake it; as SENT, or MOVED follows */
	VNETSIM_V_N,
};

/* How a vnet closes its connections when it ends (DESIGN 6). */
enum vnetsim_close {
	VNETSIM_CLOSE_GRACEFUL, /* FIN, wait up to T, then RST */
	VNETSIM_CLOSE_ABORT,    /* RST at once, then lame duck for T */
	VNETSIM_CLOSE_CRASH,    /* silence */
	/* "wait for every reference": FreeBSD 9 and 13, no farewell */
	VNETSIM_CLOSE_WAIT,
};

#define VNETSIM_NOVNET UINT32_MAX

/* Ethernet, the longest IPv4 header, the longest TCP header. */
#define VNETSIM_WIRE_HEAD (14 + 60 + 60)

/**
 * struct vnetsim_wire_event - one entry of the stream
 * @we_kind:	which of the members below are meaningful
 * @we_time:	virtual ns
 * @we_frame:	FRAME, LATE, MOVED: number of the frame, counted over the world
 * @we_link:	LINK, FRAME, LATE, MOVED: number of the link
 * @we_end:	FRAME, LATE, MOVED: 0 or 1, the sender's end
 * @we_verdict:	FRAME: enum vnetsim_verdict
 * @we_arrive:	FRAME: virtual ns of (first) arrival if SENT, DUP, CORRUPT or
 *		HELD; MOVED: when it arrives instead, not before we_time
 * @we_behind:	MOVED: number of the frame of the same direction right behind
 *		which it arrives
 * @we_bit:	FRAME: CORRUPT: the bit that the wire flips, counted from the
 *		first one sent: bit n is 0x80 >> n % 8 of byte n / 8
 * @we_vnet:	FRAME: vnet of the sending interface at that moment; of that
 *		which stands on it (a vlan) if that is elsewhere;
 *		BORN, KILL, DEAD: the vnet
 * @we_peer:	FRAME: vnet at the far end at that moment (of a vlan there, if
 *		it has the frame's tag), or VNETSIM_NOVNET
 * @we_name:	LINK: "epair0" ; BORN: the jail's name; KILL: the order's name
 * @we_ends:	LINK: names of the two interfaces, "epair0a" "epair0b"
 * @we_policy:	KILL: enum vnetsim_close
 * @we_grace:	KILL: T of the policy, ns
 * @we_rto:	KILL: the largest RTO of a connection of that vnet, ns, at
 *		least 1 s
 * @we_phase:	FRAME: name of the sender's teardown phase ("farewell", "let
 *		go", ...), NULL while it lives
 * @we_step:	FRAME: name of the teardown step that sent it, or NULL
 * @we_bytes:	FRAME: the frame as it was sent, from the Ethernet header on,
 *		without FCS; checksums are filled in; borrowed for the call
 * @we_len:	FRAME: its length in bytes
 * @we_headers:	FRAME: no more than the first VNETSIM_WIRE_HEAD bytes are
 *		there, and sums are not filled in, but known to be right.
 *		Only the world's own monitor gets such, while nobody listens
 *
 * Strings are borrowed for the call; a consumer copies what it keeps.
 */
struct vnetsim_wire_event {
	enum vnetsim_wire_kind we_kind;
	int64_t we_time;
	uint64_t we_frame;
	uint32_t we_link;
	uint8_t we_end;
	uint8_t we_verdict;
	uint8_t we_policy;
	int64_t we_arrive;
	uint32_t we_vnet;
	uint32_t we_peer;
	const char *we_name;
	const char *we_ends[2];
	int64_t we_grace;
	int64_t we_rto;
	const char *we_phase;
	const char *we_step;
	const uint8_t *we_bytes;
	uint32_t we_len;
	uint64_t we_behind;
	uint32_t we_bit;
	bool we_headers;
};

#endif /* !VNETSIM_WIRE_H */
