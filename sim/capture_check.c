/*
 * capture_check.c - what the wire monitor saw, as text and as JSON.
 *
 * The words of a finding are the monitor's own, so a live run and check-pcap
 * say the same.  No file is named and no wall time: equal streams give equal
 * reports.
 */
#include "sim/capture_check.h"

#include <inttypes.h>

#include "sim/frametext_buf.h"
#include "sim/pcapng_writer.h"

/* Connections by outcome; embryos never were established. */
struct check_count {
	uint64_t ck_out[VNETSIM_OUT_ABANDONED + 1];
	uint64_t ck_embryos;
	uint64_t ck_total;
};

static struct check_count
check_count(const struct capture_check *cc)
{
	struct check_count n = { { 0 }, 0, 0 };
	struct vnetsim_wire_conn conn;
	size_t i;

	for (i = 0; vnetsim_wiremon_conn(cc->cc_wm, i, &conn); i++) {
		if (!conn.wc_established)
			n.ck_embryos++;
		else if (conn.wc_outcome <= VNETSIM_OUT_ABANDONED)
			n.ck_out[conn.wc_outcome]++;
		n.ck_total++;
	}
	return (n);
}

/* The entry of the baseline that matches a finding, by the key of live runs. */
static struct baseline_entry *
check_entry(
    const struct capture_check *cc, const struct vnetsim_wire_finding *w)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "wire.%s.-.-.-",
	    vnetsim_wire_kindname(w->wf_kind));
	return (baseline_find(cc->cc_bl, key, w->wf_step));
}

/**
 * capture_check_new() - how many findings no baseline excuses
 * @cc:	the answers
 *
 * Those that were only counted are new: nobody knows what they are.
 */
size_t
capture_check_new(const struct capture_check *cc)
{
	struct vnetsim_wire_finding finding;
	struct vnetsim_wire_stats ws;
	size_t n = 0;

	for (size_t i = 0; vnetsim_wiremon_finding(cc->cc_wm, i, &finding); i++)
		if (!baseline_known(check_entry(cc, &finding)))
			n++;
	vnetsim_wiremon_stats(cc->cc_wm, &ws);
	return (n + (size_t)ws.ws_noise);
}

/**
 * capture_check_baseline() - what matched, and what a skeleton is to hold
 * @cc:	the answers; hits of its baseline are counted
 * @bo:	all findings are added
 */
void
capture_check_baseline(const struct capture_check *cc, struct baseline_out *bo)
{
	struct vnetsim_wire_finding finding;
	struct baseline_entry *be;
	struct rbuf key = { 0 };

	for (size_t i = 0; vnetsim_wiremon_finding(cc->cc_wm, i, &finding);
	     i++) {
		be = check_entry(cc, &finding);
		if (be != NULL)
			be->be_hits++;
		rbuf_cut(&key, 0);
		rbuf_add(&key, "wire.%s.-.-.-.%s",
		    vnetsim_wire_kindname(finding.wf_kind),
		    finding.wf_step != NULL ? finding.wf_step : "-");
		baseline_out_add(bo, rbuf_str(&key), finding.wf_text);
	}
	rbuf_free(&key);
}

static void
text_string(FILE *f, const char *s)
{
	char buf[1024];
	struct textbuf tb;

	textbuf_init(&tb, buf, sizeof(buf));
	textbuf_name(&tb, s);
	(void)fprintf(f, "%s", buf);
}

static void
text_vnet(FILE *f, const struct vnetsim_wire_vnet *v)
{
	char buf[96];
	struct textbuf tb;

	textbuf_init(&tb, buf, sizeof(buf));
	textbuf_time(&tb, v->wv_killed);
	(void)fprintf(f, "vnet ");
	text_string(f, v->wv_name);
	(void)fprintf(f, " killed at %s close %s: ", buf,
	    v->wv_policy <= VNETSIM_CLOSE_WAIT
		? capture_close_name[v->wv_policy]
		: "?");
	(void)fprintf(f,
	    "finned %" PRIu32 " reset %" PRIu32 " abandoned %" PRIu32
	    " open %" PRIu32 "; ",
	    v->wv_finned, v->wv_reset, v->wv_abandoned, v->wv_open);
	textbuf_init(&tb, buf, sizeof(buf));
	textbuf_span(&tb, v->wv_within);
	(void)fprintf(f,
	    "peers %" PRIu32 ": closed by fin %" PRIu32 " by rst %" PRIu32
	    " by own rst %" PRIu32 " within %s, ",
	    v->wv_peers, v->wv_by_fin, v->wv_by_rst, v->wv_by_own, buf);
	(void)fprintf(f,
	    "stuck %" PRIu32 " excused %" PRIu32 " silent %" PRIu32
	    " undecided %" PRIu32 "\n",
	    v->wv_stuck, v->wv_excused, v->wv_silent, v->wv_undecided);
}

