/*
 * net_api_bpf.c - the public interface of taps.
 *
 * Listening is no event of the world: it changes the counter of taps and
 * nothing that anything in the world looks at but the taps themselves.
 */
#include "src/net/link/bpf.h"
#include "src/net/link/if_var.h"
#include "src/net/net_api.h"

int
vnetsim_set_bpf(struct vnetsim *w,
    void (*fn)(void *ctx, const struct vnetsim_bpf_event *ev), void *ctx)
{
	(void)api_look(w);
	return (bpf_listen(fn, ctx));
}

int
vnetsim_bpf_attach(
    struct vnetsim *w, vnetsim_handle jail, const char *name, uint64_t *id)
{
	const struct prison *pr;
	struct vnet_frame f;
	struct ifnet *ifp;
	int error = VE_NXIO;

	(void)api_look(w);
	pr = api_prison(jail);
	if (pr == NULL)
		return (VE_SRCH);
	if (!vnet_enter(&f, pr->pr_vnet, DOOR_ADMIN, VNET_MOD_if))
		return (VE_BUSY);
	ifp = ifunit(name);
	if (ifp != NULL && ifp->if_bpf == UINT16_MAX) {
		error = VE_NOSPC;
	} else if (ifp != NULL) {
		ifp->if_bpf++;
		*id = ifp->if_handle;
		error = 0;
	}
	vnet_leave(&f);
	return (error);
}

void
vnetsim_bpf_detach(struct vnetsim *w, uint64_t id)
{
	struct vnet_frame f;
	struct ifnet *ifp;
	struct vnet *v;

	(void)api_look(w);
	ifp = handle_lookup(HANDLE_IFNET, id);
	v = ifp != NULL ? if_wherevnet(ifp) : NULL;
	if (v == NULL || ifp->if_bpf == 0 ||
	    !vnet_enter(&f, v, DOOR_LIFE, VNET_MOD_if))
		return;
	ifp->if_bpf--;
	vnet_leave(&f);
}
