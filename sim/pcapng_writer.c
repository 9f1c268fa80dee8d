/*
 * pcapng_writer.c - wire events as pcapng blocks.
 *
 * Theory of operation
 * ===================
 *
 * One block (a LINK: two) per event, in the order of the stream, so that the
 * file *is* the stream:
 *
 *	(start)	SHB, comment "vnetsim.1 capture"
 *		IDB 0 "vnetsim": carries facts that belong to no link
 *	LINK	IDB for each end, named as the interface
 *	FRAME	EPB on the sender's interface
 *	LATE	ISB on the sender's interface
 *	BORN, KILL, DEAD, END	ISB on interface 0
 *
 * Each has one comment, a note (capture_note.c) with what the block's own
 * fields do not say.  Interface 0 exists because a statistics block must
 * refer to an interface, and vnets are born before the first link is made.
 *
 * Every block is little-endian on every host, times are virtual nanoseconds,
 * and no version, path or host is named: equal streams give equal bytes.
 *
 * The grammar is docs/CAPTURE.md, the way back pcapng_reader.c.
 */
#include "sim/pcapng_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_note.h"
#include "sim/frametext_flow.h"
#include "sim/pcapng_format.h"

/* Two numbers of twenty digits, keys, and five strings with every byte
 * escaped. */
#define NOTE_ROOM (512 + 5 * (4 * CAPTURE_STRING_MAX + 16))

const char *const capture_verdict_name[VNETSIM_V_N] = {
	[VNETSIM_V_SENT] = "sent",
	[VNETSIM_V_LOST] = "lost",
	[VNETSIM_V_QUEUE] = "queue",
	[VNETSIM_V_DUP] = "dup",
	[VNETSIM_V_CUT] = "cut",
	[VNETSIM_V_CORRUPT] = "corrupt",
	[VNETSIM_V_HELD] = "held",
};

/** capture_verdict_arrives() - does a frame with it have an arrival? */
bool
capture_verdict_arrives(uint8_t verdict)
{
	return (verdict == VNETSIM_V_SENT || verdict == VNETSIM_V_DUP ||
		verdict == VNETSIM_V_CORRUPT || verdict == VNETSIM_V_HELD);
}

const char *const capture_close_name[VNETSIM_CLOSE_WAIT + 1] = {
	[VNETSIM_CLOSE_GRACEFUL] = "graceful",
	[VNETSIM_CLOSE_ABORT] = "abort",
	[VNETSIM_CLOSE_CRASH] = "crash",
	[VNETSIM_CLOSE_WAIT] = "wait",
};

static size_t
block_begin(struct capture_out *o, uint32_t type)
{
	size_t at = o->o_fill;

	capture_out_put32(o, type);
	capture_out_put32(o, 0);
	return (at);
}

static void
block_pad(struct capture_out *o, size_t len)
{
	static const uint8_t zero[3];

	capture_out_put(o, zero, (4 - len % 4) % 4);
}

/* End of options, the length behind, and the length in front. */
static void
block_end(struct capture_out *o, size_t at)
{
	uint32_t len;

	capture_out_put32(o, PCAPNG_OPT_END);
	len = (uint32_t)(o->o_fill + 4 - at);
	capture_out_put32(o, len);
	capture_out_patch32(o, at + 4, len);
}

static void
block_option(struct capture_out *o, uint16_t code, const void *val, size_t len)
{
	capture_out_put16(o, code);
	capture_out_put16(o, (uint16_t)len);
	capture_out_put(o, val, len);
	block_pad(o, len);
}

static void
block_time(struct capture_out *o, int64_t ns)
{
	capture_out_put32(o, (uint32_t)((uint64_t)ns >> 32));
	capture_out_put32(o, (uint32_t)ns);
}

static void
put_idb(struct capture_out *o, const char *name, const char *note)
{
	static const uint8_t tsresol = PCAPNG_TSRESOL_NS;
	size_t at = block_begin(o, PCAPNG_IDB);

	capture_out_put16(o, PCAPNG_ETHERNET);
	capture_out_put16(o, 0);
	capture_out_put32(o, CAPTURE_FRAME_MAX);
	block_option(o, PCAPNG_OPT_COMMENT, note, strlen(note));
	block_option(o, PCAPNG_IF_NAME, name, strlen(name));
	block_option(o, PCAPNG_IF_TSRESOL, &tsresol, 1);
	block_end(o, at);
}

/**
 * pcapng_writer_begin() - write the head of a capture
 * @w:		out: the state of a writer, freed by pcapng_writer_end()
 * @o:		an open output
 *
 * Return: 0; an error of the output.
 */
