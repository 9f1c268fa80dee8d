/*
 * net_view.c - sockets and counters of a world, live or on file.
 *
 * A socket is read with what its protocol keeps of it: socket, inpcb, tcpcb,
 * each copied and only if the ledger says that it is one.  Sockets are found
 * by walking the vnet's memory, so also those that no list has any more.
 *
 * Sysctls whose value lies in a module's state are read there, by the oid
 * tables of the program that made the world.  Those that are computed are
 * not: a view runs nothing.  The counters of TCP, UDP and IGMP hang on
 * pointers, which are followed here.
 */
#include <string.h>
#include <vnetsim/netview.h>
#include <vnetsim/kern/socketvar.h>
#include <vnetsim/kern/sysctl.h>
#include "src/core/memory_var.h"
#include "src/net/inet/in_pcb.h"
#include "src/net/inet/udp_var.h"
#include "src/net/ip/igmp_var.h"
#include "src/net/tcp/tcp_fsm.h"
#include "src/net/tcp/tcp_stat.h"
#include "src/net/tcp/tcp_syncache.h"
#include "src/net/tcp/tcp_var.h"

#define ITER_SYNCACHE (UINT64_C(1) << 63) /* the sockets are done */
#define OID_NAME      128

static uint64_t
cookie_addr(const struct vnetsim_view *v, uint64_t cookie)
{
	return (view_dir(v)->dd_world +
		(cookie & ((UINT64_C(1) << VIEW_COOKIE_MOD) - 1)));
}

/* A live object that is at least so long, copied. */
static bool
copy_object(const struct vnetsim_view *v, uint64_t at, void *to, size_t size)
{
	struct view_obj o;

	return (at != 0 && view_obj(v, at, &o) && o.vo_bytes >= size &&
		view_read(v, at, to, size));
}

static void
pcb_proto(const struct vnetsim_view *v, const struct socket *so,
    struct vnetsim_pcb *pcb)
{
	struct protosw pr;

	pcb->proto = "?";
	if (!view_read(v, view_addr(so->so_proto), &pr, sizeof(pr)))
		return;
	pcb->protocol = pr.pr_protocol != 0 ? pr.pr_protocol : so->so_protocol;
	pcb->proto = view_str(v, view_addr(pr.pr_name));
	if (pcb->proto == NULL)
		pcb->proto = "?";
}

static void
pcb_inet(const struct vnetsim_view *v, const struct socket *so,
    struct vnetsim_pcb *pcb)
{
	struct inpcb inp;
	uint8_t state;

	if (!copy_object(v, view_addr(so->so_pcb), &inp, sizeof(inp)))
		return;
	pcb->laddr.addr = inp.inp_laddr;
	pcb->laddr.port = inp.inp_lport;
	pcb->faddr.addr = inp.inp_faddr;
	pcb->faddr.port = inp.inp_fport;
	if (pcb->protocol != IPPROTO_TCP)
		return;
	pcb->state = tcpstates[TCPS_CLOSED];
	if (view_read(v,
		view_addr(inp.inp_ppcb) + offsetof(struct tcpcb, t_state),
		&state, 1) &&
	    state < TCP_NSTATES)
		pcb->state = tcpstates[state];
}

static bool
pcb_socket(const struct vnetsim_view *v, const struct vnetsim_object *o,
    struct vnetsim_pcb *pcb)
{
	struct socket so;

	memset(pcb, 0, sizeof(*pcb));
	if (!copy_object(v, cookie_addr(v, o->cookie), &so, sizeof(so)))
		return (false);
	pcb->cookie = o->cookie;
	pcb->serial = o->serial;
	pcb->rcvq = so.so_rcv.sb_ccc;
	pcb->sndq = so.so_snd.sb_ccc;
	pcb->listening = (so.so_options & SO_ACCEPTCONN) != 0;
	pcb->qlen = so.so_qlen;
	pcb->incqlen = so.so_incqlen;
	pcb->qlimit = so.so_qlimit;
	pcb->orphan = (so.so_state & SS_NOFDREF) != 0;
	pcb_proto(v, &so, pcb);
	pcb_inet(v, &so, pcb);
	return (true);
}