/**
 * capture_check_text() - the report for people
 * @f:		where to; the caller looks at ferror()
 * @cc:	the answers to print
 */
void
capture_check_text(FILE *f, const struct capture_check *cc)
{
	struct check_count n = check_count(cc);
	struct vnetsim_wire_finding finding;
	struct vnetsim_wire_stats ws;
	struct vnetsim_wire_vnet vnet;
	const struct baseline_entry *be;
	size_t i, known = 0;

	vnetsim_wiremon_stats(cc->cc_wm, &ws);
	(void)fprintf(f,
	    "frames %" PRIu64 ": tcp %" PRIu64 " udp %" PRIu64 " icmp %" PRIu64
	    " arp %" PRIu64 " fragments %" PRIu64,
	    ws.ws_frames, ws.ws_tcp, ws.ws_udp, ws.ws_icmp, ws.ws_arp,
	    ws.ws_frags);
	(void)fprintf(f,
	    " other %" PRIu64 " bad %" PRIu64 "; lost %" PRIu64 " late %" PRIu64
	    "\n",
	    ws.ws_other, ws.ws_bad, ws.ws_lost, ws.ws_late);
	(void)fprintf(f,
	    "connections %" PRIu64 ": finned %" PRIu64 " reset %" PRIu64
	    " abandoned %" PRIu64 " open %" PRIu64 " embryonic %" PRIu64 "\n",
	    n.ck_total, n.ck_out[VNETSIM_OUT_FINNED],
	    n.ck_out[VNETSIM_OUT_RESET], n.ck_out[VNETSIM_OUT_ABANDONED],
	    n.ck_out[VNETSIM_OUT_OPEN], n.ck_embryos);
	for (i = 0; vnetsim_wiremon_vnet(cc->cc_wm, i, &vnet); i++) {
		if (vnet.wv_killed >= 0)
			text_vnet(f, &vnet);
	}
	for (i = 0; vnetsim_wiremon_finding(cc->cc_wm, i, &finding); i++) {
		be = check_entry(cc, &finding);
		known += baseline_known(be);
		(void)fprintf(f, baseline_known(be) ? "known: " : "finding: ");
		text_string(f, finding.wf_text);
		(void)fprintf(f, "\n");
		if (be != NULL)
			(void)fprintf(f, "  known until %s (%s:%u): %s\n",
			    be->be_until, cc->cc_bl->bl_path, be->be_line,
			    be->be_reason);
	}
	if (ws.ws_noise > 0)
		(void)fprintf(
		    f, "and %" PRIu64 " more of the same kinds\n", ws.ws_noise);
	if (cc->cc_snapped > 0)
		(void)fprintf(f,
		    "not checked: %" PRIu64 " frames cut when captured\n",
		    cc->cc_snapped);
	if (!cc->cc_ours)
		(void)fprintf(f,
		    "note: not written by vnetsim as pcapng; deaths of vnets "
		    "are unknown, only headers were checked\n");
	else if (!cc->cc_ended)
		(void)fprintf(f,
		    "note: the record has no end; what was still to come is "
		    "undecided\n");
	(void)fprintf(
	    f, "%zu finding%s\n", i - known, i - known == 1 ? "" : "s");
	if (known > 0)
		(void)fprintf(f, "%zu known finding%s (baseline)\n", known,
		    known == 1 ? "" : "s");
}

/* A JSON string, RFC 8259 section 7; bytes beyond ASCII as Latin-1. */
static void
json_string(FILE *f, const char *s)
{
	const unsigned char *p;

	(void)fputc('"', f);
	for (p = (const unsigned char *)s; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			(void)fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p >= 0x7f)
			(void)fprintf(f, "\\u%04x", *p);
		else
			(void)fputc(*p, f);
	}
	(void)fputc('"', f);
}

static void
json_pair(FILE *f, const char *sep, const char *key, const char *val)
{
	(void)fprintf(f, "%s\"%s\":", sep, key);
	if (val == NULL)
		(void)fprintf(f, "null");
	else
		json_string(f, val);
}

static void
json_vnet(FILE *f, const struct vnetsim_wire_vnet *v)
{
	json_pair(f, "{", "name", v->wv_name);
	(void)fprintf(f,
	    ",\"vnet\":%" PRIu32 ",\"killed\":%" PRId64 ",\"dead\":%" PRId64
	    ",\"bound\":%" PRId64,
	    v->wv_vnet, v->wv_killed, v->wv_dead, v->wv_bound);
	json_pair(f, ",", "close",
	    v->wv_policy <= VNETSIM_CLOSE_WAIT
		? capture_close_name[v->wv_policy]
		: NULL);
	(void)fprintf(f,
	    ",\"finned\":%" PRIu32 ",\"reset\":%" PRIu32
	    ",\"abandoned\":%" PRIu32 ",\"open\":%" PRIu32
	    ",\"embryonic\":%" PRIu32,
	    v->wv_finned, v->wv_reset, v->wv_abandoned, v->wv_open,
	    v->wv_embryos);
	(void)fprintf(f,
	    ",\"peers\":%" PRIu32 ",\"by-fin\":%" PRIu32 ",\"by-rst\":%" PRIu32
	    ",\"by-own\":%" PRIu32,
	    v->wv_peers, v->wv_by_fin, v->wv_by_rst, v->wv_by_own);
	(void)fprintf(f,
	    ",\"stuck\":%" PRIu32 ",\"excused\":%" PRIu32 ",\"silent\":%" PRIu32
	    ",\"undecided\":%" PRIu32 ",\"within\":%" PRId64 "}",
	    v->wv_stuck, v->wv_excused, v->wv_silent, v->wv_undecided,
	    v->wv_within);
}

