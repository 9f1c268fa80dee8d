/*
 * uipc_msg.c - what a message brings beside its bytes, kept in the op.
 *
 * FreeBSD: the control messages of recvmsg(2).
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

void
so_recvnote(struct op *op, const struct somsg *sm)
{
	const struct so_recinfo *ri = &sm->sm_info;

	op->op_arg[2] = sm->sm_from.sin_addr;
	op->op_arg[3] = sm->sm_from.sin_port;
	op->op_arg[4] |= (uint64_t)(sm->sm_flags & MSG_TRUNC);
	op->op_arg[5] = (uint64_t)ri->ri_tos << 40 |
			(uint64_t)ri->ri_ttl << 32 | ri->ri_dst;
	op->op_arg[6] = sm->sm_ifindex;
}

int
so_recvinfo(const struct op *op, struct so_recvinfo *sr)
{
	if (op->op_desc != &so_recv_op)
		return (VE_INVAL);
	sr->sr_from.sin_addr = (uint32_t)op->op_arg[2];
	sr->sr_from.sin_port = (uint16_t)op->op_arg[3];
	sr->sr_info.ri_dst = (uint32_t)op->op_arg[5];
	sr->sr_info.ri_ttl = (uint8_t)(op->op_arg[5] >> 32);
	sr->sr_info.ri_tos = (uint8_t)(op->op_arg[5] >> 40);
	sr->sr_ifindex = (uint32_t)op->op_arg[6];
	sr->sr_trunc = (op->op_arg[4] & MSG_TRUNC) != 0;
	return (0);
}
