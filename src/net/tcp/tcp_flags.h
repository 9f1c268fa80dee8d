/*
 * tcp_flags.h - what a control block remembers in single bits.
 *
 * t_flags and t_flags2 of struct tcpcb; names are FreeBSD's where it has them.
 */
#ifndef SRC_NET_TCP_TCP_FLAGS_H
#define SRC_NET_TCP_TCP_FLAGS_H

enum tcp_flags {
	TF_ACKNOW = 0x1,        /* ack the peer at once */
	TF_DELACK = 0x2,        /* ack, but try to delay it */
	TF_NODELAY = 0x4,       /* no Nagle */
	TF_NOOPT = 0x8,         /* send no options */
	TF_SENTFIN = 0x10,      /* our FIN has been sent; ends at snd_max */
	TF_REQ_SCALE = 0x20,    /* have asked, or will ask, for scaling */
	TF_RCVD_SCALE = 0x40,   /* the peer asked for it */
	TF_REQ_TSTMP = 0x80,    /* have asked, or will, for timestamps */
	TF_RCVD_TSTMP = 0x100,  /* the peer asked, too: in use */
	TF_SACK_PERMIT = 0x200, /* want SACK; from the peer's SYN on: have it */
	TF_NEEDFIN = 0x800,     /* send FIN once the handshake is done */
	TF_NOPUSH = 0x1000,
	TF_PREVVALID = 0x2000,   /* what a timeout has changed can come back */
	TF_LASTIDLE = 0x40000,   /* was idle when it last sent */
	TF_RXWIN0SENT = 0x80000, /* a zero window was advertised */
	TF_FASTRECOVERY = 0x100000,
	TF_WASFRECOVERY = 0x200000, /* before the timeout */
	TF_FORCEDATA = 0x800000,    /* persist: send one byte */
	TF_RTT = 0x1000000,         /* a segment is being timed */
	TF_CHILD = 0x2000000,       /* made by a listener, not yet complete */
	TF_WASEST = 0x4000000,      /* was established: has an outcome */
	TF_FINACKED = 0x8000000,    /* our FIN was acknowledged */
	TF_PEERFIN = 0x10000000,    /* the peer's FIN was taken and ACKed */
	TF_RSTDONE = 0x20000000,    /* ended by an RST, sent or received */
	TF_GONE = 0x40000000,       /* discarded; claimed callouts keep it */
	TF_RESERVED = 0x8000,       /* has an mbuf set aside */
};

enum tcp_flags2 {
	TF2_ECN_PERMIT = 0x1,    /* both want ECN: RFC 3168 */
	TF2_ECN_SND_CWR = 0x2,   /* to be said with the next new data */
	TF2_ECN_SND_ECE = 0x4,   /* until the peer has said CWR */
	TF2_CONGRECOVERY = 0x8,  /* until snd_recover: slower because of ECE */
	TF2_WASCRECOVERY = 0x10, /* before the timeout */
};

enum tcp_oobflags {
	TCPOOB_HAVEDATA = 0x1, /* t_iobc is to be read */
	TCPOOB_HADDATA = 0x2,  /* it was */
	TCPOOB_MARK = 0x4,     /* rcv_up tells of a byte that is to come */
	TCPOOB_TOLD = 0x8,     /* the peer was told of snd_up */
};

#endif /* !SRC_NET_TCP_TCP_FLAGS_H */
