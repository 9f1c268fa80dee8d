/*
 * if.c - interfaces: birth, names and numbers, the list of a vnet, flags.
 *
 * Theory of operation
 * ===================
 *
 * if_alloc -> if_attach -> (if_detach_step -> if_attach_internal)* ->
 * if_detach_step -> if_free.  What is in brackets is a move, if_vmove.c.
 *
 * The state of an interface in a vnet:
 *
 *	              slot   on list   who can find it
 *	on its way in   x       -      nobody (name and number are kept)
 *	attached        x       x      everybody
 *	leaving         x       -      who found it before
 *	away            -       -      nobody here; its home keeps count
 *
 * An ifnet is charged to the vnet it is in, so uma_owner() is NULL once that
 * vnet is dead; the same for the home is told by a handle.  Nothing follows
 * if_vnet or if_home_vnet without asking.
 *
 * FreeBSD: sys/net/if.c.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/eventhandler.h>
#include "src/net/link/bpf.h"
#include "src/net/link/ethernet.h"
#include "src/net/link/if_stack.h"
#include "src/net/link/if_var.h"

static const struct field ifnet_fields[] = {
	FIELD(struct ifnet, if_xname, STR),
	FIELD(struct ifnet, if_handle, OPAQUE),
	FIELD(struct ifnet, if_home, OPAQUE),
	FIELD(struct ifnet, if_index, UINT),
	FIELD(struct ifnet, if_type, UINT),
	FIELD(struct ifnet, if_linkstate, UINT),
	FIELD(struct ifnet, if_fib, UINT),
	FIELD(struct ifnet, if_flags, HEX),
	FIELD(struct ifnet, if_mtu, UINT),
	FIELD(struct ifnet, if_lladdr, ETHER),
	FIELD(struct ifnet, if_addrlen, UINT),
	FIELD(struct ifnet, if_dead, BOOL),
	FIELD(struct ifnet, if_attached, BOOL),
	FIELD(struct ifnet, if_afmask, HEX),
	FIELD_STAT(struct ifnet, if_bpf, UINT),
	FIELD(struct ifnet, if_ops, FUNC),
	FIELD(struct ifnet, if_softc, PTR),
	FIELD(struct ifnet, if_vnet, PTR),
	FIELD(struct ifnet, if_home_vnet, PTR),
	FIELD(struct ifnet, if_input, FUNC),
	FIELD(struct ifnet, if_output, FUNC),
	FIELD(struct ifnet, if_llt, PTR),
	FIELD(struct ifnet, if_afdata, PTR),
	FIELD_STAT(struct ifnet, if_data, UINT),
	FIELD(struct ifnet, if_extra, PTR),
	FIELD(struct ifnet, if_master, PTR),
	FIELD(struct ifnet, if_above, LINK),
	FIELD(struct ifnet, if_below, LINK),
	FIELD(struct ifnet, if_multiaddrs, LINK),
	FIELD(struct ifnet, if_linktask, OPAQUE),
	FIELD(struct ifnet, if_busy, REF),
	FIELD(struct ifnet, if_nroutes, UINT),
	FIELD(struct ifnet, if_wq, LINK),
	FIELD(struct ifnet, if_epoch, OPAQUE),
	FIELD(struct ifnet, if_link, LINK),
	FIELD(struct ifnet, if_native, LINK),
};
UMA_ZONE(ifnet_zone, if, IF_Z_IFNET, struct ifnet, UMA_WORLD, ifnet_fields);
MALLOC_TYPE(if_slots_zone, if, IF_Z_SLOTS, "ifindex", UMA_NOHASH);

#define IF_SLOTS_MIN 4

/* ---- numbers and names ---- */

int
if_slot_room(uint32_t n)
{
	struct ifnet **slot;
	uint32_t need, cap;

	need = V_if.if_nslots + V_if.if_naway + n;
	if (need > IF_MAXINDEX)
		return (VE_NOSPC);
	if (need <= V_if.if_cap)
		return (0);
	for (cap = imax(V_if.if_cap, IF_SLOTS_MIN); cap < need; cap *= 2)
		;
	slot = kmalloc(&if_slots_zone, cap * sizeof(struct ifnet *), M_ZERO);
	if (slot == NULL)
		return (VE_NOMEM);
	if (V_if.if_slot != NULL)
		memcpy(
		    slot, V_if.if_slot, V_if.if_cap * sizeof(struct ifnet *));
	kfree(&if_slots_zone, V_if.if_slot);
	V_if.if_slot = slot;
	V_if.if_cap = cap;
	return (0);
}

