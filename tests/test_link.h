/*
 * test_link.h - what the tests of interfaces and links share.
 *
 * A world with the five modules of src/net/link and, above them, a tiny
 * network layer that stands where IP does: it registers an address family with
 * data and neighbours at each interface, counts packets, announcements and
 * purges, and resolves every address to what its table holds.
 */
#ifndef TESTS_TEST_LINK_H
#define TESTS_TEST_LINK_H

#include <stdio.h>
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include <vnetsim/kern/netisr.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_llatbl.h"
#include "src/net/link/if_var.h"
#include "tests/lib/tworld.h"

enum { FIP_Z_DATA };
MALLOC_TYPE(fip_zone, ip, FIP_Z_DATA, "fip_data", 0);

#define FIP_BYTES 64

struct vnet_fip {
	struct eventhandler_entry *fp_evh[3];
	uint32_t fp_narrive, fp_ndepart, fp_nlink, fp_npurge;
	uint32_t fp_nin, fp_lastlen;
	uint32_t fp_lastflags, fp_lastcsum;
	uint32_t fp_lastlinkstate;
	uint32_t fp_nattach, fp_ndetach;
	uint32_t fp_echo; /* answer each packet with one */
	int64_t fp_lasttime;
	uint64_t fp_lastrcvif;
	uint8_t fp_last[FIP_BYTES];
};
VNET_STATE(ip, struct vnet_fip);
#define V_fip VNET(ip)

static inline struct vnet_fip *
fip_of(const struct vnet *v)
{
	return (v->v_state[VNET_MOD_ip]);
}

/* ---- the family ---- */

static int
fip_resolve(
    struct ifnet *ifp, bool isgw, struct mbuf *m, uint32_t dst, uint8_t *lladdr)
{
	struct llentry *lle = lla_lookup(ifp->if_llt, dst);

	(void)isgw;
	if (lle == NULL)
		lle = lla_create(ifp->if_llt, dst, 4);
	if (lle == NULL) {
		m_drop(m, DROP_NOMEM);
		return (VE_NOBUFS);
	}
	if (lle->lle_state == LLE_INCOMPLETE) {
		lla_hold(lle, m);
		return (VE_WOULDBLOCK);
	}
	memcpy(lladdr, lle->lle_lladdr, ETHER_ADDR_LEN);
	return (0);
}

static const struct lltable_ops fip_llops = {
	.lo_mod = VNET_MOD_ip,
	.lo_resolve = fip_resolve,
};

static int
fip_attach(struct ifnet *ifp)
{
	assert_ptr_equal(ifp->if_vnet, curvnet);
	assert_null(ifp->if_afdata);
	ifp->if_afdata = kmalloc(&fip_zone, 64, M_ZERO);
	if (ifp->if_afdata == NULL)
		return (VE_NOMEM);
	if (ifp->if_addrlen == ETHER_ADDR_LEN &&
	    lltable_create(ifp, &fip_llops) == NULL) {
		kfree(&fip_zone, ifp->if_afdata);
		ifp->if_afdata = NULL;
		return (VE_NOMEM);
	}
	V_fip.fp_nattach++;
	return (0);
}

static void
fip_purge(struct ifnet *ifp)
{
	assert_non_null(ifp->if_afdata);
	V_fip.fp_npurge++;
}

static void
fip_detach(struct ifnet *ifp)
{
	assert_ptr_equal(ifp->if_vnet, curvnet);
	if (ifp->if_llt != NULL)
		lltable_free(ifp->if_llt);
	kfree(&fip_zone, ifp->if_afdata);
	ifp->if_afdata = NULL;
	V_fip.fp_ndetach++;
}

static const struct if_afops fip_afops = {
	.ia_mod = VNET_MOD_ip,
	.ia_attach = fip_attach,
	.ia_purge = fip_purge,
	.ia_detach = fip_detach,
};

static int fip_send(struct ifnet *ifp, uint32_t dst, uint32_t len, bool all);

static void
fip_input(struct mbuf *m)
{
	struct ifnet *ifp = m_rcvif(m);
	uint32_t n = m->m_pkthdr.len < FIP_BYTES ? m->m_pkthdr.len : FIP_BYTES;

	assert_non_null(ifp);
	assert_ptr_equal(uma_owner(ifp), curvnet);
	assert_ptr_equal(uma_owner(m), curvnet);
	assert_int_equal(m->m_pkthdr.l3off, 0);
	V_fip.fp_nin++;
	V_fip.fp_lastlen = m->m_pkthdr.len;
	V_fip.fp_lastflags = m->m_flags;
	V_fip.fp_lastcsum = m->m_pkthdr.csum_flags;
	V_fip.fp_lasttime = vtime();
	V_fip.fp_lastrcvif = ifp->if_handle;
	m_copydata(m, 0, n, V_fip.fp_last);
	m_freem(m);
	if (V_fip.fp_echo > 0) {
		V_fip.fp_echo--;
		(void)fip_send(ifp, 0, 100, true);
	}
}

