/*
 * tcp_info.h - what TCP knows of a connection: TCP_INFO of tcp(4).
 *
 * Names and meanings are FreeBSD's.  Fields that FreeBSD keeps for binary
 * compatibility only, and those of modules that this stack lacks (offload, TFO,
 * RACK), are not here.
 */
#ifndef VNETSIM_TCP_INFO_H
#define VNETSIM_TCP_INFO_H

#include <vnetsim/vnetsim.h>

/* tcpi_options */
enum vnetsim_tcpi_opt {
	VNETSIM_TCPI_OPT_TIMESTAMPS = 0x01,
	VNETSIM_TCPI_OPT_SACK = 0x02,
	VNETSIM_TCPI_OPT_WSCALE = 0x04,
	VNETSIM_TCPI_OPT_ECN = 0x08,
};

/**
 * struct vnetsim_tcp_info - a connection
 * @tcpi_state:			FreeBSD's number: 0 CLOSED .. 10 TIME_WAIT
 * @tcpi_options:		enum vnetsim_tcpi_opt: agreed on, or, before the
 *				peer's SYN, asked for (SACK)
 * @tcpi_snd_wscale:		shift of the peer's windows; 0 without scaling
 * @tcpi_rcv_wscale:		shift of ours
 * @tcpi_rto:			retransmission timeout, us
 * @tcpi_last_data_recv:	us since the last segment from the peer
 * @tcpi_rtt:			smoothed round trip, us; 0: none measured
 * @tcpi_rttvar:		its mean deviation, us
 * @tcpi_rttmin:		shortest round trip, us; 0: none measured
 * @tcpi_snd_ssthresh:		slow start threshold, bytes
 * @tcpi_snd_cwnd:		congestion window, bytes
 * @tcpi_rcv_space:		receive window, bytes
 * @tcpi_snd_wnd:		the peer's window, bytes
 * @tcpi_snd_mss:		bytes of data and options in a segment sent
 * @tcpi_rcv_mss:		the same for those received, as FreeBSD has it
 * @tcpi_snd_una:		oldest sequence number not acknowledged
 * @tcpi_snd_nxt:		next one to be sent
 * @tcpi_snd_max:		highest one sent, plus one
 * @tcpi_rcv_nxt:		next one expected
 * @tcpi_rcv_adv:		right edge advertised to the peer
 * @tcpi_snd_rexmitpack:	segments with data sent again
 * @tcpi_rcv_ooopack:		segments that came out of order
 * @tcpi_snd_zerowin:		times that a zero window was advertised
 * @tcpi_rcv_numsacks:		SACK blocks in the next ACK
 * @tcpi_dupacks:		duplicate ACKs in a row
 */
struct vnetsim_tcp_info {
	uint8_t tcpi_state;
	uint8_t tcpi_options;
	uint8_t tcpi_snd_wscale, tcpi_rcv_wscale;
	uint32_t tcpi_rto;
	uint32_t tcpi_last_data_recv;
	uint32_t tcpi_rtt, tcpi_rttvar, tcpi_rttmin;
	uint32_t tcpi_snd_ssthresh, tcpi_snd_cwnd;
	uint32_t tcpi_rcv_space, tcpi_snd_wnd;
	uint32_t tcpi_snd_mss, tcpi_rcv_mss;
	uint32_t tcpi_snd_una, tcpi_snd_nxt, tcpi_snd_max;
	uint32_t tcpi_rcv_nxt, tcpi_rcv_adv;
	uint32_t tcpi_snd_rexmitpack, tcpi_rcv_ooopack, tcpi_snd_zerowin;
	uint32_t tcpi_rcv_numsacks, tcpi_dupacks;
};

/**
 * vnetsim_tcp_info() - getsockopt(2), TCP_INFO
 * @w:		world
 * @proc:	process
 * @fd:		descriptor
 * @info:	out
 *
 * Changes nothing and leaves no trace, so it can be asked at any time, also
 * while the process is blocked.
 * Return:	0; VE_NOPROTOOPT: no TCP; VE_CONNRESET: the connection is over;
 *		VE_SRCH; VE_BADF.
 */
int vnetsim_tcp_info(struct vnetsim *w, vnetsim_handle proc, int fd,
    struct vnetsim_tcp_info *info);

/**
 * struct vnetsim_hostcache - what TCP remembers of a host; 0: not known
 * @addr:	host order
 * @mtu:	of the way there, bytes
 * @ssthresh:	slow start threshold, bytes with headers
 * @cwnd:	congestion window, bytes
 * @rtt:	smoothed round trip, ns
 * @rttvar:	its mean deviation, ns
 * @hits:	times it was asked
 * @updates:	times it was told
 * @expire:	seconds of life that it had when the worker last ran
 */
struct vnetsim_hostcache {
	uint32_t addr;
	uint32_t mtu, ssthresh, cwnd;
	int64_t rtt, rttvar;
	uint32_t hits, updates;
	int32_t expire;
};

/**
 * vnetsim_hostcache_next() - walk the host cache of a vnet
 * @w:		world
 * @vnet:	number
 * @n:		0, 1, 2, ...
 * @out:	out
 *
 * Return:	0; VE_NOENT: no more, or no such vnet.
 */
int vnetsim_hostcache_next(struct vnetsim *w, uint32_t vnet, uint32_t n,
    struct vnetsim_hostcache *out);

#endif /* !VNETSIM_TCP_INFO_H */
