/*
 * kmod.h - for the authors of loadable modules.
 *
 *	struct vnet_flow { ... };
 *	VNET_STATE_LOADED(flow, struct vnet_flow);
 *	#define V_flow VNET(flow)
 *
 *	static UMA_ZONE(flow_zone, LOADED, 0, struct flow, 0, flow_fields);
 *	static const struct uma_zone *const flow_zones[] = { &flow_zone };
 *
 *	VNET_MODULE(flow) = {
 *		.vm_name = "flow",
 *		.vm_id = VNET_MOD_LOADED,
 *		.vm_abi = VNETSIM_KERN_ABI,
 *		...
 *	};
 *	VNETSIM_KMOD(flow, "1.0");
 *
 * A module is as a built-in one, with three differences.  It has no id of its
 * own before a world gives it one, so what wants a module's id (callout_init(),
 * task_init(), eventhandler_register(), netisr_register_vnet()) gets
 * VNET_MODID(flow).  Its zones say LOADED; the world finds their types through
 * the descriptor that lists them.  And it may have no writable statics: state
 * belongs into the vnet, so that a world can be saved, restored and kept apart
 * from other worlds of the same process.
 *
 * A module without a level (vm_level) lies on top of the stack and lets go
 * first; VNET_LEVEL(ip) + 5 puts it between IP and what is above.  In FreeBSD's
 * orders it ends at vm_unsub, vm_unorder, before whoever shares that slot; if
 * vm_unsub is 0 it ends first of all.
 *
 * In a living vnet the doors are open while a module is unloaded: between its
 * shutdown and its uninit nobody may be able to call it any more.  So shutdown
 * takes back every registration first, then drains what may be claimed
 * (callout_drain(), taskqueue_drain(), net_epoch_wait()).  What shutdown gives
 * to NET_EPOCH_CALL() runs before uninit; uninit frees the rest at once.
 *
 * The op of a verb has no vnet: a condition given to op_wait() may not read
 * V_name.
 */
#ifndef VNETSIM_KERN_KMOD_H
#define VNETSIM_KERN_KMOD_H

#include <vnetsim/kern/vnet.h>
#include <vnetsim/module.h>

/**
 * vnet_modid() - the id that this world gave to a module
 * @m:	descriptor, of a loaded or a built-in module
 *
 * Return:	enum vnet_modid; panics if this world has no such module: its
 *		code runs before its load or after its unload.
 */
int vnet_modid(const struct vnet_module *m);

/* By the name in VNET_MODULE(name). */
#define VNET_MODID(name) vnet_modid(&vnet_module_##name)

/* Level of a built-in module: a loaded one may lie below or above it. */
#define VNET_LEVEL(builtin) (10 * VNET_MOD_##builtin)

/* VNET_STATE() of a loaded module, and the declaration of its descriptor. */
#define VNET_STATE_LOADED(name, type)                                          \
	extern const struct vnet_module vnet_module_##name;                    \
	static inline type *vnet_##name##_ptr(void)                            \
	{                                                                      \
		return ((                                                      \
		    type *)curvnet->v_state[vnet_modid(&vnet_module_##name)]); \
	}                                                                      \
	struct vnet_state_##name##_declared

#if defined(__GNUC__)
#define VNETSIM_KMOD_EXPORT __attribute__((visibility("default")))
#else
#define VNETSIM_KMOD_EXPORT
#endif

/* What is exported, for VNET_MODULE(name); several need several @var. */
#define VNETSIM_KMOD_NAMED(var, name, version)                                 \
	const struct vnetsim_kmod var = { VNETSIM_KMOD_MAGIC,                  \
		VNETSIM_KERN_ABI, sizeof(void *), sizeof(struct vnet_module),  \
		#name, version, &vnet_module_##name }

/* VNETSIM_KMOD(flow, "1.0"): the one exported symbol of a loadable object. */
#define VNETSIM_KMOD(name, version)                                            \
	extern VNETSIM_KMOD_EXPORT const struct vnetsim_kmod vnetsim_kmod;     \
	VNETSIM_KMOD_NAMED(vnetsim_kmod, name, version)

#endif /* !VNETSIM_KERN_KMOD_H */
