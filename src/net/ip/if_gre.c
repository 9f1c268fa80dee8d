/*
 * if_gre.c - generic routing encapsulation: IPv4 in GRE, and module `gre`.
 *
 * RFC 2784 with key and sequence number (RFC 2890) as FreeBSD has it:
 *
 *	flags (16) | version, type (32)
 *	sum (16), 0 (16)	enable_csum; over header and packet
 *	key (32)		grekey; who has another one is not heard
 *	number (32)		enable_seq; counted, not looked at
 *
 * What comes in may have any of them whatever we send, but for the key: that
 * must be ours, or missing if we have none.  The type of service is copied to
 * the outside.  MTU 1476, at least 576.  There is no GRE in UDP.
 *
 * Addresses, nesting and the way up are if_tunnel.c's.
 *
 * FreeBSD: sys/net/if_gre.c, sys/netinet/ip_gre.c.
 */
#include <vnetsim/errno.h>
#include "src/net/ip/if_tunnel.h"
#include "src/net/ip/ip.h"
#include "src/net/ip/ip_var.h"
#include "src/net/link/ethernet.h"

#define GRE_MTU     1476
#define GRE_MTU_MIN 576

/* The header, RFC 2784 section 2. */
#define GRE_FLAGS_CP   0x8000 /* a sum */
#define GRE_FLAGS_KP   0x2000 /* a key */
#define GRE_FLAGS_SP   0x1000 /* a number */
#define GRE_FLAGS_MASK (GRE_FLAGS_CP | GRE_FLAGS_KP | GRE_FLAGS_SP)
#define GRE_HDRLEN     4
#define GRE_HDRMAX     16

enum { GRE_Z_SOFTC, GRE_Z_UNITS };

struct gre_softc {
	struct tunnel gre_tn;
	uint32_t gre_key; /* 0: none */
	uint32_t gre_oseq;
};

struct vnet_gre {
	struct vnet_tunnel gre_vt;
};
VNET_STATE(gre, struct vnet_gre);
#define V_gre VNET(gre).gre_vt

static const struct field gre_softc_fields[] = {
	TUNNEL_FIELDS(struct gre_softc, gre_tn),
	FIELD(struct gre_softc, gre_key, HEX),
	FIELD(struct gre_softc, gre_oseq, UINT),
};
static UMA_ZONE(gre_softc_zone, gre, GRE_Z_SOFTC, struct gre_softc, UMA_WORLD,
    gre_softc_fields);
static MALLOC_TYPE(gre_units_zone, gre, GRE_Z_UNITS, "gre_units", UMA_NOHASH);

static const struct tunnel_kind gre_kind;

/* ---- out ---- */

/* The header in front of an inner packet.  Return: NULL: no memory. */
static struct mbuf *
gre_header(struct gre_softc *sc, struct mbuf *m)
{
	uint16_t flags = sc->gre_key != 0 ? GRE_FLAGS_KP : 0;
	uint32_t hlen = GRE_HDRLEN + (sc->gre_key != 0 ? 4 : 0);
	uint8_t *p;

	if ((sc->gre_tn.tn_opts & VNETSIM_IFOPT_GRECSUM) != 0) {
		flags |= GRE_FLAGS_CP;
		hlen += 4;
	}
	if ((sc->gre_tn.tn_opts & VNETSIM_IFOPT_GRESEQ) != 0) {
		flags |= GRE_FLAGS_SP;
		hlen += 4;
	}
	m = m_prepend(m, hlen, if_mflags());
	if (m == NULL)
		return (NULL);
	p = mtod(m, uint8_t *);
	be16enc(p, flags);
	be16enc(p + 2, ETHERTYPE_IP);
	p += GRE_HDRLEN;
	if ((flags & GRE_FLAGS_CP) != 0) {
		be32enc(p, 0);
		p += 4;
	}
	if ((flags & GRE_FLAGS_KP) != 0) {
		be32enc(p, sc->gre_key);
		p += 4;
	}
	if ((flags & GRE_FLAGS_SP) != 0)
		be32enc(p, sc->gre_oseq);
	if ((flags & GRE_FLAGS_CP) != 0)
		be16enc(
		    mtodo(m, GRE_HDRLEN), in_cksum(m, 0, m->m_pkthdr.len, 0));
	return (m);
}

