/*
 * if_tuntap_dev.c - /dev/tapN: open, read, write, close.
 *
 * A read that has to wait is an op that holds the device; it belongs to no
 * vnet, because the interface may go to another one while it waits.
 *
 * FreeBSD: tunopen(), tunread(), tunwrite(), tundtor() of sys/net/if_tuntap.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_tuntap.h"

/* ---- open, close ---- */

static struct tuntap_softc *
tuntap_of(const struct ifnet *ifp)
{
	return (ifp->if_ops == &tap_ops || ifp->if_ops == &tun_ops
		    ? ifp->if_softc
		    : NULL);
}

/* The device of that name: of an interface made here, or lent to here. */
static struct tuntap_softc *
tuntap_find(const char *name)
{
	struct tuntap_softc *sc;
	struct ifnet *ifp;

	TAILQ_FOREACH (ifp, &V_if.if_natives, if_native) {
		sc = tuntap_of(ifp);
		if (sc != NULL && strcmp(sc->tun_dev, name) == 0)
			return (sc);
	}
	for (ifp = if_first(); ifp != NULL; ifp = if_next(ifp)) {
		sc = tuntap_of(ifp);
		if (sc != NULL && strcmp(sc->tun_dev, name) == 0)
			return (sc);
	}
	return (NULL);
}

int
tuntap_open(struct proc *p, const char *name, int *fd)
{
	struct tuntap_softc *sc = tuntap_find(name);
	struct ifnet *ifp;
	struct vnet *v;
	int error;

	if (sc == NULL)
		return (VE_NOENT);
	ifp = sc->tun_ifp;
	v = if_wherevnet(ifp);
	if ((ifp->if_flags & IFF_DYING) != 0 || tuntap_isopen(sc) || v == NULL)
		return (VE_BUSY);
	error = falloc(p, &tuntap_fileops, sc, fd);
	if (error != 0)
		return (error);
	sc->tun_transient = false;
	CURVNET_SET(v);
	ifp->if_flags |= IFF_DRV_RUNNING;
	if (sc->tun_l2 && V_tuntap.tt_uponopen)
		(void)if_setflags(ifp, true);
	if_link_state_change(ifp, LINK_STATE_UP);
	CURVNET_RESTORE();
	return (0);
}

/* It goes with its last close: nobody waits for that. */
static void
tuntap_goes(struct ifnet *ifp)
{
	struct op *op;

	if (if_clone_destroy(ifp->if_xname, &op) == 0)
		op->op_detached = true;
}

/* curvnet is where the interface is. */
static void
tuntap_closed(struct tuntap_softc *sc)
{
	struct ifnet *ifp = sc->tun_ifp;

	if (ifp->if_attached && !if_leaving(ifp)) {
		(void)if_setflags(ifp, false);
		if (!VNET_IS_SHUTTING_DOWN(curvnet))
			if_af_purge(ifp);
	}
	if_link_state_change(ifp, LINK_STATE_DOWN);
	if (sc->tun_transient && ifp->if_attached && !if_leaving(ifp) &&
	    curvnet->v_phase == PHASE_ALIVE)
		tuntap_goes(ifp);
}

static void
tuntap_fo_close(struct file *fp)
{
	struct tuntap_softc *sc = ref_get(&fp->f_obj);
	struct vnet *v = if_wherevnet(sc->tun_ifp);

	(void)ref_drop(&fp->f_obj);
	mbufq_drain(&sc->tun_q, DROP_QUEUE_FLUSH);
	sc->tun_ifp->if_flags &= ~(uint32_t)IFF_DRV_RUNNING;
	if (v != NULL) {
		CURVNET_SET(v);
		tuntap_closed(sc);
		CURVNET_RESTORE();
	}
	wakeup(&world_link()->wl_wq);
}

/* The vnet of who opened it, wherever the interface is. */
static struct vnet *
tuntap_fo_vnet(const struct file *fp)
{
	const struct ucred *cr = ref_get(&fp->f_cred);
	const struct prison *pr = ref_get(&cr->cr_prison);

	return (pr->pr_vnet);
}

const struct fileops tuntap_fileops = {
	.fo_name = "tuntap",
	.fo_close = tuntap_fo_close,
	.fo_vnet = tuntap_fo_vnet,
};

