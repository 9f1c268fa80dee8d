/*
 * test_socket.h - a small IP and a stream protocol for tests of sockets.
 *
 * The IP is the table of in_af.h: it owns 10.0.0.1, 10.0.0.2 and 127.0.0.1,
 * knows the way to 10/8 and 127/8, and keeps what it is given to send.  The
 * stream protocol does what the test tells it; its pcb is a ledger object.
 */
#ifndef TESTS_TEST_SOCKET_H
#define TESTS_TEST_SOCKET_H

#include <stdio.h>
#include <string.h>
#include <vnetsim/kern/socketvar.h>
#include "src/net/inet/in_af.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/inet/udp_var.h"
#include "src/net/socket/socket_var.h"
#include "tests/lib/tworld.h"

#define IP(a, b, c, d)                                                         \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 |      \
	    (uint32_t)(d))
#define HOST1 IP(10, 0, 0, 1)
#define HOST2 IP(10, 0, 0, 2)
#define PEER  IP(10, 0, 0, 9)
#define BCAST IP(10, 255, 255, 255)

#define AT(addr, port) (&(struct sockaddr_in){ (addr), (port) })

/* ---- IP ---- */

static struct {
	uint32_t n;          /* packets sent */
	uint32_t src, dst;   /* of the last */
	uint8_t proto;       /* of the last */
	uint32_t len;        /* of the last, L4 */
	uint8_t bytes[2048]; /* its first bytes */
	uint16_t csum_flags, csum_data;
	uint32_t nunreach; /* port unreachables asked for */
	uint8_t code;      /* of the last */
	int error;         /* what output answers */
} fip;

static bool __kunused
fip_local(uint32_t a)
{
	return (a == HOST1 || a == HOST2 || a == INADDR_LOOPBACK);
}

static bool
fip_broadcast(uint32_t a)
{
	return (a == BCAST || a == INADDR_BROADCAST);
}

static int
fip_laddr(uint32_t fib, uint32_t dst, uint32_t *src)
{
	(void)fib;
	if (dst >> 24 == 127)
		*src = INADDR_LOOPBACK;
	else if (dst >> 24 == 10)
		*src = HOST1;
	else
		return (VE_NETUNREACH);
	return (0);
}

static int
fip_output(struct mbuf *m, uint32_t src, uint32_t dst, uint8_t proto,
    uint8_t ttl, uint8_t tos, struct inpcb *inp)
{
	(void)ttl;
	(void)tos;
	(void)inp;
	if (fip.error != 0) {
		m_drop(m, DROP_IP_NOROUTE);
		return (fip.error);
	}
	fip.n++;
	fip.src = src;
	fip.dst = dst;
	fip.proto = proto;
	fip.len = m->m_pkthdr.len;
	fip.csum_flags = m->m_pkthdr.csum_flags;
	fip.csum_data = m->m_pkthdr.csum_data;
	m_copydata(m, 0, imin(fip.len, (uint32_t)sizeof(fip.bytes)), fip.bytes);
	m_freem(m);
	return (0);
}

static void
fip_unreach(struct mbuf *m, uint8_t code)
{
	fip.nunreach++;
	fip.code = code;
	m_freem(m);
}

static const struct inet_afops fip_ops = {
	.af_output = fip_output,
	.af_laddr = fip_laddr,
	.af_local = fip_local,
	.af_broadcast = fip_broadcast,
	.af_unreach = fip_unreach,
};

struct fip_state {
	uint64_t fi_n;
};
static const struct field fip_fields[] = { FIELD(
    struct fip_state, fi_n, UINT) };

static int
fip_init(void)
{
	in_af_register(&fip_ops);
	return (0);
}

static enum op_verdict
fip_shutdown(struct op *op)
{
	(void)op;
	in_af_register(NULL);
	return (OP_DONE);
}

static const struct vnet_module mod_fip __kunused = { TW_MODULE(ip, "ip"),
	.vm_size = sizeof(struct fip_state), .vm_fields = fip_fields,
	.vm_nfields = nitems(fip_fields), .vm_init = fip_init,
	.vm_shutdown = fip_shutdown };

/* ---- a stream protocol ---- */

struct fpcb {
	struct socket *fp_so;
	struct ref fp_soref; /* while it keeps the closed socket */
	bool fp_bound;
};
static const struct field fpcb_fields[] = {
	FIELD(struct fpcb, fp_so, PTR),
	FIELD(struct fpcb, fp_soref, REF),
	FIELD(struct fpcb, fp_bound, BOOL),
};
static UMA_ZONE(fpcb_zone, tcp, 0, struct fpcb, 0, fpcb_fields);

/* What the protocol does, and what it was asked for. */
static struct {
	bool now;   /* connect is complete at once */
	bool keeps; /* keeps closed sockets until told */
	int accepterr, senderr, attacherr;
	uint32_t nclose, nabort, ndisconnect, ndetach, nrcvd, nshutdown;
	bool killed; /* so_killed at the last close */
} fst;

static int
fst_attach(struct socket *so)
{
	struct fpcb *fp;

	if (fst.attacherr != 0)
		return (fst.attacherr);
	(void)soreserve(so, 8192, 8192);
	fp = uma_zalloc(&fpcb_zone, M_ZERO);
	if (fp == NULL)
		return (VE_NOBUFS);
	fp->fp_so = so;
	so->so_pcb = fp;
	return (0);
}

static int
fst_bind(struct socket *so, const struct sockaddr_in *sin)
{
	(void)sin;
	((struct fpcb *)so->so_pcb)->fp_bound = true;
	return (0);
}

