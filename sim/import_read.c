/*
 * import_read.c - a capture, taken apart into TCP connections.
 *
 * Only headers are looked at, so a capture that was cut behind them will do,
 * and sums are not verified: a host that captures its own frames sees them
 * before its network card has filled them in.  What such a card does for TCP
 * (segments of 64 KiB, a total length of 0) is taken as it stands.
 *
 * A connection begins with the first segment between two ports, and anew with
 * a SYN that has another number than the one before.  A capture of ours also
 * says what was lost, when a frame arrived, and when a vnet began to end.
 */
#include "sim/import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_reader.h"

static uint16_t
get16(const uint8_t *p)
{
	return ((uint16_t)(p[0] << 8 | p[1]));
}

static uint32_t
get32(const uint8_t *p)
{
	return ((uint32_t)get16(p) << 16 | get16(p + 2));
}

struct addrs {
	uint32_t addr[2];
	uint16_t port[2];
};

enum parsed { PARSED_TCP, PARSED_IP6, PARSED_OTHER, PARSED_BAD };

/* IPv4 behind Ethernet and at most one VLAN tag: where, and how much. */
static enum parsed
parse_ip(const uint8_t *p, uint32_t len, uint32_t *off)
{
	uint16_t type;

	*off = 14;
	if (len < 18)
		return (PARSED_OTHER);
	type = get16(p + 12);
	if (type == 0x8100) {
		type = get16(p + 16);
		*off = 18;
	}
	if (type == 0x86dd)
		return (PARSED_IP6);
	return (type == 0x0800 ? PARSED_TCP : PARSED_OTHER);
}

static enum parsed
parse(const uint8_t *p, uint32_t len, struct import_seg *sg, struct addrs *ad)
{
	uint32_t off, hlen, total, data;
	enum parsed what = parse_ip(p, len, &off);
	const uint8_t *ip = p + off, *th;

	if (what != PARSED_TCP)
		return (what);
	len -= off;
	if (len < 20 || ip[0] >> 4 != 4)
		return (PARSED_BAD);
	if (ip[9] != 6)
		return (PARSED_OTHER);
	hlen = (uint32_t)(ip[0] & 15) * 4;
	total = get16(ip + 2) == 0 ? len : get16(ip + 2);
	if ((get16(ip + 6) & 0x3fff) != 0 || hlen < 20 || len < hlen + 20 ||
	    total < hlen + 20)
		return (PARSED_BAD);
	th = ip + hlen;
	data = (uint32_t)(th[12] >> 4) * 4;
	if (data < 20 || hlen + data > total || hlen + data > len)
		return (PARSED_BAD);
	ad->addr[0] = get32(ip + 12);
	ad->addr[1] = get32(ip + 16);
	ad->port[0] = get16(th);
	ad->port[1] = get16(th + 2);
	sg->is_seq = get32(th + 4);
	sg->is_ack = get32(th + 8);
	sg->is_flags = th[13];
	sg->is_win = get16(th + 14);
	sg->is_urg = get16(th + 18);
	sg->is_len = total - hlen - data;
	sg->is_nopt = (uint8_t)(data - 20);
	memcpy(sg->is_opt, th + 20, sg->is_nopt);
	return (PARSED_TCP);
}

/* The newest connection between these two; @dir: who of them sends. */
static struct import_flow *
find(struct import *im, const struct addrs *ad, uint8_t *dir)
{
	struct import_flow *fl;

	for (size_t i = im->im_n; i > 0; i--) {
		fl = &im->im_flow[i - 1];
		for (*dir = 0; *dir < 2; ++*dir)
			if (fl->if_addr[0] == ad->addr[*dir] &&
			    fl->if_addr[1] == ad->addr[!*dir] &&
			    fl->if_port[0] == ad->port[*dir] &&
			    fl->if_port[1] == ad->port[!*dir])
				return (fl);
	}
	*dir = 0;
	return (NULL);
}

static struct import_flow *
begin(struct import *im, const struct addrs *ad)
{
	struct import_flow *fl;
	size_t n;

	if (im->im_n == im->im_cap) {
		n = im->im_cap == 0 ? 16 : 2 * im->im_cap;
		fl = realloc(im->im_flow, n * sizeof(*fl));
		if (fl == NULL)
			return (NULL);
		im->im_flow = fl;
		im->im_cap = n;
	}
	fl = &im->im_flow[im->im_n++];
	memset(fl, 0, sizeof(*fl));
	memcpy(fl->if_addr, ad->addr, sizeof(fl->if_addr));
	memcpy(fl->if_port, ad->port, sizeof(fl->if_port));
	fl->if_owner[0] = fl->if_owner[1] = VNETSIM_NOVNET;
	fl->if_kill[0] = fl->if_kill[1] = -1;
	return (fl);
}