static bool
pcb_syncache(const struct vnetsim_view *v, const struct vnetsim_object *o,
    struct vnetsim_pcb *pcb)
{
	struct syncache sc;

	memset(pcb, 0, sizeof(*pcb));
	if (!copy_object(v, cookie_addr(v, o->cookie), &sc, sizeof(sc)))
		return (false);
	pcb->serial = o->serial;
	pcb->proto = "tcp";
	pcb->protocol = IPPROTO_TCP;
	pcb->state = tcpstates[TCPS_SYN_RECEIVED];
	pcb->laddr.addr = sc.sc_laddr;
	pcb->laddr.port = sc.sc_lport;
	pcb->faddr.addr = sc.sc_faddr;
	pcb->faddr.port = sc.sc_fport;
	return (true);
}

int
vnetsim_view_pcb_next(const struct vnetsim_view *v, uint32_t vnet,
    uint64_t *iter, struct vnetsim_pcb *pcb)
{
	struct vnetsim_object o;
	uint64_t it;
	bool sc;

	(void)view_begin(v);
	memset(pcb, 0, sizeof(*pcb));
	if (!view_native(v))
		return (VE_NOENT);
	for (;;) {
		sc = (*iter & ITER_SYNCACHE) != 0;
		it = *iter & ~ITER_SYNCACHE;
		if (vnetsim_object_next(
			v, vnet, sc ? "syncache" : "socket", &it, &o) != 0) {
			if (sc)
				return (VE_NOENT);
			*iter = ITER_SYNCACHE;
			continue;
		}
		*iter = it | (sc ? ITER_SYNCACHE : 0);
		if (sc ? pcb_syncache(v, &o, pcb) : pcb_socket(v, &o, pcb))
			return (0);
	}
}

/* Name of an oid.  Return: false: it is longer than any. */
static bool
oid_name(const struct vnetsim_view *v, const struct sysctl_oid *oid,
    char name[OID_NAME])
{
	const char *s = view_str(v, view_addr(oid->o_name));
	size_t len = s != NULL ? strlen(s) : OID_NAME;

	if (len >= OID_NAME)
		return (false);
	memcpy(name, s, len + 1);
	return (true);
}

/* A counter of TCP: o_offset is its number. */
static int
read_tcpstat(const struct vnetsim_view *v, uint64_t state,
    const struct sysctl_oid *oid, int64_t *value)
{
	uint64_t anchor, at, n = 0;

	anchor = view_ptr(v, state + offsetof(struct vnet_tcpstat, anchor));
	if (anchor == 0 || oid->o_offset >= TCPSTAT_N)
		return (VE_NOENT);
	at = view_ptr(v, anchor + offsetof(struct tcpstat_anchor, ta_stat));
	if (at != 0)
		(void)view_read(
		    v, at + oid->o_offset * sizeof(n), &n, sizeof(n));
	*value = (int64_t)imin(n, (uint64_t)INT64_MAX);
	return (0);
}

/* A counter of UDP: o_offset is within struct udpstat. */
static int
read_udpstat(const struct vnetsim_view *v, uint64_t state,
    const struct sysctl_oid *oid, int64_t *value)
{
	uint64_t at;
	uint32_t n = 0;

	at = view_ptr(v, state + offsetof(struct vnet_udp, stat));
	if (at == 0 || oid->o_offset > sizeof(struct udpstat) - sizeof(n))
		return (VE_NOENT);
	(void)view_read(v, at + oid->o_offset, &n, sizeof(n));
	*value = n;
	return (0);
}