static int
fst_listen(struct socket *so, int backlog)
{
	(void)so;
	(void)backlog;
	return (0);
}

static int
fst_connect(struct socket *so, const struct sockaddr_in *sin)
{
	if (sin->sin_port == 0)
		return (VE_ADDRNOTAVAIL);
	soisconnecting(so);
	if (fst.now)
		soisconnected(so);
	return (0);
}

static int
fst_accept(struct socket *so, struct sockaddr_in *peer)
{
	(void)so;
	*peer = *AT(PEER, 1);
	return (fst.accepterr);
}

static int
fst_send(
    struct socket *so, int flags, struct mbuf *m, const struct sockaddr_in *to)
{
	(void)flags;
	(void)to;
	if (fst.senderr != 0) {
		m_freem(m);
		return (fst.senderr);
	}
	sbappendstream(&so->so_snd, m);
	return (0);
}

static int
fst_rcvd(struct socket *so)
{
	(void)so;
	fst.nrcvd++;
	return (0);
}

static int
fst_pru_shutdown(struct socket *so)
{
	fst.nshutdown++;
	socantsendmore(so);
	return (0);
}

static int
fst_disconnect(struct socket *so)
{
	fst.ndisconnect++;
	soisdisconnecting(so);
	return (0);
}

static void
fst_close(struct socket *so)
{
	struct fpcb *fp = so->so_pcb;

	fst.nclose++;
	fst.killed = so->so_killed;
	if (!fst.keeps) {
		soisdisconnected(so);
		return;
	}
	so->so_state |= SS_PROTOREF;
	ref_take(&fp->fp_soref, so, "fp_soref");
}

/* The protocol is done with a closed socket. */
static void __kunused
fst_done(struct socket *so)
{
	struct fpcb *fp = so->so_pcb;

	soisdisconnected(so);
	(void)ref_drop(&fp->fp_soref);
	sofree_proto(so);
}

static void
fst_abort(struct socket *so)
{
	fst.nabort++;
	soisdisconnected(so);
	sofree_proto(so);
}

static void
fst_detach(struct socket *so)
{
	struct fpcb *fp = so->so_pcb;

	fst.ndetach++;
	if (!ref_empty(&fp->fp_soref))
		(void)ref_drop(&fp->fp_soref);
	so->so_pcb = NULL;
	uma_zfree(&fpcb_zone, fp);
}

static const struct protosw fst_sw = {
	.pr_name = "fake",
	.pr_type = SOCK_STREAM,
	.pr_protocol = IPPROTO_TCP,
	.pr_mod = VNET_MOD_tcp,
	.pr_connrequired = true,
	.pru_attach = fst_attach,
	.pru_bind = fst_bind,
	.pru_listen = fst_listen,
	.pru_connect = fst_connect,
	.pru_accept = fst_accept,
	.pru_send = fst_send,
	.pru_rcvd = fst_rcvd,
	.pru_shutdown = fst_pru_shutdown,
	.pru_disconnect = fst_disconnect,
	.pru_close = fst_close,
	.pru_abort = fst_abort,
	.pru_detach = fst_detach,
};

static int
fst_init(void)
{
	return (protosw_register(&fst_sw));
}

static enum op_verdict
fst_shutdown(struct op *op)
{
	(void)op;
	protosw_unregister(&fst_sw);
	return (OP_DONE);
}

static const struct uma_zone *const fst_zones[] = { &fpcb_zone };
static const struct vnet_module mod_fst = { TW_MODULE(tcp, "tcp"),
	.vm_init = fst_init, .vm_shutdown = fst_shutdown, .vm_zones = fst_zones,
	.vm_nzones = 1 };

static const struct vnet_module *const sock_mods[] = { &mod_fip,
	&vnet_module_inpcb, &vnet_module_udp, &mod_fst, &vnet_module_socket,
	NULL };

/* ---- a world with one jail and one process, inside it ---- */

struct env {
	struct world *w;
	struct prison *pr;
	struct proc *p;
	struct vnet_frame f;
};

static void
env_open(struct env *e)
{
	memset(&fip, 0, sizeof(fip));
	memset(&fst, 0, sizeof(fst));
	e->w = tw_create(sock_mods);
	e->pr = tw_jail("a");
	assert_int_equal(proc_create(e->pr, "p", &e->p), 0);
	TW_ENTER(&e->f, e->pr->pr_vnet);
}

/* Let events run, then be inside again. */
static __kunused void
env_run(struct env *e)
{
	vnet_leave(&e->f);
	(void)tw_run(e->w);
	TW_ENTER(&e->f, e->pr->pr_vnet);
}

/* The jail dies: nothing may be left, nothing may be found. */
static void
env_close(struct env *e)
{
	vnet_leave(&e->f);
	assert_int_equal(prison_remove(e->pr), 0);
	(void)tw_run(e->w);
	assert_int_equal(e->w->w_nvnets, 1);
	tw_destroy(e->w);
}

static struct ucred *
env_cred(const struct env *e)
{
	return (ref_get(&e->p->p_ucred));
}

static __kunused struct socket *
env_socket(struct env *e, int type)
{
	struct socket *so;

	assert_int_equal(socreate(type, 0, env_cred(e), &so), 0);
	return (so);
}

/* A socket with a descriptor. */
static __kunused struct socket *
env_fd(struct env *e, int type, int *fd)
{
	struct socket *so = env_socket(e, type);

	assert_int_equal(falloc(e->p, &socket_fileops, so, fd), 0);
	return (so);
}

#endif /* !TESTS_TEST_SOCKET_H */
