/*
 * scn_run_replay.c - link replay: a capture is played into a link.
 *
 * The statement waits until its last frame was sent, as tcpreplay(1) does;
 * simulated programs go on meanwhile.  Frames are sent at their distance in
 * time from the first one, divided by the speed.  A frame that the link does
 * not take is dropped and counted: the capture decides what comes, and what
 * comes from a network is no error.
 *
 * What was read lies outside the world, once per statement; the place in it,
 * the number sent (r_cmdstep, r_cmdgot) and the drops are world memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scn_link.h"
#include "sim/scn_run_var.h"

struct run_replay {
	struct run_replay *next;
	const struct scn_stmt *stmt;
	int error; /* of reading, VE_ number */
	char why[REPLAY_WHY];
	struct replay rp;
};

/** run_replays_free() - forget what was read */
void
run_replays_free(struct scn_env *e)
{
	struct run_replay *rr;

	while ((rr = e->e_replay) != NULL) {
		e->e_replay = rr->next;
		replay_free(&rr->rp);
		free(rr);
	}
}

static int
replay_errno(int error)
{
	switch (error) {
	case 0:
		return (0);
	case ENOENT:
		return (VE_NOENT);
	case ENOMEM:
		return (VE_NOMEM);
	case EFBIG:
		return (VE_FBIG);
	case EIO:
		return (VE_IO);
	default:
		return (VE_INVAL);
	}
}

/* The capture of a statement, read when it runs for the first time. */
static struct run_replay *
replay_of(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_link *l = s->u.link;
	struct run_replay *rr;

	for (rr = e->e_replay; rr != NULL; rr = rr->next)
		if (rr->stmt == s)
			return (rr);
	rr = calloc(1, sizeof(*rr));
	if (rr == NULL)
		return (NULL);
	rr->stmt = s;
	rr->next = e->e_replay;
	e->e_replay = rr;
	rr->error = replay_errno(replay_load(&rr->rp, l->replay->file, l->name,
	    l->end == SCN_END_BOTH ? -1 : l->end == SCN_END_B,
	    l->replay->filter, rr->why));
	return (rr);
}

static void
replay_sent(struct scn_run *r, int error)
{
	switch (error) {
	case 0:
		r->r_cmdgot++;
		return;
	case VE_MSGSIZE:
		r->r_cmddrop[REPLAY_LONG]++;
		return;
	case VE_NETDOWN:
		r->r_cmddrop[REPLAY_CUT]++;
		return;
	case VE_SRCH:
		r->r_cmddrop[REPLAY_GONE]++;
		return;
	default:
		r->r_cmddrop[REPLAY_QUEUE]++;
		return;
	}
}

static void
replay_tell(struct scn_env *e, const struct run_replay *rr)
{
	uint32_t n, drops = 0;

	rbuf_add(&e->e_out, "%" PRId64 " frames played", e->e_r->r_cmdgot);
	for (int i = 0; i < REPLAY_NDROPS; i++) {
		n = rr->rp.rp_drop[i] + e->e_r->r_cmddrop[i];
		if (n == 0)
			continue;
		rbuf_add(&e->e_out, "%s%" PRIu32 " %s",
		    drops == 0 ? "; dropped: " : ", ", n,
		    replay_drop_name((enum replay_drop)i));
		drops += n;
	}
	rbuf_add(&e->e_out, "\n");
}

/* When a frame is due: speed is in millionths. */
static int64_t
replay_due(const struct scn_run *r, int64_t t, int64_t speed)
{
	int64_t whole = t / speed, rest = t % speed;

	if (whole > VNETSIM_FOREVER / 1000000 - 1)
		return (VNETSIM_FOREVER);
	/* rest < 10^12 and a million of it below 2^63 */
	t = whole * 1000000 + rest * 1000000 / speed;
	return (t > VNETSIM_FOREVER - r->r_deadline ? VNETSIM_FOREVER
						    : r->r_deadline + t);
}

/**
 * run_replay_next() - send what is due
 * @e:	environment
 * @s:	statement, whose capture was read
 *
 * Return:	0; VE_INPROGRESS: r_cmdwake says when the next one is due.
 */
int
run_replay_next(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_link *l = s->u.link;
	const struct run_replay *rr = replay_of(e, s);
	const struct replay_frame *f;
	struct scn_run *r = e->e_r;
	vnetsim_handle link;
	int end;

	if (rr == NULL)
		return (VE_NOMEM);
	for (; (size_t)r->r_cmdstep < rr->rp.rp_n; r->r_cmdstep++) {
		f = &rr->rp.rp_frame[r->r_cmdstep];
		r->r_cmdwake = replay_due(r, f->rf_time, l->replay->speed);
		if (r->r_cmdwake > vnetsim_now(e->e_w))
			return (VE_INPROGRESS);
		link = vnetsim_link_find(e->e_w, l->name, &end);
		replay_sent(r, RUN_CALL(e, "link replay",
				   vnetsim_link_inject(e->e_w, link, f->rf_end,
				       rr->rp.rp_bytes + f->rf_at, f->rf_len,
				       l->replay->macs || rr->rp.rp_macs)));
	}
	replay_tell(e, rr);
	return (0);
}

/**
 * run_replay() - begin to play
 * @e:	environment
 * @s:	statement
 *
 * Return:	0; VE_NXIO: no such link; VE_NOENT: the file cannot be opened;
 *		VE_INVAL: it is no capture that can be played, e_why says why;
 *		VE_FBIG, VE_IO, VE_NOMEM; VE_INPROGRESS: r_cmdwake is set.
 */
int
run_replay(struct scn_env *e, const struct scn_stmt *s)
{
	const struct run_replay *rr;
	int end;

	if (vnetsim_link_find(e->e_w, s->u.link->name, &end) == 0)
		return (VE_NXIO);
	rr = replay_of(e, s);
	if (rr == NULL)
		return (VE_NOMEM);
	if (rr->error != 0) {
		(void)snprintf(e->e_why, sizeof(e->e_why), "%s", rr->why);
		return (rr->error);
	}
	e->e_r->r_deadline = vnetsim_now(e->e_w);
	return (run_replay_next(e, s));
}