static int
gre_transmit(struct ifnet *ifp, struct mbuf *m)
{
	struct gre_softc *sc = ifp->if_softc;
	struct tunnel *tn = &sc->gre_tn;
	uint8_t tos;
	int error;

	m_copydata(m, IP_O_TOS, 1, &tos);
	error = tunnel_enter(tn, &V_gre, m);
	if (error != 0)
		return (error);
	m = gre_header(sc, m);
	error = tunnel_send(tn, &V_gre, m, IPPROTO_GRE, tos);
	/* one that could not be sent leaves no gap */
	if (error == 0)
		sc->gre_oseq++;
	return (error);
}

/* ---- in ---- */

/* Read a header.  Return: why the packet must be dropped; *lenp: its length.
 */
static enum drop_reason
gre_parse(const struct gre_softc *sc, const struct mbuf *m, uint32_t *lenp)
{
	uint8_t p[GRE_HDRMAX];
	uint32_t len = GRE_HDRLEN, key = 0;
	uint16_t flags;

	m_copydata(m, 0, GRE_HDRLEN, p);
	flags = be16dec(p);
	if ((flags & ~GRE_FLAGS_MASK) != 0 || be16dec(p + 2) != ETHERTYPE_IP)
		return (DROP_GRE_BAD);
	len += (flags & GRE_FLAGS_CP) != 0 ? 4 : 0;
	len += (flags & GRE_FLAGS_KP) != 0 ? 4 : 0;
	len += (flags & GRE_FLAGS_SP) != 0 ? 4 : 0;
	if (m->m_pkthdr.len < len)
		return (DROP_GRE_BAD);
	if ((flags & GRE_FLAGS_CP) != 0 &&
	    in_cksum(m, 0, m->m_pkthdr.len, 0) != 0)
		return (DROP_GRE_BADSUM);
	m_copydata(m, 0, len, p);
	if ((flags & GRE_FLAGS_KP) != 0)
		key = be32dec(
		    p + GRE_HDRLEN + ((flags & GRE_FLAGS_CP) != 0 ? 4 : 0));
	*lenp = len;
	return (key == sc->gre_key ? DROP_NONE : DROP_GRE_KEY);
}

static void
gre_input(void *arg, struct mbuf *m, uint32_t hlen)
{
	struct gre_softc *sc = arg;
	enum drop_reason why;
	uint32_t len = 0;

	m_adj(m, (int)hlen);
	why = gre_parse(sc, m, &len);
	if (why != DROP_NONE) {
		sc->gre_tn.tn_ifp->if_data.ifi_ierrors++;
		m_drop(m, why);
		return;
	}
	m_adj(m, (int)len);
	tunnel_up(&sc->gre_tn, m);
}

static const struct encap_ops gre_encap = {
	.eo_proto = IPPROTO_GRE,
	.eo_minlen = GRE_HDRLEN,
	.eo_check = tunnel_check,
	.eo_input = gre_input,
};

/* ---- configuration ---- */

static int
gre_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr)
{
	struct gre_softc *sc = ifp->if_softc;

	if (ifr->cmd != VNETSIM_IF_GREKEY)
		return (tunnel_ioctl(ifp, &gre_kind, ifr));
	sc->gre_key = ifr->n;
	return (0);
}

static int
gre_setmtu(struct ifnet *ifp, uint32_t mtu)
{
	(void)ifp;
	return (mtu < GRE_MTU_MIN ? VE_INVAL : 0);
}

/* The n-th of the lines that there are. */
static bool
gre_show(const struct ifnet *ifp, uint32_t n, char *buf, size_t size)
{
	static const char *const opts[] = { "", "ENABLE_CSUM", "ENABLE_SEQ",
		"ENABLE_CSUM,ENABLE_SEQ" };
	const struct gre_softc *sc = ifp->if_softc;
	const struct tunnel *tn = ifp->if_softc;

	if (tn->tn_encap != NULL && n-- == 0)
		return (tunnel_show(tn, buf, size));
	if (sc->gre_key != 0 && n-- == 0) {
		(void)ksnprintf(buf, size, "grekey: 0x%x (%u)",
		    (unsigned)sc->gre_key, (unsigned)sc->gre_key);
		return (true);
	}
	if (tn->tn_fib != 0 && n-- == 0) {
		(void)ksnprintf(
		    buf, size, "tunnelfib: %u", (unsigned)tn->tn_fib);
		return (true);
	}
	if ((tn->tn_opts & 3) == 0 || n != 0)
		return (false);
	(void)ksnprintf(buf, size, "options=%x<%s>",
	    (unsigned)(tn->tn_opts & 3), opts[tn->tn_opts & 3]);
	return (true);
}

