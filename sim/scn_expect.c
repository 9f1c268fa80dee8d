/*
 * scn_expect.c - claims: is it true, and if not, what is true instead?
 *
 * run_claim() is called after every event while a claim waits, so it looks
 * and changes nothing (but that a claim about a failed verb excuses it, and
 * that a packet claim moves the cursor of its link end when it holds).  The
 * text of a failure is only made when it is wanted: @why.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/scn_run_var.h"

static bool
compare(int64_t v, enum scn_op op, int64_t n)
{
	switch (op) {
	case SCN_EQ:
		return (v == n);
	case SCN_NE:
		return (v != n);
	case SCN_LT:
		return (v < n);
	case SCN_LE:
		return (v <= n);
	case SCN_GT:
		return (v > n);
	default:
		return (v >= n);
	}
}

static bool
claim_number(
    const struct scn_claim *c, const char *what, int64_t v, struct rbuf *why)
{
	if (compare(v, c->op, c->n))
		return (true);
	if (why != NULL)
		rbuf_add(why, "expected %s %s %" PRId64 ", it is %" PRId64,
		    what, scn_op_name(c->op), c->n, v);
	return (false);
}

/* The vnet of a jail, also of one that is gone.  Return: false: never was. */
static bool
claim_vnet(struct scn_env *e, const struct plan_stmt *ps, uint32_t *vnet)
{
	struct vnetsim_jail_info ji;
	vnetsim_handle h;

	if (ps->ps_jail < 0)
		return (false);
	h = vnetsim_jail_find(
	    e->e_w, e->e_plan->pl_jails.v[ps->ps_jail].pn_jail, true);
	if (h != 0 && vnetsim_jail_info(e->e_w, h, &ji) == 0) {
		*vnet = ji.vnet;
		return (true);
	}
	*vnet = e->e_r->r_jail[ps->ps_jail].rj_vnet;
	return (e->e_r->r_jail[ps->ps_jail].rj_known);
}

static bool
same_addr(const struct vnetsim_addr *a, const struct vnetsim_addr *b)
{
	return (a->addr == b->addr && a->port == b->port);
}

/**
 * run_find_sock() - what a socket is now, even without a descriptor
 * @e:	environment
 * @rs:	socket of the script
 * @si:	out
 *
 * A closed socket lives on in its vnet (FIN_WAIT_2, TIME_WAIT); it is found by
 * its addresses.
 * Return:	true; false: there is nothing left of it.
 */
bool
run_find_sock(
    struct scn_env *e, const struct run_sock *rs, struct vnetsim_sockinfo *si)
{
	uint32_t vnet = e->e_r->r_jail[rs->rs_jail].rj_vnet;
	struct vnetsim_jail_info ji;
	vnetsim_handle h;

	if (!rs->rs_made)
		return (false);
	if (rs->rs_fd >= 0 &&
	    vnetsim_sockinfo(e->e_w, rs->rs_proc, rs->rs_fd, si) == 0)
		return (true);
	h = vnetsim_jail_find(
	    e->e_w, e->e_plan->pl_jails.v[rs->rs_jail].pn_jail, true);
	if (h != 0 && vnetsim_jail_info(e->e_w, h, &ji) == 0)
		vnet = ji.vnet;
	for (uint32_t n = 0; vnetsim_sock_next(e->e_w, vnet, n, si) == 0; n++)
		if (rs->rs_addrs && si->type == rs->rs_type &&
		    same_addr(&si->laddr, &rs->rs_laddr) &&
		    same_addr(&si->faddr, &rs->rs_faddr))
			return (true);
	return (false);
}

/* FreeBSD's word for a state, as in netstat, as a number. */
static enum scn_tcp_state
state_number(const char *name)
{
	for (int i = 0; i < SCN_TCPS_N; i++)
		if (strcmp(scn_tcp_state_name((enum scn_tcp_state)i), name) ==
		    0)
			return ((enum scn_tcp_state)i);
	if (strcmp(name, "SYN_RECEIVED") == 0)
		return (SCN_TCPS_SYN_RECEIVED);
	return (SCN_TCPS_N);
}

static bool
claim_state(struct scn_env *e, const struct scn_claim *c, struct run_sock *rs,
    struct rbuf *why)
{
	struct vnetsim_sockinfo si;
	const char *state = "CLOSED", *sep = "";

