/*
 * rtsock_var.h - between the files of module rtsock.
 *
 *	rtsock.c         module, sockets, delivery
 *	rtsock_msg.c     what the kernel tells
 *	rtsock_output.c  what a process writes
 *	rtsock_code.c    messages to bytes and back
 */
#ifndef SRC_NET_IP_RTSOCK_VAR_H
#define SRC_NET_IP_RTSOCK_VAR_H

#include <vnetsim/route.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/kern/protosw.h>
#include <vnetsim/kern/queue.h>
#include <vnetsim/kern/vnet.h>
#include "src/net/ip/rtsock.h"

#define RTS_SPACE   8192 /* of either buffer; FreeBSD: net.raw.recvspace */
#define RTS_FIB_ALL 0xffffffffu

struct rtentry;

/* A listener. */
struct rcb {
	struct socket *rcb_socket; /* (b) */
	uint32_t rcb_id;           /* counted in its vnet, from 1 */
	int32_t rcb_pid;           /* who made it */
	uint8_t rcb_family;        /* RTS_ */
	TAILQ_ENTRY(rcb) rcb_list;
};

enum {
	RTS_EV_ARRIVAL,
	RTS_EV_DEPARTURE,
	RTS_EV_LINK,
	RTS_EV_INFO,
	RTS_EV_ROUTE,
	RTS_NEV
};

/* All of a vnet. */
struct route_cb {
	TAILQ_HEAD(, rcb) cb_list; /* in order of birth */
	uint32_t cb_count;         /* any_count */
	uint32_t cb_lastid;
	bool cb_quiet; /* routes change on behalf of a message */
	/* (o) while there are listeners */
	struct eventhandler_entry *cb_ev[RTS_NEV];
};

struct vnet_rtsock {
	struct route_cb *cb; /* (o) until shutdown */
};
VNET_STATE(rtsock, struct vnet_rtsock);
#define V_rtsock VNET(rtsock)

enum { RTS_Z_CB, RTS_Z_RCB };

/* Does anybody listen? */
static inline bool
rts_listened(void)
{
	const struct vnet_rtsock *vr = curvnet->v_state[VNET_MOD_rtsock];

	return (vr != NULL && vr->cb != NULL && vr->cb->cb_count != 0);
}

/* For whom a message is. */
struct rts_scope {
	uint32_t fib;             /* RTS_FIB_ALL: of none */
	uint8_t family;           /* RTS_ANY: of none */
	const struct rcb *except; /* the writer, if it wants none; or NULL */
};

/**
 * rts_dispatch() - queue a message for the listeners
 * @data:	bytes
 * @len:	how many
 * @sc:		for whom
 *
 * Without memory, or without lo0 (whose queue it takes, as in FreeBSD), it is
 * lost: counted.
 */
void rts_dispatch(const void *data, uint32_t len, const struct rts_scope *sc);

/* Encode and queue. */
void rts_tell(const struct vnetsim_rtmsg *msg, const struct rts_scope *sc);

/* Add to a question what the route it asks for is. */
void rts_fill_get(struct vnetsim_rtmsg *msg, const struct rtentry *rt);

/* Begin to hear of what happens, and end.  Return: 0; VE_NOBUFS. */
int rts_listen(void);
void rts_unlisten(void);

/**
 * rts_output() - a process has written a message
 * @rcb:	by this socket
 * @m:		takes it
 *
 * Return:	0 or the errno that the answer says; VE_NOBUFS.
 */
int rts_output(struct rcb *rcb, struct mbuf *m __takes);

/* rtsock_code.c: see vnetsim/route.h. */
int rts_decode(const uint8_t *p, size_t len, struct vnetsim_rtmsg *msg);
size_t rts_encode(const struct vnetsim_rtmsg *msg, uint8_t *p, size_t size);

/* Where things lie in struct rt_msghdr. */
enum {
	RTM_O_VERSION = 2,
	RTM_O_TYPE = 3,
	RTM_O_INDEX = 4,
	RTM_O_FLAGS = 8,
	RTM_O_ADDRS = 12,
	RTM_O_PID = 16,
	RTM_O_SEQ = 20,
	RTM_O_ERRNO = 24,
	RTM_O_INITS = 32,
	RTM_O_MTU = 48,
	RTM_O_EXPIRE = 64,
	RTM_O_WEIGHT = 120,
	RTM_HDRLEN = 152,
};

static inline void
le16enc(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void
le32enc(uint8_t *p, uint32_t v)
{
	le16enc(p, v);
	le16enc(p + 2, v >> 16);
}

static inline uint32_t
le16dec(const uint8_t *p)
{
	return ((uint32_t)p[0] | (uint32_t)p[1] << 8);
}

static inline uint32_t
le32dec(const uint8_t *p)
{
	return (le16dec(p) | le16dec(p + 2) << 16);
}

#endif /* !SRC_NET_IP_RTSOCK_VAR_H */