static void
fip_arrival(void *arg, void *obj, int value)
{
	const struct ifnet *ifp = obj;

	(void)arg;
	(void)value;
	assert_true(uma_check(&ifnet_zone, ifp));
	assert_ptr_equal(ifp->if_vnet, curvnet);
	V_fip.fp_narrive++;
}

static void
fip_departure(void *arg, void *obj, int value)
{
	const struct ifnet *ifp = obj;

	(void)arg;
	(void)value;
	assert_true(uma_check(&ifnet_zone, ifp));
	assert_ptr_equal(ifp->if_vnet, curvnet);
	V_fip.fp_ndepart++;
}

static void
fip_linkstate(void *arg, void *obj, int value)
{
	const struct ifnet *ifp = obj;

	(void)arg;
	assert_true(uma_check(&ifnet_zone, ifp));
	assert_ptr_equal(ifp->if_vnet, curvnet);
	V_fip.fp_nlink++;
	V_fip.fp_lastlinkstate = (uint32_t)value;
}

static int
fip_init(void)
{
	static const struct {
		enum eventhandler_id id;
		void (*func)(void *arg, void *obj, int value);
	} evh[3] = { { EVH_IFNET_ARRIVAL, fip_arrival },
		{ EVH_IFNET_DEPARTURE, fip_departure },
		{ EVH_IFNET_LINK, fip_linkstate } };
	int error = VE_NOMEM, i;

	for (i = 0; i < 3; i++) {
		V_fip.fp_evh[i] = eventhandler_register(evh[i].id, VNET_MOD_ip,
		    evh[i].func, NULL, EVENTHANDLER_PRI_ANY);
		if (V_fip.fp_evh[i] == NULL)
			goto out;
	}
	error = if_af_register(AF_INET, &fip_afops);
	if (error == 0)
		return (
		    netisr_register_vnet(NETISR_IP, VNET_MOD_ip, fip_input));
out:
	while (i-- > 0)
		eventhandler_deregister(V_fip.fp_evh[i]);
	return (error);
}

static enum op_verdict
fip_shutdown(struct op *op)
{
	(void)op;
	netisr_unregister_vnet(NETISR_IP);
	for (int i = 0; i < 3; i++)
		eventhandler_deregister(V_fip.fp_evh[i]);
	return (OP_DONE);
}

static void
fip_uninit(void)
{
	if_af_unregister(AF_INET);
}

static const struct field fip_fields[] = {
	FIELD(struct vnet_fip, fp_evh, LINK),
	{ "counters", 24, sizeof(struct vnet_fip) - 24, FK_UINT, FF_STAT, 0,
	    NULL },
};
static const struct uma_zone *const fip_zones[] = { &fip_zone };
static const struct vnet_module fip_module = {
	TW_MODULE(ip, "fip"),
	.vm_size = sizeof(struct vnet_fip),
	.vm_init = fip_init,
	.vm_shutdown = fip_shutdown,
	.vm_uninit = fip_uninit,
	.vm_fields = fip_fields,
	.vm_nfields = nitems(fip_fields),
	.vm_zones = fip_zones,
	.vm_nzones = nitems(fip_zones),
};

static const struct vnet_module *const lk_modules[] = { &vnet_module_if,
	&vnet_module_lo, &vnet_module_epair, &vnet_module_ether,
	&vnet_module_lltable, &fip_module, NULL };

/* ---- doing things ---- */

#define LK_ENTER(f, v)                                                         \
	assert_true(vnet_enter((f), (v), DOOR_ADMIN, VNET_MOD_if))

static inline struct vnet *
lk_vnet(const char *name)
{
	return (tw_jail(name)->pr_vnet);
}

static inline int
lk_create(struct vnet *v, const char *name)
{
	char buf[IFNAMSIZ + 1];
	struct vnet_frame f;
	int error;

	snprintf(buf, sizeof(buf), "%s", name);
	LK_ENTER(&f, v);
	error = if_clone_create(buf, sizeof(buf));
	vnet_leave(&f);
	return (error);
}

