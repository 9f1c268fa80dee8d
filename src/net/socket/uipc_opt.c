/*
 * uipc_opt.c - socket options.
 *
 * Numbers are FreeBSD's.  Flags take 0 or another value; SO_LINGER takes the
 * time itself, negative for "off", so that one number says it all.  A buffer
 * may be set to anything from 1 to sb_max() bytes; FreeBSD's limit is a little
 * lower, because it counts the mbufs' own overhead.
 *
 * FreeBSD: sosetopt(), sogetopt() of sys/kern/uipc_socket.c.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

#define LINGER_MAX (UINT16_MAX * NS_S)

static int
setlinger(struct socket *so, int64_t value)
{
	if (value > LINGER_MAX)
		return (VE_DOM);
	if (value < 0) {
		so->so_options &= ~(uint32_t)SO_LINGER;
		return (0);
	}
	so->so_options |= SO_LINGER;
	so->so_linger = value;
	return (0);
}

static int
setbuf(struct socket *so, int name, int64_t value)
{
	struct sockbuf *sb = &so->so_snd;

	if (name == SO_RCVBUF || name == SO_RCVLOWAT)
		sb = &so->so_rcv;
	if (value < 1)
		return (VE_INVAL);
	if (name == SO_SNDBUF || name == SO_RCVBUF) {
		if (value > sb_max() || value > SB_LIMIT)
			return (VE_NOBUFS);
		sb->sb_hiwat = (uint32_t)value;
		sb->sb_lowat = imin(sb->sb_lowat, sb->sb_hiwat);
	} else {
		sb->sb_lowat =
		    value > sb->sb_hiwat ? sb->sb_hiwat : (uint32_t)value;
	}
	sorwakeup(so);
	sowwakeup(so);
	return (0);
}

/* SO_SNDTIMEO, SO_RCVTIMEO */
static int
settimeo(struct sockbuf *sb, int64_t value)
{
	if (value < 0)
		return (VE_DOM);
	sb->sb_timeo = value;
	return (0);
}

int
sosetopt(struct socket *so, int name, int64_t value)
{
	switch (name) {
	case SO_LINGER:
		return (setlinger(so, value));
	case SO_REUSEADDR:
	case SO_REUSEPORT:
	case SO_REUSEPORT_LB:
	case SO_KEEPALIVE:
	case SO_BROADCAST:
	case SO_USELOOPBACK:
	case SO_OOBINLINE:
		if (value != 0)
			so->so_options |= (uint32_t)name;
		else
			so->so_options &= ~(uint32_t)name;
		return (0);
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_SNDLOWAT:
	case SO_RCVLOWAT:
		return (setbuf(so, name, value));
	case SO_SNDTIMEO:
		return (settimeo(&so->so_snd, value));
	case SO_RCVTIMEO:
		return (settimeo(&so->so_rcv, value));
	default:
		return (VE_NOPROTOOPT);
	}
}

/* What can only be read. */
static int
sogetinfo(struct socket *so, int name, int64_t *value)
{
	switch (name) {
	case SO_ERROR:
		*value = so->so_error;
		so->so_error = 0;
		return (0);
	case SO_TYPE:
		*value = so->so_proto->pr_type;
		return (0);
	case SO_PROTOCOL:
		*value = so->so_proto->pr_protocol != 0
			     ? so->so_proto->pr_protocol
			     : so->so_protocol;
		return (0);
	case SO_DOMAIN:
		*value = 2; /* AF_INET */
		return (0);
	case SO_LISTENQLIMIT:
		*value = so->so_qlimit;
		return (0);
	case SO_LISTENQLEN:
		*value = so->so_qlen;
		return (0);
	case SO_LISTENINCQLEN:
		*value = so->so_incqlen;
		return (0);
	default:
		return (VE_NOPROTOOPT);
	}
}

int
sogetopt(struct socket *so, int name, int64_t *value)
{
	switch (name) {
	case SO_LINGER:
		*value = (so->so_options & SO_LINGER) != 0 ? so->so_linger : -1;
		break;
	case SO_ACCEPTCONN:
	case SO_REUSEADDR:
	case SO_REUSEPORT:
	case SO_REUSEPORT_LB:
	case SO_KEEPALIVE:
	case SO_BROADCAST:
	case SO_USELOOPBACK:
	case SO_OOBINLINE:
		*value = (so->so_options & (uint32_t)name) != 0;
		break;
	case SO_SNDBUF:
		*value = so->so_snd.sb_hiwat;
		break;
	case SO_RCVBUF:
		*value = so->so_rcv.sb_hiwat;
		break;
	case SO_SNDLOWAT:
		*value = so->so_snd.sb_lowat;
		break;
	case SO_RCVLOWAT:
		*value = so->so_rcv.sb_lowat;
		break;
	case SO_SNDTIMEO:
		*value = so->so_snd.sb_timeo;
		break;
	case SO_RCVTIMEO:
		*value = so->so_rcv.sb_timeo;
		break;
	default:
		return (sogetinfo(so, name, value));
	}
	return (0);
}

int
soctloutput(struct socket *so, bool set, int name, int64_t *value)
{
	if (so_dead(so))
		return (VE_CONNABORTED);
	if (so->so_proto->pr_ctloutput == NULL)
		return (VE_NOPROTOOPT);
	return (so->so_proto->pr_ctloutput(so, set, name, value));
}
