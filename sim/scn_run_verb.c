/*
 * scn_run_verb.c - one verb of a simulated program, as system calls.
 *
 * A verb may need several calls: `connect tcp` is socket, perhaps bind, and
 * connect; a long send or recv is many of them.  The first that has to wait
 * ends the work for now with EINPROGRESS and rp_op; when the operation has
 * completed run_verb_result() goes on from rp_done.
 *
 * If making a socket fails halfway the descriptor is closed again, except for
 * connect: there the socket remains and tells its error.
 */
#include <string.h>
#include <vnetsim/sockmsg.h>

#include "sim/scn_run_var.h"

static struct run_sock *
verb_sock(struct scn_env *e, uint32_t stmt)
{
	int32_t id = e->e_plan->pl_stmt[stmt].ps_sock;

	return (id >= 0 ? &e->e_r->r_sock[id] : NULL);
}

/* Note who a socket is, while it can be asked. */
void
run_sock_learn(struct scn_env *e, struct run_sock *rs)
{
	struct vnetsim_sockinfo si;

	if (rs->rs_fd < 0 ||
	    vnetsim_sockinfo(e->e_w, rs->rs_proc, rs->rs_fd, &si) != 0)
		return;
	rs->rs_handle = si.handle;
	if (si.laddr.port != 0 || si.faddr.port != 0) {
		rs->rs_laddr = si.laddr;
		rs->rs_faddr = si.faddr;
		rs->rs_addrs = true;
	}
}

/* A name now stands for this descriptor. */
void
run_sock_made(
    struct scn_env *e, struct run_proc *rp, uint32_t stmt, int fd, int type)
{
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[stmt];
	struct run_sock *rs = &e->e_r->r_sock[ps->ps_result];
	uint8_t state = rs->rs_state;

	vnetsim_user_free(e->e_w, rs->rs_seg);
	memset(rs, 0, sizeof(*rs));
	rs->rs_proc = rp->rp_h;
	rs->rs_procid = (int32_t)(rp - e->e_r->r_proc);
	rs->rs_jail = ps->ps_jail;
	rs->rs_fd = fd;
	rs->rs_type = type;
	rs->rs_made = true;
	rs->rs_verb = stmt;
	rs->rs_state = state;
	run_sock_learn(e, rs);
}

static int
verb_close(struct scn_env *e, struct run_proc *rp, struct run_sock *rs)
{
	int error, fd = rs->rs_fd;

	run_sock_learn(e, rs);
	error = RUN_CALL(
	    e, "close", vnetsim_close(e->e_w, rs->rs_proc, fd, &rp->rp_op));
	if (error == 0 || error == VE_INPROGRESS)
		rs->rs_fd = -1;
	return (error);
}

/* Make the socket of a verb: @rsp is it, under its name. */
static int
verb_make(struct scn_env *e, struct run_proc *rp, const struct scn_stmt *s,
    struct run_sock **rsp)
{
	static const int types[] = { VNETSIM_TCP, VNETSIM_UDP, VNETSIM_RAW };
	const struct scn_sock *a = s->u.sock;
	int type = types[a->proto], error = 0, fd;

	if (s->setfib != 0)
		error = RUN_CALL(e, "setfib",
		    vnetsim_setfib(e->e_w, rp->rp_h, s->setfib - 1));
	if (error != 0)
		return (error);
	if (type == VNETSIM_RAW)
		error = RUN_CALL(e, "socket",
		    vnetsim_rawsocket(e->e_w, rp->rp_h, a->rawproto, &fd));
	else
		error = RUN_CALL(
		    e, "socket", vnetsim_socket(e->e_w, rp->rp_h, type, &fd));
	if (s->setfib != 0)
		(void)RUN_CALL(
		    e, "setfib", vnetsim_setfib(e->e_w, rp->rp_h, 0));
	if (error != 0)
		return (error);
	run_sock_made(e, rp, rp->rp_stmt, fd, type);
	*rsp = &e->e_r->r_sock[e->e_plan->pl_stmt[rp->rp_stmt].ps_result];
	return (0);
}

static int
verb_bind(struct scn_env *e, struct run_sock *rs, const struct scn_sock *a)
{
	struct vnetsim_addr va = { a->laddr, a->lport };
	int error;

	error = RUN_CALL(
	    e, "bind", vnetsim_bind(e->e_w, rs->rs_proc, rs->rs_fd, &va));
	if (error == 0)
		run_sock_learn(e, rs);
	return (error);
}

