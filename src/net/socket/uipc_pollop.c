/*
 * uipc_pollop.c - poll(2) that waits: one descriptor, POLLIN, for a time.
 *
 * For programs that must not be blocked in recv(2), because they have to do
 * something else in time.  op_arg[0] is the limit in ns; op_result 1: recv(2)
 * would answer at once, 0: the time is up.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

static bool
poll_ready(struct op *op)
{
	const struct socket *so = ref_get(&op->op_ref[0]);

	return (so == NULL || soreadover(so) ||
		(sopoll(so, POLLIN) & (POLLIN | POLLHUP)) != 0);
}

static void
poll_put(struct op *op)
{
	struct socket *so = ref_get(&op->op_ref[0]);

	if (ref_empty(&op->op_ref[0]))
		return;
	(void)ref_drop(&op->op_ref[0]);
	if (so != NULL)
		sofree(so);
}

static enum op_verdict
poll_step(struct op *op)
{
	struct socket *so = ref_get(&op->op_ref[0]);
	bool ready = poll_ready(op);

	/* a listener is woken elsewhere than a receiver */
	if (!ready && !op->op_timedout)
		return (op_wait_timeout(op,
		    (so->so_options & SO_ACCEPTCONN) != 0 ? &so->so_wq
							  : &so->so_rcv.sb_wq,
		    poll_ready, (int64_t)op->op_arg[0],
		    "for data, or a timeout", so));
	op->op_error = 0;
	op->op_result = ready;
	poll_put(op);
	return (OP_DONE);
}

static const struct op_desc so_poll_op = { "poll", poll_step, poll_put };

struct poll_args {
	struct socket *so;
	int64_t timeout;
};

static void
poll_init(struct op *op, void *arg)
{
	const struct poll_args *pa = arg;

	ref_take(&op->op_ref[0], pa->so, "op_ref");
	op->op_arg[0] = (uint64_t)pa->timeout;
}

int
so_pollin(struct socket *so, int64_t timeout, struct op **opp)
{
	struct poll_args pa = { so, timeout };

	*opp = NULL;
	if (soreadover(so) || sopoll(so, POLLIN) != 0)
		return (0);
	if (timeout <= 0)
		return (VE_AGAIN);
	*opp = op_start(&so_poll_op, so->so_vnet, poll_init, &pa);
	return (*opp != NULL ? VE_INPROGRESS : VE_NOBUFS);
}
