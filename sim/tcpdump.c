/*
 * tcpdump.c - tcpdump(1) in a run: frames as lines, counted and on file.
 *
 * Theory of operation
 * ===================
 *
 * A tcpdump listens from its statement on, beside the script, until it has
 * seen as many frames as -c says, its interface has gone (with its jail, or to
 * another one) or the script is over.  On an interface it sees what a tap sees
 * (bpf.h): what is sent and what has arrived, each at its time.  On a link it
 * sees what both ends send, with what becomes of it, as `vnetsim decode`
 * shows a capture.
 *
 * Listeners are called in the middle of an event and must not call into the
 * world; so a tcpdump that is over is only marked, and who drives the run
 * takes its tap off later (tcpdumps_over()).
 *
 * All of this lies outside the world: a run begins with none of it.
 */
#include "sim/tcpdump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture.h"
#include "sim/capture_filter.h"
#include "sim/frametext.h"

#define ETHER_HDR 14

_Static_assert(TCPDUMP_WHY == CAPTURE_FILTER_WHY, "the reason is its");

struct tcpdump {
	const struct scn_tcpdump *td_st; /* (b) */
	const char *td_jail;             /* (b) */
	uint64_t td_if;                  /* tapped; 0: not, or no longer */
	uint32_t td_link;                /* its number */
	bool td_linked;                  /* it is known */
	bool td_over;
	uint64_t td_captured, td_received;
	struct capture_filter *td_filter; /* (o) NULL: all frames */
	struct frametext_state *td_text;  /* (o) of an interface */
	struct capture *td_capture;       /* (o) -w, or NULL */
	struct rbuf td_lines;
};

struct tcpdumps {
	struct tcpdump ts_v[TCPDUMP_MAX];
	unsigned ts_n;
	struct frametext_state *ts_text;    /* (o) of all links */
	char ts_link[TCPDUMP_MAX * 16][16]; /* names by number, "" unknown */
	struct rbuf *ts_print;              /* (b) where lines go, or NULL */
};

/** tcpdumps_new() - for any number of runs; NULL: no memory */
struct tcpdumps *
tcpdumps_new(void)
{
	return (calloc(1, sizeof(struct tcpdumps)));
}

/** tcpdumps_reset() - a new run begins */
void
tcpdumps_reset(struct tcpdumps *ts)
{
	struct tcpdump *td;

	for (unsigned i = 0; i < ts->ts_n; i++) {
		td = &ts->ts_v[i];
		capture_filter_free(td->td_filter);
		frametext_state_free(td->td_text);
		(void)capture_close(td->td_capture);
		rbuf_free(&td->td_lines);
	}
	frametext_state_free(ts->ts_text);
	memset(ts, 0, sizeof(*ts));
}

void
tcpdumps_free(struct tcpdumps *ts)
{
	if (ts != NULL)
		tcpdumps_reset(ts);
	free(ts);
}

/** tcpdumps_print() - where lines are printed from now on; NULL: nowhere */
void
tcpdumps_print(struct tcpdumps *ts, struct rbuf *print)
{
	ts->ts_print = print;
}

/* -w: the file begins with the two ends of what is listened to. */
static int
open_file(struct tcpdump *td, const char *path)
{
	const struct scn_tcpdump *st = td->td_st;
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_LINK,
		.we_vnet = VNETSIM_NOVNET,
		.we_peer = VNETSIM_NOVNET,
		.we_name = st->ifname,
		.we_ends = { st->ifname, "peer" },
	};
	char a[32], b[32];

	if (capture_open(&td->td_capture, path, CAPTURE_PCAPNG, NULL, NULL) !=
	    0)
		return (VE_IO);
	if (st->link) {
		(void)snprintf(a, sizeof(a), "%.16sa", st->ifname);
		(void)snprintf(b, sizeof(b), "%.16sb", st->ifname);
		ev.we_ends[0] = a;
		ev.we_ends[1] = b;
	}
	return (capture_event(td->td_capture, &ev) == 0 ? 0 : VE_IO);
}

/**
 * tcpdump_start() - begin to listen
 * @ts:		of this run
 * @st:		statement, borrowed for the run
 * @jail:	where, borrowed
 * @path:	-w: the file; NULL: none is written
 * @tdp:	out
 * @why:	out, if the filter is refused: what libpcap says
 *
 * Return:	0; VE_NOSPC: TCPDUMP_MAX run already, or have; VE_IO: the file;
 *		VE_INVAL: the filter; VE_NOMEM.
 */
