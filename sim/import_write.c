/*
 * import_write.c - a captured connection, told as a scenario.
 *
 * Theory of operation
 * ===================
 *
 * The near side becomes a jail whose stack is ours; what its programs did is
 * guessed from what they sent.  The far side becomes a peer on paper (`link
 * send`): its segments come as they were recorded, with their distance in
 * time, but not before what they acknowledge.  Both get new addresses, so a
 * scenario says nothing of where it was captured; payload is not told either,
 * its length is.
 *
 *	near sent			it is told as
 *	SYN				connect
 *	SYN,ACK				listen, accept
 *	data that was new		send N
 *	an ACK of new data		recv N, when enough has come
 *	FIN, and later ACKs of data	shutdown wr
 *	FIN otherwise			close
 *	RST without a FIN before	linger on 0, close
 *	FIN or RST of its teardown	jail -r
 *	RST of a teardown after close	jail -r, when its vnet was killed
 *
 * A near side that once closed its window does not read as data come: there
 * the right edge of the window says how much was read, and the buffer is as
 * large as the first window was.
 *
 * What is claimed: the near side's first FIN, if nothing was outstanding then,
 * or RST, and its state at the end.  That a FIN was sent otherwise shows in
 * the far segment that acknowledges it: it waits for it.
 *
 * Segments larger than the near side's MSS, which a network card makes, are
 * cut; far segments that did not arrive are left out, and so is what follows
 * an RST of the near side.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/import_var.h"

#define RECV_BATCH 16384u
#define JUMP_MAX   1000000000           /* of numbers: more than any window */
#define TIME_WAIT  INT64_C(55000000000) /* rather less than 2 MSL */

/* Does @a lie ahead of @b, and not too far to be believed? */
static bool
ahead(uint32_t a, uint32_t b)
{
	return (a != b && a - b <= JUMP_MAX);
}

static void
far_segment(struct teller *t, const struct import_seg *sg)
{
	uint32_t room = t->mss > sg->is_nopt ? t->mss - sg->is_nopt : 1;
	uint32_t off = 0, n, ack = sg->is_ack - t->fl->if_isn[t->near];

	told_time(t, sg->is_arrive);
	do {
		n = sg->is_len - off < room ? sg->is_len - off : room;
		tell_send(t, sg, off, n, off + n == sg->is_len);
		off += n;
	} while (off < sg->is_len);
	if ((sg->is_flags & IMP_ACK) != 0 && (int32_t)(ack - t->una) > 0)
		t->una = ack;
	if (t->fin && (int32_t)(ack - t->finseq) > 0)
		t->finacked = true;
	if ((sg->is_flags & IMP_FIN) != 0) {
		t->finat = sg->is_seq - t->fl->if_isn[!t->near] + sg->is_len;
		tell_recv(t);
	}
	if ((sg->is_flags & (IMP_SYN | IMP_ACK)) == (IMP_SYN | IMP_ACK) &&
	    t->open)
		rbuf_add(t->out, "expect near c state ESTABLISHED within 1s\n");
	if ((sg->is_flags & IMP_RST) == 0)
		return;
	t->farrst = true;
	if (t->open && !t->closed)
		rbuf_add(t->out, "expect near c error %s within 1s\n",
		    t->fl->if_syn[!t->near] ? "ECONNRESET" : "ECONNREFUSED");
}

/* The near side opens, or answers: connect or accept. */
static void
near_open(struct teller *t, const struct import_seg *sg)
{
	unsigned port = t->fl->if_port[t->near];

	if (t->open || (sg->is_flags & IMP_ACK) != 0)
		return;
	told_time(t, sg->is_time);
	t->open = true;
	if (t->lazy)
		rbuf_add(t->out,
		    "near c = bind tcp %u\n"
		    "near setsockopt c SO_RCVBUF %" PRIu32 "\n"
		    "near connect c 10.0.0.2 %u\n",
		    port, t->edge0, t->fl->if_port[!t->near]);
	else
		rbuf_add(t->out, "near c = connect tcp 10.0.0.2 %u from :%u\n",
		    t->fl->if_port[!t->near], port);
}

