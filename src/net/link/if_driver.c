/*
 * if_driver.c - what drivers of cloned interfaces share: birth and end.
 *
 * A unit is taken before the interface is made and given back by io_destroy,
 * in the vnet that counted it.  Nothing is left of a creation that fails.
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/ethernet.h"
#include "src/net/link/if_driver.h"

int
if_driver_init(struct if_driver *id, const struct if_driver_desc *dd)
{
	int error = if_clone_attach(dd->dd_cloner);

	id->id_open = error == 0;
	return (error);
}

enum op_verdict
if_driver_shutdown(
    struct op *op, struct if_driver *id, const struct if_driver_desc *dd)
{
	enum op_verdict verdict;

	id->id_open = 0;
	if_clone_detach(dd->dd_cloner);
	verdict = if_destroy_natives(op, dd->dd_mod);
	if (verdict == OP_DONE)
		if_unit_fini(&id->id_units, dd->dd_units);
	return (verdict);
}

int
if_driver_create(struct if_driver *id, const struct if_driver_desc *dd,
    int want, char *name, size_t namelen)
{
	uint32_t unit;
	int error;

	if (id->id_open == 0)
		return (VE_BUSY);
	error = if_unit_take(&id->id_units, dd->dd_units, want, &unit);
	if (error != 0)
		return (error);
	(void)ksnprintf(
	    name, namelen, "%s%u", dd->dd_cloner->ifc_name, (unsigned)unit);
	error = dd->dd_make(name, unit);
	if (error != 0)
		if_unit_put(&id->id_units, unit);
	return (error);
}

struct ifnet *
if_driver_alloc(const struct if_ops *ops, uint8_t type,
    const struct uma_zone *z, const char *name)
{
	void *softc = uma_zalloc(z, M_ZERO);
	struct ifnet *ifp;

	if (softc == NULL)
		return (NULL);
	ifp = if_alloc(ops, type, softc);
	if (ifp == NULL) {
		uma_zfree(z, softc);
		return (NULL);
	}
	(void)ksnprintf(ifp->if_xname, sizeof(ifp->if_xname), "%s", name);
	return (ifp);
}

int
if_driver_attach(struct ifnet *ifp, const uint8_t *lladdr)
{
	int error;

	error = lladdr != NULL ? ether_ifattach(ifp, lladdr) : if_attach(ifp);
	if (error != 0)
		if_free(ifp);
	return (error);
}

void
if_driver_lladdr(uint8_t *lladdr, uint32_t unit, uint32_t kind)
{
	uint32_t id = curvnet->v_id;

	lladdr[0] = 0x02;
	lladdr[1] = (uint8_t)(id >> 16);
	lladdr[2] = (uint8_t)(id >> 8);
	lladdr[3] = (uint8_t)id;
	be16enc(lladdr + 4, (uint16_t)(unit << 4 | kind));
}
