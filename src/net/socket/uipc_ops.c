/*
 * uipc_ops.c - calls that may wait: connect, accept, send, recv, close.
 *
 * so_call() makes the op and tries at once.  If the call can be answered the
 * op completes there; else it waits at the socket and each of its steps tries
 * again.  What every op has: op_ref[0] the socket, so that it cannot go.
 *
 *	            op_arg             op_ptr
 *	accept                         [1] process
 *	send        [0] length         [0] bytes, NULL: pattern
 *	            [1] bytes taken
 *	            [2],[3] to         [3]: port + 1; 0: connected
 *	            [4] flags
 *	recv        [0] length         (op_data: the bytes)
 *	            [2],[3] from
 *	            [4] flags
 *	            [5] to, TTL, TOS   32, 8 and 8 bits
 *	            [6] interface
 *
 * The bytes of recv lie in memory of the world, charged to the vnet until the
 * call is done; a vnet that ends does not take a result with it that nobody
 * has read yet.
 *
 * A receive waits until there are as many bytes as SO_RCVLOWAT and its own
 * length say, a non-blocking one for nothing; MSG_WAITALL goes on until it has
 * all of them, and with MSG_PEEK looks only when they are all there, or no more
 * fit.  A wait ends after SO_RCVTIMEO, SO_SNDTIMEO: with what was moved, or
 * VE_AGAIN.
 *
 * Cancelled (SIGKILL, VE_INTR): the socket reference and the bytes go.  An
 * accept has taken nothing; bytes sent stay sent; a connect goes on.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

MALLOC_TYPE(sodata_zone, socket, SOCKET_Z_DATA, "sodata",
    UMA_WORLD | UMA_BUFFER | UMA_NOHASH);

static inline struct socket *
op_so(const struct op *op)
{
	return (ref_get(&op->op_ref[0]));
}

/* The op lets go of its socket; curvnet is the socket's. */
static void
op_soput(struct op *op)
{
	struct socket *so = op_so(op);

	if (ref_empty(&op->op_ref[0]))
		return;
	(void)ref_drop(&op->op_ref[0]);
	if (so != NULL)
		sofree(so);
}

static void
op_datafree(struct op *op)
{
	kfree(&sodata_zone, op->op_ptr[0]);
	op->op_ptr[0] = NULL;
	kfree(&op_data_zone, op->op_data);
	op->op_data = NULL;
	op->op_datalen = 0;
}

/* Also how so_call() completes an op: then there is no error. */
static void
call_cancel(struct op *op)
{
	op_soput(op);
	if (op->op_error != 0 || op->op_desc == &so_send_op)
		op_datafree(op);
}

/* A try: VE_AGAIN, or the result is in the op. */
typedef int so_try_t(struct op *op, struct socket *so);

static enum op_verdict
call_done(struct op *op, int error)
{
	op->op_error = error;
	op_soput(op);
	if (error != 0)
		op_datafree(op);
	else if (op->op_data != NULL)
		uma_chown(op->op_data, NULL);
	return (OP_DONE);
}

/* Wait, as long as the user wants to. */
static enum op_verdict
call_wait(struct op *op, struct sockbuf *sb, bool (*cond)(struct op *op),
    const char *what, const struct socket *so)
{
	if (sb->sb_timeo > 0)
		return (op_wait_timeout(
		    op, &sb->sb_wq, cond, sb->sb_timeo, what, so));
	return (op_wait(op, &sb->sb_wq, cond, 0, what, so));
}

/* After a time limit what was moved is the answer, if there is any. */
static int
call_late(const struct op *op, int error)
{
	if (error != VE_AGAIN || !op->op_timedout)
		return (error);
	return (op->op_result > 0 ? 0 : VE_AGAIN);
}

/* ---- connect ---- */

static bool
connect_over(struct op *op)
{
	const struct socket *so = op_so(op);

	return (so == NULL || so->so_error != 0 || so_dead(so) ||
		(so->so_state & SS_ISCONNECTING) == 0);
}

