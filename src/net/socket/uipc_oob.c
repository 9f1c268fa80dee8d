/*
 * uipc_oob.c - the urgent byte, as a reader sees it.
 *
 * A protocol that has urgent data (TCP) says where the urgent byte is, or would
 * be if it were not taken out of the stream: so_oobmark bytes from here, or
 * right here (SBS_RCVATMARK).  A read stops in front of it, so that a program
 * can tell by sockatmark(3) what came before; the next one goes on.
 *
 * FreeBSD: soreceive_rcvoob() and soreceive_generic() of
 * sys/kern/uipc_socket.c.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

int
soreceive_oob(struct socket *so, struct somsg *sm)
{
	int error;

	if (so->so_proto->pru_rcvoob == NULL)
		return (VE_OPNOTSUPP);
	if (so_dead(so))
		return (VE_CONNABORTED);
	if (sm->sm_len == 0)
		return (VE_INVAL);
	error = so->so_proto->pru_rcvoob(
	    so, sm->sm_buf, (sm->sm_flags & MSG_PEEK) != 0);
	if (error == 0)
		sm->sm_done = 1;
	return (error);
}

uint32_t
somark_limit(const struct socket *so, uint32_t n)
{
	return (so->so_oobmark != 0 ? imin(n, so->so_oobmark) : n);
}

void
somark_read(struct socket *so, uint32_t n)
{
	so->so_rcv.sb_state &= (uint16_t)~SBS_RCVATMARK;
	if (so->so_oobmark == 0)
		return;
	MPASS(n <= so->so_oobmark);
	so->so_oobmark -= n;
	if (so->so_oobmark == 0)
		so->so_rcv.sb_state |= SBS_RCVATMARK;
}
