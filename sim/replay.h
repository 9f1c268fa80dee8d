/*
 * replay.h - the frames of a capture, ready to be played into a link.
 */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_FRAMES_MAX 1000000
#define REPLAY_WHY        320 /* bytes that hold any reason, cut if longer */

/* Why a frame is not played. */
enum replay_drop {
	REPLAY_TRUNCATED, /* not whole in the capture */
	REPLAY_LOST,      /* never arrived when it was captured */
	REPLAY_FOREIGN,   /* nothing that Ethernet carries */
	REPLAY_LONG,      /* beyond the MTU */
	REPLAY_CUT,       /* the link is cut */
	REPLAY_QUEUE,     /* the link's queue was full, or no memory */
	REPLAY_GONE,      /* the link is gone */
	REPLAY_NDROPS
};

/**
 * struct replay_frame - one frame
 * @rf_time:	ns since the first frame that is played; never falls
 * @rf_at:	where its bytes begin in rp_bytes
 * @rf_len:	their number
 * @rf_end:	end of the link that sends it, 0 or 1
 */
struct replay_frame {
	int64_t rf_time;
	size_t rf_at;
	uint32_t rf_len;
	uint8_t rf_end;
};

/**
 * struct replay - a capture in memory, constant once it was read
 * @rp_frame:	(o) what is played, by time
 * @rp_drop:	what is not, by reason
 * @rp_macs:	the Ethernet addresses are made up
 */
struct replay {
	struct replay_frame *rp_frame;
	size_t rp_n, rp_cap;
	uint8_t *rp_bytes;
	size_t rp_len, rp_room;
	uint32_t rp_drop[REPLAY_NDROPS];
	bool rp_macs;
};

int replay_load(struct replay *rp, const char *file, const char *link, int end,
    const char *filter, char why[REPLAY_WHY]);
void replay_free(struct replay *rp);
const char *replay_drop_name(enum replay_drop why);

#endif /* !SIM_REPLAY_H */
