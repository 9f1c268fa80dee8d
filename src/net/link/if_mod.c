/*
 * if_mod.c - module `if`: the lists of a vnet, and the order of its end.
 *
 *	module   shutdown                            uninit
 *	------   ---------------------------------   --------------------------
 *	lltable  entries of all tables go            registry
 *	ether    no frame goes up or down            table of types
 *	bridge   as vlan, and tables of lent bridges   -
 *	vlan     cloner; units; vlans created here    -
 *	         are destroyed, wherever they are
 *	epair    cloner; pairs created here are      units
 *	         destroyed, wherever their halves are
 *	lo       cloner; loopbacks created here      units
 *	         likewise, lo0 among them
 *	if       lent interfaces go home; none may   table of numbers
 *	         come any more
 *
 * That is the order of top-down, where `if` finds nothing but what others
 * lent, and afterwards nothing at all.  In the order of FreeBSD 13 `if` is the
 * first to shut down (vnet_if_return, VNET_DONE/ANY) and the last to uninit;
 * natives then go by the short path, after L3.  With interfaces first the
 * same verbs run before the kill.
 *
 * uninit frees its table only if nothing is left in it.
 */
#include "src/net/link/if_var.h"

static int
if_init(void)
{
	int error = world_link_init();

	if (error != 0)
		return (error);
	TAILQ_INIT(&V_if.if_list);
	TAILQ_INIT(&V_if.if_natives);
	LIST_INIT(&V_if.if_cloners);
	error = if_slot_room(1);
	if (error != 0)
		return (error);
	V_if.if_open = 1;
	return (0);
}

static void
if_uninit(void)
{
	if (V_if.if_nslots != 0 || V_if.if_naway != 0 || V_if.if_nnatives != 0)
		return;
	kfree(&if_slots_zone, V_if.if_slot);
	V_if.if_slot = NULL;
	V_if.if_cap = 0;
}

#define F(m, kind) FIELD(struct vnet_if, m, kind)
static const struct field if_fields[] = {
	F(if_list, LINK),
	F(if_natives, LINK),
	F(if_slot, LINK),
	F(if_cap, OPAQUE),
	F(if_nslots, UINT),
	F(if_cnt, UINT),
	F(if_nlent, UINT),
	F(if_naway, UINT),
	F(if_nnatives, UINT),
	F(if_open, UINT),
	F(if_cloners, LINK),
	F(if_af[0].af_ops, FUNC),
	F(if_af[0].af_af, INT),
	F(if_af[1].af_ops, FUNC),
	F(if_af[1].af_af, INT),
	F(if_af[2].af_ops, FUNC),
	F(if_af[2].af_af, INT),
	F(if_af[3].af_ops, FUNC),
	F(if_af[3].af_af, INT),
};
#undef F

static const struct vnet_contract if_contracts[] = {
	CONTRACT_SHUTDOWN(struct vnet_if, if_open),
	CONTRACT_SHUTDOWN(struct vnet_if, if_nlent),
	CONTRACT_UNINIT(struct vnet_if, if_cnt),
	CONTRACT_UNINIT(struct vnet_if, if_nslots),
	CONTRACT_UNINIT(struct vnet_if, if_naway),
	CONTRACT_UNINIT(struct vnet_if, if_nnatives),
};

static const struct uma_zone *const if_zones[] = {
	[IF_Z_IFNET] = &ifnet_zone,
	[IF_Z_CLONER] = &if_cloner_zone,
	[IF_Z_SLOTS] = &if_slots_zone,
	[IF_Z_LINK] = &link_zone,
	[IF_Z_EXTRA] = &ifextra_zone,
	[IF_Z_MULTI] = &ifmultiaddr_zone,
	[IF_Z_MULTIHOLD] = &ifmultihold_zone,
};

VNET_MODULE(if) = {
	.vm_name = "if",
	.vm_id = VNET_MOD_if,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_if),
	.vm_sub = SI_SUB_INIT_IF,
	.vm_order = SI_ORDER_SECOND,
	.vm_unsub = SI_SUB_INIT_IF,
	.vm_unorder = SI_ORDER_FIRST,
	.vm_init = if_init,
	.vm_shutdown = vnet_if_return,
	.vm_uninit = if_uninit,
	.vm_fields = if_fields,
	.vm_nfields = nitems(if_fields),
	.vm_contracts = if_contracts,
	.vm_ncontracts = nitems(if_contracts),
	.vm_zones = if_zones,
	.vm_nzones = nitems(if_zones),
};
