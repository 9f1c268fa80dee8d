/*
 * net_api_rctl.c - resource limits of jails: the memory of their vnets.
 *
 * rctl(8) of FreeBSD knows many resources; a simulated stack has one that it
 * can run out of.  The limit is that of the vnet's account (memory.h): what is
 * beyond it fails as an allocation that found no memory.
 */
#include <vnetsim/jail.h>
#include "src/net/net_api.h"

/* The account of a jail's own vnet.  Return: 0; VE_SRCH; VE_INVAL. */
static int
rctl_account(vnetsim_handle jail, struct mem_account **ac)
{
	const struct prison *pr = api_prison(jail);

	if (pr == NULL || pr->pr_vnet == NULL)
		return (VE_SRCH);
	if ((pr->pr_flags & PR_VNET) == 0 && pr->pr_id != 0)
		return (VE_INVAL);
	*ac = &pr->pr_vnet->v_mem->vm_acct;
	return (0);
}

int
vnetsim_rctl_set(struct vnetsim *w, vnetsim_handle jail, uint64_t bytes)
{
	struct mem_account *ac;
	struct api_call c;
	int error;

	(void)api_begin(w, &c, "rctl");
	error = rctl_account(jail, &ac);
	if (error == 0) {
		mem_mark(ac);
		ac->ac_limit = bytes;
	}
	return (api_end(&c, error));
}

int
vnetsim_rctl_get(
    struct vnetsim *w, vnetsim_handle jail, uint64_t *used, uint64_t *limit)
{
	struct mem_account *ac;
	int error;

	(void)api_look(w);
	error = rctl_account(jail, &ac);
	if (error != 0)
		return (error);
	if (used != NULL)
		*used = ac->ac_bytes;
	if (limit != NULL)
		*limit = ac->ac_limit;
	return (0);
}