/* connect, listen, bind and socket: on a socket of their own, or a given one */
static int
verb_open(struct scn_env *e, struct run_proc *rp, const struct scn_stmt *s)
{
	const struct scn_sock *a = s->u.sock;
	struct run_sock *rs = verb_sock(e, rp->rp_stmt);
	struct vnetsim_addr to = { a->faddr, a->fport };
	vnetsim_handle op = 0;
	bool made = a->sock == NULL;
	int error = 0;

	if (made)
		error = verb_make(e, rp, s, &rs);
	if (error != 0)
		return (error);
	if (s->kind == SCN_BIND || (made && s->kind == SCN_LISTEN) ||
	    (s->kind == SCN_CONNECT && a->from))
		error = verb_bind(e, rs, a);
	if (error == 0 && s->kind == SCN_LISTEN)
		error = RUN_CALL(e, "listen",
		    vnetsim_listen(e->e_w, rs->rs_proc, rs->rs_fd, a->backlog));
	if (error == 0 && s->kind == SCN_CONNECT) {
		error = RUN_CALL(e, "connect",
		    vnetsim_connect(e->e_w, rs->rs_proc, rs->rs_fd, &to,
			a->nonblock ? VNETSIM_NONBLOCK : 0, &op));
		rp->rp_op = op;
		run_sock_learn(e, rs);
		return (error);
	}
	if (error != 0 && made) {
		(void)verb_close(e, rp, rs);
		rp->rp_op = 0;
	}
	return (error);
}

static int
verb_accept(struct scn_env *e, struct run_proc *rp, const struct scn_stmt *s,
    struct run_sock *rs)
{
	int error, fd = -1;

	error = RUN_CALL(e, "accept",
	    vnetsim_accept(e->e_w, rs->rs_proc, rs->rs_fd,
		s->u.sock->nonblock ? VNETSIM_NONBLOCK : 0, &fd, &rp->rp_op));
	if (error == 0)
		run_sock_made(e, rp, rp->rp_stmt, fd, VNETSIM_TCP);
	return (error);
}

static int
verb_flags(const struct scn_sock *a)
{
	return ((a->nonblock ? VNETSIM_NONBLOCK : 0) |
		(a->oob ? VNETSIM_MSG_OOB : 0) |
		(a->eof ? VNETSIM_MSG_EOF : 0) |
		(a->peek ? VNETSIM_MSG_PEEK : 0));
}

static int
verb_send(struct scn_env *e, struct run_proc *rp, const struct scn_stmt *s,
    struct run_sock *rs)
{
	const struct scn_sock *a = s->u.sock;
	struct vnetsim_addr to = { a->faddr, a->fport };
	const int last = VNETSIM_MSG_OOB | VNETSIM_MSG_EOF;
	const uint8_t *data;
	int64_t left;
	size_t n, done;
	int error = 0;

	run_sock_learn(e, rs);
	while (error == 0 && (rp->rp_done < a->count || a->count == 0)) {
		left = a->count - rp->rp_done;
		n = left > SEND_CHUNK ? SEND_CHUNK : (size_t)left;
		data = e->e_pattern + rs->rs_sent % PATTERN_MOD;
		if (rs->rs_type != VNETSIM_TCP)
			data = e->e_pattern;
		if (a->text != NULL)
			data = (const uint8_t *)a->text + rp->rp_done;
		done = 0;
		rp->rp_chunk = (int64_t)n;
		run_data_sent(e, rs, rp->rp_stmt, rp->rp_done, (int64_t)n);
		error = RUN_CALL(e, "send",
		    vnetsim_send(e->e_w, rs->rs_proc, rs->rs_fd, data, n,
			a->to ? &to : NULL,
			/* the last byte of all is the urgent one, or the
			 * one before the FIN */
			(int64_t)n < left ? verb_flags(a) & ~last
					  : verb_flags(a),
			&done, &rp->rp_op));
		if (error == VE_INPROGRESS)
			return (error);
		if (error != 0)
			done = 0;
		run_data_took(rs, (int64_t)done);
		rp->rp_done += (int64_t)done;
		if (a->count == 0 || (error == 0 && done == 0))
			break;
	}
	if (error == VE_AGAIN && rp->rp_done > 0)
		return (0);
	return (error);
}

/* Bytes have come.  Return: true if more of them are wanted. */
static bool
verb_took(struct scn_env *e, struct run_proc *rp, const struct scn_stmt *s,
    struct run_sock *rs, const struct vnetsim_result *res)
{
	/* the urgent byte is none of the stream */
	if (s->u.sock->oob)
		return (false);
	if (res->datalen == 0) {
		rs->rs_eof = rs->rs_type == VNETSIM_TCP;
		return (false);
	}
	run_data_check(e, rs, s, res->data, res->datalen);
	if (s->u.sock->peek)
		return (false);
	rs->rs_rcvd += (int64_t)res->datalen;
	rp->rp_done += (int64_t)res->datalen;
	if (rs->rs_type != VNETSIM_TCP && s->u.sock->count >= 0)
		return (false);
	return (s->u.sock->count < 0 || rp->rp_done < s->u.sock->count);
}

