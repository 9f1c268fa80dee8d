/*
 * net_api_if.c - the public interface of interfaces: what ifconfig(8) needs.
 */
#include <string.h>
#include <vnetsim/net.h>
#include "src/net/ip/ip_var.h"
#include "src/net/link/if_var.h"
#include "src/net/net_api.h"

/* An interface of a jail's vnet, behind door ADMIN.  Return: an errno. */
static int
api_if(struct vnetsim *w, struct api_call *c, const char *what,
    vnetsim_handle jail, const char *name, struct ifnet **ifpp)
{
	int error = api_jail(w, c, what, jail, DOOR_ADMIN, NULL);

	if (error != 0)
		return (error);
	*ifpp = ifunit(name);
	return (*ifpp != NULL ? 0 : VE_NXIO);
}

int
vnetsim_if_create(
    struct vnetsim *w, vnetsim_handle jail, char name[VNETSIM_IFNAMSIZ])
{
	struct api_call c;
	int error = api_jail(w, &c, "if_create", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = if_clone_create(name, VNETSIM_IFNAMSIZ);
	return (api_end(&c, error));
}

int
vnetsim_if_destroy(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle *op)
{
	struct api_call c;
	struct op *kop;
	int error = api_jail(w, &c, "if_destroy", jail, DOOR_ADMIN, NULL);

	if (error == 0)
		error = if_clone_destroy(name, &kop);
	if (error == 0)
		api_op(kop, op);
	return (api_end(&c, error));
}

int
vnetsim_if_vnet(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle to, vnetsim_handle *op)
{
	struct prison *target;
	struct api_call c;
	struct ifnet *ifp;
	struct op *kop;
	int error = api_if(w, &c, "if_vnet", jail, name, &ifp);

	target = api_prison(to);
	if (error == 0 && (target == NULL || target->pr_vnet == NULL ||
			      target->pr_state == PRISON_STATE_DYING))
		error = VE_NXIO;
	if (error == 0)
		error = if_vmove_loan(ifp, target->pr_vnet, &kop);
	if (error == 0)
		api_op(kop, op);
	return (api_end(&c, error));
}

int
vnetsim_if_reclaim(struct vnetsim *w, vnetsim_handle jail, const char *name,
    vnetsim_handle from, vnetsim_handle *op)
{
	struct prison *taker;
	struct api_call c;
	struct ifnet *ifp = NULL;
	struct op *kop;
	int error;

	/* the interface is found, and let go of, in the lender's vnet */
	error = api_if(w, &c, "if_reclaim", from, name, &ifp);
	if (error == VE_SRCH)
		error = VE_NXIO;
	taker = api_prison(jail);
	if (taker == NULL || taker->pr_vnet == NULL)
		error = VE_SRCH;
	if (error == 0)
		error = if_vmove_reclaim(ifp, taker->pr_vnet, &kop);
	if (error == 0)
		api_op(kop, op);
	return (api_end(&c, error));
}

int
vnetsim_if_up(struct vnetsim *w, vnetsim_handle jail, const char *name, bool up)
{
	struct api_call c;
	struct ifnet *ifp;
	int error = api_if(w, &c, "if_up", jail, name, &ifp);

	return (api_end(&c, error != 0 ? error : if_setflags(ifp, up)));
}

int
vnetsim_if_mtu(
    struct vnetsim *w, vnetsim_handle jail, const char *name, uint32_t mtu)
{
	struct api_call c;
	struct ifnet *ifp;
	int error = api_if(w, &c, "if_mtu", jail, name, &ifp);