int
tcpdump_start(struct tcpdumps *ts, const struct scn_tcpdump *st,
    const char *jail, const char *path, struct tcpdump **tdp,
    char why[TCPDUMP_WHY])
{
	struct tcpdump *td;
	int error = 0;

	if (ts->ts_n == TCPDUMP_MAX)
		return (VE_NOSPC);
	td = &ts->ts_v[ts->ts_n++];
	memset(td, 0, sizeof(*td));
	td->td_st = st;
	td->td_jail = jail;
	td->td_over = true;
	if (st->filter[0] != '\0') {
		td->td_filter = capture_filter_new(st->filter, why);
		if (td->td_filter == NULL)
			return (VE_INVAL);
	}
	td->td_text = frametext_state_new(
	    (st->flags & TCPDUMP_NUMERIC) != 0 ? FRAMETEXT_NUMERIC : 0);
	if (td->td_text == NULL)
		return (VE_NOMEM);
	if (path != NULL)
		error = open_file(td, path);
	for (uint32_t i = 0;
	     st->link && i < sizeof(ts->ts_link) / sizeof(ts->ts_link[0]); i++)
		if (strcmp(ts->ts_link[i], st->ifname) == 0) {
			td->td_link = i;
			td->td_linked = true;
		}
	if (error == 0 && st->link && !td->td_linked)
		error = VE_NXIO;
	td->td_over = error != 0;
	*tdp = td;
	return (error);
}

/** tcpdump_tapped() - its interface has a tap now */
void
tcpdump_tapped(struct tcpdump *td, uint64_t id)
{
	td->td_if = id;
}

static void
say(struct tcpdumps *ts, struct tcpdump *td, const char *line)
{
	if (td->td_lines.rb_len + strlen(line) < TCPDUMP_TEXT)
		rbuf_add(&td->td_lines, "%s\n", line);
	if (ts->ts_print != NULL)
		rbuf_add(ts->ts_print, "%s\n", line);
}

/* It listens no longer: what tcpdump says at its end. */
static void
end(struct tcpdumps *ts, struct tcpdump *td)
{
	char line[96];

	if (td->td_over)
		return;
	td->td_over = true;
	(void)capture_close(td->td_capture);
	td->td_capture = NULL;
	(void)snprintf(line, sizeof(line), "%" PRIu64 " packet%s captured",
	    td->td_captured, td->td_captured != 1 ? "s" : "");
	say(ts, td, line);
	(void)snprintf(line, sizeof(line),
	    "%" PRIu64 " packet%s received by filter", td->td_received,
	    td->td_received != 1 ? "s" : "");
	say(ts, td, line);
	say(ts, td, "0 packets dropped by kernel");
}

/** tcpdumps_end() - the script is over: all end */
void
tcpdumps_end(struct tcpdumps *ts)
{
	for (unsigned i = 0; i < ts->ts_n; i++)
		end(ts, &ts->ts_v[i]);
}

/**
 * tcpdumps_over() - one that is over and whose tap is still there
 * @ts:		of this run
 * @id:		out: the tap to take off
 *
 * Return:	false: there is none.
 */
bool
tcpdumps_over(struct tcpdumps *ts, uint64_t *id)
{
	for (unsigned i = 0; i < ts->ts_n; i++)
		if (ts->ts_v[i].td_over && ts->ts_v[i].td_if != 0) {
			*id = ts->ts_v[i].td_if;
			ts->ts_v[i].td_if = 0;
			return (true);
		}
	return (false);
}

/* The frame counts: on file, or as a line. */
static void
captured(struct tcpdumps *ts, struct tcpdump *td, const char *line,
    const struct vnetsim_wire_event *ev)
{
	td->td_captured++;
	if (td->td_capture != NULL)
		(void)capture_event(td->td_capture, ev);
	else if (td->td_st->file == NULL)
		say(ts, td, line);
	if (td->td_captured == td->td_st->count)
		end(ts, td);
}

static bool
wanted(struct tcpdump *td, const uint8_t *bytes, size_t len)
{
	td->td_received++;
	return (td->td_filter == NULL ||
		capture_filter_match(td->td_filter, bytes, len));
}

static int
add_ether(char *line, size_t size, const uint8_t *p, uint32_t len)
{
	unsigned type = (unsigned)p[12] << 8 | p[13];

	return (snprintf(line, size,
	    "%02x:%02x:%02x:%02x:%02x:%02x > %02x:%02x:%02x:%02x:%02x:%02x, "
	    "ethertype 0x%04x, length %" PRIu32 ": ",
	    p[6], p[7], p[8], p[9], p[10], p[11], p[0], p[1], p[2], p[3], p[4],
	    p[5], type, len));
}

