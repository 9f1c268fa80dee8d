/*
 * trace.h - structured records of what happened; no text is formatted here.
 *
 * The last TRACE_RING records of the world are always kept (a panic shows 16,
 * a finding may show more); each costs one store of 32 bytes.  A full trace
 * goes to the host's sink when it asked for one.  Strings are constants.
 */
#ifndef VNETSIM_KERN_TRACE_H
#define VNETSIM_KERN_TRACE_H

#include <stdint.h>

enum trace_kind {
	TRACE_EVENT,   /* an event runs; name: class, what: ec_what */
	TRACE_DOOR,    /* a door is passed */
	TRACE_STEP,    /* a teardown step; a: step index */
	TRACE_STATE,   /* a state machine moves; a: from, b: to */
	TRACE_DROP,    /* a packet is dropped; a: reason, b: length */
	TRACE_FRAME,   /* a frame leaves; a: link*2+end, b: length */
	TRACE_CALL,    /* a call of the public API; a: error */
	TRACE_FINDING, /* an oracle speaks; a: oracle */
	TRACE_FAIL,    /* an allocation failed (injected or real) */
	TRACE_USER,    /* a module's own */
};

#define TRACE_RING 256

/**
 * trace() - leave a record
 * @kind:	enum trace_kind
 * @name:	constant
 * @a:		first value
 * @b:		second value
 */
void trace(enum trace_kind kind, const char *name, uint32_t a, uint32_t b);

#endif /* !VNETSIM_KERN_TRACE_H */
