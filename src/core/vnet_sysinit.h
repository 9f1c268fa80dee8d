/*
 * vnet_sysinit.h - between vnet.c, vnet_sysinit.c and vnet_check.c.
 */
#ifndef SRC_CORE_VNET_SYSINIT_H
#define SRC_CORE_VNET_SYSINIT_H

#include <stdint.h>
#include <vnetsim/kern/vnet.h>

/**
 * vnet_sysinit() - start all modules in a new vnet
 * @v:		with its states, not on the list
 *
 * Return:	0; or the errno of an init, with all started ones undone and
 *		their deferred work done.
 */
int vnet_sysinit(struct vnet *v);

/**
 * vnet_check_handlers() - registrations that a module left
 * @v:		vnet
 * @mod:	enum vnet_modid, -1: all
 *
 * Each kind is a finding (ORACLE_ORDER "handler"), then they are removed.
 * Return:	how many there were.
 */
uint32_t vnet_check_handlers(struct vnet *v, int mod);

/**
 * vnet_check_registries() - the same for what modules register with others
 * @v:		vnet
 * @mod:	enum vnet_modid, -1: all
 *
 * Return:	how many there were, each kind a finding (vr_kind).
 */
uint32_t vnet_check_registries(struct vnet *v, int mod);

/**
 * vnet_settle() - be done with what a vnet that nobody has seen yet has put off
 * @v:		not on the list; nothing of it can be claimed
 *
 * Its queued tasks are dropped, as behind a shut door; its deferred frees run,
 * in order, until none are left.
 */
void vnet_settle(struct vnet *v);

#endif /* !SRC_CORE_VNET_SYSINIT_H */
