/*
 * import_tell.c - times and segments of a captured connection in the words of
 * the scenario language.
 *
 * Numbers become relative ones.  An option that the language has no word for
 * is told as so many `nop`, which leaves the others where they were; echoes of
 * timestamps are left to the run, because the near side's clock is another.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/import_var.h"

void
told_time(struct teller *t, int64_t time)
{
	int64_t d = time - t->now;

	if (d <= 0)
		return;
	t->now = time;
	if (d % 1000000 == 0)
		rbuf_add(t->out, "+%" PRId64 "ms\n", d / 1000000);
	else if (d % 1000 == 0)
		rbuf_add(t->out, "+%" PRId64 "us\n", d / 1000);
	else
		rbuf_add(t->out, "+%" PRId64 "ns\n", d);
}

static uint32_t
be32(const uint8_t *p)
{
	return ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3]);
}

/* One option in the words of the language.  Return: its bytes, 0: the end. */
static unsigned
tell_option(struct teller *t, const struct import_seg *sg, unsigned at)
{
	const uint8_t *o = sg->is_opt + at;
	unsigned n = o[0] == 1 ? 1 : at + 1 < sg->is_nopt ? o[1] : 0;
	uint32_t isn = t->fl->if_isn[t->near];
	const char *comma = at == 0 ? "" : ",";

	if (o[0] == 0 || n == 0 || (o[0] > 1 && n < 2) || at + n > sg->is_nopt)
		return (0);
	if (o[0] == 2 && n == 4)
		rbuf_add(t->out, "%smss %u", comma, o[2] << 8 | o[3]);
	else if (o[0] == 3 && n == 3)
		rbuf_add(t->out, "%swscale %u", comma, o[2]);
	else if (o[0] == 4 && n == 2)
		rbuf_add(t->out, "%ssackOK", comma);
	else if (o[0] == 8 && n == 10)
		rbuf_add(
		    t->out, "%sTS val %" PRIu32 " ecr *", comma, be32(o + 2));
	else if (o[0] == 5 && n >= 10 && n <= 34 && n % 8 == 2) {
		rbuf_add(t->out, "%ssack", comma);
		for (unsigned k = 2; k < n; k += 8)
			rbuf_add(t->out, " %" PRIu32 ":%" PRIu32,
			    be32(o + k) - isn, be32(o + k + 4) - isn);
	} else
		for (unsigned k = 0; k < n; k++)
			rbuf_add(t->out, "%snop", k == 0 ? comma : ",");
	return (n);
}

static void
tell_options(struct teller *t, const struct import_seg *sg)
{
	unsigned at = 0, n;

	if (sg->is_nopt == 0 || sg->is_opt[0] == 0)
		return;
	rbuf_add(t->out, " <");
	while (at < sg->is_nopt && (n = tell_option(t, sg, at)) > 0)
		at += n;
	rbuf_add(t->out, ">");
}

/* A part of a far segment, as the peer on paper says it. */
void
tell_send(struct teller *t, const struct import_seg *sg, uint32_t off,
    uint32_t len, bool last)
{
	static const char letters[] = "FSRP.UEW";
	unsigned flags = sg->is_flags;
	uint32_t seq = sg->is_seq - t->fl->if_isn[!t->near] + off;

	if (!last)
		flags &= ~(IMP_FIN | IMP_PSH);
	rbuf_add(t->out, "link epair0b send ");
	if ((flags & IMP_SYN) != 0)
		rbuf_add(t->out, "isn %" PRIu32 " ", sg->is_seq);
	rbuf_add(t->out, "10.0.0.2:%u > 10.0.0.1:%u ", t->fl->if_port[!t->near],
	    t->fl->if_port[t->near]);
	for (unsigned b = 0; b < 8; b++)
		if ((flags & 1u << b) != 0)
			rbuf_add(t->out, "%c", letters[b]);
	rbuf_add(t->out, "%s %" PRIu32 ":%" PRIu32 "(%" PRIu32 ")",
	    flags == 0 ? "-" : "", seq, seq + len, len);
	if ((flags & IMP_ACK) != 0)
		rbuf_add(t->out, " ack %" PRIu32,
		    sg->is_ack - t->fl->if_isn[t->near]);
	rbuf_add(t->out, " win %u", sg->is_win);
	if (sg->is_urg != 0)
		rbuf_add(t->out, " urg %u", sg->is_urg);
	tell_options(t, sg);
	rbuf_add(t->out, "\n");
}

/* What the near side's program has read by now. */
void
tell_recv(struct teller *t)
{
	if (t->unread == 0 || t->closed || !t->open)
		return;
	rbuf_add(t->out, "near recv c %" PRIu32 "\n", t->unread);
	t->unread = 0;
}
