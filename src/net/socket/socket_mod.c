/*
 * socket_mod.c - the module socket: init, end, and the protocols of a vnet.
 *
 *	init      an empty list of sockets, an empty switch
 *	shutdown  every socket that is left is detached from its protocol in
 *	          silence; blocked calls end.  In the default order none is
 *	          left: processes are dead, and TCP has said goodbye.  A socket
 *	          that somebody still refers to (a forced teardown under
 *	          a passed descriptor) stays as a dead one, and the audit
 *	          names it
 *	uninit    the switch, if all protocols have left it
 *
 * Slots: FreeBSD 13's socket_vnet_init/uninit at DOMAININIT/ANY, so in its
 * order sockets end after the transports.
 *
 * FreeBSD: sys/kern/uipc_domain.c, uipc_socket.c.
 */
#include <vnetsim/errno.h>
#include "src/net/socket/socket_var.h"

static const struct field socklist_fields[] = {
	FIELD(struct socklist, sl_all, LINK),
};
static UMA_ZONE(
    socklist_zone, socket, SOCKET_Z_LIST, struct socklist, 0, socklist_fields);
static const struct field pffswitch_fields[] = {
	FIELD(struct pffswitch, ps_protos, LINK),
};
static UMA_ZONE(pffswitch_zone, socket, SOCKET_Z_SWITCH, struct pffswitch, 0,
    pffswitch_fields);
static const struct field pffproto_fields[] = {
	FIELD(struct pffproto, pf_sw, FUNC),
	FIELD(struct pffproto, pf_link, LINK),
};
static UMA_ZONE(
    pffproto_zone, socket, SOCKET_Z_PROTO, struct pffproto, 0, pffproto_fields);

static struct pffswitch *
pffswitch(void)
{
	const struct vnet_socket *vs = curvnet->v_state[VNET_MOD_socket];

	return (vs != NULL ? vs->sw : NULL);
}

const struct protosw *
pffindproto(int type, int protocol)
{
	const struct pffswitch *ps = pffswitch();
	const struct pffproto *pf;

	if (ps == NULL)
		return (NULL);
	LIST_FOREACH (pf, &ps->ps_protos, pf_link) {
		if (type != 0 && pf->pf_sw->pr_type != type)
			continue;
		if (protocol == 0 || pf->pf_sw->pr_protocol == protocol ||
		    (type == SOCK_RAW && pf->pf_sw->pr_protocol == 0))
			return (pf->pf_sw);
	}
	return (NULL);
}

int
protosw_register(const struct protosw *pr)
{
	struct pffswitch *ps = pffswitch();
	struct pffproto *pf;

	if (ps == NULL)
		return (VE_NXIO);
	if (pffindproto(pr->pr_type, pr->pr_protocol) != NULL)
		return (VE_EXIST);
	pf = uma_zalloc(&pffproto_zone, M_ZERO);
	if (pf == NULL)
		return (VE_NOMEM);
	pf->pf_sw = pr;
	LIST_INSERT_HEAD(&ps->ps_protos, pf, pf_link);
	return (0);
}

void
protosw_unregister(const struct protosw *pr)
{
	struct pffswitch *ps = pffswitch();
	struct pffproto *pf, *next;

	if (ps == NULL)
		return;
	LIST_FOREACH_SAFE (pf, &ps->ps_protos, pf_link, next) {
		if (pf->pf_sw != pr)
			continue;
		LIST_REMOVE(pf, pf_link);
		uma_zfree(&pffproto_zone, pf);
	}
}

struct socket *
so_first(void)
{
	const struct vnet_socket *vs = curvnet->v_state[VNET_MOD_socket];

	if (vs == NULL || vs->list == NULL)
		return (NULL);
	return (TAILQ_FIRST(&vs->list->sl_all));
}

struct socket *
so_next(struct socket *so)
{
	return (TAILQ_NEXT(so, so_all));
}