static int
verb_recv(struct scn_env *e, struct run_proc *rp, const struct scn_stmt *s,
    struct run_sock *rs)
{
	const struct scn_sock *a = s->u.sock;
	struct vnetsim_result res;
	vnetsim_handle op;
	int64_t left;
	size_t n;
	bool all, more;
	int error;

	run_sock_learn(e, rs);
	do {
		left = a->count < 0 ? RECV_CHUNK : a->count - rp->rp_done;
		n = left > RECV_CHUNK ? RECV_CHUNK : (size_t)left;
		all =
		    a->count >= 0 && !a->nonblock && rs->rs_type == VNETSIM_TCP;
		op = 0;
		error = RUN_CALL(e, "recv",
		    vnetsim_recv(e->e_w, rs->rs_proc, rs->rs_fd, n, all,
			verb_flags(a), &op));
		if (error == VE_INPROGRESS) {
			rp->rp_op = op;
			return (error);
		}
		if (error == VE_AGAIN && rp->rp_done > 0)
			return (0);
		if (error != 0)
			return (error);
		if (vnetsim_op_poll(e->e_w, op, &res) != 0)
			return (VE_SRCH);
		error = res.error;
		more = error == 0 && verb_took(e, rp, s, rs, &res);
		(void)vnetsim_op_release(e->e_w, op);
	} while (more);
	return (error);
}

/* recvfd: the descriptor of another process, under a name of our own */
static int
verb_recvfd(struct scn_env *e, struct run_proc *rp, const struct run_sock *from)
{
	int type = from->rs_type, error, fd;

	error = RUN_CALL(e, "fdpass",
	    vnetsim_fdpass(e->e_w, from->rs_proc, from->rs_fd, rp->rp_h, &fd));
	if (error == 0)
		run_sock_made(e, rp, rp->rp_stmt, fd, type);
	return (error);
}

/* FreeBSD's numbers of level and option. */
static const struct {
	int level, opt, name;
} sockopt_map[] = {
	{ 0xffff, 0x0004, VNETSIM_SO_REUSEADDR },
	{ 0xffff, 0x0008, VNETSIM_SO_KEEPALIVE },
	{ 0xffff, 0x0020, VNETSIM_SO_BROADCAST },
	{ 0xffff, 0x0100, VNETSIM_SO_OOBINLINE },
	{ 0xffff, 0x0200, VNETSIM_SO_REUSEPORT },
	{ 0xffff, 0x10000, VNETSIM_SO_REUSEPORT_LB },
	{ 0xffff, 0x1001, VNETSIM_SO_SNDBUF },
	{ 0xffff, 0x1002, VNETSIM_SO_RCVBUF },
	{ 0xffff, 0x1003, VNETSIM_SO_SNDLOWAT },
	{ 0xffff, 0x1014, VNETSIM_SO_SETFIB },
	{ 0xffff, 0x1004, VNETSIM_SO_RCVLOWAT },
	{ 0, 2, VNETSIM_IP_HDRINCL },
	{ 0, 23, VNETSIM_IP_ONESBCAST },
	{ 0, 67, VNETSIM_IP_DONTFRAG },
	{ 0xffff, 0x1005, VNETSIM_SO_SNDTIMEO },
	{ 0xffff, 0x1006, VNETSIM_SO_RCVTIMEO },
	{ 0, 3, VNETSIM_IP_TOS },
	{ 0, 4, VNETSIM_IP_TTL },
	{ 0, 9, VNETSIM_IP_MULTICAST_IF },
	{ 0, 10, VNETSIM_IP_MULTICAST_TTL },
	{ 0, 11, VNETSIM_IP_MULTICAST_LOOP },
	{ 6, 1, VNETSIM_TCP_NODELAY },
	{ 6, 2, VNETSIM_TCP_MAXSEG },
	{ 6, 4, VNETSIM_TCP_NOPUSH },
	{ 6, 8, VNETSIM_TCP_NOOPT },
	{ 6, 68, VNETSIM_TCP_MAXUNACKTIME },
	{ 6, 128, VNETSIM_TCP_KEEPINIT },
	{ 6, 256, VNETSIM_TCP_KEEPIDLE },
	{ 6, 512, VNETSIM_TCP_KEEPINTVL },
	{ 6, 1024, VNETSIM_TCP_KEEPCNT },
};

static int
verb_setsockopt(
    struct scn_env *e, const struct scn_sock *a, const struct run_sock *rs)
{
	int64_t value = a->value;

