/*
 * scn_sockval.c - what a claim can ask of a socket: options, counts, poll and
 * TCP_INFO, by FreeBSD's names.
 *
 * Everything is looked at from outside (vnetsim_socklook(),
 * vnetsim_tcp_info()): the process may be blocked, and SO_ERROR stays.  A
 * socket without descriptor has no answers.
 */
#include <stddef.h>
#include <string.h>

#include <vnetsim/sockmsg.h>
#include <vnetsim/tcp_info.h>

#include "sim/scn_parse.h"
#include "sim/scn_run_var.h"

enum { SV_TCPINFO = -1 }; /* beside enum vnetsim_look */

#define OPT(n)                                                                 \
	{                                                                      \
#n, VNETSIM_LOOK_SOCKOPT, VNETSIM_##n, 0                       \
	}
#define TIME(n)                                                                \
	{                                                                      \
#n, VNETSIM_LOOK_SOCKOPT, VNETSIM_##n, 1                       \
	}
#define CNT(n)                                                                 \
	{                                                                      \
#n, VNETSIM_LOOK_COUNT, VNETSIM_##n, 0                         \
	}
#define POLL(n)                                                                \
	{                                                                      \
#n, VNETSIM_LOOK_POLL, VNETSIM_##n, 0                          \
	}
#define TI(f)                                                                  \
	{                                                                      \
#f, SV_TCPINFO, (int)offsetof(struct vnetsim_tcp_info, f),     \
		    sizeof(((struct vnetsim_tcp_info *)0)->f)                  \
	}

static const struct {
	const char *name;
	int kind;
	int id;
	size_t size; /* SV_TCPINFO: 1 or 4 bytes; options: 1: milliseconds */
} sockvals[] = {
	TIME(SO_LINGER),
	OPT(SO_SNDBUF),
	OPT(SO_RCVBUF),
	OPT(SO_KEEPALIVE),
	OPT(SO_REUSEADDR),
	OPT(SO_BROADCAST),
	OPT(SO_ERROR),
	OPT(SO_SNDLOWAT),
	OPT(SO_RCVLOWAT),
	OPT(SO_REUSEPORT),
	OPT(SO_REUSEPORT_LB),
	TIME(SO_SNDTIMEO),
	TIME(SO_RCVTIMEO),
	OPT(SO_ACCEPTCONN),
	OPT(SO_TYPE),
	OPT(SO_PROTOCOL),
	OPT(SO_DOMAIN),
	OPT(SO_LISTENQLIMIT),
	OPT(SO_LISTENQLEN),
	OPT(SO_LISTENINCQLEN),
	OPT(IP_TOS),
	OPT(IP_TTL),
	OPT(TCP_NODELAY),
	OPT(TCP_MAXSEG),
	OPT(TCP_NOPUSH),
	OPT(TCP_NOOPT),
	OPT(TCP_KEEPINIT),
	OPT(TCP_KEEPIDLE),
	OPT(TCP_KEEPINTVL),
	OPT(TCP_KEEPCNT),
	OPT(TCP_MAXUNACKTIME),
	CNT(FIONREAD),
	CNT(FIONWRITE),
	CNT(FIONSPACE),
	POLL(POLLIN),
	POLL(POLLOUT),
	POLL(POLLHUP),
	TI(tcpi_state),
	TI(tcpi_options),
	TI(tcpi_snd_wscale),
	TI(tcpi_rcv_wscale),
	TI(tcpi_rto),
	TI(tcpi_last_data_recv),
	TI(tcpi_rtt),
	TI(tcpi_rttvar),
	TI(tcpi_rttmin),
	TI(tcpi_snd_ssthresh),
	TI(tcpi_snd_cwnd),
	TI(tcpi_rcv_space),
	TI(tcpi_snd_wnd),
	TI(tcpi_snd_mss),
	TI(tcpi_rcv_mss),
	TI(tcpi_snd_una),
	TI(tcpi_snd_nxt),
	TI(tcpi_snd_max),
	TI(tcpi_rcv_nxt),
	TI(tcpi_rcv_adv),
	TI(tcpi_snd_rexmitpack),
	TI(tcpi_rcv_ooopack),
	TI(tcpi_snd_zerowin),
	TI(tcpi_rcv_numsacks),
	TI(tcpi_dupacks),
};

/**
 * scn_sockval_names() - the names that a claim may use
 * @names:	out
 * @n:		room, SCN_SOCKVALS_MAX
 *
 * Return:	how many.
 */
size_t
scn_sockval_names(const char **names, size_t n)
{
	size_t i;

	for (i = 0; i < SCN_NITEMS(sockvals) && i < n; i++)
		names[i] = sockvals[i].name;
	return (i);
}

/* The field of TCP_INFO at @off. */
static int64_t
field(const struct vnetsim_tcp_info *ti, size_t off, size_t size)
{
	uint32_t v;
	uint8_t b;

	if (size == sizeof(b)) {
		memcpy(&b, (const char *)ti + off, sizeof(b));
		return (b);
	}
	memcpy(&v, (const char *)ti + off, sizeof(v));
	return (v);
}

/**
 * run_sockval() - what is it now?
 * @e:		environment
 * @rs:		socket
 * @name:	one of scn_sockval_names()
 * @v:		out; poll: 1 or 0
 * @why:	why there is no answer is appended; may be NULL
 *
 * Return:	true; false: no descriptor, or not for this protocol.
 */
bool
run_sockval(struct scn_env *e, const struct run_sock *rs, const char *name,
    int64_t *v, struct rbuf *why)
{
	struct vnetsim_tcp_info ti;
	size_t i = 0;
	int error;

	while (strcmp(sockvals[i].name, name) != 0)
		i++;
	if (!rs->rs_made || rs->rs_fd < 0)
		error = VE_BADF;
	else if (sockvals[i].kind == SV_TCPINFO)
		error = vnetsim_tcp_info(e->e_w, rs->rs_proc, rs->rs_fd, &ti);
	else
		error = vnetsim_socklook(e->e_w, rs->rs_proc, rs->rs_fd,
		    sockvals[i].kind, sockvals[i].id, v);
	if (error != 0) {
		if (why != NULL)
			rbuf_add(why, "%s: %s", name, vnetsim_errname(error));
		return (false);
	}
	if (sockvals[i].kind == SV_TCPINFO)
		*v = field(&ti, (size_t)sockvals[i].id, sockvals[i].size);
	else if (sockvals[i].kind == VNETSIM_LOOK_SOCKOPT &&
		 sockvals[i].size != 0 && *v > 0)
		*v /= 1000000;
	else if (sockvals[i].kind == VNETSIM_LOOK_POLL)
		*v = (*v & sockvals[i].id) != 0;
	return (true);
}
