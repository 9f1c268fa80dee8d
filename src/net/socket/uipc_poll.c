/*
 * uipc_poll.c - may be read from, written to?
 *
 * A call that waits asks soreadable() and sowriteable(): they also hold when
 * the call would fail.  poll(2) asks sopoll(), which is FreeBSD's: a socket
 * without a connection is not readable to it, because nothing has come, though
 * recv(2) would tell ENOTCONN at once.
 *
 * FreeBSD: sopoll_generic() of sys/kern/uipc_socket.c, soreadabledata(),
 * sowriteable() of sys/sys/socketvar.h.
 */
#include "src/net/socket/socket_var.h"

bool
soreadover(const struct socket *so)
{
	return (so->so_error != 0 || so_dead(so) ||
		(so->so_rcv.sb_state & SBS_CANTRCVMORE) != 0);
}

bool
soreadable(const struct socket *so)
{
	return (so->so_rcv.sb_ccc >= so->so_rcv.sb_lowat || soreadover(so) ||
		(so->so_proto->pr_connrequired &&
		    (so->so_state & (SS_ISCONNECTED | SS_ISCONNECTING)) == 0));
}

bool
sowriteable(const struct socket *so)
{
	return (sbspace(&so->so_snd) >= so->so_snd.sb_lowat ||
		so->so_error != 0 || so_dead(so) ||
		(so->so_snd.sb_state & SBS_CANTSENDMORE) != 0 ||
		(so->so_proto->pr_connrequired &&
		    (so->so_state & SS_ISCONNECTED) == 0));
}

static int
sopoll_listen(const struct socket *so, int events)
{
	int in = events & (POLLIN | POLLRDNORM);

	if (in == 0)
		return (0);
	if (so->so_qlen > 0)
		return (in);
	if ((events & POLLINIGNEOF) == 0 && (so->so_error != 0 || so_dead(so)))
		return (in | POLLHUP);
	return (0);
}

int
sopoll(const struct socket *so, int events)
{
	const struct sockbuf *snd = &so->so_snd, *rcv = &so->so_rcv;
	int in = events & (POLLIN | POLLRDNORM), revents = 0;
	bool cannot = so->so_proto->pr_connrequired &&
		      (so->so_state & SS_ISCONNECTED) == 0;

	if ((so->so_options & SO_ACCEPTCONN) != 0)
		return (sopoll_listen(so, events));
	if (rcv->sb_ccc >= rcv->sb_lowat || so->so_error != 0)
		revents |= in;
	if ((sbspace(snd) >= snd->sb_lowat && !cannot) || so->so_error != 0 ||
	    (snd->sb_state & SBS_CANTSENDMORE) != 0)
		revents |= events & POLLOUT;
	if (so->so_oobmark != 0 || sockatmark(so))
		revents |= events & POLLPRI;
	if ((events & POLLINIGNEOF) == 0 &&
	    (rcv->sb_state & SBS_CANTRCVMORE) != 0) {
		revents |= in;
		if ((snd->sb_state & SBS_CANTSENDMORE) != 0)
			revents |= POLLHUP;
	}
	return (revents);
}
