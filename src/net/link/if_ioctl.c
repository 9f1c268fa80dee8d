/*
 * if_ioctl.c - what ifconfig changes at any interface: name, address, groups,
 * description.
 *
 * Few interfaces have a description or groups of their own; these share one
 * object, made at first use, that goes where the interface goes.  Every
 * interface is in the group of its cloner (and can be taken out of it).
 *
 * FreeBSD: ifhwioctl() of sys/net/if.c.  There a rename is announced as a
 * departure and an arrival; here nobody knows an interface by its name.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include <vnetsim/kern/sysctl.h>
#include <vnetsim/net.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_stack.h"
#include "src/net/link/if_var.h"

static const struct field ifextra_fields[] = {
	FIELD(struct ifextra, ix_descr, STR),
	FIELD(struct ifextra, ix_group, BYTES),
	FIELD(struct ifextra, ix_ngroups, UINT),
	FIELD(struct ifextra, ix_alone, UINT),
};
UMA_ZONE(
    ifextra_zone, if, IF_Z_EXTRA, struct ifextra, UMA_WORLD, ifextra_fields);

_Static_assert(IF_DESCR_SIZE == VNETSIM_IFDESCR, "descriptions fit");
_Static_assert(IFNAMSIZ == VNETSIM_IFNAMSIZ, "names fit");

void
if_chown(struct ifnet *ifp, struct vnet *v)
{
	uma_chown(ifp, v);
	if (ifp->if_extra != NULL)
		uma_chown(ifp->if_extra, v);
}

static struct ifextra *
if_extra(struct ifnet *ifp)
{
	if (ifp->if_extra == NULL)
		ifp->if_extra = uma_zalloc(&ifextra_zone, M_ZERO);
	return (ifp->if_extra);
}

static int
if_rename(struct ifnet *ifp, const char *name)
{
	if (name[0] == '\0' || memchr(name, '\0', IFNAMSIZ) == NULL)
		return (VE_INVAL);
	if (if_name_taken(name, ifp))
		return (VE_EXIST);
	memset(ifp->if_xname, 0, IFNAMSIZ);
	memcpy(ifp->if_xname, name, strlen(name));
	return (0);
}

int
if_setlladdr(struct ifnet *ifp, const uint8_t *lladdr)
{
	if (if_leaving(ifp) || ifp->if_dead)
		return (VE_NXIO);
	if (ifp->if_addrlen != ETHER_ADDR_LEN || (lladdr[0] & 1) != 0)
		return (VE_INVAL);
	if (memcmp(ifp->if_lladdr, lladdr, ETHER_ADDR_LEN) == 0)
		return (0);
	memcpy(ifp->if_lladdr, lladdr, ETHER_ADDR_LEN);
	if (ifp->if_ops->io_lladdr != NULL)
		ifp->if_ops->io_lladdr(ifp);
	if_stack_change(ifp);
	/* a vnet that lets go announces nothing */
	if (ifp->if_vnet == curvnet && curvnet->v_phase < PHASE_LETGO)
		if_af_lladdr(ifp);
	return (0);
}

/* Which of its groups is it?  Return: its index, or ix_ngroups. */
static uint32_t
group_find(const struct ifextra *ix, const char *name)
{
	uint32_t i;

	for (i = 0; i < ix->ix_ngroups; i++)
		if (strcmp(ix->ix_group[i], name) == 0)
			break;
	return (i);
}

static int
if_addgroup(struct ifnet *ifp, const char *name)
{
	struct ifextra *ix = if_extra(ifp);
	size_t len = strlen(name);

	/* FreeBSD: a name that ends in a digit is an interface's */
	if (len == 0 || len >= IFNAMSIZ ||
	    (name[len - 1] >= '0' && name[len - 1] <= '9'))
		return (VE_INVAL);
	if (ix == NULL)
		return (VE_NOMEM);
	if (strcmp(name, ifp->if_ops->io_name) == 0) {
		if (ix->ix_alone == 0)
			return (VE_EXIST);
		ix->ix_alone = 0;
		return (0);
	}
	if (group_find(ix, name) < ix->ix_ngroups)
		return (VE_EXIST);
	if (ix->ix_ngroups == IF_NGROUPS)
		return (VE_NOSPC);
	memcpy(ix->ix_group[ix->ix_ngroups++], name, len + 1);
	return (0);
}

static int
if_delgroup(struct ifnet *ifp, const char *name)
{
	struct ifextra *ix = if_extra(ifp);
	uint32_t i;

	if (ix == NULL)
		return (VE_NOMEM);
	if (strcmp(name, ifp->if_ops->io_name) == 0) {
		if (ix->ix_alone != 0)
			return (VE_NOENT);
		ix->ix_alone = 1;
		return (0);
	}
	i = group_find(ix, name);
	if (i == ix->ix_ngroups)
		return (VE_NOENT);
	for (ix->ix_ngroups--; i < ix->ix_ngroups; i++)
		memcpy(ix->ix_group[i], ix->ix_group[i + 1], IFNAMSIZ);
	memset(ix->ix_group[i], 0, IFNAMSIZ);
	return (0);
}

void
if_delgroups(struct ifnet *ifp)
{
	struct ifextra *ix = ifp->if_extra;

	if (ix == NULL)
		return;
	memset(ix->ix_group, 0, sizeof(ix->ix_group));
	ix->ix_ngroups = ix->ix_alone = 0;
}

static int
if_setdescr(struct ifnet *ifp, const char *text)
{
	struct ifextra *ix;
	size_t len = strlen(text);

	if (len >= IF_DESCR_SIZE)
		return (VE_NAMETOOLONG);
	if (len == 0 && ifp->if_extra == NULL)
		return (0);
	ix = if_extra(ifp);
	if (ix == NULL)
		return (VE_NOMEM);
	memset(ix->ix_descr, 0, IF_DESCR_SIZE);
	memcpy(ix->ix_descr, text, len);
	return (0);
}

/* FreeBSD: SIOCSIFFIB.  Routes that are there stay where they are. */
static int
if_setfib(struct ifnet *ifp, uint32_t fib)
{
	int64_t nfibs = 1;

	(void)sysctl_get("net.fibs", &nfibs);
	if (fib >= nfibs)
		return (VE_INVAL);
	ifp->if_fib = (uint8_t)fib;
	return (0);
}

int
if_ioctl(struct ifnet *ifp, const struct vnetsim_ifreq *ifr)
{
	if (if_leaving(ifp) || ifp->if_dead)
		return (VE_NXIO);
	switch (ifr->cmd) {
	case VNETSIM_IF_NAME:
		return (if_rename(ifp, ifr->arg));
	case VNETSIM_IF_ETHER:
		return (if_setlladdr(ifp, ifr->ether));
	case VNETSIM_IF_GROUP:
		return (if_addgroup(ifp, ifr->arg));
	case VNETSIM_IF_DELGROUP:
		return (if_delgroup(ifp, ifr->arg));
	case VNETSIM_IF_DESCR:
		return (if_setdescr(ifp, ifr->text));
	case VNETSIM_IF_FIB:
		return (if_setfib(ifp, ifr->n));
	default:
		return (ifp->if_ops->io_ioctl != NULL
			    ? ifp->if_ops->io_ioctl(ifp, ifr)
			    : VE_INVAL);
	}
}
