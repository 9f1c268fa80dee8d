/*
 * report_json.c - reports for programs (docs/REPORTS.md).
 *
 * One document, keys in a fixed order, numbers as integers, times in virtual
 * nanoseconds.  Strings are UTF-8 if the scenario's were; bytes that are not
 * valid UTF-8 become U+FFFD, so the document is valid in each case.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/baseline.h"
#include "sim/report.h"

/* Length of the valid UTF-8 sequence at @s, 0: none. */
static size_t
utf8(const unsigned char *s)
{
	size_t n;

	if (s[0] < 0x80)
		return (1);
	n = s[0] >= 0xf0 && s[0] < 0xf5   ? 4
	    : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
	    : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
					  : 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return (0);
	if (n == 3 &&
	    ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)))
		return (0);
	if (n == 4 &&
	    ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
		return (0);
	return (n);
}

/* A string in quotes; NULL: null. */
void
report_json_string(struct rbuf *out, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	if (s == NULL) {
		rbuf_add(out, "null");
		return;
	}
	rbuf_add(out, "\"");
	while (*p != '\0') {
		n = utf8(p);
		if (*p == '"' || *p == '\\')
			rbuf_add(out, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			rbuf_add(out, "\\u%04x", *p);
		else if (n == 0)
			rbuf_add(out, "\\ufffd");
		else
			rbuf_put(out, p, n);
		p += n == 0 ? 1 : n;
	}
	rbuf_add(out, "\"");
}

static void
key_string(struct rbuf *out, const char *key, const char *s)
{
	rbuf_add(out, ",\"%s\":", key);
	report_json_string(out, s);
}

static void
json_failures(const struct player *p, struct rbuf *out)
{
	rbuf_add(out, ",\"failures\":[");
	for (uint32_t i = 0; i < scn_run_nfailures(p->p_env); i++) {
		const struct scn_failure *sf = scn_run_failure(p->p_env, i);

		rbuf_add(out, "%s{\"file\":", i > 0 ? "," : "");
		report_json_string(out, sf->sf_pos.file);
		rbuf_add(out, ",\"line\":%" PRIu32 ",\"column\":%" PRIu32,
		    sf->sf_pos.line, sf->sf_pos.col);
		key_string(out, "command", sf->sf_command);
		key_string(out, "message", sf->sf_message);
		rbuf_add(out, "}");
	}
	rbuf_add(out, "]");
}

static void
json_finding(const struct vnetsim_finding *f, bool known, struct rbuf *out)
{
	rbuf_add(out, "{\"oracle\":");
	report_json_string(out, f->oracle);
	key_string(out, "kind", f->kind);
	key_string(out, "key", f->key);
	if (f->vnet == VNETSIM_NOVNET)
		rbuf_add(out, ",\"vnet\":null");
	else
		rbuf_add(out, ",\"vnet\":%" PRIu32, f->vnet);
	key_string(out, "jail", f->vname);
	key_string(out, "module", f->module);
	key_string(out, "phase", f->phase);
	key_string(out, "step", f->step);
	key_string(out, "object", f->object);
	rbuf_add(out, ",\"serial\":%" PRIu64, f->serial);
	key_string(out, "birth", f->birth);
	rbuf_add(out, ",\"birth_ns\":%" PRId64 ",\"holders\":[", f->birth_time);
	for (int i = 0; i < 4 && f->holders[i] != NULL; i++) {
		rbuf_add(out, "%s", i > 0 ? "," : "");
		report_json_string(out, f->holders[i]);
	}
	rbuf_add(out,
	    "],\"count\":%" PRIu32 ",\"time_ns\":%" PRId64
	    ",\"event\":%" PRIu64,
	    f->count, f->time, f->event);
	key_string(out, "text", f->text);
	rbuf_add(out, ",\"known\":%s}", known ? "true" : "false");
}

static void
json_findings(const struct report *rp, struct rbuf *out)
{
	const struct player *p = rp->rp_player;
	struct vnetsim_finding f;
	bool known;

	rbuf_add(out, ",\"findings\":[");
	for (unsigned i = 0;
	     p->p_world != NULL && vnetsim_finding(p->p_world, i, &f) == 0;
	     i++) {
		known = baseline_known(
		    baseline_find(rp->rp_baseline, f.key, f.step));
		rbuf_add(out, "%s", i > 0 ? "," : "");
		json_finding(&f, known, out);
	}
	rbuf_add(out, "]");
}

static void
json_outcomes(
    struct rbuf *out, const char *key, const struct vnetsim_outcomes *o)
{
	rbuf_add(out,
	    ",\"%s\":{\"finned\":%" PRIu32 ",\"reset\":%" PRIu32
	    ",\"abandoned\":%" PRIu32 "}",
	    key, o->finned, o->reset, o->abandoned);
}

static void
json_vnet(const struct player *p, const struct play_vnet *pv, struct rbuf *out)
{
	static const char *const policies[] = { "graceful", "abort", "crash",
		"wait" };
	struct vnetsim_outcomes w = { 0 }, s = { 0 };

	(void)vnetsim_outcomes(p->p_world, pv->pv_id, true, &w);
	(void)vnetsim_outcomes(p->p_world, pv->pv_id, false, &s);
	rbuf_add(out, "{\"vnet\":%" PRIu32, pv->pv_id);
	key_string(out, "jail", pv->pv_name);
	key_string(out, "order", pv->pv_order);
	key_string(out, "policy", policies[pv->pv_policy & 3]);
	rbuf_add(out,
	    ",\"killed_ns\":%" PRId64 ",\"dead_ns\":%" PRId64 ",\"script\":%s",
	    pv->pv_killed, pv->pv_dead, pv->pv_byscript ? "true" : "false");
	json_outcomes(out, "wire", &w);
	json_outcomes(out, "stack", &s);
	rbuf_add(out,
	    ",\"peers\":{\"all\":%" PRIu32 ",\"fin\":%" PRIu32
	    ",\"rst\":%" PRIu32 ",\"stuck\":%" PRIu32 ",\"last_ns\":%" PRId64
	    "}}",
	    w.peers, w.peers_fin, w.peers_rst, w.peers_stuck, w.last);
}

static void
json_vnets(const struct player *p, struct rbuf *out)
{
	bool first = true;

	rbuf_add(out, ",\"vnets\":[");
	for (unsigned i = 0; i < p->p_nvnets; i++) {
		if (p->p_vnet[i].pv_killed < 0 || p->p_world == NULL)
			continue;
		rbuf_add(out, "%s", first ? "" : ",");
		json_vnet(p, &p->p_vnet[i], out);
		first = false;
	}
	rbuf_add(out, "]");
}

/**
 * report_json_case() - one scenario as a JSON object
 * @rp:		outcome
 * @out:	text is appended
 */
void
report_json_case(const struct report *rp, struct rbuf *out)
{
	rbuf_add(out, "{\"file\":");
	report_json_string(out, rp->rp_file);
	key_string(out, "title", rp->rp_title);
	key_string(out, "status", report_status(rp->rp_exit));
	rbuf_add(out,
	    ",\"exit\":%d,\"virtual_ns\":%" PRId64 ",\"events\":%" PRIu64
	    ",\"seed\":%" PRIu64,
	    rp->rp_exit, rp->rp_time, rp->rp_events, rp->rp_seed);
	if (rp->rp_allocs > 0)
		rbuf_add(out, ",\"allocations\":%" PRIu64, rp->rp_allocs);
	key_string(out, "message", rp->rp_message);
	if (rp->rp_player != NULL) {
		json_failures(rp->rp_player, out);
		json_findings(rp, out);
		json_vnets(rp->rp_player, out);
	} else
		rbuf_add(out, ",\"failures\":[],\"findings\":[],\"vnets\":[]");
	key_string(out, "kept", rp->rp_kept);
	key_string(out, "dump", rp->rp_dump);
	key_string(out, "repeat", rp->rp_repeat);
	rbuf_add(out, "}");
}

/* The whole document; @cases are objects, separated by commas. */
void
report_json_all(const struct report_totals *rt, int status, const char *cases,
    struct rbuf *out)
{
	rbuf_add(out,
	    "{\"vnetsim\":1,\"exit\":%d,\"passed\":%u,\"failed\":%u,"
	    "\"skipped\":%u,\"known\":%u,\"scenarios\":[%s]}\n",
	    status, rt->rt_passed, rt->rt_failed, rt->rt_skipped, rt->rt_known,
	    cases);
}
