/*
 * module.h - modules attached and detached while vnets live.
 *
 * A loadable module is one object that exports one symbol, a struct
 * vnetsim_kmod (authors: VNETSIM_KMOD() of kern/kmod.h).  Getting the object
 * into the process is the caller's business (dlopen, or linked in); from there
 * on everything is an operation in the world:
 *
 *	kldload     types, sysctls and its place in the order of teardown are
 *	            registered, then its init runs in every vnet, one event
 *	            each; where one fails, the ones before are undone
 *	kldunload   in every vnet shutdown, a look at what is still armed,
 *	            drain, uninit, contracts, drain, zones; one step an event;
 *	            then it is unregistered
 *
 * A vnet that is born while the module is loaded (or being loaded) has it from
 * its birth.  Loads, unloads and the ends of vnets take turns: a load waits
 * for vnets whose modules have begun to end, and such an end waits for a load
 * under way.  Which of them comes first is in order of the calls.
 *
 * A world knows the text of a module from its first load on, even after its
 * unload: findings, traces, birth sites and saves name its constants.  So an
 * object may be unmapped only when vnetsim_kmod_inuse() says no for each world.
 */
#ifndef VNETSIM_MODULE_H
#define VNETSIM_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vnetsim/vnetsim.h>

/* The one symbol that a loadable object exports. */
#define VNETSIM_KMOD_SYMBOL "vnetsim_kmod"
#define VNETSIM_KMOD_MAGIC  0x766b6d64u /* "vkmd" */

/* Longest name of a module; it is part of the names of steps. */
#define VNETSIM_KMOD_NAMEMAX 27

/* Different modules that one world can know in its life. */
#define VNETSIM_KMOD_MAX 64

struct vnet_module; /* kern/vnet.h */

/**
 * struct vnetsim_kmod - what a loadable object says of itself; constant
 * @magic:	VNETSIM_KMOD_MAGIC
 * @abi:	VNETSIM_KERN_ABI that it was built for
 * @ptrsize:	sizeof(void *)
 * @descsize:	sizeof(struct vnet_module) that it was built with
 * @name:	as in the descriptor; letters, digits, '_', '-', '.'
 * @version:	the author's, for kldstat
 * @module:	the descriptor
 *
 * The first three members never move.
 */
struct vnetsim_kmod {
	uint32_t magic;
	uint16_t abi;
	uint16_t ptrsize;
	uint32_t descsize;
	const char *name;
	const char *version;
	const struct vnet_module *module;
};

/**
 * vnetsim_kmod_check() - can this be loaded at all?
 * @km:		what the object exports
 * @why:	out, a readable sentence if not; "" if so
 * @whysize:	room in @why
 *
 * Needs no world and changes nothing.  Looks at magic, versions, sizes, names,
 * field tables, contracts, sysctls and zones.
 * Return:	0; VE_NOEXEC: see @why.
 */
int vnetsim_kmod_check(
    const struct vnetsim_kmod *km, char *why, size_t whysize);

/**
 * vnetsim_kldload() - attach a module
 * @w:	world
 * @km:	borrowed, with everything that it points to, as long as
 *	vnetsim_kmod_inuse()
 * @op:	out, the operation; NULL: nobody will ask.  Its results: 0;
 *	the errno of an init (undone); VE_NOMEM; VE_TIMEDOUT: vnets that are
 *	ending have not ended for an hour (nothing was changed)
 *
 * Return:	0, it is under way; VE_NOEXEC: vnetsim_kmod_check(); VE_EXIST:
 *		a module or a sysctl of that name is there; VE_NOSPC: too many
 *		modules (ids), types, sysctls, constructors, steps of the order
 *		or field tables; VE_BUSY: the same is being unloaded; VE_NOMEM.
 */
int vnetsim_kldload(
    struct vnetsim *w, const struct vnetsim_kmod *km, vnetsim_handle *op);

/**
 * vnetsim_kldunload() - detach a module
 * @w:		world
 * @name:	of a loaded module
 * @op:		out, the operation; NULL: nobody will ask.  Its results: 0 (what
 *		the module left behind is findings, not an error); VE_TIMEDOUT:
 *		as above
 *
 * Return:	0, it is under way; VE_NOENT: no such module; VE_BUSY: it is
 *		built in, or being loaded or unloaded; VE_NOMEM.
 */
int vnetsim_kldunload(struct vnetsim *w, const char *name, vnetsim_handle *op);

/**
 * struct vnetsim_kldinfo - one module
 * @id:		from 1, as kldstat shows it
 * @refs:	1, and 1 more while it is being loaded or unloaded
 * @name:	constant
 * @version:	constant; NULL: built in
 * @builtin:	it is part of the program
 * @vnets:	in how many vnets it is initialised
 */
struct vnetsim_kldinfo {
	int id;
	uint32_t refs;
	const char *name, *version;
	bool builtin;
	uint32_t vnets;
};

/**
 * vnetsim_kld_next() - the modules that are there, kldstat
 * @w:		world
 * @n:		0, 1, ... in order of id
 * @info:	out
 *
 * Return:	0; VE_NOENT: no more.
 */
int vnetsim_kld_next(
    struct vnetsim *w, unsigned n, struct vnetsim_kldinfo *info);

/**
 * vnetsim_kmod_inuse() - may its object not be unmapped?
 * @w:	world
 * @km:	as given to vnetsim_kldload()
 *
 * Return:	true: it was loaded since the world was made or reset, so the
 *		world or a save of it may point into it.
 */
bool vnetsim_kmod_inuse(struct vnetsim *w, const struct vnetsim_kmod *km);

#endif /* !VNETSIM_MODULE_H */