static int
socket_init(void)
{
	V_socket.soacceptqueue = SOMAXCONN;
	V_socket.maxsockbuf = SB_MAX;
	V_socket.list = uma_zalloc(&socklist_zone, M_ZERO);
	V_socket.sw = uma_zalloc(&pffswitch_zone, M_ZERO);
	if (V_socket.list == NULL || V_socket.sw == NULL) {
		uma_zfree(&socklist_zone, V_socket.list);
		uma_zfree(&pffswitch_zone, V_socket.sw);
		V_socket.list = NULL;
		V_socket.sw = NULL;
		return (VE_NOMEM);
	}
	TAILQ_INIT(&V_socket.list->sl_all);
	LIST_INIT(&V_socket.sw->ps_protos);
	return (0);
}

static enum op_verdict
socket_shutdown(struct op *op)
{
	struct socket *so, *next;

	(void)op;
	if (V_socket.list == NULL)
		return (OP_DONE);
	/* no socket's end may end another one: queues first */
	for (so = so_first(); so != NULL; so = so_next(so))
		if (so->so_qstate != SQ_NONE)
			sodequeue(so);
	for (so = so_first(); so != NULL; so = next) {
		next = so_next(so);
		sodetach(so);
	}
	if (V_socket.nsockets != 0)
		return (OP_DONE);
	uma_zfree(&socklist_zone, V_socket.list);
	V_socket.list = NULL;
	return (OP_DONE);
}

static void
socket_uninit(void)
{
	if (!LIST_EMPTY(&V_socket.sw->ps_protos))
		return;
	uma_zfree(&pffswitch_zone, V_socket.sw);
	V_socket.sw = NULL;
}

static const struct field vnet_socket_fields[] = {
	FIELD(struct vnet_socket, list, PTR),
	FIELD(struct vnet_socket, sw, PTR),
	FIELD(struct vnet_socket, nsockets, UINT),
	FIELD(struct vnet_socket, soacceptqueue, INT),
	FIELD(struct vnet_socket, maxsockbuf, UINT),
	FIELD_STAT(struct vnet_socket, overflows, UINT),
};

static const struct vnet_contract socket_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_socket, nsockets),
};

static const struct uma_zone *const socket_zones[] = {
	[SOCKET_Z_SOCKET] = &socket_zone,
	[SOCKET_Z_LIST] = &socklist_zone,
	[SOCKET_Z_SWITCH] = &pffswitch_zone,
	[SOCKET_Z_PROTO] = &pffproto_zone,
	[SOCKET_Z_DATA] = &sodata_zone,
};

static const struct sysctl_oid socket_sysctls[] = {
	SYSCTL_VNET("kern.ipc.numopensockets", UINT, RD, struct vnet_socket,
	    nsockets, 0, UINT32_MAX, "sockets of this vnet"),
	SYSCTL_VNET("kern.ipc.sooverflows", UINT, RD, struct vnet_socket,
	    overflows, 0, UINT32_MAX, "connections refused by a full queue"),
	SYSCTL_VNET("kern.ipc.maxsockbuf", UINT, RW, struct vnet_socket,
	    maxsockbuf, SB_MAXMIN, UINT32_MAX,
	    "largest socket buffer, bytes; TCP's window scale follows"),
	SYSCTL_VNET("kern.ipc.soacceptqueue", INT, RW, struct vnet_socket,
	    soacceptqueue, 1, UINT16_MAX / 3, "largest backlog of listen(2)"),
};

VNET_MODULE(socket) = {
	.vm_name = "socket",
	.vm_id = VNET_MOD_socket,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_socket),
	.vm_sub = SI_SUB_PROTO_DOMAININIT,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_DOMAININIT,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = socket_init,
	.vm_shutdown = socket_shutdown,
	.vm_uninit = socket_uninit,
	.vm_fields = vnet_socket_fields,
	.vm_nfields = nitems(vnet_socket_fields),
	.vm_contracts = socket_contracts,
	.vm_ncontracts = nitems(socket_contracts),
	.vm_zones = socket_zones,
	.vm_nzones = nitems(socket_zones),
	.vm_sysctls = socket_sysctls,
	.vm_nsysctls = nitems(socket_sysctls),
};