/* Its ACK and window: what has come, and what was read of it. */
static void
near_reads(struct teller *t, const struct import_seg *sg)
{
	uint32_t ack = sg->is_ack - t->fl->if_isn[!t->near], have, edge;

	if ((sg->is_flags & IMP_ACK) == 0 || (sg->is_flags & IMP_RST) != 0)
		return;
	if (t->finat != 0 && (int32_t)(ack - t->finat) > 0)
		ack = t->finat;
	if (ahead(ack, t->acked))
		t->acked = ack;
	have = t->acked - 1;
	if (t->lazy) {
		edge = sg->is_ack - t->fl->if_isn[!t->near] - 1 +
		       ((uint32_t)sg->is_win << t->scale);
		if ((sg->is_flags & IMP_SYN) != 0)
			return;
		edge = edge > t->edge0 ? edge - t->edge0 : 0;
		have = edge < have ? edge : have;
	}
	if ((int32_t)(have - t->read) <= 0)
		return;
	t->unread += have - t->read;
	t->read = have;
	if (t->unread >= RECV_BATCH || t->lazy) {
		told_time(t, sg->is_time);
		tell_recv(t);
	}
}

/* Will it take data after this segment, and never reset? */
static bool
reads_on(const struct teller *t, const struct import_seg *sg, size_t left)
{
	bool reads = false;
	uint32_t ack;

	for (size_t i = 1; i <= left; i++) {
		if (sg[i].is_dir != t->near)
			continue;
		if ((sg[i].is_flags & IMP_RST) != 0)
			return (false);
		ack = sg[i].is_ack - t->fl->if_isn[!t->near];
		if (ack - t->acked > 1 && ack - t->acked < 1u << 31)
			reads = true;
	}
	return (reads);
}

static void
near_fin(struct teller *t, const struct import_seg *sg, size_t left)
{
	uint32_t end = sg->is_seq - t->fl->if_isn[t->near] + sg->is_len;

	if (t->fin)
		return;
	t->fin = true;
	t->finseq = end;
	t->fintime = sg->is_time;
	t->finfirst = t->finat == 0 || t->acked != t->finat ||
		      sg->is_ack - t->fl->if_isn[!t->near] <= t->finat;
	if (t->closed)
		return;
	told_time(t, sg->is_time);
	tell_recv(t);
	if (reads_on(t, sg, left)) {
		rbuf_add(t->out, "near shutdown c wr\n");
	} else {
		rbuf_add(t->out, "near close c\n");
		t->closed = true;
	}
	if (t->una == end && sg->is_len == 0)
		rbuf_add(t->out,
		    "expect packet epair0a within 5s > F. "
		    "%" PRIu32 ":%" PRIu32 "(0)\n",
		    end, end);
}

static void
near_rst(struct teller *t, const struct import_seg *sg)
{
	told_time(t, sg->is_time);
	if (t->open && !t->closed) {
		rbuf_add(t->out, "near linger c on 0\nnear close c\n");
		t->closed = true;
	}
	t->reset = true;
	rbuf_add(t->out, "expect packet epair0a within 5s > R%s *\n",
	    (sg->is_flags & IMP_ACK) != 0 ? "." : "");
}

static void
near_segment(struct teller *t, const struct import_seg *sg, size_t left)
{
	uint32_t end = sg->is_seq - t->fl->if_isn[t->near] + sg->is_len;

	if ((sg->is_flags & IMP_SYN) != 0)
		near_open(t, sg);
	near_reads(t, sg);
	if (sg->is_len > 0 && (sg->is_flags & (IMP_SYN | IMP_RST)) == 0 &&
	    ahead(end, t->sent) && !t->closed) {
		told_time(t, sg->is_time);
		tell_recv(t);
		rbuf_add(t->out, "near send c %" PRIu32 "\n", end - t->sent);
		t->sent = end;
	}
	if ((sg->is_flags & IMP_RST) != 0)
		near_rst(t, sg);
	else if ((sg->is_flags & IMP_FIN) != 0)
		near_fin(t, sg, left);
}

/* When the near side saw it. */
static int64_t
seen(const struct import_seg *sg, int near)
{
	return (sg->is_dir == near ? sg->is_time : sg->is_arrive);
}

/* Does an RST of the near side lie ahead? */
static bool
resets(const struct teller *t, const struct import_seg *sg, size_t left)
{
	for (size_t i = 0; i <= left; i++)
		if (sg[i].is_dir == t->near && (sg[i].is_flags & IMP_RST) != 0)
			return (true);
	return (false);
}

/*
 * Its vnet ended, and that closed the connection; or it was closed before, and
 * the end of the vnet cuts what is left of it by an RST.
 */
