/*
 * finding_wire.c - findings of the wire oracle.
 *
 * The wire monitor speaks of vnets that are dead already and of times that
 * may lie in the past, so it cannot go through finding_add(), which asks the
 * vnet.  Each sentence names one connection: different sentences are different
 * findings, so that twenty stuck peers are twenty lines.
 */
#include <string.h>
#include "src/core/memory_var.h"

static uint8_t
phase_byname(const char *name)
{
	for (unsigned i = 0; name != NULL && i < PHASE_N; i++)
		if (strcmp(vnet_phase_name(i), name) == 0)
			return ((uint8_t)i);
	return (PHASE_ALIVE);
}

void
finding_wire(const char *kind, uint32_t vnet, const char *vname, int64_t time,
    const char *phase, const char *step, const char *text)
{
	struct world_findings *wf = &curworld()->w_find;
	struct finding *fi;

	wf->wf_total++;
	wf->wf_seen[ORACLE_WIRE]++;
	for (uint32_t i = 0; i < wf->wf_n; i++) {
		fi = &wf->wf_tab[i];
		if (fi->fi_oracle == ORACLE_WIRE && fi->fi_vnet == vnet &&
		    strcmp(fi->fi_text, text) == 0) {
			fi->fi_count++;
			return;
		}
	}
	if (wf->wf_n == FINDING_MAX) {
		wf->wf_lost++;
		return;
	}
	fi = &wf->wf_tab[wf->wf_n++];
	memset(fi, 0, sizeof(*fi));
	fi->fi_oracle = ORACLE_WIRE;
	fi->fi_mod = VNET_MOD_BUILTIN;
	fi->fi_phase = phase_byname(phase);
	fi->fi_count = 1;
	fi->fi_vnet = vnet;
	fi->fi_time = time;
	fi->fi_event = event_count(curworld());
	fi->fi_kind = kind;
	if (step != NULL) {
		ksnprintf(fi->fi_stepname, sizeof(fi->fi_stepname), "%s", step);
		fi->fi_step = fi->fi_stepname;
	}
	ksnprintf(fi->fi_vname, sizeof(fi->fi_vname), "%s", vname);
	ksnprintf(fi->fi_text, sizeof(fi->fi_text), "%s", text);
	trace(TRACE_FINDING, kind, ORACLE_WIRE, vnet);
}
