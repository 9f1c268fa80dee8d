/*
 * finding.h - an oracle turns a wrong behaviour into a finding.
 *
 * A finding names oracle, vnet, module, phase, step, object, birth site and
 * holders.  Findings live in the world, in order; equal ones (same oracle,
 * kind, module, phase, zone, birth site) are counted, not repeated.  At most
 * FINDING_MAX are kept, the rest is counted.  Reporting never fails and never
 * allocates: the table is part of the world.
 */
#ifndef VNETSIM_KERN_FINDING_H
#define VNETSIM_KERN_FINDING_H

#include <stdint.h>
#include <vnetsim/kern/kdefs.h>

struct vnet;

enum oracle {
	ORACLE_LEAK,
	ORACLE_LIFETIME,
	ORACLE_ORDER,
	ORACLE_WIRE,
	ORACLE_LIVENESS,
	ORACLE_ISOLATION,
	ORACLE_N,
};

#define FINDING_MAX     256
#define FINDING_TEXT    320
#define FINDING_HOLDERS 4

struct finding {
	uint8_t fi_oracle;
	uint8_t fi_mod;   /* enum vnet_modid, VNET_MOD_BUILTIN: none */
	uint8_t fi_phase; /* enum vnet_phase of the vnet */
	uint8_t fi_nholders;
	uint32_t fi_count; /* how often seen */
	uint32_t fi_vnet;  /* v_id, or VNETSIM_NOVNET */
	int64_t fi_time;
	uint64_t fi_event;   /* event number of the world */
	const char *fi_kind; /* constant: "leak", "double-free", "armed" ... */
	const char *fi_step; /* NULL, or fi_stepname */
	/* constant or NULL: fi_mod by name; the id may be another's by now */
	const char *fi_modname;
	const char *fi_zone;  /* constant or NULL: type of the object */
	uint64_t fi_serial;   /* object: per-vnet serial */
	const char *fi_birth; /* constant "file:line" or NULL */
	int64_t fi_birthtime;
	const char *fi_holder[FINDING_HOLDERS]; /* constants "name@file:line" */
	char fi_vname[32];
	char fi_stepname[40];       /* orders may be edited later: a copy */
	char fi_text[FINDING_TEXT]; /* one sentence for people */
};

/**
 * finding_add() - report
 * @o:		oracle
 * @kind:	constant, stable key
 * @v:		vnet it is about, NULL: the world
 * @mod:	guilty module, enum vnet_modid; -1: the running one
 * @obj:	ledger object (live, freed or poisoned header), or NULL
 * @fmt:	sentence, kprintf format
 */
void finding_add(enum oracle o, const char *kind, const struct vnet *v, int mod,
    const void *obj, const char *fmt, ...) __printflike(6, 7);

/**
 * finding_wire() - the wire monitor reports
 * @kind:	constant: "stuck", "dead-sender", "header"
 * @vnet:	v_id of the vnet it is about, which may be dead
 * @vname:	its name
 * @time:	virtual ns, may lie in the past
 * @phase:	teardown phase by name, NULL: alive
 * @step:	copied, or NULL
 * @text:	sentence; different ones are different findings
 */
void finding_wire(const char *kind, uint32_t vnet, const char *vname,
    int64_t time, const char *phase, const char *step, const char *text);

#endif /* !VNETSIM_KERN_FINDING_H */
