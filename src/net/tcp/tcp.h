/*
 * tcp.h - TCP on the wire: header offsets, flags, options, limits.
 *
 * Bytes are read and written by accessors at these offsets, never by overlay.
 * RFC 9293 section 3.1; RFC 7323 section 2 (window scale).
 */
#ifndef SRC_NET_TCP_TCP_H
#define SRC_NET_TCP_TCP_H

enum {
	TH_FIN = 0x01,
	TH_SYN = 0x02,
	TH_RST = 0x04,
	TH_PUSH = 0x08,
	TH_ACK = 0x10,
	TH_URG = 0x20,
	TH_ECE = 0x40,
	TH_CWR = 0x80,
};

/* Offsets within the header. */
enum {
	TCPOFF_SPORT = 0,
	TCPOFF_DPORT = 2,
	TCPOFF_SEQ = 4,
	TCPOFF_ACK = 8,
	TCPOFF_OFF = 12, /* upper half: header length in 4-byte words */
	TCPOFF_FLAGS = 13,
	TCPOFF_WIN = 14,
	TCPOFF_SUM = 16,
	TCPOFF_URP = 18,
};

#define TCP_HDRLEN    20
#define TCP_MAXHDRLEN 60
#define TCP_MAXOLEN   40

enum {
	TCPOPT_EOL = 0,
	TCPOPT_NOP = 1,
	TCPOPT_MAXSEG = 2,
	TCPOPT_WINDOW = 3,
	TCPOPT_SACK_PERMITTED = 4,
	TCPOPT_SACK = 5,
	TCPOPT_TIMESTAMP = 8,
};

enum {
	TCPOLEN_MAXSEG = 4,
	TCPOLEN_WINDOW = 3,
	TCPOLEN_SACK_PERMITTED = 2,
	TCPOLEN_SACKHDR = 2,
	TCPOLEN_SACK = 8, /* each block */
	TCPOLEN_TIMESTAMP = 10,
};

#define TCP_MSS          536   /* RFC 9293 3.7.1: when nothing is offered */
#define TCP_MINMSS       216   /* net.inet.tcp.minmss */
#define TCP_MAXWIN       65535 /* largest unscaled window */
#define TCP_MAX_WINSHIFT 14    /* RFC 7323 2.3 */
#define TCP_MAX_SACK     4     /* blocks in 40 bytes; 3 beside timestamps */

/* Options of sockets at level IPPROTO_TCP; FreeBSD's numbers. */
enum {
	TCP_NODELAY = 1,
	TCP_MAXSEG = 2,
	TCP_NOPUSH = 4,
	TCP_NOOPT = 8,
	TCP_MAXUNACKTIME = 68,
	TCP_KEEPINIT = 128,
	TCP_KEEPIDLE = 256,
	TCP_KEEPINTVL = 512,
	TCP_KEEPCNT = 1024,
};

#endif /* !SRC_NET_TCP_TCP_H */
