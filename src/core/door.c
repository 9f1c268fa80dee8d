/*
 * door.c - the doors of a vnet: where curvnet changes.
 *
 * A door saves what was current, makes its vnet current and marks it as
 * entered for saves.  Leaving restores; a saved vnet that died meanwhile is
 * caught there, as CURVNET_RESTORE() of FreeBSD does.
 *
 * Doors that follow from outside (a call, a command, a verb) leave a trace
 * record; those of events do not, the event's own record names them.
 */
#include <vnetsim/kern/trace.h>
#include "src/core/world.h"

#define DOOR_TRACED ((1u << DOOR_USER) | (1u << DOOR_ADMIN) | (1u << DOOR_LIFE))

static const char *const door_names[DOOR_N] = {
	[DOOR_USER] = "user",
	[DOOR_ADMIN] = "admin",
	[DOOR_WIRE] = "wire",
	[DOOR_QUEUE] = "queue",
	[DOOR_TIME] = "time",
	[DOOR_TASK] = "task",
	[DOOR_EPOCH] = "epoch",
	[DOOR_OP] = "op",
	[DOOR_LIFE] = "life",
};

const char *
vnet_door_name(enum vnet_door door)
{
	return ((unsigned)door < DOOR_N ? door_names[door] : "?");
}

static inline void
frame_save(struct vnet_frame *f)
{
	f->vf_vnet = curvnet;
	f->vf_door = kctx->kc_door;
	f->vf_mod = kctx->kc_mod;
}

bool
vnet_enter(struct vnet_frame *f, struct vnet *v, enum vnet_door door, int mod)
{
	VNET_ASSERT_LIVE(v);
	MPASS((unsigned)door < DOOR_N && mod >= 0 && mod < VNET_MOD_MAX);
	if ((v->v_shut & 1u << door) != 0)
		return (false);
	frame_save(f);
	mem_mark_entered(v);
	curvnet = v;
	kctx->kc_door = door_names[door];
	kctx->kc_mod = (uint8_t)mod;
	if ((DOOR_TRACED & 1u << door) != 0)
		trace(TRACE_DOOR, door_names[door], (uint32_t)mod, 0);
	return (true);
}

void
vnet_switch(struct vnet_frame *f, struct vnet *v)
{
	VNET_ASSERT_LIVE(v);
	frame_save(f);
	mem_mark_entered(v);
	curvnet = v;
}

void
vnet_leave(const struct vnet_frame *f)
{
	MPASS(curvnet != NULL);
	if (f->vf_vnet != NULL)
		VNET_ASSERT_LIVE(f->vf_vnet);
	curvnet = f->vf_vnet;
	kctx->kc_door = f->vf_door;
	kctx->kc_mod = f->vf_mod;
}