	if (run_find_sock(e, rs, &si) && si.state != NULL)
		state = si.state;
	if ((c->states & (1u << state_number(state))) != 0)
		return (true);
	if (why == NULL)
		return (false);
	rbuf_add(why, "expected state ");
	for (int i = 0; i < SCN_TCPS_N; i++)
		if ((c->states & (1u << i)) != 0) {
			rbuf_add(why, "%s%s", sep,
			    scn_tcp_state_name((enum scn_tcp_state)i));
			sep = "|";
		}
	rbuf_add(why, ", it is %s", state);
	return (false);
}

static bool
claim_error(struct scn_env *e, const struct scn_claim *c, struct run_sock *rs,
    struct rbuf *why)
{
	struct vnetsim_sockinfo si;
	int have = 0;

	if (run_find_sock(e, rs, &si))
		have = si.error;
	if (have == 0 && rs->rs_state == VERB_FAILED)
		have = rs->rs_error;
	if (have == c->error) {
		rs->rs_claimed = true;
		return (true);
	}
	if (why != NULL)
		rbuf_add(why, "expected error %s, it is %s",
		    c->error == 0 ? "none" : vnetsim_errname(c->error),
		    have == 0 ? "none" : vnetsim_errname(have));
	return (false);
}

static void
verb_is(const struct run_sock *rs, const char *wanted, struct rbuf *why)
{
	static const char *const words[] = { "was never made", "waits its turn",
		"is blocked", "is done", "failed" };

	if (why == NULL)
		return;
	rbuf_add(why, "expected %s, but its last verb %s", wanted,
	    words[rs->rs_state]);
	if (rs->rs_state == VERB_FAILED)
		rbuf_add(why, " with %s", vnetsim_errname(rs->rs_error));
}

static bool
claim_failed(const struct scn_claim *c, struct run_sock *rs, struct rbuf *why)
{
	if (rs->rs_state == VERB_FAILED && rs->rs_error == c->error) {
		rs->rs_claimed = true;
		return (true);
	}
	if (why != NULL) {
		struct rbuf want = { 0 };

		rbuf_add(&want, "failed %s", vnetsim_errname(c->error));
		verb_is(rs, rbuf_str(&want), why);
		rbuf_free(&want);
	}
	return (false);
}

static bool
claim_eof(struct scn_env *e, const struct run_sock *rs, struct rbuf *why)
{
	struct vnetsim_sockinfo si;

	if (rs->rs_eof || (run_find_sock(e, rs, &si) && si.eof))
		return (true);
	if (why != NULL)
		rbuf_add(why, "expected end of file, the peer has not closed");
	return (false);
}

static bool
claim_sock(struct scn_env *e, const struct scn_claim *c, struct run_sock *rs,
    struct rbuf *why)
{
	struct vnetsim_sockinfo si;
	int64_t n;

	switch (c->kind) {
	case SCN_CL_STATE:
		return (claim_state(e, c, rs, why));
	case SCN_CL_ERROR:
		return (claim_error(e, c, rs, why));
	case SCN_CL_RECEIVED:
		n = rs->rs_rcvd;
		if (run_find_sock(e, rs, &si))
			n += si.rcvq;
		return (claim_number(c, "bytes received", n, why));
	case SCN_CL_EOF:
		return (claim_eof(e, rs, why));
	case SCN_CL_ATMARK:
		if (run_find_sock(e, rs, &si) && si.atmark)
			return (true);
		if (why != NULL)
			rbuf_add(why, "it is not at the mark");
		return (false);
	case SCN_CL_SOCKOPT:
		if (!run_sockval(e, rs, c->text, &n, why))
			return (false);
		return (claim_number(c, c->text, n, why));
	case SCN_CL_DONE:
		if (rs->rs_state == VERB_DONE)
			return (true);
		verb_is(rs, "done", why);
		return (false);
	case SCN_CL_BLOCKED:
		if (rs->rs_state == VERB_BLOCKED || rs->rs_state == VERB_QUEUED)
			return (true);
		verb_is(rs, "blocked", why);
		return (false);
	default:
		return (claim_failed(c, rs, why));
	}
}

