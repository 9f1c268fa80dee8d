/*
 * trace_var.h - the trace ring of a world, and the way out of it.
 */
#ifndef SRC_CORE_TRACE_VAR_H
#define SRC_CORE_TRACE_VAR_H

#include <stdbool.h>
#include <stdint.h>
#include <vnetsim/kern/trace.h>

struct choice_point;
struct vnetsim_bpf_event;
struct vnetsim_trace;
struct vnetsim_wire_event;
struct event_class;
struct vnet;
struct world;

#define TRACE_NOVNET 0xffffffu

struct trace_record {
	int64_t tr_time;
	const char *tr_name; /* TRACE_EVENT: the class */
	union {
		struct {
			uint32_t tr_a, tr_b;
		};
		const char *tr_what; /* TRACE_EVENT: ec_what, or NULL */
	};
	uint32_t tr_event;    /* event number, low 32 bits */
	uint32_t tr_vnetkind; /* v_id << 8 | kind; TRACE_NOVNET: none */
};

/*
 * Host code that listens.  Not state: a restore keeps what is set, whatever
 * was set at the save (save.c: struct world_outward is left alone).
 */
struct world_outward {
	void (*wo_trace)(void *ctx, const struct trace_record *tr);
	void *wo_tracectx;
	/* the public form of the same (net_api_trace.c) */
	void (*wo_record)(void *ctx, const struct vnetsim_trace *rec);
	void *wo_recordctx;
	void (*wo_wire)(void *ctx, const struct vnetsim_wire_event *ev);
	void *wo_wirectx;
	void (*wo_bpf)(void *ctx, const struct vnetsim_bpf_event *ev);
	void *wo_bpfctx;
	void (*wo_choice)(void *ctx, const struct choice_point *cp);
	void *wo_choicectx;
};

struct world_trace {
	uint64_t wt_next; /* records ever made: ring index of the next one */
	bool wt_hash;     /* keep v_tracehash of every vnet */
	struct world_outward wt_out;
	struct trace_record wt_ring[TRACE_RING];
};

void world_trace_init(struct world *w);

/**
 * world_set_trace() - hear of every record
 * @w:		world
 * @fn:		host code, must not call into the world; NULL: no more
 * @ctx:	for @fn
 */
void world_set_trace(struct world *w,
    void (*fn)(void *ctx, const struct trace_record *tr), void *ctx);

/**
 * world_trace_hash() - keep v_tracehash from now on
 * @w:	world
 * @on:	or no longer
 *
 * The hash runs over kind, name, values and time of the records made while a
 * vnet is current, and of its events.  Two runs in which a bystander does the
 * same end with equal hashes of it.
 */
void world_trace_hash(struct world *w, bool on);

/* An event begins: TRACE_EVENT, in the name of the vnet it belongs to. */
void trace_event(
    const struct event_class *cls, const void *arg, struct vnet *v);

/**
 * trace_last() - the last records
 * @w:	world
 * @i:	0 is the newest
 *
 * Return:	record, NULL: there are not so many (at most TRACE_RING).
 */
const struct trace_record *trace_last(const struct world *w, uint32_t i);

/* v_id of a record, VNETSIM_NOVNET: none. */
uint32_t trace_vnet(const struct trace_record *tr);
/* Full event number of a record that is in the ring. */
uint64_t trace_eventnr(const struct world *w, const struct trace_record *tr);
/* "event", "door", ...: constant. */
const char *trace_kindname(int kind);

static inline int
trace_kind(const struct trace_record *tr)
{
	return ((int)(tr->tr_vnetkind & 0xff));
}

#endif /* !SRC_CORE_TRACE_VAR_H */
