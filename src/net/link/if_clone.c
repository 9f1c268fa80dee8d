/*
 * if_clone.c - interfaces made by name: "epair", "epair3", "lo1".
 *
 * A cloner is attached per vnet by its module.  A name is the cloner's,
 * followed by a unit without leading zeros, or by nothing: any unit.
 *
 * FreeBSD: sys/net/if_clone.c, where a vnet without a cloner falls back to
 * vnet0's list; here every vnet has all of them.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/if_var.h"

static const struct field if_cloner_fields[] = {
	FIELD(struct if_cloner, ic_clone, FUNC),
	FIELD(struct if_cloner, ic_link, LINK),
};
UMA_ZONE(
    if_cloner_zone, if, IF_Z_CLONER, struct if_cloner, 0, if_cloner_fields);

static struct if_cloner *
cloner_find(const char *name, size_t len)
{
	struct if_cloner *ic;

	LIST_FOREACH (ic, &V_if.if_cloners, ic_link)
		if (strlen(ic->ic_clone->ifc_name) == len &&
		    memcmp(ic->ic_clone->ifc_name, name, len) == 0)
			return (ic);
	return (NULL);
}

/* The one that knows this name of its own kind, "epair0a.10". */
static struct if_cloner *
cloner_match(const char *name)
{
	struct if_cloner *ic;

	LIST_FOREACH (ic, &V_if.if_cloners, ic_link)
		if (ic->ic_clone->ifc_match != NULL &&
		    ic->ic_clone->ifc_match(name))
			return (ic);
	return (NULL);
}

int
if_clone_attach(const struct if_clone *ifc)
{
	struct if_cloner *ic;

	if (cloner_find(ifc->ifc_name, strlen(ifc->ifc_name)) != NULL)
		return (VE_EXIST);
	ic = uma_zalloc(&if_cloner_zone, M_ZERO);
	if (ic == NULL)
		return (VE_NOMEM);
	ic->ic_clone = ifc;
	LIST_INSERT_HEAD(&V_if.if_cloners, ic, ic_link);
	return (0);
}

void
if_clone_detach(const struct if_clone *ifc)
{
	struct if_cloner *ic =
	    cloner_find(ifc->ifc_name, strlen(ifc->ifc_name));

	if (ic == NULL)
		return;
	LIST_REMOVE(ic, ic_link);
	uma_zfree(&if_cloner_zone, ic);
}

/* "lo12": length of "lo", unit 12; -1 without digits.  Return: false: no
 * name for an interface. */
static bool
name_split(const char *name, size_t *len, int *unit)
{
	size_t i = strlen(name);
	int u = 0;

	if (i == 0 || i >= IFNAMSIZ)
		return (false);
	while (i > 0 && name[i - 1] >= '0' && name[i - 1] <= '9')
		i--;
	*len = i;
	*unit = -1;
	if (name[i] == '\0')
		return (true);
	if (name[i] == '0' && name[i + 1] != '\0')
		return (false);
	for (; name[i] != '\0'; i++) {
		u = u * 10 + (name[i] - '0');
		/* far beyond IF_MAXUNIT, far below INT_MAX */
		if (u > 1000000)
			u = 1000000;
	}
	*unit = u;
	return (true);
}

int
if_clone_create(char *name, size_t namelen)
{
	struct if_cloner *ic;
	size_t len;
	int unit;

	MPASS(namelen >= IFNAMSIZ);
	if (!name_split(name, &len, &unit))
		return (VE_INVAL);
	ic = cloner_find(name, len);
	if (ic == NULL)
		ic = cloner_match(name);
	if (ic == NULL)
		return (VE_INVAL);
	if (V_if.if_open == 0)
		return (VE_BUSY);
	return (ic->ic_clone->ifc_create(unit, name, namelen));
}

/* A user waits as long as somebody has it open: there is no bound. */
static enum op_verdict
if_destroy_work(struct op *op)
{
	enum op_verdict verdict;

	if (op->op_arg[0] == 0 && !if_isclosed(op))
		return (op_wait(op, &world_link()->wl_wq, if_isclosed, 0,
		    "for an interface that is open", NULL));
	verdict = if_destroy_step(op, op->op_ptr[0]);
	if (verdict == OP_DONE)
		if_async_done(op);
	return (verdict);
}

static const struct op_desc if_destroy_op = {
	.od_name = "if_destroy",
	.od_step = if_destroy_work,
};

int
if_clone_destroy(const char *name, struct op **opp)
{
	struct ifnet *ifp = ifunit(name), *peer;
	int error;

	if (ifp == NULL)
		return (VE_NXIO);
	if (if_leaving(ifp))
		return (VE_BUSY);
	if (ifp->if_ops->io_candestroy != NULL) {
		error = ifp->if_ops->io_candestroy(ifp);
		if (error != 0)
			return (error);
	}
	error = if_async(&if_destroy_op, ifp, NULL, opp);
	if (error != 0)
		return (error);
	/* from now on nobody else begins to move or destroy either */
	ifp->if_flags |= IFF_DYING;
	peer = ifp->if_ops->io_peer != NULL ? ifp->if_ops->io_peer(ifp) : NULL;
	if (peer != NULL)
		peer->if_flags |= IFF_DYING;
	return (0);
}