int
tuntap_get(struct proc *p, int fd, struct tuntap_softc **scp)
{
	void *obj;
	int error = fget(p, fd, &tuntap_fileops, &obj);

	if (error != 0)
		return (error == VE_NOTSOCK ? VE_NODEV : error);
	*scp = obj;
	return (0);
}

/* ---- write ---- */

int
tuntap_write(struct tuntap_softc *sc, const void *data, size_t len)
{
	struct ifnet *ifp = sc->tun_ifp;
	uint32_t max = TUN_MRU + (sc->tun_l2 ? ETHER_HDR_LEN : 0);
	struct mbuf *m;

	if ((ifp->if_flags & IFF_UP) == 0 || if_leaving(ifp) || ifp->if_dead ||
	    len == 0)
		return (0);
	if (len > max)
		return (VE_IO);
	m = m_gethdr(M_NOWAIT);
	if (m == NULL || !m_append(m, data, (uint32_t)len, M_NOWAIT)) {
		m_freem(m);
		ifp->if_data.ifi_ierrors++;
		return (VE_NOBUFS);
	}
	ifp->if_data.ifi_ipackets++;
	ifp->if_data.ifi_ibytes += len;
	if_setrcvif(m, ifp);
	m->m_pkthdr.rcvtime = vtime();
	m->m_pkthdr.fib = ifp->if_fib;
	(void)netisr_queue(sc->tun_l2 ? NETISR_ETHER : NETISR_IP, m);
	return (0);
}

/* ---- read ---- */

struct read_init {
	struct tuntap_softc *ri_sc;
	uint32_t ri_len;
};

static void
read_init(struct op *op, void *arg)
{
	const struct read_init *ri = arg;

	op->op_mod = VNET_MOD_tuntap;
	op->op_arg[0] = ri->ri_len;
	ref_take(&op->op_ref[0], ri->ri_sc, "op_ref");
}

static struct tuntap_softc *
read_sc(const struct op *op)
{
	return (ref_get(&op->op_ref[0]));
}

static bool
readable(struct op *op)
{
	const struct tuntap_softc *sc = read_sc(op);

	return (sc == NULL || sc->tun_q.mq_len > 0);
}

/* Return: 0: op_data are the bytes; VE_AGAIN; VE_NOBUFS: the frame stays. */
static int
read_try(struct op *op, struct tuntap_softc *sc)
{
	struct mbuf *m = sc->tun_q.mq_head;
	uint32_t len;

	if (m == NULL)
		return (VE_AGAIN);
	len = (uint32_t)imin((uint32_t)op->op_arg[0], m->m_pkthdr.len);
	op->op_data = kmalloc(&op_data_zone, len, M_NOWAIT);
	if (op->op_data == NULL || m_csum_fill(m) == VE_NOBUFS) {
		kfree(&op_data_zone, op->op_data);
		op->op_data = NULL;
		return (VE_NOBUFS);
	}
	(void)mbufq_dequeue(&sc->tun_q);
	m_copydata(m, 0, len, op->op_data);
	m_freem(m);
	uma_chown(op->op_data, NULL);
	op->op_datalen = len;
	op->op_result = len;
	return (0);
}

static enum op_verdict
read_step(struct op *op)
{
	struct tuntap_softc *sc = read_sc(op);
	int error = sc != NULL ? read_try(op, sc) : VE_BADF;

	if (error == VE_AGAIN)
		return (op_wait(
		    op, &sc->tun_wq, readable, 0, "for a frame to read", sc));
	op->op_error = error;
	(void)ref_drop(&op->op_ref[0]);
	return (OP_DONE);
}

static void
read_cancel(struct op *op)
{
	if (!ref_empty(&op->op_ref[0]))
		(void)ref_drop(&op->op_ref[0]);
}

static const struct op_desc tuntap_read_op = {
	.od_name = "read",
	.od_step = read_step,
	.od_cancel = read_cancel,
};

int
tuntap_read(
    struct tuntap_softc *sc, uint32_t len, bool nonblock, struct op **opp)
{
	struct read_init ri = { sc, len };
	struct op *op;
	int error;

	*opp = NULL;
	op = op_start(&tuntap_read_op, NULL, read_init, &ri);
	if (op == NULL)
		return (VE_NOBUFS);
	error = read_try(op, sc);
	if (error != VE_AGAIN || nonblock) {
		op_cancel(op, error);
		op->op_cancelled = false;
		if (error != 0)
			op_release(op);
		else
			*opp = op;
		return (error);
	}
	*opp = op;
	return (VE_INPROGRESS);
}