/* ---- birth and end ---- */

static enum op_verdict
gre_destroy(struct op *op, struct ifnet *ifp, bool home)
{
	const struct tunnel *tn = ifp->if_softc;

	(void)op;
	if (home)
		if_unit_put(&V_gre.vt_drv.id_units, tn->tn_unit);
	return (OP_DONE);
}

static void
gre_free(struct ifnet *ifp)
{
	uma_zfree(&gre_softc_zone, ifp->if_softc);
	ifp->if_softc = NULL;
}

static const struct if_ops gre_ops = {
	.io_name = "gre",
	.io_mod = VNET_MOD_gre,
	.io_transmit = gre_transmit,
	.io_destroy = gre_destroy,
	.io_free = gre_free,
	.io_ioctl = gre_ioctl,
	.io_setmtu = gre_setmtu,
	.io_depart = tunnel_depart,
	.io_show = gre_show,
};

static int
gre_make(const char *name, uint32_t unit)
{
	return (tunnel_make(&gre_kind, &gre_softc_zone, name, unit));
}

static const struct if_driver_desc gre_driver;

static int
gre_create(int want, char *name, size_t namelen)
{
	return (
	    if_driver_create(&V_gre.vt_drv, &gre_driver, want, name, namelen));
}

static const struct if_clone gre_cloner = {
	.ifc_name = "gre",
	.ifc_create = gre_create,
};
static const struct if_driver_desc gre_driver = {
	.dd_cloner = &gre_cloner,
	.dd_units = &gre_units_zone,
	.dd_mod = VNET_MOD_gre,
	.dd_make = gre_make,
};
static const struct tunnel_kind gre_kind = {
	.tk_ops = &gre_ops,
	.tk_encap = &gre_encap,
	.tk_driver = &gre_driver,
	.tk_opts = VNETSIM_IFOPT_IGNORESOURCE | VNETSIM_IFOPT_GRECSUM |
		   VNETSIM_IFOPT_GRESEQ,
	.tk_mtu = GRE_MTU,
	.tk_type = IFT_TUNNEL,
};

/* ---- the module ---- */

static int
gre_init(void)
{
	return (tunnel_init(&V_gre, &gre_kind));
}

static enum op_verdict
gre_shutdown(struct op *op)
{
	return (tunnel_shutdown(op, &V_gre, &gre_kind));
}

static const struct field vnet_gre_fields[] = {
	VNET_TUNNEL_FIELDS(struct vnet_gre, gre_vt),
};
static const struct vnet_contract gre_contracts[] = {
	IF_DRIVER_CONTRACTS(struct vnet_gre, gre_vt.vt_drv),
};
static const struct uma_zone *const gre_zones[] = {
	[GRE_Z_SOFTC] = &gre_softc_zone,
	[GRE_Z_UNITS] = &gre_units_zone,
};
static const struct sysctl_oid gre_sysctls[] = {
	SYSCTL_VNET("net.inet.ip.grettl", INT, RW, struct vnet_gre,
	    gre_vt.vt_ttl, 1, 255, "time to live of gre's outer packets"),
	SYSCTL_VNET("net.link.gre.max_nesting", INT, RW, struct vnet_gre,
	    gre_vt.vt_nesting, 1, TUNNEL_NESTMAX,
	    "gres that a packet may be in"),
};

VNET_MODULE(gre) = {
	.vm_name = "gre",
	.vm_id = VNET_MOD_gre,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_gre),
	.vm_sub = SI_SUB_PROTO_IFATTACHDOMAIN,
	.vm_order = SI_ORDER_ANY,
	.vm_unsub = SI_SUB_PROTO_IFATTACHDOMAIN,
	.vm_unorder = SI_ORDER_ANY,
	.vm_init = gre_init,
	.vm_shutdown = gre_shutdown,
	.vm_fields = vnet_gre_fields,
	.vm_nfields = nitems(vnet_gre_fields),
	.vm_contracts = gre_contracts,
	.vm_ncontracts = nitems(gre_contracts),
	.vm_zones = gre_zones,
	.vm_nzones = nitems(gre_zones),
	.vm_sysctls = gre_sysctls,
	.vm_nsysctls = nitems(gre_sysctls),
};