static int
append(struct import_flow *fl, const struct import_seg *sg)
{
	struct import_seg *v;
	size_t n;

	if (fl->if_n == fl->if_cap) {
		n = fl->if_cap == 0 ? 32 : 2 * fl->if_cap;
		v = realloc(fl->if_seg, n * sizeof(*v));
		if (v == NULL)
			return (ENOMEM);
		fl->if_seg = v;
		fl->if_cap = n;
	}
	v = &fl->if_seg[fl->if_n++];
	*v = *sg;
	/* the order in the file is what happened, clocks are set back */
	if (fl->if_n > 1 && v->is_time < v[-1].is_time)
		v->is_time = v[-1].is_time;
	if (v->is_arrive < v->is_time)
		v->is_arrive = v->is_time;
	if ((sg->is_flags & IMP_SYN) != 0 && !fl->if_syn[sg->is_dir]) {
		fl->if_syn[sg->is_dir] = true;
		fl->if_isn[sg->is_dir] = sg->is_seq;
	}
	fl->if_fin[sg->is_dir] |= (sg->is_flags & IMP_FIN) != 0;
	fl->if_rst |= (sg->is_flags & IMP_RST) != 0;
	return (0);
}

static int
no_memory(char why[IMPORT_WHY])
{
	(void)snprintf(why, IMPORT_WHY, "not enough memory");
	return (ENOMEM);
}

/* A frame, whole or cut. */
static int
frame(struct import *im, const struct vnetsim_wire_event *ev,
    char why[IMPORT_WHY])
{
	struct import_seg sg = { .is_time = ev->we_time,
		.is_arrive = ev->we_arrive,
		.is_frame = ++im->im_frames };
	struct import_flow *fl;
	enum parsed what;
	struct addrs ad;

	what = parse(ev->we_bytes, ev->we_len, &sg, &ad);
	im->im_ip6 += what == PARSED_IP6;
	im->im_bad += what == PARSED_BAD;
	if (what != PARSED_TCP)
		return (0);
	sg.is_arrived = ev->we_verdict == VNETSIM_V_SENT ||
			ev->we_verdict == VNETSIM_V_DUP ||
			ev->we_verdict == VNETSIM_V_HELD;
	fl = find(im, &ad, &sg.is_dir);
	if (fl == NULL ||
	    ((sg.is_flags & (IMP_SYN | IMP_ACK)) == IMP_SYN &&
		fl->if_syn[sg.is_dir] && fl->if_isn[sg.is_dir] != sg.is_seq)) {
		if (im->im_n == IMPORT_FLOWS_MAX) {
			(void)snprintf(why, IMPORT_WHY,
			    "frame %" PRIu64 ": more than %d connections",
			    sg.is_frame, IMPORT_FLOWS_MAX);
			return (EFBIG);
		}
		fl = begin(im, &ad);
		sg.is_dir = 0;
	}
	if (fl == NULL ||
	    (fl->if_n < IMPORT_SEGS_MAX + 1u && append(fl, &sg) != 0))
		return (no_memory(why));
	if (ev->we_vnet != VNETSIM_NOVNET)
		fl->if_owner[sg.is_dir] = ev->we_vnet;
	return (0);
}

/* A vnet begins to end: which connections does it take part in? */
static void
flows_killed(struct import *im, const struct vnetsim_wire_event *ev)
{
	struct import_flow *fl;

	for (size_t i = 0; i < im->im_n; i++)
		for (int side = 0; side < 2; side++) {
			fl = &im->im_flow[i];
			if (fl->if_owner[side] != ev->we_vnet ||
			    fl->if_kill[side] >= 0)
				continue;
			fl->if_kill[side] = ev->we_time;
			fl->if_killframe[side] = im->im_frames;
			fl->if_policy[side] = ev->we_policy;
			fl->if_grace[side] = ev->we_grace;
		}
}

/* LATE, MOVED: a frame found nobody, or arrives at another time. */
static void
corrected(struct import *im, const struct vnetsim_wire_event *ev)
{
	struct import_flow *fl;
	struct import_seg *sg;

	for (size_t i = 0; i < im->im_n; i++) {
		fl = &im->im_flow[i];
		for (size_t k = fl->if_n; k > 0; k--) {
			sg = &fl->if_seg[k - 1];
			if (sg->is_frame != ev->we_frame + 1)
				continue;
			if (ev->we_kind == VNETSIM_WIRE_LATE)
				sg->is_arrived = false;
			else
				sg->is_arrive = ev->we_arrive;
		}
	}
}

