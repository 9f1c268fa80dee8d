/*
 * scn_run_data.c - what was sent, compared with what arrives.
 *
 * Each socket remembers which statement put which bytes of its stream where:
 * `send N` puts the pattern (offset in the stream mod 251), `send "text"` the
 * text.  A receiver finds the socket of the script at the other end by its
 * addresses and compares every byte; a difference is a failure that names the
 * offset.  An urgent byte (`oob`) is missing in the stream unless SO_OOBINLINE
 * keeps it there.  UDP and peers outside the script are not compared.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scn_run_var.h"

/**
 * run_data_sent() - bytes are about to be sent
 * @e:		environment
 * @rs:		sender
 * @stmt:	the send
 * @off:	offset in its text
 * @len:	bytes; run_data_took() says how many it became
 */
void
run_data_sent(struct scn_env *e, struct run_sock *rs, uint32_t stmt,
    int64_t off, int64_t len)
{
	struct run_seg *sg;
	uint32_t cap;

	if (rs->rs_type != VNETSIM_TCP)
		return;
	if (rs->rs_nseg == rs->rs_capseg) {
		cap = rs->rs_capseg == 0 ? 2 : rs->rs_capseg * 2;
		sg = vnetsim_user_alloc(e->e_w, cap * sizeof(*sg));
		if (sg == NULL)
			return;
		if (rs->rs_nseg > 0)
			memcpy(sg, rs->rs_seg, rs->rs_nseg * sizeof(*sg));
		vnetsim_user_free(e->e_w, rs->rs_seg);
		rs->rs_seg = sg;
		rs->rs_capseg = cap;
	}
	sg = &rs->rs_seg[rs->rs_nseg++];
	sg->sg_start = rs->rs_sent;
	sg->sg_len = len;
	sg->sg_stmt = stmt;
	sg->sg_off = off;
}

/* Of the bytes last announced so many were taken. */
void
run_data_took(struct run_sock *rs, int64_t len)
{
	struct run_seg *sg, *prev;

	rs->rs_sent += len;
	if (rs->rs_type != VNETSIM_TCP || rs->rs_nseg == 0)
		return;
	sg = &rs->rs_seg[rs->rs_nseg - 1];
	sg->sg_len = len;
	prev = rs->rs_nseg > 1 ? sg - 1 : NULL;
	if (len == 0)
		rs->rs_nseg--;
	else if (prev != NULL && prev->sg_stmt == sg->sg_stmt &&
		 prev->sg_off + prev->sg_len == sg->sg_off) {
		prev->sg_len += len;
		rs->rs_nseg--;
	}
}

static bool
same_addr(const struct vnetsim_addr *a, const struct vnetsim_addr *b)
{
	return (a->addr == b->addr && a->port == b->port);
}

/* The socket at the other end: its addresses are ours reversed. */
static const struct run_sock *
data_peer(struct scn_env *e, struct run_sock *rs)
{
	struct run_sock *o;

	if (rs->rs_peer > 0)
		return (&e->e_r->r_sock[rs->rs_peer - 1]);
	for (uint32_t i = e->e_plan->pl_socks.n; i > 0; i--) {
		o = &e->e_r->r_sock[i - 1];
		if (!o->rs_made || o->rs_type != VNETSIM_TCP || o == rs)
			continue;
		run_sock_learn(e, o);
		if (!o->rs_addrs || !same_addr(&o->rs_laddr, &rs->rs_faddr) ||
		    !same_addr(&o->rs_faddr, &rs->rs_laddr))
			continue;
		rs->rs_peer = (int32_t)i;
		return (o);
	}
	return (NULL);
}

static uint8_t
data_byte(const struct scn_env *e, const struct run_seg *sg, int64_t at)
{
	const struct scn_sock *a = run_stmt(e, sg->sg_stmt)->u.sock;

	if (a->text != NULL)
		return ((uint8_t)a->text[sg->sg_off + at - sg->sg_start]);
	return ((uint8_t)(at % PATTERN_MOD));
}

/* The segment with byte @at, or @end. */
static const struct run_seg *
data_seg(const struct run_seg *sg, const struct run_seg *end, int64_t at)
{
	while (sg < end && sg->sg_start + sg->sg_len <= at)
		sg++;
	return (sg);
}

/* Was byte @at of @sg the last one of a send with oob? */
static bool
data_urgent(const struct scn_env *e, const struct run_seg *sg, int64_t at)
{
	const struct scn_sock *a = run_stmt(e, sg->sg_stmt)->u.sock;

	return (a->oob && sg->sg_off + at - sg->sg_start == a->count - 1);
}

/*
 * Is the urgent byte @at in the stream after all, as @byte?  With SO_OOBINLINE
 * it is, and where a second mark has come before it.  If the byte behind it is
 * the same nobody can tell: then it is not.
 */
static bool
data_inline(const struct scn_env *e, uint8_t byte, const struct run_seg *sg,
    const struct run_seg *end, int64_t at)
{
	if (byte != data_byte(e, sg, at))
		return (false);
	sg = data_seg(sg, end, at + 1);
	return (sg == end || byte != data_byte(e, sg, at + 1));
}

/**
 * run_data_check() - compare what arrived with what was sent
 * @e:		environment
 * @rs:		receiver; rs_rcvd is the offset of @data in its stream
 * @s:		the recv
 * @data:	bytes
 * @len:	how many
 */
void
run_data_check(struct scn_env *e, struct run_sock *rs, const struct scn_stmt *s,
    const uint8_t *data, size_t len)
{
	const struct run_sock *peer;
	const struct run_seg *sg, *end;
	int64_t at = rs->rs_rcvd + rs->rs_skip;

	if (rs->rs_type != VNETSIM_TCP || (peer = data_peer(e, rs)) == NULL)
		return;
	sg = peer->rs_seg;
	end = sg + peer->rs_nseg;
	for (size_t i = 0; i < len; i++, at++) {
		sg = data_seg(sg, end, at);
		if (sg < end && data_urgent(e, sg, at) &&
		    !data_inline(e, data[i], sg, end, at)) {
			rs->rs_skip++;
			at++;
			sg = data_seg(sg, end, at);
		}
		if (sg == end) {
			run_fail(e, s,
			    "byte %" PRId64 " was received but never sent", at);
			return;
		}
		if (data[i] == data_byte(e, sg, at))
			continue;
		run_fail(e, s,
		    "byte %" PRId64 " is 0x%02x, but 0x%02x was sent", at,
		    data[i], data_byte(e, sg, at));
		return;
	}
}