static void
near_killed(struct teller *t, const struct import_seg *sg, size_t left)
{
	const struct import_flow *fl = t->fl;
	int64_t kill = fl->if_kill[t->near];

	if (t->killed || kill < 0)
		return;
	if (t->closed) {
		if (seen(sg, t->near) <= kill || !resets(t, sg, left))
			return;
	} else if (sg->is_dir != t->near ||
		   sg->is_frame <= fl->if_killframe[t->near] ||
		   (sg->is_flags & (IMP_FIN | IMP_RST)) == 0) {
		return;
	}
	told_time(t, kill);
	tell_recv(t);
	rbuf_add(t->out, "jail -r near\n");
	t->killed = t->closed = true;
}

static const char *
last_state(const struct teller *t)
{
	bool farfin = t->finat != 0;

	if (t->reset || t->farrst)
		return ("CLOSED");
	if (!t->fin)
		return (!t->fl->if_syn[!t->near] ? "SYN_SENT"
			: farfin                 ? "CLOSE_WAIT"
						 : "ESTABLISHED");
	if (farfin && t->finacked)
		return (!t->finfirst                      ? "CLOSED"
			: t->now - t->fintime > TIME_WAIT ? "TIME_WAIT|CLOSED"
							  : "TIME_WAIT");
	if (farfin)
		return (t->finfirst ? "CLOSING" : "LAST_ACK");
	return (t->finacked ? "FIN_WAIT_2" : "FIN_WAIT_1");
}

static void
tell_end(struct teller *t)
{
	if (t->killed) {
		rbuf_add(t->out, "+1min\nexpect near gone\n");
		return;
	}
	tell_recv(t);
	if (t->open) {
		rbuf_add(t->out, "expect near c state %s within 5s\n",
		    last_state(t));
		if (!t->closed)
			rbuf_add(t->out, "near close c\n");
	}
	rbuf_add(t->out, "jail -r near\n+1min\nexpect near gone\n");
}

/**
 * import_near() - the side that closes first
 * @fl:	connection
 *
 * Return:	its index; the one that opened if nobody closes, or if the
 *		connection was refused.
 */
int
import_near(const struct import_flow *fl)
{
	const struct import_seg *sg;

	for (size_t i = 0; i < fl->if_n; i++) {
		sg = &fl->if_seg[i];
		if ((sg->is_flags & IMP_RST) != 0 && !fl->if_syn[sg->is_dir])
			return (!sg->is_dir);
		if ((sg->is_flags & (IMP_FIN | IMP_RST)) != 0)
			return (sg->is_dir);
	}
	return (0);
}

/* By the time at which the near side saw them; few are out of order. */
static void
sort(struct import_seg *v, size_t n, int near)
{
	struct import_seg x;
	size_t k;

	for (size_t i = 1; i < n; i++) {
		x = v[i];
		for (k = i; k > 0 && seen(&v[k - 1], near) > seen(&x, near);
		     k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/**
 * import_write() - tell a connection
 * @out:	the scenario is appended
 * @fl:		connection, that begins with a SYN; its segments are sorted
 * @near:	the side that our stack plays
 * @name:	where it comes from
 * @number:	of the connection there, from 1
 */
void
import_write(struct rbuf *out, const struct import_flow *fl, int near,
    const char *name, size_t number)
{
	struct teller t = { .out = out,
		.fl = fl,
		.near = near,
		.sent = 1,
		.una = 1,
		.acked = 1 };
	const struct import_seg *sg = fl->if_seg;
	size_t left;

	sort(fl->if_seg, fl->if_n, near);
	t.now = seen(&sg[0], near);
	look_ahead(&t, sg, fl->if_n);
	rbuf_add(out, "# Connection %zu of ", number);
	for (; *name != '\0'; name++)
		rbuf_add(out, "%c", *name < ' ' || *name > '~' ? '?' : *name);
	rbuf_add(out,
	    ", seen by the side that %s.\n#\n"
	    "# Imported: the near side (port %u) is our stack, the far side "
	    "(port %u)\n# is what was captured, %zu segments of both.\n",
	    near == 0 ? "opened it" : "was called", fl->if_port[near],
	    fl->if_port[!near], fl->if_n);
	tell_world(&t);
	for (size_t i = 0; i < fl->if_n && !t.reset; i++) {
		left = fl->if_n - 1 - i;
		near_killed(&t, &sg[i], left);
		if (sg[i].is_dir == near) {
			near_segment(&t, &sg[i], left);
		} else if (sg[i].is_arrived) {
			far_segment(&t, &sg[i]);
		}
	}
	tell_end(&t);
}
