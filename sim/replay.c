/*
 * replay.c - the frames of a capture, ready to be played into a link.
 *
 * A capture of ours says which link a frame was on, who sent it and what
 * became of it: the frames of the link with the given name are taken, from the
 * ends that sent them; those that never arrived are left out, and a bit that
 * the wire flipped is flipped.  Any other capture has frames only, so whoever
 * plays it says from which end they come; a filter picks the direction.
 *
 * Everything is read at once and kept apart from the world, so that a restored
 * world goes on from its place in the list.
 */
#include "sim/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_filter.h"
#include "sim/capture_reader.h"

struct loading {
	struct replay *rp;
	struct capture_reader *r;
	struct capture_filter *filter; /* or NULL */
	const char *link;
	int end;       /* -1: both */
	uint32_t id;   /* of the link, in a capture of ours */
	bool have;     /* @id is known */
	int64_t start; /* time of the first frame */
	char *why;
};

/** replay_drop_name() - a reason in words, constant */
const char *
replay_drop_name(enum replay_drop why)
{
	static const char *const names[REPLAY_NDROPS] = {
		[REPLAY_TRUNCATED] = "cut short in the capture",
		[REPLAY_LOST] = "lost when captured",
		[REPLAY_FOREIGN] = "not Ethernet",
		[REPLAY_LONG] = "longer than the MTU",
		[REPLAY_CUT] = "link cut",
		[REPLAY_QUEUE] = "queue full",
		[REPLAY_GONE] = "link gone",
	};

	return (names[why]);
}

/* Room for one more frame of @len bytes. */
static bool
grow(struct replay *rp, uint32_t len)
{
	struct replay_frame *v;
	uint8_t *b;
	size_t n;

	if (rp->rp_n == rp->rp_cap) {
		n = rp->rp_cap == 0 ? 64 : 2 * rp->rp_cap;
		v = realloc(rp->rp_frame, n * sizeof(*v));
		if (v == NULL)
			return (false);
		rp->rp_frame = v;
		rp->rp_cap = n;
	}
	if (rp->rp_room - rp->rp_len < len) {
		n = 2 * rp->rp_room + len + 4096;
		b = realloc(rp->rp_bytes, n);
		if (b == NULL)
			return (false);
		rp->rp_bytes = b;
		rp->rp_room = n;
	}
	return (true);
}

/* Why a frame is not played; NDROPS: it is. */
static enum replay_drop
unplayable(const struct loading *l, const struct vnetsim_wire_event *ev)
{
	if (capture_reader_snapped(l->r))
		return (REPLAY_TRUNCATED);
	if (ev->we_verdict == VNETSIM_V_LOST ||
	    ev->we_verdict == VNETSIM_V_QUEUE ||
	    ev->we_verdict == VNETSIM_V_CUT)
		return (REPLAY_LOST);
	return (ev->we_len < 14 ? REPLAY_FOREIGN : REPLAY_NDROPS);
}

static int
no_memory(struct loading *l)
{
	(void)snprintf(l->why, REPLAY_WHY, "not enough memory");
	return (ENOMEM);
}

static int
add(struct loading *l, const struct vnetsim_wire_event *ev)
{
	struct replay *rp = l->rp;
	struct replay_frame *f;
	enum replay_drop drop;
	int64_t t;

	if (l->have ? ev->we_link != l->id : capture_reader_ours(l->r))
		return (0);
	if (capture_reader_ours(l->r) && l->end >= 0 && ev->we_end != l->end)
		return (0);
	if (l->filter != NULL &&
	    !capture_filter_match(l->filter, ev->we_bytes, ev->we_len))
		return (0);
	drop = unplayable(l, ev);
	if (drop != REPLAY_NDROPS) {
		rp->rp_drop[drop]++;
		return (0);
	}
	if (rp->rp_n == REPLAY_FRAMES_MAX) {
		(void)snprintf(l->why, REPLAY_WHY,
		    "more than %d frames to be played", REPLAY_FRAMES_MAX);
		return (EFBIG);
	}
	if (!grow(rp, ev->we_len))
		return (no_memory(l));
	if (rp->rp_n == 0)
		l->start = ev->we_time;
	t = ev->we_time - l->start;
	f = &rp->rp_frame[rp->rp_n];
	f->rf_time = rp->rp_n > 0 && t < f[-1].rf_time ? f[-1].rf_time : t;
	f->rf_at = rp->rp_len;
	f->rf_len = ev->we_len;
	f->rf_end = (uint8_t)(capture_reader_ours(l->r) ? ev->we_end : l->end);
	memcpy(rp->rp_bytes + rp->rp_len, ev->we_bytes, ev->we_len);
	if (ev->we_verdict == VNETSIM_V_CORRUPT)
		rp->rp_bytes[rp->rp_len + ev->we_bit / 8] ^=
		    (uint8_t)(0x80 >> ev->we_bit % 8);
	rp->rp_len += ev->we_len;
	rp->rp_n++;
	return (0);
}