static bool
claim_jail(struct scn_env *e, const struct scn_claim *c, struct rbuf *why)
{
	struct vnetsim_jail_info ji = { 0 };
	vnetsim_handle h = vnetsim_jail_find(e->e_w, c->jail, true);
	const char *is = "gone", *want;
	bool holds;

	if (h != 0 && vnetsim_jail_info(e->e_w, h, &ji) == 0)
		is = ji.dying || ji.phase != NULL ? "dying" : "alive";
	want = c->kind == SCN_CL_GONE    ? "gone"
	       : c->kind == SCN_CL_DYING ? "dying"
					 : "alive";
	holds = strcmp(is, want) == 0;
	if (!holds && why != NULL) {
		rbuf_add(
		    why, "expected jail %s %s, it is %s", c->jail, want, is);
		if (ji.phase != NULL)
			rbuf_add(why, " (%s)", ji.phase);
	}
	return (holds);
}

static int64_t
count_pcbs(struct scn_env *e, uint32_t vnet, enum scn_proto proto)
{
	static const int types[] = { VNETSIM_TCP, VNETSIM_UDP, VNETSIM_RAW };
	struct vnetsim_sockinfo si;
	int64_t n = 0;

	for (uint32_t i = 0; vnetsim_sock_next(e->e_w, vnet, i, &si) == 0; i++)
		n += si.type == types[proto];
	return (n);
}

static int64_t
count_findings(struct scn_env *e, const char *oracle)
{
	struct vnetsim_finding f;
	int64_t n = 0;

	for (unsigned i = 0; vnetsim_finding(e->e_w, i, &f) == 0; i++)
		n += oracle == NULL || strcmp(f.oracle, oracle) == 0;
	return (n);
}

static bool
claim_part(const char *what, int64_t want, int64_t have, struct rbuf *why)
{
	if (want < 0 || want == have)
		return (true);
	if (why != NULL)
		rbuf_add(why, "%sexpected %s %" PRId64 ", it is %" PRId64,
		    why->rb_len > 0 ? "; " : "", what, want, have);
	return (false);
}

static bool
claim_peers(struct scn_env *e, const struct scn_claim *c, struct rbuf *why)
{
	struct vnetsim_outcomes o = { 0 };
	bool holds;

	(void)vnetsim_outcomes(e->e_w, VNETSIM_NOVNET, true, &o);
	holds = claim_number(
	    c, "peers closed", (int64_t)o.peers_fin + o.peers_rst, why);
	holds &= claim_part("by fin", c->by_fin, o.peers_fin, why);
	holds &= claim_part("by rst", c->by_rst, o.peers_rst, why);
	return (holds);
}

static bool
claim_outcome(struct scn_env *e, const struct scn_claim *c, uint32_t vnet,
    struct rbuf *why)
{
	struct vnetsim_outcomes o = { 0 };
	bool holds;

	(void)vnetsim_outcomes(e->e_w, vnet, true, &o);
	holds = claim_part("finned", c->finned, o.finned, why);
	holds &= claim_part("reset", c->reset, o.reset, why);
	holds &= claim_part("abandoned", c->abandoned, o.abandoned, why);
	return (holds);
}

/* "tcp.tcps_rexmttimeo" is the sysctl net.inet.tcp.stats.tcps_rexmttimeo,
 * "pf.states" is net.pf.stats.states. */
static int
claim_stat(struct scn_env *e, const struct scn_claim *c, int64_t *v)
{
	vnetsim_handle jail = vnetsim_jail_find(e->e_w, c->jail, true);
	const char *dot = strchr(c->name, '.');
	struct rbuf oid = { 0 };
	int error;

	if (dot == NULL)
		return (VE_NOENT);
	if (strncmp(c->name, "arp.", 4) == 0)
		rbuf_add(&oid, "net.link.ether.inet.stats.%s", dot + 1);
	else if (strncmp(c->name, "pf.", 3) == 0)
		rbuf_add(&oid, "net.pf.stats.%s", dot + 1);
	else
		rbuf_add(&oid, "net.inet.%.*s.stats.%s", (int)(dot - c->name),
		    c->name, dot + 1);
	error = vnetsim_sysctl_get(e->e_w, jail, rbuf_str(&oid), v);
	rbuf_free(&oid);
	return (error);
}