uint16_t
if_slot_take(struct ifnet *ifp)
{
	uint32_t i;

	for (i = 0; i < V_if.if_cap && V_if.if_slot[i] != NULL; i++)
		;
	KASSERT(i < V_if.if_cap, ("no slot for interface %s", ifp->if_xname));
	V_if.if_slot[i] = ifp;
	V_if.if_nslots++;
	if (ifp->if_home != 0 && ifp->if_home != curvnet->v_handle)
		V_if.if_nlent++;
	return ((uint16_t)(i + 1));
}

void
if_slot_put(struct ifnet *ifp, uint16_t idx)
{
	MPASS(idx >= 1 && idx <= V_if.if_cap && V_if.if_slot[idx - 1] == ifp);
	V_if.if_slot[idx - 1] = NULL;
	V_if.if_nslots--;
	if (ifp->if_home != 0 && ifp->if_home != curvnet->v_handle)
		V_if.if_nlent--;
}

bool
if_name_taken(const char *name, const struct ifnet *but)
{
	uint32_t i;

	for (i = 0; i < V_if.if_cap; i++)
		if (V_if.if_slot[i] != NULL && V_if.if_slot[i] != but &&
		    strcmp(V_if.if_slot[i]->if_xname, name) == 0)
			return (true);
	return (false);
}

struct ifnet *
ifunit(const char *name)
{
	struct ifnet *ifp;

	TAILQ_FOREACH (ifp, &V_if.if_list, if_link)
		if (strcmp(ifp->if_xname, name) == 0)
			return (ifp);
	return (NULL);
}

struct ifnet *
ifnet_byindex(uint32_t idx)
{
	struct ifnet *ifp;

	if (idx == 0 || idx > V_if.if_cap)
		return (NULL);
	ifp = V_if.if_slot[idx - 1];
	return (ifp != NULL && ifp->if_attached && ifp->if_vnet == curvnet
		    ? ifp
		    : NULL);
}

struct ifnet *
if_first(void)
{
	return (TAILQ_FIRST(&V_if.if_list));
}

struct ifnet *
if_next(struct ifnet *ifp)
{
	return (TAILQ_NEXT(ifp, if_link));
}

uint32_t
if_count(const struct vnet *v)
{
	const struct vnet_if *vi = vnet_if_of(v);

	return (vi == NULL ? 0 : vi->if_cnt);
}

/* ---- where it is ---- */

struct vnet *
if_wherevnet(const struct ifnet *ifp)
{
	struct vnet *v = uma_owner(ifp);

	return (v != NULL && vnet_if_of(v) != NULL ? v : NULL);
}

struct vnet *
if_homevnet(const struct ifnet *ifp)
{
	struct vnet *v = handle_lookup(HANDLE_VNET, ifp->if_home);

	return (v != NULL && vnet_if_of(v) != NULL ? v : NULL);
}

/* ---- birth and death ---- */

static void
if_linktask(void *arg, int pending)
{
	struct ifnet *ifp = arg;

	(void)pending;
	eventhandler_invoke(EVH_IFNET_LINK, ifp, ifp->if_linkstate);
	if_stack_change(ifp);
}

struct ifnet *
if_alloc(const struct if_ops *ops, uint8_t type, void *softc)
{
	struct ifnet *ifp = uma_zalloc(&ifnet_zone, M_ZERO);

	if (ifp == NULL)
		return (NULL);
	ifp->if_handle = handle_alloc(HANDLE_IFNET, ifp);
	if (ifp->if_handle == 0) {
		uma_zfree(&ifnet_zone, ifp);
		return (NULL);
	}
	ifp->if_ops = ops;
	ifp->if_type = type;
	ifp->if_softc = softc;
	ifp->if_vnet = curvnet;
	ifp->if_linkstate = LINK_STATE_UNKNOWN;
	TAILQ_INIT(&ifp->if_above);
	TAILQ_INIT(&ifp->if_below);
	TAILQ_INIT(&ifp->if_multiaddrs);
	return (ifp);
}

static void
if_destroy(struct ifnet *ifp)
{
	waitq_abandon(&ifp->if_wq);
	uma_zfree(&ifextra_zone, ifp->if_extra);
	handle_free(ifp->if_handle);
	if (ifp->if_ops->io_free != NULL)
		ifp->if_ops->io_free(ifp);
	uma_zfree(&ifnet_zone, ifp);
}

static void
if_destroy_cb(struct epoch_context *ctx)
{
	if_destroy(container_of(ctx, struct ifnet, if_epoch));
}

void
if_free(struct ifnet *ifp)
{
	MPASS(!ifp->if_attached && ifp->if_index == 0);
	ifp->if_flags |= IFF_DYING;
	if (ifp->if_home == 0)
		if_destroy(ifp);
	else
		NET_EPOCH_CALL(if_destroy_cb, &ifp->if_epoch);
}

