/*
 * finding_var.h - the world's table of findings.
 *
 * The table itself (FINDING_MAX entries) is a part of the reservation of its
 * own, so that a save copies only the entries that exist.
 */
#ifndef SRC_CORE_FINDING_VAR_H
#define SRC_CORE_FINDING_VAR_H

#include <stdint.h>
#include <vnetsim/kern/finding.h>

struct world;

struct world_findings {
	struct finding *wf_tab; /* FINDING_MAX entries, in order of arrival */
	uint32_t wf_n;          /* kept: different ones */
	uint32_t wf_lost;       /* different ones beyond the table */
	uint64_t wf_total;      /* calls of finding_add() */
	uint32_t wf_seen[ORACLE_N]; /* calls by oracle */
};

/* After world_mem_init(). */
void world_findings_init(struct world *w);

/**
 * finding_get() - one of the findings of a world
 * @w:	world
 * @i:	from 0, in order of arrival
 *
 * Return:	it, NULL: there are not so many.
 */
const struct finding *finding_get(const struct world *w, uint32_t i);

/* "leak", "lifetime", ...: constant. */
const char *oracle_name(int oracle);

#endif /* !SRC_CORE_FINDING_VAR_H */
