/*
 * scn_run_ping.c - ping(8) as a simulated program on a raw socket.
 *
 * The loop is that of FreeBSD's ping: it sleeps in poll(2) until a packet comes
 * or the next request is due.  A request is due every -i seconds, whether the
 * last one was answered or not.  After the last one it waits once more for -i,
 * and then 10 s (or -W), or, if anything was answered, for twice the longest
 * round-trip time, but a second at least.  It ends as soon as as many answers
 * came as requests were asked for (-o: one), or at -t.
 *
 * ping's exit status 2, no answer at all, is the error of the last request or
 * of the last ICMP error about one, else ETIMEDOUT; 0 is 0.
 *
 * A packet that recvmsg(2) has no memory for stays where it is, and poll(2)
 * says so at once.  FreeBSD's ping asks again until there is memory; here no
 * time passes meanwhile, so it sleeps until the next request is due.
 *
 * Where FreeBSD's -D makes a header of its own, this one sets IP_DONTFRAG.
 */
#include <string.h>

#include "sim/scn_run_var.h"

#define PING_SOCKBUF (65535 + 128)

static const struct scn_ping *
ping_of(const struct scn_stmt *s)
{
	return (s->u.ping);
}

static int
ping_opt(struct scn_env *e, int name, int64_t value)
{
	const struct run_ping *pg = &e->e_r->r_ping;

	return (RUN_CALL(e, "setsockopt",
	    vnetsim_setsockopt(e->e_w, pg->pg_proc, pg->pg_fd, name, value)));
}

/* Options of the socket, as the command line has them. */
static int
ping_options(struct scn_env *e, const struct scn_ping *p)
{
	static const uint8_t rr[] = { 7, 39, 4, [39] = 0 };
	const struct run_ping *pg = &e->e_r->r_ping;
	struct vnetsim_addr src = { p->src, 0 };
	int error = ping_opt(e, VNETSIM_SO_BROADCAST, 1);

	if (error == 0)
		error = ping_opt(e, VNETSIM_SO_SNDBUF, PING_SOCKBUF);
	if (error == 0)
		error = ping_opt(e, VNETSIM_SO_RCVBUF, PING_SOCKBUF);
	if (error == 0 && p->ttl != 0)
		error = ping_opt(e, VNETSIM_IP_TTL, p->ttl);
	if (error == 0 && p->tos != 0)
		error = ping_opt(e, VNETSIM_IP_TOS, p->tos);
	if (error == 0 && p->mttl >= 0)
		error = ping_opt(e, VNETSIM_IP_MULTICAST_TTL, p->mttl);
	if (error == 0 && p->df)
		error = ping_opt(e, VNETSIM_IP_DONTFRAG, 1);
	if (error == 0 && p->record)
		error = RUN_CALL(e, "setsockopt",
		    vnetsim_setipoptions(
			e->e_w, pg->pg_proc, pg->pg_fd, rr, sizeof(rr)));
	if (error == 0 && p->src != 0)
		error = RUN_CALL(e, "bind",
		    vnetsim_bind(e->e_w, pg->pg_proc, pg->pg_fd, &src));
	return (error);
}

static int
ping_over(struct scn_env *e, int error)
{
	struct run_ping *pg = &e->e_r->r_ping;

	if (pg->pg_proc != 0)
		(void)RUN_CALL(
		    e, "exit", vnetsim_proc_kill(e->e_w, pg->pg_proc));
	pg->pg_proc = 0;
	return (error);
}

static int
ping_finish(struct scn_env *e, const struct scn_stmt *s)
{
	ping_finish_text(e, s);
	if (e->e_r->r_ping.pg_got > 0)
		return (ping_over(e, 0));
	return (ping_over(
	    e, e->e_r->r_cmderror != 0 ? e->e_r->r_cmderror : VE_TIMEDOUT));
}

static uint16_t
ping_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (i & 1) != 0 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return ((uint16_t)~sum);
}

static void
ping_put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* One request.  That it could not be sent is printed, and it goes on. */
static void
ping_send(struct scn_env *e, const struct scn_stmt *s)
{
	struct vnetsim_addr to = { ping_of(s)->addr, 0 };
	struct run_ping *pg = &e->e_r->r_ping;
	uint8_t *pkt = e->e_packet;
	size_t len = PING_MINLEN + ping_of(s)->size, done = 0;
	vnetsim_handle op = 0;
	int error;

	memset(pkt, 0, PING_MINLEN);
	pkt[0] = 8; /* echo */
	ping_put16(pkt + 4, pg->pg_ident);
	ping_put16(pkt + 6, (uint32_t)pg->pg_sent);
	ping_fill(pkt + PING_MINLEN, ping_of(s)->size, vnetsim_now(e->e_w));
	ping_put16(pkt + 2, ping_sum(pkt, len));
	pg->pg_seen[pg->pg_sent % PING_DUPCHK / 8] &=
	    (uint8_t) ~(1u << (pg->pg_sent & 7));
	error = RUN_CALL(e, "sendto",
	    vnetsim_send(e->e_w, pg->pg_proc, pg->pg_fd, pkt, len, &to,
		VNETSIM_NONBLOCK, &done, &op));
	pg->pg_sent++;
	if (error == 0)
		return;
	e->e_r->r_cmderror = error;
	rbuf_add(&e->e_out, "ping: sendto: %s\n", vnetsim_strerror(error));
}