	return (api_end(&c, error != 0 ? error : if_setmtu(ifp, mtu)));
}

int
vnetsim_if_inet(struct vnetsim *w, vnetsim_handle jail, const char *name,
    uint32_t addr, uint8_t plen, bool add)
{
	struct api_call c;
	struct ifnet *ifp;
	int error = api_if(w, &c, "if_inet", jail, name, &ifp);

	if (error == 0)
		error = add ? in_aifaddr_ioctl(ifp, addr, plen)
			    : in_difaddr_ioctl(ifp, addr);
	return (api_end(&c, error));
}

int
vnetsim_if_ioctl(struct vnetsim *w, vnetsim_handle jail, const char *name,
    const struct vnetsim_ifreq *req)
{
	struct api_call c;
	struct ifnet *ifp;
	int error = api_if(w, &c, "if_ioctl", jail, name, &ifp);

	return (api_end(&c, error != 0 ? error : if_ioctl(ifp, req)));
}

int
vnetsim_if_line(struct vnetsim *w, vnetsim_handle jail, const char *name,
    uint32_t n, char line[VNETSIM_IFLINE])
{
	const struct ifnet *ifp = NULL;
	struct api_call c;
	int error = api_lookjail(w, &c, jail);

	if (error == 0) {
		ifp = ifunit(name);
		if (ifp == NULL)
			error = VE_NXIO;
		else if (ifp->if_ops->io_show == NULL ||
			 !ifp->if_ops->io_show(ifp, n, line, VNETSIM_IFLINE))
			error = VE_NOENT;
	}
	return (api_end(&c, error));
}

/* FreeBSD's ifconfig prints the names of the set flags. */
static const char *
if_flagstr(uint32_t flags)
{
	bool up = (flags & IFF_UP) != 0;
	bool running = (flags & IFF_DRV_RUNNING) != 0;

	if ((flags & IFF_LOOPBACK) != 0)
		return (up ? (running ? "UP,LOOPBACK,RUNNING,MULTICAST"
				      : "UP,LOOPBACK,MULTICAST")
			   : "LOOPBACK,MULTICAST");
	if ((flags & IFF_POINTOPOINT) != 0) {
		if (up)
			return (running ? "UP,POINTOPOINT,RUNNING,MULTICAST"
					: "UP,POINTOPOINT,MULTICAST");
		return (running ? "POINTOPOINT,RUNNING,MULTICAST"
				: "POINTOPOINT,MULTICAST");
	}
	if (up)
		return (running ? "UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST"
				: "UP,BROADCAST,SIMPLEX,MULTICAST");
	return ("BROADCAST,SIMPLEX,MULTICAST");
}

static void
if_addname(char *list, size_t size, const char *name)
{
	size_t len = strlen(list);

	(void)ksnprintf(
	    list + len, size - len, "%s%s", len > 0 ? " " : "", name);
}

static void
if_extrainfo(const struct ifnet *ifp, struct vnetsim_ifinfo *info)
{
	const struct ifextra *ix = ifp->if_extra;

	if (ix == NULL || ix->ix_alone == 0)
		if_addname(
		    info->groups, sizeof(info->groups), ifp->if_ops->io_name);
	if (ix == NULL)
		return;
	memcpy(info->descr, ix->ix_descr, sizeof(info->descr));
	for (uint32_t i = 0; i < ix->ix_ngroups; i++)
		if_addname(info->groups, sizeof(info->groups), ix->ix_group[i]);
}

static void
if_info(const struct ifnet *ifp, struct vnetsim_ifinfo *info)
{
	const struct if_data *d = &ifp->if_data;

	memcpy(info->name, ifp->if_xname, sizeof(info->name));
	info->index = ifp->if_index;
	info->flags = ifp->if_flags;
	info->flagstr = if_flagstr(ifp->if_flags);
	info->mtu = ifp->if_mtu;
	memcpy(info->ether, ifp->if_lladdr, sizeof(info->ether));
	info->is_ether = ifp->if_addrlen == ETHER_ADDR_LEN;
	info->linkstate = ifp->if_linkstate;
	info->fib = ifp->if_fib;
	if_extrainfo(ifp, info);
	info->lent = ifp->if_home_vnet != ifp->if_vnet;
	while (info->naddrs < nitems(info->addr) &&
	       in_ifaddr_get(ifp, info->naddrs, &info->addr[info->naddrs],
		   &info->plen[info->naddrs]))
		info->naddrs++;
	info->ipackets = d->ifi_ipackets;
	info->ierrors = d->ifi_ierrors;
	info->idrops = d->ifi_iqdrops;
	info->opackets = d->ifi_opackets;
	info->oerrors = d->ifi_oerrors;
	info->odrops = d->ifi_oqdrops;
	info->ibytes = d->ifi_ibytes;
	info->obytes = d->ifi_obytes;
}

int
vnetsim_if_get(struct vnetsim *w, vnetsim_handle jail, const char *name,
    struct vnetsim_ifinfo *info)
{
	struct api_call c;
	struct ifnet *ifp;
	int error = api_lookjail(w, &c, jail);

	memset(info, 0, sizeof(*info));
	if (error == 0) {
		ifp = ifunit(name);
		if (ifp == NULL)
			error = VE_NXIO;
		else
			if_info(ifp, info);
	}
	return (api_end(&c, error));
}

int
vnetsim_if_next(struct vnetsim *w, vnetsim_handle jail, uint32_t n,
    struct vnetsim_ifinfo *info)
{
	struct api_call c;
	struct ifnet *ifp;
	int error = api_lookjail(w, &c, jail);

	memset(info, 0, sizeof(*info));
	if (error == 0) {
		for (ifp = if_first(); ifp != NULL && n > 0; n--)
			ifp = if_next(ifp);
		if (ifp == NULL)
			error = VE_NOENT;
		else
			if_info(ifp, info);
	}
	return (api_end(&c, error));
}