/* A counter of IGMP: o_offset is its number; 0 until there is a block. */
static int
read_igmpstat(const struct vnetsim_view *v, uint64_t state,
    const struct sysctl_oid *oid, int64_t *value)
{
	uint64_t at;
	uint32_t n = 0;

	at = view_ptr(v, state + offsetof(struct vnet_igmp, main));
	if (oid->o_offset >= IGPS_N)
		return (VE_NOENT);
	if (at != 0)
		(void)view_read(v,
		    at + offsetof(struct igmp_main, stat) +
			oid->o_offset * sizeof(n),
		    &n, sizeof(n));
	*value = n;
	return (0);
}

/* Where @state is the module's. */
static int
oid_value(const struct vnetsim_view *v, uint64_t state,
    const struct sysctl_oid *oid, const char *name, int64_t *value)
{
	union {
		int32_t i;
		uint32_t u;
		uint8_t b;
		uint64_t q;
		int64_t t;
	} x = { .q = 0 };

	if (oid->o_type == SYSCTL_T_PROC) {
		if (strncmp(name, "net.inet.tcp.stats.", 19) == 0)
			return (read_tcpstat(v, state, oid, value));
		if (strncmp(name, "net.inet.udp.stats.", 19) == 0)
			return (read_udpstat(v, state, oid, value));
		if (strncmp(name, "net.inet.igmp.stats.", 20) == 0)
			return (read_igmpstat(v, state, oid, value));
		return (VE_NOENT);
	}
	state += oid->o_offset;
	switch ((enum sysctl_type)oid->o_type) {
	case SYSCTL_T_INT:
		(void)view_read(v, state, &x.i, sizeof(x.i));
		*value = x.i;
		return (0);
	case SYSCTL_T_UINT:
		(void)view_read(v, state, &x.u, sizeof(x.u));
		*value = x.u;
		return (0);
	case SYSCTL_T_BOOL:
		(void)view_read(v, state, &x.b, sizeof(x.b));
		*value = x.b != 0;
		return (0);
	case SYSCTL_T_U64:
		(void)view_read(v, state, &x.q, sizeof(x.q));
		*value = (int64_t)imin(x.q, (uint64_t)INT64_MAX);
		return (0);
	case SYSCTL_T_TIME:
		(void)view_read(v, state, &x.t, sizeof(x.t));
		*value = oid->o_unit > 0 ? x.t / oid->o_unit : x.t;
		return (0);
	default:
		return (VE_NOENT);
	}
}

/* In the tables of one module.  Return: as vnetsim_view_sysctl(). */
static int
module_sysctl(const struct vnetsim_view *v, const struct vnet_module *m,
    uint64_t state, const char *name, int64_t *value)
{
	char own[OID_NAME];
	struct sysctl_oid oid;

	for (uint32_t i = 0; i < m->vm_nsysctls && i < 1024; i++) {
		if (!view_read(v, view_addr(m->vm_sysctls) + i * sizeof(oid),
			&oid, sizeof(oid)))
			return (VE_NOENT);
		if (oid_name(v, &oid, own) && strcmp(own, name) == 0)
			return (oid_value(v, state, &oid, own, value));
	}
	return (VE_NOENT);
}

int
vnetsim_view_sysctl(const struct vnetsim_view *v, uint32_t vnet,
    const char *name, int64_t *value)
{
	const struct dump_dir *dd = view_begin(v);
	struct vnet_module m;
	struct view_obj o;
	uint64_t at, state;
	uint32_t x;

	x = view_native(v) ? view_vnet_extent(v, vnet) : 0;
	at = x != 0 ? view_vnet_at(v, x, &o) : 0;
	for (uint32_t i = 0; at != 0 && i < dd->dd_nmods; i++) {
		state = view_state_at(v, at, i);
		if (state != 0 && view_module(v, i, &m) &&
		    module_sysctl(v, &m, state, name, value) == 0)
			return (0);
	}
	return (VE_NOENT);
}