/* The wait is over.  Return: false: so is the program. */
static bool
ping_tick(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_ping *p = ping_of(s);
	struct run_ping *pg = &e->e_r->r_ping;

	if (p->count < 0 || pg->pg_sent < p->count) {
		ping_send(e, s);
	} else {
		if (pg->pg_almost)
			return (false);
		pg->pg_almost = true;
		pg->pg_intvl =
		    p->waittime_ns >= 0 ? p->waittime_ns : PING_MAXWAIT;
		if (pg->pg_got > 0) {
			pg->pg_intvl = 2 * pg->pg_tmax * 1000 /
				       INT64_C(1000000000) *
				       INT64_C(1000000000);
			if (pg->pg_intvl == 0)
				pg->pg_intvl = INT64_C(1000000000);
		}
	}
	pg->pg_last = vnetsim_now(e->e_w);
	return (true);
}

/*
 * Take one packet that is there.  Return: 0; VE_NOBUFS: none of it was taken;
 * another errno: the program ends.
 */
static int
ping_take(struct scn_env *e, const struct scn_stmt *s)
{
	const struct run_ping *pg = &e->e_r->r_ping;
	struct vnetsim_result res;
	vnetsim_handle op = 0;
	int error;

	error = RUN_CALL(e, "recvmsg",
	    vnetsim_recv(e->e_w, pg->pg_proc, pg->pg_fd, PING_SOCKBUF, false,
		VNETSIM_NONBLOCK, &op));
	if (error == VE_AGAIN)
		return (0);
	if (error == VE_NOBUFS)
		rbuf_add(
		    &e->e_out, "ping: recvmsg: %s\n", vnetsim_strerror(error));
	if (error != 0)
		return (error);
	if (vnetsim_op_poll(e->e_w, op, &res) != 0)
		return (VE_SRCH);
	error = ping_packet(e, s, res.data, res.datalen);
	if (error != 0)
		e->e_r->r_cmderror = error;
	(void)vnetsim_op_release(e->e_w, op);
	return (0);
}

static bool
ping_enough(const struct scn_env *e, const struct scn_ping *p)
{
	const struct run_ping *pg = &e->e_r->r_ping;

	return ((p->once && pg->pg_got > 0) ||
		(p->count > 0 && pg->pg_got >= p->count));
}

static int
ping_sleep(struct scn_env *e, int64_t until)
{
	e->e_r->r_cmdwake = until;
	return (VE_INPROGRESS);
}

/* Until it has to wait, or is over. */
static int
ping_go(struct scn_env *e, const struct scn_stmt *s)
{
	struct run_ping *pg = &e->e_r->r_ping;
	struct scn_run *r = e->e_r;
	int64_t now, left;
	int error;

	for (;;) {
		now = vnetsim_now(e->e_w);
		if (now >= r->r_deadline || ping_enough(e, ping_of(s)))
			return (ping_finish(e, s));
		left = pg->pg_last + pg->pg_intvl - now;
		if (left <= 0) {
			if (!ping_tick(e, s))
				return (ping_finish(e, s));
			continue;
		}
		if (left > r->r_deadline - now)
			left = r->r_deadline - now;
		error = RUN_CALL(e, "poll",
		    vnetsim_poll_wait(
			e->e_w, pg->pg_proc, pg->pg_fd, left, &r->r_cmdop));
		if (error == VE_INPROGRESS)
			return (error);
		if (error != 0)
			return (ping_over(e, error));
		error = ping_take(e, s);
		if (error == VE_NOBUFS)
			return (ping_sleep(e, now + left));
		if (error != 0)
			return (ping_over(e, error));
	}
}

int
run_ping(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_ping *p = ping_of(s);
	struct run_ping *pg = &e->e_r->r_ping;
	vnetsim_handle jail = run_jail(e, s->jail);
	int error;

	if (jail == 0)
		return (VE_NOENT);
	memset(pg, 0, sizeof(*pg));
	pg->pg_ident = ++e->e_r->r_npings;
	pg->pg_intvl = p->wait_ns;
	e->e_r->r_deadline = VNETSIM_FOREVER;
	if (p->timeout_ns >= 0)
		e->e_r->r_deadline = vnetsim_now(e->e_w) + p->timeout_ns;
	error = RUN_CALL(
	    e, "fork", vnetsim_proc_create(e->e_w, jail, "ping", &pg->pg_proc));
	if (error != 0)
		return (error);
	if (s->setfib != 0)
		error = RUN_CALL(e, "setfib",
		    vnetsim_setfib(e->e_w, pg->pg_proc, s->setfib - 1));
	if (error == 0)
		error = RUN_CALL(e, "socket",
		    vnetsim_rawsocket(e->e_w, pg->pg_proc, 1, &pg->pg_fd));
	if (error == 0)
		error = ping_options(e, p);
	if (error != 0) {
		rbuf_add(
		    &e->e_out, "ping: socket: %s\n", vnetsim_strerror(error));
		return (ping_over(e, error));
	}
	ping_begin_text(e, s);
	ping_send(e, s);
	pg->pg_last = vnetsim_now(e->e_w);
	return (ping_go(e, s));
}

/* poll(2) has ended; @error: not well, as when its jail was removed. */
int
run_ping_next(struct scn_env *e, const struct scn_stmt *s, int error,
    const struct vnetsim_result *res)
{
	if (error == 0 && res != NULL && res->value != 0)
		error = ping_take(e, s);
	/* it asks again, and sleeps if there is still no memory */
	if (error == VE_NOBUFS)
		error = 0;
	return (error != 0 ? ping_over(e, error) : ping_go(e, s));
}