/**
 * import_take() - all connections of a capture
 * @im:		out; freed with import_free(), also after an error
 * @r:		its reader; is read to the end
 * @why:	out: a sentence, if not 0 is returned
 *
 * Return:	0; ENOMEM; EFBIG: too many connections; EINVAL: it is damaged.
 */
int
import_take(struct import *im, struct capture_reader *r, char why[IMPORT_WHY])
{
	struct vnetsim_wire_event ev;
	int n = 0, error = 0;

	memset(im, 0, sizeof(*im));
	while (error == 0 && (n = capture_reader_next(r, &ev)) == 1) {
		if (ev.we_kind == VNETSIM_WIRE_FRAME)
			error = frame(im, &ev, why);
		else if (ev.we_kind == VNETSIM_WIRE_KILL)
			flows_killed(im, &ev);
		else if (ev.we_kind == VNETSIM_WIRE_LATE ||
			 ev.we_kind == VNETSIM_WIRE_MOVED)
			corrected(im, &ev);
	}
	if (error != 0 || n == 0)
		return (error);
	(void)snprintf(why, IMPORT_WHY, "behind frame %" PRIu64 ": %s",
	    im->im_frames, capture_reader_error(r));
	return (EINVAL);
}

/**
 * import_read() - read a capture from a file
 * @im:		out; freed with import_free(), also after an error
 * @path:	file, "-": standard input
 * @why:	out: a sentence, if not 0 is returned
 *
 * Return:	as import_take(); ENOENT: cannot be opened; EIO: reading failed,
 *		or no memory; EINVAL: no capture.
 */
int
import_read(struct import *im, const char *path, char why[IMPORT_WHY])
{
	enum capture_answer answer;
	struct capture_reader *r;
	int error;

	memset(im, 0, sizeof(*im));
	answer = capture_reader_open(&r, path, why);
	if (answer != CAPTURE_OK)
		return (answer == CAPTURE_NOOPEN  ? ENOENT
			: answer == CAPTURE_IOERR ? EIO
						  : EINVAL);
	error = import_take(im, r, why);
	capture_reader_close(r);
	return (error);
}

/**
 * import_tellable() - can a connection be told?
 * @fl:		connection
 * @why:	out: why not, with the number of a frame
 *
 * Return:	true; false: it does not begin with a SYN, is not answered with
 *		one, or has more than IMPORT_SEGS_MAX segments.
 */
bool
import_tellable(const struct import_flow *fl, char why[IMPORT_WHY])
{
	if ((fl->if_seg[0].is_flags & (IMP_SYN | IMP_ACK)) != IMP_SYN)
		(void)snprintf(why, IMPORT_WHY,
		    "frame %" PRIu64 ": the connection's beginning is not in "
		    "the capture",
		    fl->if_seg[0].is_frame);
	else if (fl->if_port[0] == 0 || fl->if_port[1] == 0)
		/* a program cannot ask for it: it means "any" */
		(void)snprintf(why, IMPORT_WHY,
		    "frame %" PRIu64 ": a port of the connection is 0",
		    fl->if_seg[0].is_frame);
	else if (fl->if_n > IMPORT_SEGS_MAX)
		(void)snprintf(why, IMPORT_WHY,
		    "frame %" PRIu64 ": more than %d segments",
		    fl->if_seg[IMPORT_SEGS_MAX].is_frame, IMPORT_SEGS_MAX);
	else {
		for (size_t i = 0; i < fl->if_n; i++) {
			if (fl->if_syn[1] || fl->if_seg[i].is_dir == 0 ||
			    (fl->if_seg[i].is_flags & IMP_RST) != 0)
				continue;
			(void)snprintf(why, IMPORT_WHY,
			    "frame %" PRIu64 ": the called side answers, but "
			    "its SYN is not in the capture",
			    fl->if_seg[i].is_frame);
			return (false);
		}
		return (true);
	}
	return (false);
}

/** import_free() - free what import_read() has read */
void
import_free(struct import *im)
{
	for (size_t i = 0; i < im->im_n; i++)
		free(im->im_flow[i].if_seg);
	free(im->im_flow);
	memset(im, 0, sizeof(*im));
}
