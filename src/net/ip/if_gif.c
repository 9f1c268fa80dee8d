/*
 * if_gif.c - generic tunnel interface: IPv4 in IPv4, and module `gif`.
 *
 * RFC 2003 as FreeBSD has it: protocol 4, no header of its own, fragments
 * allowed outside, the type of service copied to the outside and left alone
 * inside (ECN_NOCARE).  MTU 1280 to 8192.  There is no EtherIP: a gif is no
 * member of a bridge.
 *
 * Addresses, nesting and the way up are if_tunnel.c's.
 *
 * FreeBSD: sys/net/if_gif.c, sys/netinet/in_gif.c.
 */
#include <vnetsim/errno.h>
#include "src/net/ip/if_tunnel.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"

#define GIF_MTU     1280
#define GIF_MTU_MAX 8192

enum { GIF_Z_SOFTC, GIF_Z_UNITS };

struct gif_softc {
	struct tunnel gif_tn;
};

struct vnet_gif {
	struct vnet_tunnel gif_vt;
};
VNET_STATE(gif, struct vnet_gif);
#define V_gif VNET(gif).gif_vt

static const struct field gif_softc_fields[] = {
	TUNNEL_FIELDS(struct gif_softc, gif_tn),
};
static UMA_ZONE(gif_softc_zone, gif, GIF_Z_SOFTC, struct gif_softc, UMA_WORLD,
    gif_softc_fields);
static MALLOC_TYPE(gif_units_zone, gif, GIF_Z_UNITS, "gif_units", UMA_NOHASH);

static const struct tunnel_kind gif_kind;

static int
gif_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct tunnel *tn = ifp->if_softc;
	uint8_t tos;
	int error;

	m_copydata(m, IP_O_TOS, 1, &tos);
	error = tunnel_enter(tn, &V_gif, m);
	if (error != 0)
		return (error);
	return (tunnel_send(tn, &V_gif, m, IPPROTO_IPIP, tos));
}

static void
gif_input(void *arg, struct mbuf *m, uint32_t hlen)
{
	m_adj(m, (int)hlen);
	tunnel_up(arg, m);
}

static const struct encap_ops gif_encap = {
	.eo_proto = IPPROTO_IPIP,
	.eo_minlen = IP_HDRLEN,
	.eo_check = tunnel_check,
	.eo_input = gif_input,
};

static int
gif_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr)
{
	return (tunnel_ioctl(ifp, &gif_kind, ifr));
}

static int
gif_setmtu(struct ifnet *ifp, uint32_t mtu)
{
	(void)ifp;
	return (mtu < GIF_MTU || mtu > GIF_MTU_MAX ? VE_INVAL : 0);
}

static bool
gif_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size)
{
	const struct tunnel *tn = ifp->if_softc;

	if (tn->tn_encap != NULL && n-- == 0)
		return (tunnel_show(tn, buf, size));
	if (tn->tn_fib != 0 && n-- == 0) {
		(void)ksnprintf(
		    buf, size, "tunnelfib: %u", (unsigned)tn->tn_fib);
		return (true);
	}
	if ((tn->tn_opts & VNETSIM_IFOPT_IGNORESOURCE) == 0 || n != 0)
		return (false);
	(void)ksnprintf(buf, size, "options=2<IGNORE_SOURCE>");
	return (true);
}

static enum op_verdict
gif_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct tunnel *tn = ifp->if_softc;

	(void)op;
	if (home)
		if_unit_put(&V_gif.vt_drv.id_units, tn->tn_unit);
	return (OP_DONE);
}

static void
gif_free(struct ifnet *ifp)
{
	uma_zfree(&gif_softc_zone, ifp->if_softc);
	ifp->if_softc = NULL;
}

static const struct if_ops gif_ops = {
	.io_name = "gif",
	.io_mod = VNET_MOD_gif,
	.io_transmit = gif_transmit,
	.io_destroy = gif_destroy,
	.io_free = gif_free,
	.io_ioctl = gif_ioctl,
	.io_setmtu = gif_setmtu,
	.io_depart = tunnel_depart,
	.io_show = gif_show,
};

static int
gif_make(const char *name, uint32_t unit)
{
	return (tunnel_make(&gif_kind, &gif_softc_zone, name, unit));
}

static const struct if_driver_desc gif_driver;

static int
gif_create(int want, char *name, size_t namelen)
{
	return (
	    if_driver_create(&V_gif.vt_drv, &gif_driver, want, name, namelen));
}

static const struct if_clone gif_cloner = {
	.ifc_name = "gif",
	.ifc_create = gif_create,
};
static const struct if_driver_desc gif_driver = {
	.dd_cloner = &gif_cloner,
	.dd_units = &gif_units_zone,
	.dd_mod = VNET_MOD_gif,
	.dd_make = gif_make,
};
static const struct tunnel_kind gif_kind = {
	.tk_ops = &gif_ops,
	.tk_encap = &gif_encap,
	.tk_driver = &gif_driver,
	.tk_opts = VNETSIM_IFOPT_IGNORESOURCE,
	.tk_mtu = GIF_MTU,
	.tk_type = IFT_GIF,
};

/* ---- the module ---- */

static int
gif_init(void)
{
	return (tunnel_init(&V_gif, &gif_kind));
}

static enum op_verdict
gif_shutdown(struct op *op)
{
	return (tunnel_shutdown(op, &V_gif, &gif_kind));
}

static const struct field vnet_gif_fields[] = {
	VNET_TUNNEL_FIELDS(struct vnet_gif, gif_vt),
};
static const struct vnet_contract gif_contracts[] = {
	IF_DRIVER_CONTRACTS(struct vnet_gif, gif_vt.vt_drv),
};
static const struct uma_zone *const gif_zones[] = {
	[GIF_Z_SOFTC] = &gif_softc_zone,
	[GIF_Z_UNITS] = &gif_units_zone,
};
static const struct sysctl_oid gif_sysctls[] = {
	SYSCTL_VNET("net.inet.ip.gifttl", INT, RW, struct vnet_gif,
	    gif_vt.vt_ttl, 1, 255, "time to live of gif's outer packets"),
	SYSCTL_VNET("net.link.gif.max_nesting", INT, RW, struct vnet_gif,
	    gif_vt.vt_nesting, 1, TUNNEL_NESTMAX,
	    "gifs that a packet may be in"),
};

VNET_MODULE(gif) = {
	.vm_name = "gif",
	.vm_id = VNET_MOD_gif,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_gif),
	.vm_sub = SI_SUB_PROTO_IFATTACHDOMAIN,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_IFATTACHDOMAIN,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = gif_init,
	.vm_shutdown = gif_shutdown,
	.vm_fields = vnet_gif_fields,
	.vm_nfields = nitems(vnet_gif_fields),
	.vm_contracts = gif_contracts,
	.vm_ncontracts = nitems(gif_contracts),
	.vm_zones = gif_zones,
	.vm_nzones = nitems(gif_zones),
	.vm_sysctls = gif_sysctls,
	.vm_nsysctls = nitems(gif_sysctls),
};
