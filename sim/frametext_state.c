/*
 * frametext_state.c - what earlier events teach about later ones.
 *
 * Three registries: names of vnets, names of link ends, and for each
 * direction of a TCP connection the sequence number that it counts from.  All
 * of it is comfort.  Where memory ends, a line shows numbers instead of names
 * and raw sequence numbers instead of relative ones, and nothing fails.
 *
 * Flows are bounded, because a hostile capture or an endless trace opens a
 * connection with every frame: beyond FRAMETEXT_FLOWS the one that was added
 * first is forgotten (uthash keeps the order of insertion).
 */
#include "sim/frametext_state.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(obj) ((void)(obj), (st->st_oom = true))
#include <uthash.h>

struct text_flow {
	struct flow_key tf_key;
	uint32_t tf_base;
	UT_hash_handle hh;
};

struct text_name {
	uint32_t tn_id;
	char *tn_name[2]; /* (o) a vnet has one, a link two */
	UT_hash_handle hh;
};

struct frametext_state {
	unsigned st_flags;
	bool st_oom; /* the last insertion failed */
	struct text_flow *st_flows;
	struct text_name *st_vnets;
	struct text_name *st_links;
};

/**
 * frametext_state_new() - begin with an empty memory
 * @flags:	FRAMETEXT_NUMERIC or 0
 *
 * Return: the state, freed by frametext_state_free(); NULL without memory.
 */
struct frametext_state *
frametext_state_new(unsigned flags)
{
	struct frametext_state *st = calloc(1, sizeof(*st));

	if (st != NULL)
		st->st_flags = flags;
	return (st);
}

static void
name_free(struct text_name *name)
{
	free(name->tn_name[0]);
	free(name->tn_name[1]);
	free(name);
}

/* Free a whole table: first uthash's part of it, then the list of names. */
static void
names_free(struct text_name *head)
{
	struct text_name *name = head, *next;

	HASH_CLEAR(hh, head);
	for (; name != NULL; name = next) {
		next = name->hh.next;
		name_free(name);
	}
}

/** frametext_state_free() - forget everything; NULL is allowed */
void
frametext_state_free(struct frametext_state *st)
{
	struct text_flow *flow, *next;

	if (st == NULL)
		return;
	flow = st->st_flows;
	HASH_CLEAR(hh, st->st_flows);
	for (; flow != NULL; flow = next) {
		next = flow->hh.next;
		free(flow);
	}
	names_free(st->st_vnets);
	names_free(st->st_links);
	free(st);
}

/** frametext_flags() - the flags given at birth */
unsigned
frametext_flags(const struct frametext_state *st)
{
	return (st->st_flags);
}

/**
 * frametext_flow_get() - where a direction counts from
 * @st:		the memory
 * @key:	the direction
 * @base:	out: its initial sequence number, untouched if not known
 */
bool
frametext_flow_get(const struct frametext_state *st, const struct flow_key *key,
    uint32_t *base)
{
	struct text_flow *flow;

	HASH_FIND(hh, st->st_flows, key, sizeof(*key), flow);
	if (flow == NULL)
		return (false);
	*base = flow->tf_base;
	return (true);
}

/**
 * frametext_flow_set() - remember where a direction counts from
 *
 * Return: false without memory; nothing is remembered then.
 */
bool
frametext_flow_set(
    struct frametext_state *st, const struct flow_key *key, uint32_t base)
{
	struct text_flow *flow;

	HASH_FIND(hh, st->st_flows, key, sizeof(*key), flow);
	if (flow != NULL) {
		flow->tf_base = base;
		return (true);
	}
	flow = calloc(1, sizeof(*flow));
	if (flow == NULL)
		return (false);
	flow->tf_key = *key;
	flow->tf_base = base;
	st->st_oom = false;
	HASH_ADD(hh, st->st_flows, tf_key, sizeof(flow->tf_key), flow);
	if (st->st_oom) {
		free(flow);
		return (false);
	}
	if (HASH_COUNT(st->st_flows) > FRAMETEXT_FLOWS) {
		flow = st->st_flows;
		HASH_DEL(st->st_flows, flow);
		free(flow);
	}
	return (true);
}

/* Remember up to two names of @id; keeps what is known without memory. */
static void
name_set(struct frametext_state *st, struct text_name **table, uint32_t id,
    const char *first, const char *second)
{
	struct text_name *name, *old;

	name = calloc(1, sizeof(*name));
	if (name == NULL)
		return;
	name->tn_id = id;
	if (first != NULL)
		name->tn_name[0] = strdup(first);
	if (second != NULL)
		name->tn_name[1] = strdup(second);
	HASH_FIND(hh, *table, &id, sizeof(id), old);
	if (old != NULL) {
		HASH_DEL(*table, old);
		name_free(old);
	}
	st->st_oom = false;
	HASH_ADD(hh, *table, tn_id, sizeof(name->tn_id), name);
	if (st->st_oom)
		name_free(name);
}

/** frametext_learn() - take the names from a LINK or BORN event */
void
frametext_learn(struct frametext_state *st, const struct vnetsim_wire_event *ev)
{
	if (ev->we_kind == VNETSIM_WIRE_LINK) {
		name_set(st, &st->st_links, ev->we_link, ev->we_ends[0],
		    ev->we_ends[1]);
	} else if (ev->we_kind == VNETSIM_WIRE_BORN) {
		name_set(st, &st->st_vnets, ev->we_vnet, ev->we_name, NULL);
	}
}

/** frametext_vnet() - a vnet's name, or NULL if none was told */
const char *
frametext_vnet(const struct frametext_state *st, uint32_t vnet)
{
	struct text_name *name;

	HASH_FIND(hh, st->st_vnets, &vnet, sizeof(vnet), name);
	return (name == NULL ? NULL : name->tn_name[0]);
}

/** frametext_if() - the interface at a link's end, or NULL */
const char *
frametext_if(const struct frametext_state *st, uint32_t link, unsigned end)
{
	struct text_name *name;

	HASH_FIND(hh, st->st_links, &link, sizeof(link), name);
	return (name == NULL ? NULL : name->tn_name[end & 1]);
}