static void
tapped(
    struct tcpdumps *ts, struct tcpdump *td, const struct vnetsim_bpf_event *be)
{
	struct vnetsim_wire_event ev = {
		.we_kind = VNETSIM_WIRE_FRAME,
		.we_time = be->be_time,
		.we_frame = td->td_captured,
		.we_end = be->be_out ? 0 : 1,
		.we_verdict = VNETSIM_V_SENT,
		.we_arrive = be->be_time,
		.we_vnet = VNETSIM_NOVNET,
		.we_peer = VNETSIM_NOVNET,
		.we_bytes = be->be_bytes,
		.we_len = be->be_len,
	};
	char line[FRAMETEXT_MAX + 128];
	int n;

	/* relative sequence numbers are learned from what is not shown, too */
	n = snprintf(line, sizeof(line), "%" PRId64 ".%09" PRId64 " %s ",
	    be->be_time / 1000000000, be->be_time % 1000000000,
	    be->be_out ? "Out" : "In");
	if ((td->td_st->flags & TCPDUMP_ETHER) != 0 && be->be_len >= ETHER_HDR)
		n += add_ether(line + n, sizeof(line) - (size_t)n, be->be_bytes,
		    be->be_len);
	(void)frametext_packet(line + n, sizeof(line) - (size_t)n, be->be_bytes,
	    be->be_len, 0, td->td_text);
	if (wanted(td, be->be_bytes, be->be_len))
		captured(ts, td, line, &ev);
}

/** tcpdumps_bpf() - a frame at a tap, or its end; for vnetsim_set_bpf() */
void
tcpdumps_bpf(void *arg, const struct vnetsim_bpf_event *be)
{
	struct tcpdumps *ts = arg;
	struct tcpdump *td;

	for (unsigned i = 0; i < ts->ts_n; i++) {
		td = &ts->ts_v[i];
		if (td->td_over || td->td_if != be->be_if)
			continue;
		if (be->be_gone) {
			td->td_if = 0;
			end(ts, td);
		} else {
			tapped(ts, td, be);
		}
	}
}

static void
learn_link(struct tcpdumps *ts, const struct vnetsim_wire_event *ev)
{
	if (ev->we_link < sizeof(ts->ts_link) / sizeof(ts->ts_link[0]) &&
	    ev->we_name != NULL)
		(void)snprintf(ts->ts_link[ev->we_link], sizeof(ts->ts_link[0]),
		    "%s", ev->we_name);
}

/** tcpdumps_wire() - an event of a wire; all of a run go through here */
void
tcpdumps_wire(struct tcpdumps *ts, const struct vnetsim_wire_event *ev)
{
	struct vnetsim_wire_event copy = *ev;
	char line[FRAMETEXT_MAX];
	struct tcpdump *td;

	if (ts->ts_text == NULL)
		ts->ts_text = frametext_state_new(0);
	if (ev->we_kind == VNETSIM_WIRE_LINK)
		learn_link(ts, ev);
	(void)frametext(line, sizeof(line), ev, ts->ts_text);
	if (ev->we_kind != VNETSIM_WIRE_FRAME)
		return;
	copy.we_link = 0; /* as the file's only one */
	copy.we_vnet = copy.we_peer = VNETSIM_NOVNET;
	for (unsigned i = 0; i < ts->ts_n; i++) {
		td = &ts->ts_v[i];
		if (td->td_over || !td->td_linked || td->td_link != ev->we_link)
			continue;
		if (wanted(td, ev->we_bytes, ev->we_len))
			captured(ts, td, line, &copy);
	}
}

/**
 * tcpdumps_find() - the last one that was started there
 * @ts:		of this run
 * @jail:	where
 * @ifname:	interface or link
 *
 * Return:	NULL: there was none.
 */
const struct tcpdump *
tcpdumps_find(const struct tcpdumps *ts, const char *jail, const char *ifname)
{
	const struct tcpdump *td;

	for (unsigned i = ts->ts_n; i > 0; i--) {
		td = &ts->ts_v[i - 1];
		if (strcmp(td->td_jail, jail) == 0 &&
		    strcmp(td->td_st->ifname, ifname) == 0)
			return (td);
	}
	return (NULL);
}

uint64_t
tcpdump_captured(const struct tcpdump *td)
{
	return (td->td_captured);
}

const char *
tcpdump_lines(const struct tcpdump *td)
{
	return (rbuf_str(&td->td_lines));
}