	if (a->mreq != NULL)
		return (run_mcast_option(e, a, rs));
	/* SO_SNDTIMEO, SO_RCVTIMEO: milliseconds */
	if (a->level == 0xffff && (a->opt == 0x1005 || a->opt == 0x1006))
		value *= 1000000;
	if (a->level == 0 && a->opt == 1)
		return (RUN_CALL(e, "setsockopt",
		    vnetsim_setipoptions(e->e_w, rs->rs_proc, rs->rs_fd,
			a->text, (size_t)a->count)));
	for (size_t i = 0; i < sizeof(sockopt_map) / sizeof(sockopt_map[0]);
	     i++)
		if (sockopt_map[i].level == a->level &&
		    sockopt_map[i].opt == a->opt)
			return (RUN_CALL(e, "setsockopt",
			    vnetsim_setsockopt(e->e_w, rs->rs_proc, rs->rs_fd,
				sockopt_map[i].name, value)));
	return (VE_NOPROTOOPT);
}

/**
 * run_verb_issue() - execute the verb rp_stmt, or go on with it
 * @e:		environment
 * @rp:		its process
 *
 * Return:	0; VE_INPROGRESS: rp_op is set, the process waits (rp_op 0: a
 *		connect without blocking); VE_BADF: the socket is closed or
 *		was never made; what the call says.
 */
int
run_verb_issue(struct scn_env *e, struct run_proc *rp)
{
	static const int how[] = { VNETSIM_SHUT_RD, VNETSIM_SHUT_WR,
		VNETSIM_SHUT_RDWR };
	const struct scn_stmt *s = run_stmt(e, rp->rp_stmt);
	const struct scn_sock *a = s->u.sock;
	struct run_sock *rs = verb_sock(e, rp->rp_stmt);

	if (a->sock != NULL && (rs == NULL || !rs->rs_made || rs->rs_fd < 0))
		return (VE_BADF);
	switch (s->kind) {
	case SCN_CONNECT:
	case SCN_LISTEN:
	case SCN_BIND:
	case SCN_SOCKET:
		return (verb_open(e, rp, s));
	case SCN_ACCEPT:
		return (verb_accept(e, rp, s, rs));
	case SCN_RECVFD:
		return (verb_recvfd(e, rp, rs));
	case SCN_SEND:
		return (verb_send(e, rp, s, rs));
	case SCN_RECV:
		return (verb_recv(e, rp, s, rs));
	case SCN_CLOSE:
		return (verb_close(e, rp, rs));
	case SCN_SHUTDOWN:
		return (RUN_CALL(e, "shutdown",
		    vnetsim_shutdown(
			e->e_w, rs->rs_proc, rs->rs_fd, how[a->how])));
	case SCN_TAP_OPEN:
	case SCN_TAP_READ:
	case SCN_TAP_WRITE:
	case SCN_TAP_TRANSIENT:
		return (run_tap_issue(e, rp, rs));
	case SCN_LINGER:
		return (RUN_CALL(e, "setsockopt",
		    vnetsim_setsockopt(e->e_w, rs->rs_proc, rs->rs_fd,
			VNETSIM_SO_LINGER, a->on ? a->linger_ns : -1)));
	default:
		return (verb_setsockopt(e, a, rs));
	}
}

/**
 * run_verb_result() - the operation of a verb has completed
 * @e:		environment
 * @rp:		its process
 * @res:	borrowed
 *
 * Return:	as run_verb_issue().
 */
int
run_verb_result(
    struct scn_env *e, struct run_proc *rp, const struct vnetsim_result *res)
{
	const struct scn_stmt *s = run_stmt(e, rp->rp_stmt);
	const struct plan_stmt *ps = &e->e_plan->pl_stmt[rp->rp_stmt];
	struct run_sock *rs = verb_sock(e, rp->rp_stmt);

	if (s->kind == SCN_CONNECT) {
		if (ps->ps_result >= 0)
			rs = &e->e_r->r_sock[ps->ps_result];
		run_sock_learn(e, rs);
	}
	if (s->kind == SCN_SEND) {
		run_data_took(rs, res->value);
		rp->rp_done += res->value;
	}
	if (res->error != 0)
		return (res->error);
	switch (s->kind) {
	case SCN_TAP_READ:
		return (run_tap_result(e, rp, rs, res));
	case SCN_ACCEPT:
		run_sock_made(e, rp, rp->rp_stmt, (int)res->value, VNETSIM_TCP);
		return (0);
	case SCN_SEND:
		if (rp->rp_done >= s->u.sock->count)
			return (0);
		return (run_verb_issue(e, rp));
	case SCN_RECV:
		if (!verb_took(e, rp, s, rs, res))
			return (0);
		return (run_verb_issue(e, rp));
	default:
		return (0);
	}
}
