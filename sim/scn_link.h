/*
 * scn_link.h - what a link statement says.  Part of scn_ast.h.
 */
#ifndef SIM_SCN_LINK_H
#define SIM_SCN_LINK_H

#include "sim/scn_ast.h"
#include "sim/scn_mcast.h"

#define SCN_LINK_DELAY   0x01u
#define SCN_LINK_RATE    0x02u
#define SCN_LINK_QUEUE   0x04u
#define SCN_LINK_LOSS    0x08u
#define SCN_LINK_DUP     0x10u
#define SCN_LINK_CORRUPT 0x20u
#define SCN_LINK_REORDER 0x40u
#define SCN_LINK_MARK    0x80u

/* What "drop", "corrupt next" and "reorder next" take at most. */
#define SCN_LINK_NEXT_MAX 1000000
/* "reorder ... by N" */
#define SCN_LINK_HOLDN_MAX 1000

/* What "replay ... speed" takes, in millionths. */
#define SCN_REPLAY_SPEED_MIN INT64_C(1000)
#define SCN_REPLAY_SPEED_MAX INT64_C(1000000000000)

/* How long "send" waits for what it acknowledges unless it says. */
#define SCN_SEGMENT_WITHIN INT64_C(60000000000)

/* link ... replay */
struct scn_replay {
	const char *file;   /* from where the program runs */
	const char *filter; /* or NULL */
	int64_t speed;      /* millionths: 2000000 is twice as fast */
	bool macs;          /* rewrite */
};

/* link ... send: a segment of a peer that exists on paper only */
struct scn_segment {
	uint32_t src; /* host order */
	uint32_t dst;
	struct scn_packet packet; /* ports, flags, ...; * only as ecr */
	bool has_isn;
	uint32_t isn;
	int64_t within_ns;
};

/* link; of an end: what that end sends */
struct scn_link {
	const char *name;   /* "epair0", without the letter of the end */
	const char *ifname; /* as written: "epair0a" or "epair0" */
	enum scn_end end;
	uint32_t what; /* SCN_LINK_*: which of the following are said */
	int64_t delay_ns;
	int64_t rate_bps;  /* bits a second, 0: without limit */
	uint32_t queue;    /* frames */
	uint32_t loss_ppb; /* parts in 1,000,000,000 */
	uint32_t dup_ppb;
	uint32_t corrupt_ppb;
	uint32_t reorder_ppb;
	uint32_t mark_ppb;
	int64_t hold_ns;  /* reorder by TIME; 0: by frames */
	uint32_t holdn;   /* reorder by N */
	uint32_t nframes; /* of DROP, CORRUPT_NEXT, REORDER_NEXT */
	enum scn_class cls;
	const struct scn_replay *replay;
	const struct scn_segment *segment;
	const struct scn_igmp *igmp;
};

#endif /* SIM_SCN_LINK_H */
