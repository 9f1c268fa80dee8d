/*
 * core_module.c - the descriptor of module core: the types of the kernel.
 *
 * Core has no verbs.  Its state in a vnet is made with the vnet and goes with
 * vnet_fini(); its zones are those of memory that belongs to no layer.
 */
#include <vnetsim/kern/mbuf.h>
#include "src/core/world.h"

static const struct field vnet_core_fields[] = {
	FIELD(struct vnet_core, vc_evh, LINK),
	FIELD(struct vnet_core, vc_invoking, OPAQUE),
	FIELD(struct vnet_core, vc_pad, OPAQUE),
	FIELD(struct vnet_core, vc_pad2, OPAQUE),
};

static const struct field vnet_cold_fields[] = {
	{ "vc_drop", offsetof(struct vnet_cold, vc_drop),
	    FIELD_SIZE(struct vnet_cold, vc_drop), FK_BYTES, FF_STAT, 0, NULL },
};
const struct uma_zone vnet_cold_zone = { "vnet_cold", sizeof(struct vnet_cold),
	VNET_MOD_core, CORE_Z_COLD, UMA_STATS, vnet_cold_fields,
	nitems(vnet_cold_fields) };

MALLOC_TYPE(world_user_zone, core, CORE_Z_USER, "user", UMA_WORLD);

static const struct uma_zone *const core_zones[CORE_Z_N] = {
	[CORE_Z_MBUF] = &mbuf_zone,
	[CORE_Z_MCL] = &mcl_zone,
	[CORE_Z_PRISON] = &prison_zone,
	[CORE_Z_PRUSE] = &pruse_zone,
	[CORE_Z_UCRED] = &ucred_zone,
	[CORE_Z_PROC] = &proc_zone,
	[CORE_Z_FDTABLE] = &fdtable_zone,
	[CORE_Z_FILE] = &file_zone,
	[CORE_Z_EVH] = &eventhandler_zone,
	[CORE_Z_COLD] = &vnet_cold_zone,
	[CORE_Z_USER] = &world_user_zone,
	[CORE_Z_HASH] = &uthash_zone,
	[CORE_Z_OP] = &op_zone,
	[CORE_Z_ISR] = &vnet_isr_zone,
	[CORE_Z_OPDATA] = &op_data_zone,
	[CORE_Z_VNET] = &vnet_zone,
	[CORE_Z_DATA] = &vnet_data_zone,
	[CORE_Z_LOADED] = &vnet_loaded_zone,
	[CORE_Z_GONE] = &mem_gone_zone,
};

VNET_MODULE(core) = {
	.vm_name = "core",
	.vm_id = VNET_MOD_core,
	.vm_abi = VNETSIM_KERN_ABI,
	.vm_size = sizeof(struct vnet_core),
	.vm_sub = SI_SUB_VNET,
	.vm_order = SI_ORDER_FIRST,
	.vm_unsub = SI_SUB_VNET,
	.vm_unorder = SI_ORDER_FIRST,
	.vm_fields = vnet_core_fields,
	.vm_nfields = nitems(vnet_core_fields),
	.vm_zones = core_zones,
	.vm_nzones = nitems(core_zones),
};
