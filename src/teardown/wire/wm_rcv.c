/*
 * wm_rcv.c - RCV.NXT from what arrived.
 *
 * In-order bytes move RCV.NXT; bytes beyond a gap wait as ranges, at most
 * VNETSIM_WIREMON_RANGES per end.  With one more the connection is fuzzy: the
 * true RCV.NXT may lie further than ours until the end's next ACK tells.
 * Bytes outside the widest window that the end ever offered are not taken, so
 * a zero-window probe moves nothing (RFC 9293 section 3.8.6.1).
 */
#include "src/teardown/wire/wm_var.h"

/* No range is left to keep. */
void
wm_rcv_forget(struct vnetsim_wiremon *wm, struct wm_end *e)
{
	if (e->e_holes != 0)
		wm_pool_put(&wm->wm_holes, e->e_holes);
	e->e_holes = 0;
}

/* Takes out what RCV.NXT has reached, and moves it through what adjoins. */
static void
holes_merge(struct vnetsim_wiremon *wm, struct wm_end *e)
{
	struct wm_holes *ho;
	uint32_t i, n = 0;

	if (e->e_holes == 0)
		return;
	ho = wm_pool_at(&wm->wm_holes, e->e_holes);
	for (i = 0; i < ho->ho_n; i++) {
		if (SEQ_LEQ(ho->ho_lo[i], e->e_rcvnxt)) {
			if (SEQ_GT(ho->ho_hi[i], e->e_rcvnxt))
				e->e_rcvnxt = ho->ho_hi[i];
			continue;
		}
		ho->ho_lo[n] = ho->ho_lo[i];
		ho->ho_hi[n++] = ho->ho_hi[i];
	}
	ho->ho_n = n;
	if (n == 0)
		wm_rcv_forget(wm, e);
}

/* Enters [lo, hi) among the ranges; false if there is no room. */
static bool
holes_add(struct wm_holes *ho, uint32_t lo, uint32_t hi)
{
	uint32_t i, at, end;

	/* Ranges at..end-1 touch the new one and melt into it. */
	at = 0;
	while (at < ho->ho_n && SEQ_LT(ho->ho_hi[at], lo))
		at++;
	for (end = at; end < ho->ho_n && SEQ_LEQ(ho->ho_lo[end], hi); end++) {
		if (SEQ_LT(ho->ho_lo[end], lo))
			lo = ho->ho_lo[end];
		if (SEQ_GT(ho->ho_hi[end], hi))
			hi = ho->ho_hi[end];
	}
	if (end == at) {
		if (ho->ho_n == VNETSIM_WIREMON_RANGES)
			return (false);
		for (i = ho->ho_n; i > at; i--) {
			ho->ho_lo[i] = ho->ho_lo[i - 1];
			ho->ho_hi[i] = ho->ho_hi[i - 1];
		}
		ho->ho_n++;
	} else {
		for (i = end; i < ho->ho_n; i++) {
			ho->ho_lo[at + 1 + i - end] = ho->ho_lo[i];
			ho->ho_hi[at + 1 + i - end] = ho->ho_hi[i];
		}
		ho->ho_n -= end - at - 1;
	}
	ho->ho_lo[at] = lo;
	ho->ho_hi[at] = hi;
	return (true);
}

/**
 * wm_rcv_data() - payload arrives
 * @wm:		the monitor
 * @co:		the connection
 * @who:	the receiving end, in step with its peer (e_insync)
 * @seq:	sequence number of the first byte
 * @len:	number of bytes, may be 0
 */
void
wm_rcv_data(struct vnetsim_wiremon *wm, struct wm_conn *co, unsigned int who,
    uint32_t seq, uint32_t len)
{
	struct wm_end *e = &co->co_end[who];
	uint32_t lo = seq, hi = seq + len;

	if (SEQ_LT(lo, e->e_rcvnxt))
		lo = e->e_rcvnxt;
	if (SEQ_GT(hi, e->e_edge))
		hi = e->e_edge;
	if (len == 0 || SEQ_GEQ(lo, hi))
		return;
	if (lo == e->e_rcvnxt) {
		e->e_rcvnxt = hi;
		holes_merge(wm, e);
		return;
	}
	if (e->e_holes == 0)
		e->e_holes = wm_pool_get(&wm->wm_holes, &wm->wm_mem);
	if (e->e_holes == 0) {
		wm->wm_stats.ws_incomplete = true;
		co->co_blind = true;
		return;
	}
	if (!holes_add(wm_pool_at(&wm->wm_holes, e->e_holes), lo, hi))
		co->co_fuzzy = true;
}

/* R1: its own ACK says that it has everything before upto. */
void
wm_rcv_skip(struct vnetsim_wiremon *wm, struct wm_end *e, uint32_t upto)
{
	if (SEQ_GT(upto, e->e_rcvnxt))
		e->e_rcvnxt = upto;
	holes_merge(wm, e);
}