static bool
claim_sysctl(struct scn_env *e, const struct scn_claim *c, struct rbuf *why)
{
	vnetsim_handle jail = vnetsim_jail_find(e->e_w, c->jail, true);
	struct rbuf have = { 0 };
	bool holds = false;
	int64_t v;
	int error;

	error = c->kind == SCN_CL_STAT
		    ? claim_stat(e, c, &v)
		    : vnetsim_sysctl_get(e->e_w, jail, c->name, &v);
	if (error != 0) {
		if (why != NULL)
			rbuf_add(
			    why, "%s: %s", c->name, vnetsim_errname(error));
		return (false);
	}
	if (c->kind == SCN_CL_STAT)
		return (claim_number(c, c->name, v, why));
	rbuf_add(&have, "%" PRId64, v);
	holds = strcmp(rbuf_str(&have), c->text) == 0;
	if (!holds && why != NULL)
		rbuf_add(
		    why, "expected %s, it is %s", c->text, rbuf_str(&have));
	rbuf_free(&have);
	return (holds);
}

static bool
claim_packet(struct scn_env *e, const struct scn_claim *c,
    struct run_cursor *cur, struct rbuf *why)
{
	int64_t now = vnetsim_now(e->e_w);
	struct run_cursor at;

	if (run_frames_find(&e->e_frames, c->packet, now, cur, &at) != c->no) {
		if (!c->no)
			*cur = at;
		return (true);
	}
	if (why != NULL) {
		rbuf_add(why, "expected %spacket at %s, ", c->no ? "no " : "",
		    c->packet->ifname);
		run_frames_show(&e->e_frames, c->packet, now, cur, why);
	}
	return (false);
}

static bool
claim_world(struct scn_env *e, const struct scn_claim *c,
    const struct plan_stmt *ps, struct rbuf *why)
{
	uint32_t vnet = 0;

	if (c->jail != NULL && !claim_vnet(e, ps, &vnet)) {
		if (why != NULL)
			rbuf_add(why, "there never was a jail %s", c->jail);
		return (false);
	}
	switch (c->kind) {
	case SCN_CL_INPCB:
		return (claim_number(
		    c, "pcbs", count_pcbs(e, vnet, c->proto), why));
	case SCN_CL_LEDGER:
		return (claim_number(
		    c, "objects", (int64_t)vnetsim_ledger(e->e_w, vnet), why));
	case SCN_CL_LEAKS:
		return (
		    claim_number(c, "leaks", count_findings(e, "leak"), why));
	case SCN_CL_FINDINGS:
		return (
		    claim_number(c, "findings", count_findings(e, NULL), why));
	case SCN_CL_PEERS:
		return (claim_peers(e, c, why));
	default:
		return (claim_outcome(e, c, vnet, why));
	}
}

/**
 * run_claim() - does a claim hold now?
 * @e:		environment
 * @c:		any but `fails` and `output`
 * @ps:		what it names
 * @why:	if it does not hold, what is true instead is appended; may be
 *		NULL
 *
 * Return:	true if it holds.
 */
bool
run_claim(struct scn_env *e, const struct scn_claim *c,
    const struct plan_stmt *ps, struct rbuf *why)
{
	int64_t n;

	switch (c->kind) {
	case SCN_CL_STATE:
	case SCN_CL_ERROR:
	case SCN_CL_RECEIVED:
	case SCN_CL_EOF:
	case SCN_CL_ATMARK:
	case SCN_CL_SOCKOPT:
	case SCN_CL_DONE:
	case SCN_CL_BLOCKED:
	case SCN_CL_FAILED:
		return (claim_sock(e, c, &e->e_r->r_sock[ps->ps_sock], why));
	case SCN_CL_GONE:
	case SCN_CL_DYING:
	case SCN_CL_ALIVE:
		return (claim_jail(e, c, why));
	case SCN_CL_STAT:
	case SCN_CL_SYSCTL:
		return (claim_sysctl(e, c, why));
	case SCN_CL_TCPDUMP:
		return (
		    run_tcpdump_claim(e, c, &n, why) &&
		    (c->text != NULL || claim_number(c, "packets", n, why)));
	case SCN_CL_PACKET:
		return (
		    claim_packet(e, c, &e->e_r->r_cursor[ps->ps_cursor], why));
	default:
		return (claim_world(e, c, ps, why));
	}
}