static void
json_finding(FILE *f, const struct vnetsim_wire_finding *w, bool known)
{
	json_pair(f, "{", "kind", vnetsim_wire_kindname(w->wf_kind));
	(void)fprintf(f, ",\"time\":%" PRId64 ",\"vnet\":%" PRIu32, w->wf_time,
	    w->wf_vnet);
	if (w->wf_kind == VNETSIM_WF_STUCK) {
		(void)fprintf(f, ",\"peer\":%" PRIu32, w->wf_peer);
		json_pair(f, ",", "state", vnetsim_wire_statename(w->wf_state));
	} else {
		(void)fprintf(f, ",\"frame\":%" PRIu64, w->wf_frame);
	}
	json_pair(f, ",", "phase", w->wf_phase);
	json_pair(f, ",", "step", w->wf_step);
	json_pair(f, ",", "text", w->wf_text);
	json_pair(f, ",", "key", w->wf_key);
	(void)fprintf(f, ",\"known\":%s}", known ? "true" : "false");
}

static void
json_counts(FILE *f, const struct capture_check *cc)
{
	struct check_count n = check_count(cc);
	struct vnetsim_wire_stats ws;

	vnetsim_wiremon_stats(cc->cc_wm, &ws);
	(void)fprintf(f,
	    "\"frames\":{\"total\":%" PRIu64 ",\"tcp\":%" PRIu64
	    ",\"udp\":%" PRIu64 ",\"icmp\":%" PRIu64 ",\"arp\":%" PRIu64,
	    ws.ws_frames, ws.ws_tcp, ws.ws_udp, ws.ws_icmp, ws.ws_arp);
	(void)fprintf(f,
	    ",\"fragments\":%" PRIu64 ",\"other\":%" PRIu64 ",\"bad\":%" PRIu64
	    ",\"lost\":%" PRIu64 ",\"late\":%" PRIu64 ",\"snapped\":%" PRIu64
	    "},",
	    ws.ws_frags, ws.ws_other, ws.ws_bad, ws.ws_lost, ws.ws_late,
	    cc->cc_snapped);
	(void)fprintf(f,
	    "\"connections\":{\"total\":%" PRIu64 ",\"finned\":%" PRIu64
	    ",\"reset\":%" PRIu64 ",\"abandoned\":%" PRIu64 ",\"open\":%" PRIu64
	    ",\"embryonic\":%" PRIu64 "},",
	    n.ck_total, n.ck_out[VNETSIM_OUT_FINNED],
	    n.ck_out[VNETSIM_OUT_RESET], n.ck_out[VNETSIM_OUT_ABANDONED],
	    n.ck_out[VNETSIM_OUT_OPEN], n.ck_embryos);
	(void)fprintf(f, "\"unreported\":%" PRIu64 ",\"incomplete\":%s,",
	    ws.ws_noise, ws.ws_incomplete ? "true" : "false");
}

/**
 * capture_check_json() - the report for programs: one object, one line
 * @f:		where to; the caller looks at ferror()
 * @cc:	the answers to print
 */
void
capture_check_json(FILE *f, const struct capture_check *cc)
{
	struct vnetsim_wire_finding finding;
	struct vnetsim_wire_vnet vnet;
	const char *sep = "";
	size_t i;

	(void)fprintf(f, "{\"facts\":%s,\"ended\":%s,",
	    cc->cc_ours ? "true" : "false", cc->cc_ended ? "true" : "false");
	json_counts(f, cc);
	(void)fprintf(f, "\"killed\":[");
	for (i = 0; vnetsim_wiremon_vnet(cc->cc_wm, i, &vnet); i++) {
		if (vnet.wv_killed < 0)
			continue;
		(void)fprintf(f, "%s", sep);
		json_vnet(f, &vnet);
		sep = ",";
	}
	(void)fprintf(f, "],\"findings\":[");
	for (i = 0; vnetsim_wiremon_finding(cc->cc_wm, i, &finding); i++) {
		(void)fprintf(f, "%s", i > 0 ? "," : "");
		json_finding(
		    f, &finding, baseline_known(check_entry(cc, &finding)));
	}
	(void)fprintf(f, "]}\n");
}