static int
load(struct loading *l)
{
	struct vnetsim_wire_event ev;
	int n, error = 0;

	if (!capture_reader_ours(l->r) && l->end < 0) {
		(void)snprintf(l->why, REPLAY_WHY,
		    "it does not say who sent what: name the end that sends, "
		    "as in %sb",
		    l->link);
		return (EINVAL);
	}
	while (error == 0 && (n = capture_reader_next(l->r, &ev)) == 1) {
		if (ev.we_kind == VNETSIM_WIRE_LINK &&
		    strcmp(ev.we_name, l->link) == 0) {
			l->id = ev.we_link;
			l->have = true;
		}
		if (ev.we_kind == VNETSIM_WIRE_FRAME)
			error = add(l, &ev);
	}
	if (error == 0 && n < 0) {
		(void)snprintf(
		    l->why, REPLAY_WHY, "%s", capture_reader_error(l->r));
		return (EINVAL);
	}
	if (error == 0 && capture_reader_ours(l->r) && !l->have) {
		(void)snprintf(
		    l->why, REPLAY_WHY, "there is no %s in it", l->link);
		return (EINVAL);
	}
	l->rp->rp_macs = capture_reader_converted(l->r);
	return (error);
}

/**
 * replay_load() - read a capture
 * @rp:		out: freed with replay_free(), also after an error
 * @file:	its path
 * @link:	"epair0": where it will be played
 * @end:	the end that sends, 0 or 1; -1: both, as captured
 * @filter:	what is played, NULL: all
 * @why:	out: a sentence, if not 0 is returned
 *
 * Return:	0; ENOENT: cannot be opened; EIO: reading failed; ENOMEM; EFBIG:
 *		more than REPLAY_FRAMES_MAX frames; EINVAL: no capture, a
 *		damaged one, one that does not say who sent what, a bad filter.
 */
int
replay_load(struct replay *rp, const char *file, const char *link, int end,
    const char *filter, char why[REPLAY_WHY])
{
	char err[CAPTURE_ERROR_MAX], badfilter[CAPTURE_FILTER_WHY];
	struct loading l = { .rp = rp, .link = link, .end = end, .why = why };
	enum capture_answer answer;
	int error;

	memset(rp, 0, sizeof(*rp));
	if (filter != NULL) {
		l.filter = capture_filter_new(filter, badfilter);
		if (l.filter == NULL) {
			(void)snprintf(
			    why, REPLAY_WHY, "filter: %s", badfilter);
			return (EINVAL);
		}
	}
	answer = capture_reader_open(&l.r, file, err);
	if (answer == CAPTURE_OK) {
		error = load(&l);
	} else {
		(void)snprintf(why, REPLAY_WHY, "%.*s", REPLAY_WHY - 1, err);
		error = answer == CAPTURE_NOOPEN  ? ENOENT
			: answer == CAPTURE_IOERR ? EIO
						  : EINVAL;
	}
	capture_reader_close(l.r);
	capture_filter_free(l.filter);
	return (error);
}

/** replay_free() - free what replay_load() has read */
void
replay_free(struct replay *rp)
{
	free(rp->rp_frame);
	free(rp->rp_bytes);
	memset(rp, 0, sizeof(*rp));
}
