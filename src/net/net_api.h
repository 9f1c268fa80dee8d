/*
 * net_api.h - what the files that implement the public interface share.
 *
 * struct vnetsim is struct world under its public name.  A call enters the
 * world, finds its objects by handle, counts as an event if it may change
 * something, passes a door of the vnet concerned, makes one call inward and
 * leaves a trace record.  Nothing else happens here.
 */
#ifndef SRC_NET_NET_API_H
#define SRC_NET_NET_API_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/vnetsim.h>
#include "src/core/world.h"

/* world->w_net */
struct net_world {
	bool nw_announcing; /* what is told goes to the host's listener only */
	char nw_key[256];   /* of the finding last looked at */
	/* vnetsim_sock_next(): where it stood */
	uint32_t nw_sockvnet, nw_sockn;
	uint64_t nw_sock;
};

/* A call in progress. */
struct api_call {
	const char *ac_name; /* constant */
	bool ac_in;          /* a door was passed */
	struct vnet_frame ac_frame;
};

static inline struct world *
api_world(const struct vnetsim *w)
{
	return ((struct world *)w);
}

/**
 * api_look() - begin a call that changes nothing
 * @w:	world; is entered
 *
 * Return:	the world.
 */
struct world *api_look(const struct vnetsim *w);

/**
 * api_begin() - begin a call that may change something: it is an event
 * @w:		world; is entered
 * @c:		call
 * @name:	constant, for the trace
 *
 * Return:	the world.
 */
struct world *api_begin(
    struct vnetsim *w, struct api_call *c, const char *name);

/**
 * api_jail() - begin a call that works in a jail's vnet
 * @w:		world; is entered
 * @c:		call
 * @name:	constant
 * @jail:	handle
 * @door:	enum vnet_door
 * @prp:	out, the prison; may be NULL
 *
 * Return:	0; VE_SRCH: no such jail; VE_BUSY: its vnet is dying and the
 *		door shut.  api_end() is due in each case.
 */
int api_jail(struct vnetsim *w, struct api_call *c, const char *name,
    vnetsim_handle jail, enum vnet_door door, struct prison **prp);

/**
 * api_lookjail() - the same for a call that changes nothing
 * @w:		world; is entered
 * @c:		call
 * @jail:	handle
 *
 * Open to dying vnets.
 * Return:	0; VE_SRCH.
 */
int api_lookjail(struct vnetsim *w, struct api_call *c, vnetsim_handle jail);

/**
 * api_end() - leave the door, trace
 * @c:		call
 * @error:	its answer
 *
 * Return:	@error.
 */
int api_end(struct api_call *c, int error);

/**
 * api_op() - hand an op to the caller
 * @op:		running op, owned by the caller of the API from now on
 * @handle:	out; NULL: nobody will ask, it releases itself
 */
void api_op(struct op *op, vnetsim_handle *handle);

/* A handle of its own for an object that has none yet: for iteration. */
struct prison *api_prison(vnetsim_handle jail);

/* The sink of all wire events: monitor and listener (net_wire.c). */
void net_wire(const struct vnetsim_wire_event *ev);
void net_wire_born(const struct vnet *v);
bool net_wired(struct vnet *v);

#endif /* !SRC_NET_NET_API_H */