static int
connect_try(struct op *op, struct socket *so)
{
	int error = so->so_error;

	if (!connect_over(op))
		return (VE_AGAIN);
	so->so_error = 0;
	if (error == 0 && (so->so_state & SS_ISCONNECTED) == 0)
		error = VE_CONNABORTED;
	so->so_state &= (uint16_t)~SS_ISCONNECTING;
	return (error);
}

static enum op_verdict
connect_step(struct op *op)
{
	struct socket *so = op_so(op);
	int error = so != NULL ? connect_try(op, so) : VE_CONNABORTED;

	if (error != VE_AGAIN)
		return (call_done(op, error));
	return (
	    op_wait(op, &so->so_wq, connect_over, 0, "for a connection", so));
}

/* ---- accept ---- */

static bool
acceptable(struct op *op)
{
	const struct socket *so = op_so(op);

	return (so == NULL || so->so_qlen > 0 || so->so_error != 0 ||
		so_dead(so) || (so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0);
}

static int
accept_try(struct op *op, struct socket *so)
{
	int error, fd;

	error = soaccept_fd(so, op->op_ptr[1], &fd);
	if (error == 0)
		op->op_result = fd;
	return (error);
}

static enum op_verdict
accept_step(struct op *op)
{
	struct socket *so = op_so(op);
	int error = so != NULL ? accept_try(op, so) : VE_CONNABORTED;

	if (error != VE_AGAIN)
		return (call_done(op, error));
	return (op_wait(
	    op, &so->so_wq, acceptable, 0, "for a connection to accept", so));
}

/* ---- send ---- */

static bool
sendable(struct op *op)
{
	const struct socket *so = op_so(op);
	uint64_t left = op->op_arg[0] - op->op_arg[1];

	return (so == NULL || sowriteable(so) || sbspace(&so->so_snd) >= left);
}

/*
 * All of it, or as much as there is room for.  Bytes that were taken are
 * reported, unless the connection is over: then the error is the news.
 */
static int
send_try(struct op *op, struct socket *so)
{
	struct sockaddr_in to = { (uint32_t)op->op_arg[2],
		(uint16_t)(op->op_arg[3] - 1) };
	struct sosource src;
	uint32_t done;
	int error;

	do {
		src.ss_off = (uint32_t)op->op_arg[1];
		src.ss_data = op->op_ptr[0];
		if (src.ss_data != NULL)
			src.ss_data += src.ss_off;
		error = sosend_src(so, &src,
		    (uint32_t)(op->op_arg[0] - op->op_arg[1]),
		    op->op_arg[3] != 0 ? &to : NULL, (int)op->op_arg[4], &done);
		op->op_arg[1] += done;
		op->op_result += done;
	} while (error == 0 && op->op_arg[1] < op->op_arg[0]);
	if (error == VE_NOBUFS && op->op_result > 0)
		error = 0;
	if (error != VE_AGAIN)
		op_datafree(op);
	return (error);
}

static enum op_verdict
send_step(struct op *op)
{
	struct socket *so = op_so(op);
	int error = so != NULL ? send_try(op, so) : VE_CONNABORTED;

	if (error == VE_AGAIN && op->op_timedout)
		op_datafree(op);
	if (error != VE_AGAIN || op->op_timedout)
		return (call_done(op, call_late(op, error)));
	return (call_wait(op, &so->so_snd, sendable, "for room to send", so));
}

/* ---- recv ---- */

/* Bytes of a stream that the call waits for. */
static uint64_t
recv_need(const struct op *op, const struct socket *so)
{
	const int all = MSG_PEEK | MSG_WAITALL;
	uint64_t left = op->op_arg[0] - (uint64_t)op->op_result;
	int flags = (int)op->op_arg[4];

	if ((flags & MSG_DONTWAIT) != 0 || op->op_result > 0)
		return (1);
	if ((flags & all) == all)
		return (imin(left, so->so_rcv.sb_hiwat));
	return (imin(left, so->so_rcv.sb_lowat));
}

/* Is there enough, or will no more come? */
static bool
recv_ready(const struct op *op, const struct socket *so)
{
	if (so->so_rcv.sb_mb == NULL || !so->so_proto->pr_connrequired ||
	    soreadover(so) || (op->op_arg[4] & MSG_OOB) != 0)
		return (true);
	return (so->so_rcv.sb_ccc >= recv_need(op, so));
}

static bool
receivable(struct op *op)
{
	const struct socket *so = op_so(op);

	if (so == NULL || so->so_rcv.sb_mb == NULL)
		return (so == NULL || soreadable(so));
	return (recv_ready(op, so));
}

/* Bytes that are there for this call. */
static uint32_t
recv_avail(const struct socket *so)
{
	if (so->so_rcv.sb_mb == NULL)
		return (0);
	return (so->so_proto->pr_connrequired ? so->so_rcv.sb_ccc
					      : so->so_rcv.sb_mb->m_pkthdr.len);
}

/* Room for what is there; for all of it with MSG_WAITALL. */
static int
recv_room(struct op *op, const struct socket *so)
{
	uint64_t want = op->op_arg[0];

	if (op->op_data != NULL)
		return (0);
	if ((op->op_arg[4] & MSG_OOB) != 0)
		want = 1;
	else if (so->so_rcv.sb_mb == NULL)
		return (0);
	else if ((op->op_arg[4] & MSG_WAITALL) == 0)
		want = imin(want, recv_avail(so));
	if (want == 0)
		return (0);
	op->op_data = kmalloc(&op_data_zone, want, M_NOWAIT);
	return (op->op_data != NULL ? 0 : VE_NOBUFS);
}

static int
recv_try(struct op *op, struct socket *so)
{
	const int all = MSG_PEEK | MSG_WAITALL;
	struct somsg sm = { .sm_flags = (int)op->op_arg[4] };
	int error;

	/* bytes first: an error or the end is for the next call */
	if (op->op_result > 0 && so->so_rcv.sb_mb == NULL)
		return (soreadable(so) ? 0 : VE_AGAIN);
	if (!recv_ready(op, so))
		return (VE_AGAIN);
	error = recv_room(op, so);
	if (error != 0)
		return (error);
	if (op->op_data != NULL)
		sm.sm_buf = (uint8_t *)op->op_data + op->op_result;
	sm.sm_len = (uint32_t)(op->op_arg[0] - (uint64_t)op->op_result);
	error = soreceive_msg(so, &sm);
	op->op_result += sm.sm_done;
	op->op_datalen = (uint64_t)op->op_result;
	so_recvnote(op, &sm);
	if (error == 0 && sm.sm_done > 0 &&
	    (op->op_arg[4] & all) == MSG_WAITALL && !sockatmark(so) &&
	    so->so_proto->pr_connrequired &&
	    (uint64_t)op->op_result < op->op_arg[0])
		return (soreadable(so) ? 0 : VE_AGAIN);
	return (error);
}

static enum op_verdict
recv_step(struct op *op)
{
	struct socket *so = op_so(op);
	int error = so != NULL ? recv_try(op, so) : VE_CONNABORTED;

	if (error != VE_AGAIN || op->op_timedout)
		return (call_done(op, call_late(op, error)));
	return (call_wait(op, &so->so_rcv, receivable, "for data", so));
}

/* ---- close ---- */

static bool
lingered(struct op *op)
{
	const struct socket *so = op_so(op);

	return (
	    so == NULL || so_dead(so) || (so->so_state & SS_ISCONNECTED) == 0);
}

static enum op_verdict
close_step(struct op *op)
{
	struct socket *so = op_so(op);

	if (op->op_timedout || lingered(op))
		return (call_done(op, lingered(op) ? 0 : VE_AGAIN));
	return (op_wait_timeout(op, &so->so_wq, lingered, so->so_linger,
	    "for the end of a connection (SO_LINGER)", so));
}

const struct op_desc so_connect_op = { "connect", connect_step, call_cancel };
const struct op_desc so_accept_op = { "accept", accept_step, call_cancel };
const struct op_desc so_send_op = { "send", send_step, call_cancel };
const struct op_desc so_recv_op = { "recv", recv_step, call_cancel };
const struct op_desc so_close_op = { "close", close_step, call_cancel };

/* ---- the calls ---- */

static void
call_init(struct op *op, void *arg)
{
	const struct socall *sc = arg;

	ref_take(&op->op_ref[0], sc->sc_so, "op_ref");
	op->op_arg[0] = sc->sc_len;
	op->op_arg[4] = (uint32_t)sc->sc_flags;
	if (sc->sc_all)
		op->op_arg[4] |= MSG_WAITALL;
	if (sc->sc_nonblock)
		op->op_arg[4] |= MSG_DONTWAIT;
	op->op_ptr[1] = sc->sc_proc;
	if (sc->sc_sin != NULL) {
		op->op_arg[2] = sc->sc_sin->sin_addr;
		op->op_arg[3] = (uint64_t)sc->sc_sin->sin_port + 1;
	}
}

static int
call_try(const struct op_desc *desc, struct op *op, struct socket *so)
{
	if (desc == &so_connect_op)
		return (connect_try(op, so));
	if (desc == &so_accept_op)
		return (accept_try(op, so));
	if (desc == &so_send_op)
		return (send_try(op, so));
	MPASS(desc == &so_recv_op);
	return (recv_try(op, so));
}

/* Complete it now.  @error != 0: it never was. */
static int
call_complete(struct op *op, int error, struct op **opp)
{
	if (error == 0 && op->op_data != NULL)
		uma_chown(op->op_data, NULL);
	op_cancel(op, error);
	op->op_cancelled = false;
	if (error != 0)
		op_release(op);
	else
		*opp = op;
	return (error);
}

/* send: the bytes are copied, so that they outlive the call. */
static int
call_data(struct op *op, const struct socall *sc)
{
	uint8_t *copy;
	uint32_t i;

	if (sc->sc_data == NULL || sc->sc_len == 0)
		return (0);
	copy = kmalloc(&sodata_zone, sc->sc_len, M_NOWAIT);
	if (copy == NULL)
		return (VE_NOBUFS);
	for (i = 0; i < sc->sc_len; i++)
		copy[i] = ((const uint8_t *)sc->sc_data)[i];
	op->op_ptr[0] = copy;
	return (0);
}

int
so_call(const struct op_desc *desc, const struct socall *sc, struct op **opp)
{
	struct socket *so = sc->sc_so;
	struct op *op;
	int error = 0;

	*opp = NULL;
	op = op_start(desc, so->so_vnet, call_init, (void *)sc);
	if (op == NULL)
		return (VE_NOBUFS);
	if (desc == &so_connect_op)
		error = soconnect(so, sc->sc_sin);
	else if (desc == &so_send_op)
		error = call_data(op, sc);
	if (error == 0)
		error = call_try(desc, op, so);
	if (error != VE_AGAIN)
		return (call_complete(op, error, opp));
	/* non-blocking: what was sent is the answer, else "not now" */
	if (sc->sc_nonblock) {
		if (desc == &so_send_op && op->op_result > 0) {
			op_datafree(op);
			return (call_complete(op, 0, opp));
		}
		(void)call_complete(op, VE_AGAIN, opp);
		return (desc == &so_connect_op ? VE_INPROGRESS : VE_AGAIN);
	}
	*opp = op;
	return (VE_INPROGRESS);
}

void
so_call_free(struct op *op)
{
	op_datafree(op);
	op_release(op);
}