int
pcapng_writer_begin(struct pcapng_writer *w, struct capture_out *o)
{
	static const char note[] = "vnetsim.1 capture";
	size_t at;

	memset(w, 0, sizeof(*w));
	at = block_begin(o, PCAPNG_SHB);
	capture_out_put32(o, PCAPNG_MAGIC);
	capture_out_put16(o, PCAPNG_MAJOR);
	capture_out_put16(o, PCAPNG_MINOR);
	/* length of the section: not known, as the RFC allows */
	capture_out_put32(o, UINT32_MAX);
	capture_out_put32(o, UINT32_MAX);
	block_option(o, PCAPNG_OPT_COMMENT, note, sizeof(note) - 1);
	block_option(o, PCAPNG_SHB_USERAPPL, PCAPNG_USERAPPL,
	    sizeof(PCAPNG_USERAPPL) - 1);
	block_end(o, at);
	put_idb(o, PCAPNG_FACTS_IF_NAME, "vnetsim.1 facts");
	return (capture_out_commit(o, false));
}

/** pcapng_writer_end() - free what the writer holds */
void
pcapng_writer_end(struct pcapng_writer *w)
{
	free(w->w_links);
	w->w_links = NULL;
}

/* The interface of one end of a link, or 0. */
static uint32_t
writer_interface(const struct pcapng_writer *w, uint32_t link, unsigned end)
{
	size_t i = link;

	/* links are numbered in order of birth, so this hits */
	if (i >= w->w_nlinks || w->w_links[i] != link) {
		for (i = 0; i < w->w_nlinks && w->w_links[i] != link; i++)
			continue;
	}
	return (i == w->w_nlinks ? 0 : (uint32_t)(1 + 2 * i + end));
}

static int
writer_link(struct pcapng_writer *w, struct capture_out *o,
    const struct vnetsim_wire_event *ev)
{
	char text[NOTE_ROOM];
	struct textbuf tb;
	unsigned end;
	uint32_t *links;
	size_t room;

	if (ev->we_name == NULL || ev->we_ends[0] == NULL ||
	    ev->we_ends[1] == NULL ||
	    writer_interface(w, ev->we_link, 0) != 0 ||
	    w->w_nlinks >= UINT32_MAX / 2 - 1)
		return (EINVAL);
	if (w->w_nlinks == w->w_room) {
		room = w->w_room == 0 ? 16 : 2 * w->w_room;
		links = realloc(w->w_links, room * sizeof(*links));
		if (links == NULL)
			return (ENOMEM);
		w->w_links = links;
		w->w_room = room;
	}
	for (end = 0; end < 2; end++) {
		textbuf_init(&tb, text, sizeof(text));
		capture_note_begin(&tb, "link", w->w_events);
		capture_note_u64(&tb, "link", ev->we_link);
		capture_note_u64(&tb, "end", end);
		capture_note_i64(&tb, "time", ev->we_time);
		capture_note_str(&tb, "name", ev->we_name);
		put_idb(o, ev->we_ends[end], text);
	}
	w->w_links[w->w_nlinks++] = ev->we_link;
	return (0);
}

/* A vnet's number; none is an absent key. */
static void
note_vnet(struct textbuf *tb, const char *key, uint32_t vnet)
{
	if (vnet != VNETSIM_NOVNET)
		capture_note_u64(tb, key, vnet);
}

static int
writer_frame(struct pcapng_writer *w, struct capture_out *o,
    const struct vnetsim_wire_event *ev)
{
	char text[NOTE_ROOM], conn[FRAMETEXT_CONN_MAX];
	uint32_t ifid = writer_interface(w, ev->we_link, ev->we_end);
	struct textbuf tb;
	size_t at;

	if (ev->we_len > CAPTURE_FRAME_MAX)
		return (EMSGSIZE);
	if (ifid == 0 || ev->we_verdict >= VNETSIM_V_N)
		return (EINVAL);
	textbuf_init(&tb, text, sizeof(text));
	capture_note_begin(&tb, "frame", w->w_events);
	capture_note_u64(&tb, "n", ev->we_frame);
	note_vnet(&tb, "vnet", ev->we_vnet);
	note_vnet(&tb, "peer", ev->we_peer);
	capture_note_str(&tb, "verdict", capture_verdict_name[ev->we_verdict]);
	if (capture_verdict_arrives(ev->we_verdict))
		capture_note_i64(&tb, "arrive", ev->we_arrive);
	if (ev->we_verdict == VNETSIM_V_CORRUPT)
		capture_note_u64(&tb, "bit", ev->we_bit);
	capture_note_str(&tb, "phase", ev->we_phase);
	capture_note_str(&tb, "step", ev->we_step);
	/* for people; the reader has the bytes */
	if (ev->we_phase != NULL &&
	    frametext_conn(conn, sizeof(conn), ev->we_bytes, ev->we_len))
		capture_note_str(&tb, "conn", conn);

	at = block_begin(o, PCAPNG_EPB);
	capture_out_put32(o, ifid);
	block_time(o, ev->we_time);
	capture_out_put32(o, ev->we_len);
	capture_out_put32(o, ev->we_len);
	capture_out_put(o, ev->we_bytes, ev->we_len);
	block_pad(o, ev->we_len);
	block_option(o, PCAPNG_OPT_COMMENT, text, tb.tb_len);
	block_end(o, at);
	return (0);
}