static inline struct ifnet *
lk_if(struct vnet *v, const char *name)
{
	struct vnet_frame f;
	struct ifnet *ifp;

	LK_ENTER(&f, v);
	ifp = ifunit(name);
	vnet_leave(&f);
	return (ifp);
}

static inline int
lk_updown(struct vnet *v, const char *name, bool up)
{
	struct ifnet *ifp = lk_if(v, name);
	struct vnet_frame f;
	int error;

	assert_non_null(ifp);
	LK_ENTER(&f, v);
	error = if_setflags(ifp, up);
	vnet_leave(&f);
	return (error);
}

/* An epair in @v, both halves up. */
static inline void
lk_pair(struct vnet *v, const char *name)
{
	char half[IFNAMSIZ + 2];

	assert_int_equal(lk_create(v, name), 0);
	snprintf(half, sizeof(half), "%sa", name);
	assert_int_equal(lk_updown(v, half, true), 0);
	snprintf(half, sizeof(half), "%sb", name);
	assert_int_equal(lk_updown(v, half, true), 0);
}

/* Begin `ifconfig NAME vnet TO`. */
static inline int
lk_loan(struct vnet *v, const char *name, struct vnet *to, struct op **opp)
{
	struct ifnet *ifp = lk_if(v, name);
	struct vnet_frame f;
	int error;

	assert_non_null(ifp);
	LK_ENTER(&f, v);
	error = if_vmove_loan(ifp, to, opp);
	vnet_leave(&f);
	return (error);
}

static inline int
lk_destroy(struct vnet *v, const char *name, struct op **opp)
{
	struct vnet_frame f;
	int error;

	LK_ENTER(&f, v);
	error = if_clone_destroy(name, opp);
	vnet_leave(&f);
	return (error);
}

/* The result of an op that is done. */
static inline int
lk_result(struct op *op)
{
	int error;

	assert_true(op->op_done);
	error = op->op_error;
	op_release(op);
	return (error);
}

/* Move and wait for it. */
static inline int
lk_move(struct vnet *v, const char *name, struct vnet *to)
{
	struct op *op;
	int error;

	error = lk_loan(v, name, to, &op);
	if (error != 0)
		return (error);
	tw_run(curworld());
	return (lk_result(op));
}

#define ALL_HOSTS UINT32_C(0xe0000001)

/*
 * Send @len bytes above Ethernet: to 224.0.0.1, or to @dst by the table.  Not
 * as a broadcast: of one its sender hears a copy, and tests count packets.
 */
static int
fip_send(struct ifnet *ifp, uint32_t dst, uint32_t len, bool all)
{
	struct mbuf *m = m_getm(ETHER_HDR_LEN, len, M_NOWAIT);

	if (m == NULL)
		return (VE_NOBUFS);
	for (struct mbuf *n = m; n != NULL; n = n->m_next)
		memset(n->m_data, 0x5a, n->m_len);
	if (all)
		m->m_flags |= M_MCAST;
	return (ifp->if_output(ifp, m, all ? ALL_HOSTS : dst, false));
}

static inline int
lk_send(struct vnet *v, const char *name, uint32_t len)
{
	struct ifnet *ifp = lk_if(v, name);
	struct vnet_frame f;
	int error;

	assert_non_null(ifp);
	assert_true(vnet_enter(&f, v, DOOR_USER, VNET_MOD_ip));
	error = fip_send(ifp, 0, len, true);
	vnet_leave(&f);
	return (error);
}

/* Frames from raw bytes, behind door USER of @v. */
static inline int
lk_raw(struct vnet *v, const char *name, const void *bytes, uint32_t len)
{
	struct ifnet *ifp = lk_if(v, name);
	struct vnet_frame f;
	struct mbuf *m;
	int error;

	assert_non_null(ifp);
	assert_true(vnet_enter(&f, v, DOOR_USER, VNET_MOD_ip));
	m = m_gethdr(M_NOWAIT);
	assert_non_null(m);
	assert_true(m_append(m, bytes, len, M_NOWAIT));
	error = if_transmit(ifp, m);
	vnet_leave(&f);
	return (error);
}

static inline uint64_t
lk_drops(struct vnet *v, enum drop_reason why)
{
	struct vnet_frame f;
	uint64_t n;

	if (v == NULL)
		return (curworld()->w_drop[why]);
	LK_ENTER(&f, v);
	n = drop_count(why);
	vnet_leave(&f);
	return (n);
}

static inline struct link *
lk_link(struct vnet *v, const char *name)
{
	int end;

	return (link_of(lk_if(v, name), &end));
}

#endif /* !TESTS_TEST_LINK_H */
