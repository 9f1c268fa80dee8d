/*
 * scn_run_ping.c - ping: requests one after the other, and the summary.
 *
 * A request is sent every -i seconds; the next one waits for the answer to the
 * last.  After the last request the answer is waited for up to ten seconds, as
 * ping(8) does, or up to what -t leaves.  Without any answer the command
 * fails: with the error of the last request, or ETIMEDOUT.
 */
#include <inttypes.h>

#include "sim/scn_run_var.h"

/* r_cmdstep: requests sent; r_cmdgot: answers; r_deadline: the end of -t */
static int
ping_send(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_ping *p = &s->u.ping;
	struct scn_run *r = e->e_r;
	vnetsim_handle jail = run_jail(e, s->jail);
	int64_t wait = p->wait_ns, left;
	int error;

	if (jail == 0)
		return (VE_NOENT);
	if (p->count >= 0 && r->r_cmdstep + 1 >= p->count)
		wait = PING_WAIT;
	left = r->r_deadline - vnetsim_now(e->e_w);
	if (wait > left)
		wait = left;
	r->r_cmdstep++;
	error = RUN_CALL(e, "ping",
	    vnetsim_fib_ping(e->e_w, jail, run_fib(s, -1), p->addr, p->size,
		wait, &r->r_cmdop));
	return (error == 0 ? VE_INPROGRESS : error);
}

int
run_ping(struct scn_env *e, const struct scn_stmt *s)
{
	const struct scn_ping *p = &s->u.ping;

	e->e_r->r_deadline = VNETSIM_FOREVER;
	if (p->timeout_ns >= 0)
		e->e_r->r_deadline = vnetsim_now(e->e_w) + p->timeout_ns;
	rbuf_add(&e->e_out, "PING ");
	rbuf_ip(&e->e_out, p->addr);
	rbuf_add(&e->e_out, ": %" PRIu32 " data bytes\n", p->size);
	return (ping_send(e, s));
}

static void
ping_answer(struct scn_env *e, const struct scn_stmt *s, int64_t rtt)
{
	e->e_r->r_cmdgot++;
	rbuf_add(&e->e_out, "%" PRIu32 " bytes from ", s->u.ping.size + 8);
	rbuf_ip(&e->e_out, s->u.ping.addr);
	rbuf_add(&e->e_out, ": icmp_seq=%" PRId64 " time=%" PRId64 ".%03d ms\n",
	    e->e_r->r_cmdstep - 1, rtt / 1000000, (int)(rtt / 1000 % 1000));
}

/* An answer, a timeout (@res), or time for the next request (NULL). */
int
run_ping_next(struct scn_env *e, const struct scn_stmt *s, int error,
    const struct vnetsim_result *res)
{
	const struct scn_ping *p = &s->u.ping;
	struct scn_run *r = e->e_r;
	int64_t now = vnetsim_now(e->e_w);

	if (res != NULL) {
		r->r_cmderror = error;
		if (error == 0)
			ping_answer(e, s, res->value);
		if ((p->count < 0 || r->r_cmdstep < p->count) &&
		    now < r->r_deadline) {
			r->r_cmdwake =
			    now + (error == 0 ? p->wait_ns - res->value : 1);
			if (r->r_cmdwake <= now)
				r->r_cmdwake = now + 1;
			return (VE_INPROGRESS);
		}
	} else if (now < r->r_deadline)
		return (ping_send(e, s));
	rbuf_add(&e->e_out,
	    "%" PRId64 " packets transmitted, %" PRId64 " packets received\n",
	    r->r_cmdstep, r->r_cmdgot);
	if (r->r_cmdgot > 0)
		return (0);
	return (r->r_cmderror != 0 ? r->r_cmderror : VE_TIMEDOUT);
}