/* Says it more of a frame that is in the file? */
static bool
of_frame(const struct vnetsim_wire_event *ev)
{
	return (ev->we_kind == VNETSIM_WIRE_LATE ||
		ev->we_kind == VNETSIM_WIRE_MOVED);
}

/* Everything that is neither a link nor a frame. */
static int
writer_fact(struct pcapng_writer *w, struct capture_out *o,
    const struct vnetsim_wire_event *ev)
{
	static const char *const kind[VNETSIM_WIRE_MOVED + 1] = {
		[VNETSIM_WIRE_LATE] = "late",
		[VNETSIM_WIRE_BORN] = "born",
		[VNETSIM_WIRE_KILL] = "kill",
		[VNETSIM_WIRE_DEAD] = "dead",
		[VNETSIM_WIRE_END] = "end",
		[VNETSIM_WIRE_MOVED] = "moved",
	};
	char text[NOTE_ROOM];
	uint32_t ifid = PCAPNG_FACTS_IF;
	struct textbuf tb;
	size_t at;

	textbuf_init(&tb, text, sizeof(text));
	capture_note_begin(&tb, kind[ev->we_kind], w->w_events);
	if (of_frame(ev)) {
		ifid = writer_interface(w, ev->we_link, ev->we_end);
		if (ifid == 0)
			return (EINVAL);
		capture_note_u64(&tb, "n", ev->we_frame);
		if (ev->we_kind == VNETSIM_WIRE_MOVED) {
			capture_note_i64(&tb, "arrive", ev->we_arrive);
			capture_note_u64(&tb, "behind", ev->we_behind);
		}
	} else if (ev->we_kind != VNETSIM_WIRE_END) {
		capture_note_u64(&tb, "vnet", ev->we_vnet);
	}
	if (ev->we_kind == VNETSIM_WIRE_BORN)
		capture_note_str(&tb, "name", ev->we_name);
	if (ev->we_kind == VNETSIM_WIRE_KILL) {
		if (ev->we_policy > VNETSIM_CLOSE_WAIT)
			return (EINVAL);
		capture_note_str(&tb, "order", ev->we_name);
		capture_note_str(
		    &tb, "policy", capture_close_name[ev->we_policy]);
		capture_note_i64(&tb, "grace", ev->we_grace);
		capture_note_i64(&tb, "rto", ev->we_rto);
	}
	at = block_begin(o, PCAPNG_ISB);
	capture_out_put32(o, ifid);
	block_time(o, ev->we_time);
	block_option(o, PCAPNG_OPT_COMMENT, text, tb.tb_len);
	block_end(o, at);
	return (0);
}

static bool
string_fits(const char *s)
{
	return (s == NULL || strlen(s) <= CAPTURE_STRING_MAX);
}

/* The strings that this kind of event has. */
static bool
strings_fit(const struct vnetsim_wire_event *ev)
{
	switch (ev->we_kind) {
	case VNETSIM_WIRE_LINK:
		return (string_fits(ev->we_name) &&
			string_fits(ev->we_ends[0]) &&
			string_fits(ev->we_ends[1]));
	case VNETSIM_WIRE_FRAME:
		return (string_fits(ev->we_phase) && string_fits(ev->we_step));
	case VNETSIM_WIRE_BORN:
	case VNETSIM_WIRE_KILL:
		return (string_fits(ev->we_name));
	default:
		return (true);
	}
}

/**
 * pcapng_writer_event() - write one event
 *
 * Return: 0 or an errno of the host, see capture_event(); after EINVAL,
 * ENAMETOOLONG, EMSGSIZE and ENOMEM nothing is written.
 */
int
pcapng_writer_event(struct pcapng_writer *w, struct capture_out *o,
    const struct vnetsim_wire_event *ev)
{
	bool frame = ev->we_kind == VNETSIM_WIRE_FRAME;
	int error;

	if (w->w_ended || ev->we_time < 0 || ev->we_kind > VNETSIM_WIRE_MOVED ||
	    ((frame || of_frame(ev)) && ev->we_end > 1))
		return (EINVAL);
	if (!strings_fit(ev))
		return (ENAMETOOLONG);
	if (frame)
		error = writer_frame(w, o, ev);
	else if (ev->we_kind == VNETSIM_WIRE_LINK)
		error = writer_link(w, o, ev);
	else
		error = writer_fact(w, o, ev);
	if (error != 0) {
		capture_out_abandon(o);
		return (error);
	}
	w->w_events++;
	w->w_frames += frame;
	w->w_ended = ev->we_kind == VNETSIM_WIRE_END;
	return (capture_out_commit(o, frame));
}