void
if_rele(struct ref *slot)
{
	struct ifnet *ifp = ref_get(slot);

	if (ref_drop(slot))
		wakeup(&ifp->if_wq);
}

/* ---- attach ---- */

int
if_attach_internal(struct ifnet *ifp, uint16_t idx, bool must)
{
	struct vnet *was = ifp->if_vnet;
	bool dying = curvnet->v_phase >= PHASE_LETGO;
	int error;

	if_chown(ifp, curvnet);
	ifp->if_vnet = curvnet;
	/* a vnet that lets go only takes it back to destroy it */
	error = dying ? 0 : if_af_attach(ifp, must);
	if (error != 0) {
		ifp->if_vnet = was;
		return (error);
	}
	ifp->if_index = idx;
	task_init(
	    &ifp->if_linktask, VNET_MOD_if, "if.linkstate", if_linktask, ifp);
	TAILQ_INSERT_TAIL(&V_if.if_list, ifp, if_link);
	V_if.if_cnt++;
	ifp->if_attached = true;
	if (!dying)
		eventhandler_invoke(EVH_IFNET_ARRIVAL, ifp, 0);
	return (0);
}

int
if_attach(struct ifnet *ifp)
{
	uint16_t idx;
	int error;

	MPASS(!ifp->if_attached && ifp->if_home == 0);
	if (V_if.if_open == 0)
		return (VE_BUSY);
	if (if_name_taken(ifp->if_xname, NULL))
		return (VE_EXIST);
	error = if_slot_room(1);
	if (error != 0)
		return (error);
	idx = if_slot_take(ifp);
	error = if_attach_internal(ifp, idx, false);
	if (error != 0) {
		if_slot_put(ifp, idx);
		return (error);
	}
	ifp->if_home_vnet = curvnet;
	ifp->if_home = curvnet->v_handle;
	TAILQ_INSERT_TAIL(&V_if.if_natives, ifp, if_native);
	V_if.if_nnatives++;
	return (0);
}

/* ---- use ---- */

int
if_setflags(struct ifnet *ifp, bool up)
{
	bool is = (ifp->if_flags & IFF_UP) != 0;

	if (if_leaving(ifp) || ifp->if_dead)
		return (VE_NXIO);
	if (is == up)
		return (0);
	ifp->if_flags ^= IFF_UP;
	if (ifp->if_ops->io_updown != NULL)
		ifp->if_ops->io_updown(ifp, up);
	if_stack_change(ifp);
	if (ifp->if_vnet == curvnet)
		eventhandler_invoke(EVH_IFNET_INFO, ifp, 0);
	return (0);
}

int
if_setmtu(struct ifnet *ifp, uint32_t mtu)
{
	int error = 0;

	if (if_leaving(ifp) || ifp->if_dead)
		return (VE_NXIO);
	if (mtu < IF_MINMTU || mtu > IF_MAXMTU ||
	    (ifp->if_addrlen == ETHER_ADDR_LEN && mtu > ETHERMTU_JUMBO))
		return (VE_INVAL);
	if (ifp->if_ops->io_setmtu != NULL)
		error = ifp->if_ops->io_setmtu(ifp, mtu);
	if (error != 0)
		return (error);
	ifp->if_mtu = mtu;
	if (ifp->if_vnet == curvnet)
		eventhandler_invoke(EVH_IFNET_INFO, ifp, 0);
	return (0);
}

void
if_link_state_change(struct ifnet *ifp, int state)
{
	const struct vnet *v = if_wherevnet(ifp);

	if (ifp->if_linkstate == state)
		return;
	ifp->if_linkstate = (uint8_t)state;
	/* dying vnets hear of it no more */
	if (ifp->if_attached && v != NULL && v->v_phase < PHASE_LETGO)
		(void)taskqueue_enqueue(TASKQ_SWI, &ifp->if_linktask);
}

int
if_transmit(struct ifnet *ifp, struct mbuf *m)
{
	enum drop_reason why;

	if (__predict_true(!if_leaving(ifp) && !ifp->if_dead &&
			   (ifp->if_flags & (IFF_UP | IFF_DRV_RUNNING)) ==
			       (IFF_UP | IFF_DRV_RUNNING))) {
		bpf_mtap(ifp, m, true);
		return (ifp->if_ops->io_transmit(ifp, m));
	}
	why = if_leaving(ifp) || ifp->if_dead ? DROP_IF_DYING : DROP_IF_DOWN;
	ifp->if_data.ifi_oerrors++;
	m_drop(m, why);
	return (VE_NETDOWN);
}
