/*
 * scn_run_tap.c - the verb tap as system calls on the device of an interface.
 *
 * A process keeps the frame that it read last, in world memory, for `tap write
 * SOCK last`: so a script can be a wire between two taps.
 */
#include <string.h>
#include <vnetsim/tap.h>

#include "sim/scn_run_var.h"

#define TAP_READ (VNETSIM_TAP_MRU + 14)

/* A frame was read. */
static int
tap_took(struct scn_env *e, struct run_proc *rp, struct run_sock *rs,
    const struct vnetsim_result *res)
{
	vnetsim_user_free(e->e_w, rp->rp_frame);
	rp->rp_framelen = 0;
	rp->rp_frame = vnetsim_user_alloc(e->e_w, res->datalen);
	if (rp->rp_frame == NULL)
		return (VE_NOMEM);
	memcpy(rp->rp_frame, res->data, res->datalen);
	rp->rp_framelen = res->datalen;
	rs->rs_rcvd += (int64_t)res->datalen;
	return (0);
}

static int
tap_read(struct scn_env *e, struct run_proc *rp, const struct scn_sock *a,
    struct run_sock *rs)
{
	struct vnetsim_result res;
	vnetsim_handle op = 0;
	int error;

	error = RUN_CALL(e, "read",
	    vnetsim_tap_read(e->e_w, rs->rs_proc, rs->rs_fd, TAP_READ,
		a->nonblock ? VNETSIM_NONBLOCK : 0, &op));
	if (error == VE_INPROGRESS)
		rp->rp_op = op;
	if (error != 0)
		return (error);
	if (vnetsim_op_poll(e->e_w, op, &res) != 0)
		return (VE_SRCH);
	error = res.error;
	if (error == 0)
		error = tap_took(e, rp, rs, &res);
	(void)vnetsim_op_release(e->e_w, op);
	return (error);
}

/**
 * run_tap_issue() - execute a form of tap
 * @e:		environment
 * @rp:		its process
 * @rs:		descriptor; NULL: open
 *
 * Return:	as run_verb_issue().
 */
int
run_tap_issue(struct scn_env *e, struct run_proc *rp, struct run_sock *rs)
{
	const struct scn_stmt *s = run_stmt(e, rp->rp_stmt);
	const struct scn_sock *a = s->u.sock;
	const void *data = a->text;
	size_t len = (size_t)a->count;
	int error, fd;

	switch (s->kind) {
	case SCN_TAP_OPEN:
		error = RUN_CALL(e, "open",
		    vnetsim_tap_open(e->e_w, rp->rp_h, a->ifname, &fd));
		if (error == 0)
			run_sock_made(e, rp, rp->rp_stmt, fd, RUN_TYPE_TAP);
		return (error);
	case SCN_TAP_READ:
		return (tap_read(e, rp, a, rs));
	case SCN_TAP_WRITE:
		if (data == NULL) {
			data = rp->rp_frame;
			len = rp->rp_framelen;
		}
		return (RUN_CALL(e, "write",
		    vnetsim_tap_write(
			e->e_w, rs->rs_proc, rs->rs_fd, data, len)));
	default:
		return (RUN_CALL(e, "ioctl",
		    vnetsim_tap_transient(
			e->e_w, rs->rs_proc, rs->rs_fd, a->on)));
	}
}

/**
 * run_tap_result() - a read has completed
 * @e:		environment
 * @rp:		its process
 * @rs:		descriptor
 * @res:	borrowed
 *
 * Return:	0; VE_NOMEM.
 */
int
run_tap_result(struct scn_env *e, struct run_proc *rp, struct run_sock *rs,
    const struct vnetsim_result *res)
{
	return (tap_took(e, rp, rs, res));
}
