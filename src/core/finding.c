/*
 * finding.c - the world's table of findings.
 *
 * A finding is filled in from three sources: the caller's sentence, what the
 * ledger knows of the object, and where the vnet stands in its end.  Equal
 * ones (oracle, kind, module, phase, zone, birth site) are counted in the
 * first (for a leak free and audit are one phase); so the table
 * stays short when one bug shows a thousand times.  It holds FINDING_MAX
 * different ones, what comes later is only counted.
 *
 * No allocation, no failure: reporting must work when nothing else does.
 */
#include <stdarg.h>
#include <vnetsim/kern/trace.h>
#include "src/core/kprintf.h"
#include "src/core/memory_var.h"

static const char *const oracle_names[ORACLE_N] = { "leak", "lifetime", "order",
	"wire", "liveness", "isolation" };

const char *
oracle_name(int oracle)
{
	return (oracle >= 0 && oracle < ORACLE_N ? oracle_names[oracle] : "?");
}

void
world_findings_init(struct world *w)
{
	memset(&w->w_find, 0, sizeof(w->w_find));
	w->w_find.wf_tab = w->w_mem.wm_findings;
}

const struct finding *
finding_get(const struct world *w, uint32_t i)
{
	return (i < w->w_find.wf_n ? &w->w_find.wf_tab[i] : NULL);
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a == b);
	return (strcmp(a, b) == 0);
}

/* The audit sees what was left by an uninit once more. */
static bool
both_ends(const struct finding *a, const struct finding *b)
{
	return (a->fi_oracle == ORACLE_LEAK && a->fi_phase >= PHASE_FREE &&
		a->fi_phase <= PHASE_AUDIT && b->fi_phase >= PHASE_FREE &&
		b->fi_phase <= PHASE_AUDIT);
}

static bool
same(const struct finding *a, const struct finding *b)
{
	return (a->fi_oracle == b->fi_oracle && a->fi_mod == b->fi_mod &&
		same_text(a->fi_modname, b->fi_modname) &&
		(a->fi_phase == b->fi_phase || both_ends(a, b)) &&
		same_text(a->fi_kind, b->fi_kind) &&
		same_text(a->fi_zone, b->fi_zone) &&
		same_text(a->fi_birth, b->fi_birth));
}

static void
fill_object(struct finding *fi, const void *obj)
{
	const struct ref *slot;
	struct mem_info mi;
	const char *who;

	if (!mem_info(obj, &mi))
		return;
	fi->fi_zone = mi.mi_zone->uz_name;
	fi->fi_serial = mi.mi_serial;
	fi->fi_birth = mi.mi_site;
	fi->fi_birthtime = mi.mi_time;
	slot = NULL;
	while (mi.mi_state == MEM_LIVE && fi->fi_nholders < FINDING_HOLDERS &&
	       (who = mem_holder(obj, &slot)) != NULL)
		fi->fi_holder[fi->fi_nholders++] = who;
}

static void
fill_vnet(struct finding *fi, const struct vnet *v)
{
	size_t n;

	fi->fi_vnet = VNETSIM_NOVNET;
	if (v == NULL)
		return;
	fi->fi_vnet = v->v_id;
	fi->fi_phase = v->v_phase;
	if (v->v_step != NULL) {
		ksnprintf(
		    fi->fi_stepname, sizeof(fi->fi_stepname), "%s", v->v_step);
		fi->fi_step = fi->fi_stepname;
	}
	for (n = 0; n < sizeof(fi->fi_vname) - 1 && v->v_name[n] != '\0'; n++)
		fi->fi_vname[n] = v->v_name[n];
}

/* Count it, and keep it if it is a new one. */
static void
enter(struct world *w, const struct finding *fi)
{
	struct world_findings *wf = &w->w_find;
	uint32_t i;

	wf->wf_total++;
	wf->wf_seen[fi->fi_oracle]++;
	trace(TRACE_FINDING, fi->fi_kind, fi->fi_oracle, fi->fi_mod);
	for (i = 0; i < wf->wf_n; i++)
		if (same(&wf->wf_tab[i], fi)) {
			wf->wf_tab[i].fi_count++;
			return;
		}
	if (wf->wf_n == FINDING_MAX) {
		wf->wf_lost++;
		return;
	}
	wf->wf_tab[wf->wf_n] = *fi;
	if (fi->fi_step != NULL)
		wf->wf_tab[wf->wf_n].fi_step = wf->wf_tab[wf->wf_n].fi_stepname;
	wf->wf_n++;
}

void
finding_add(enum oracle o, const char *kind, const struct vnet *v, int mod,
    const void *obj, const char *fmt, ...)
{
	struct world *w = kctx->kc_world;
	struct finding fi;
	va_list ap;

	memset(&fi, 0, sizeof(fi));
	fi.fi_oracle = (uint8_t)o;
	fi.fi_kind = kind;
	fi.fi_mod = (uint8_t)(mod >= 0 ? mod : w->w_ctx.kc_mod);
	if (fi.fi_mod < VNET_MOD_MAX && w->w_mod[fi.fi_mod] != NULL)
		fi.fi_modname = w->w_mod[fi.fi_mod]->vm_name;
	fi.fi_count = 1;
	fi.fi_time = w->w_ctx.kc_now;
	fi.fi_event = event_count(w);
	fill_vnet(&fi, v);
	if (obj != NULL)
		fill_object(&fi, obj);
	va_start(ap, fmt);
	(void)kvsnprintf(fi.fi_text, sizeof(fi.fi_text), fmt, ap);
	va_end(ap);
	enter(w, &fi);
}
