/*
 * pcapng_reader.c - pcapng blocks of our writer as wire events.
 *
 * The inverse of pcapng_writer.c: each event that was written comes back
 * equal in every member that means something for its kind, in the same order.
 *
 * "i" numbers the events of the stream.  A program that filters, sorts or
 * rewrites a capture moves the statistics blocks, in which births and deaths
 * stand; a monitor that is fed such a stream would accuse the innocent.  So a
 * gap in the numbers is an error here, not a guess.  A file that just ends
 * (the disk was full) gives what it has: its reader sees that END is missing.
 *
 * Blocks of types that we do not write are skipped, and so are comments that
 * somebody added.
 */
#include "sim/pcapng_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/capture_note.h"
#include "sim/capture_out.h"
#include "sim/pcapng_blocks.h"
#include "sim/pcapng_format.h"
#include "sim/pcapng_writer.h"

#define NAME_MAX_LEN 255 /* bytes of an interface's name */

/* An interface of the file; interface 0 belongs to no link. */
struct reader_if {
	uint32_t ri_link;
	bool ri_end;
};

struct pcapng_reader {
	const uint8_t *r_file;
	size_t r_len;
	size_t r_at;
	struct reader_if *r_ifs; /* (o) */
	size_t r_nifs;
	size_t r_ifroom;
	uint64_t r_events; /* events returned */
	bool r_ended;
	const char *r_flaw; /* what is wrong with the block at hand */
	char r_names[2][NAME_MAX_LEN + 1];
	struct capture_note r_note;
};

/* The value of an option, if the block has it (the first one, if two). */
static bool
block_find(const struct pcapng_block *b, size_t at, uint16_t code,
    struct pcapng_option *opt)
{
	while (pcapng_option_next(b, &at, opt) == 1) {
		if (opt->po_code == code)
			return (true);
	}
	return (false);
}

/**
 * pcapng_reader_ours() - whether our writer made this file
 *
 * It has our name as its application and our note in its first block.
 */
bool
pcapng_reader_ours(const uint8_t *bytes, size_t len)
{
	static const char appl[] = PCAPNG_USERAPPL;
	struct pcapng_option opt;
	struct pcapng_block b;
	const char *why;
	size_t at = 0;

	if (pcapng_block_next(bytes, len, &at, &b, &why) != 1 ||
	    b.pb_type != PCAPNG_SHB || b.pb_len < 16 ||
	    pcapng_get32(b.pb_body) != PCAPNG_MAGIC)
		return (false);
	if (!block_find(&b, 16, PCAPNG_SHB_USERAPPL, &opt) ||
	    opt.po_len != sizeof(appl) - 1 ||
	    memcmp(opt.po_val, appl, opt.po_len) != 0)
		return (false);
	return (block_find(&b, 16, PCAPNG_OPT_COMMENT, &opt) &&
		capture_note_is(opt.po_val, opt.po_len));
}

static int
reader_why(const struct pcapng_reader *r, char why[PCAPNG_WHY_MAX], size_t at)
{
	(void)snprintf(why, PCAPNG_WHY_MAX, "byte %zu: %s", at, r->r_flaw);
	return (-1);
}

static bool
reader_flaw(struct pcapng_reader *r, const char *flaw)
{
	r->r_flaw = flaw;
	return (false);
}

/* Find and parse the note of a block whose options begin at @at. */
static bool
reader_note(struct pcapng_reader *r, const struct pcapng_block *b, size_t at)
{
	struct pcapng_option opt;
	const char *flaw;
	int n;

	while ((n = pcapng_option_next(b, &at, &opt)) == 1) {
		if (opt.po_code != PCAPNG_OPT_COMMENT ||
		    !capture_note_is(opt.po_val, opt.po_len))
			continue;
		flaw = capture_note_parse(&r->r_note, opt.po_val, opt.po_len);
		return (flaw == NULL || reader_flaw(r, flaw));
	}
	return (reader_flaw(
	    r, n < 0 ? "malformed option" : "block without a note"));
}

/* The note's kind and number are what the stream needs next. */
static bool
reader_expect(struct pcapng_reader *r, const char *kind)
{
	uint64_t i;

	if (strcmp(r->r_note.cn_kind, kind) != 0)
		return (reader_flaw(r, "note of another kind of block"));
	if (!capture_note_get_u64(&r->r_note, "i", UINT64_MAX, &i) ||
	    i != r->r_events)
		return (reader_flaw(r,
		    "an event is missing or out of order; "
		    "was the file rewritten by another program?"));
	return (true);
}

static bool
reader_u32(struct pcapng_reader *r, const char *key, uint32_t *val)
{
	uint64_t v;

	if (!capture_note_get_u64(&r->r_note, key, UINT32_MAX, &v))
		return (reader_flaw(r, "note without a valid number"));
	*val = (uint32_t)v;
	return (true);
}

/* A vnet's number that may be absent. */
static bool
reader_vnet(struct pcapng_reader *r, const char *key, uint32_t *val)
{
	if (capture_note_get(&r->r_note, key) == NULL)
		return (true);
	return (reader_u32(r, key, val));
}

static bool
reader_time(struct pcapng_reader *r, const uint8_t *p, int64_t *ns)
{
	uint64_t t = (uint64_t)pcapng_get32(p) << 32 | pcapng_get32(p + 4);

	if (t > INT64_MAX)
		return (reader_flaw(r, "time out of range"));
	*ns = (int64_t)t;
	return (true);
}

static bool
reader_enum(struct pcapng_reader *r, const char *key, const char *const *names,
    unsigned n, uint8_t *val)
{
	const char *s = capture_note_get(&r->r_note, key);
	unsigned i;

	for (i = 0; s != NULL && i < n; i++) {
		if (strcmp(s, names[i]) == 0) {
			*val = (uint8_t)i;
			return (true);
		}
	}
	return (reader_flaw(r, "note with an unknown verdict or policy"));
}

/* The link and end of an interface, of which 0 has none. */
static bool
reader_end(
    struct pcapng_reader *r, const uint8_t *p, struct vnetsim_wire_event *ev)
{
	uint32_t ifid = pcapng_get32(p);

	if (ifid >= r->r_nifs || ifid == PCAPNG_FACTS_IF)
		return (reader_flaw(r, "no such interface"));
	ev->we_link = r->r_ifs[ifid].ri_link;
	ev->we_end = r->r_ifs[ifid].ri_end;
	return (true);
}

static bool
reader_frame(struct pcapng_reader *r, const struct pcapng_block *b,
    struct vnetsim_wire_event *ev)
{
	const struct capture_note *note = &r->r_note;
	uint32_t len;
	size_t at;

	if (b->pb_len < 20)
		return (reader_flaw(r, "packet block is too short"));
	len = pcapng_get32(b->pb_body + 12);
	at = 20 + ((size_t)len + 3) / 4 * 4;
	if (len > CAPTURE_FRAME_MAX || at > b->pb_len)
		return (reader_flaw(r, "frame's length beyond its block"));
	ev->we_kind = VNETSIM_WIRE_FRAME;
	ev->we_bytes = b->pb_body + 20;
	ev->we_len = len;
	if (!reader_end(r, b->pb_body, ev) ||
	    !reader_time(r, b->pb_body + 4, &ev->we_time) ||
	    !reader_note(r, b, at) || !reader_expect(r, "frame") ||
	    !reader_vnet(r, "vnet", &ev->we_vnet) ||
	    !reader_vnet(r, "peer", &ev->we_peer) ||
	    !reader_enum(r, "verdict", capture_verdict_name, VNETSIM_V_N,
		&ev->we_verdict))
		return (false);
	if (!capture_note_get_u64(note, "n", UINT64_MAX, &ev->we_frame))
		return (reader_flaw(r, "note without a valid number"));
	if (capture_verdict_arrives(ev->we_verdict) &&
	    !capture_note_get_i64(note, "arrive", &ev->we_arrive))
		return (reader_flaw(r, "note without a valid arrival"));
	if (ev->we_verdict == VNETSIM_V_CORRUPT &&
	    (!reader_u32(r, "bit", &ev->we_bit) || ev->we_bit / 8 >= len))
		return (reader_flaw(r, "note without a valid bit"));
	ev->we_phase = capture_note_get(note, "phase");
	ev->we_step = capture_note_get(note, "step");
	return (true);
}

static bool
reader_fact(struct pcapng_reader *r, const struct pcapng_block *b,
    struct vnetsim_wire_event *ev)
{
	static const char *const kinds[] = { "late", "born", "kill", "dead",
		"end", "moved" };
	const struct capture_note *note = &r->r_note;
	unsigned k;

	if (b->pb_len < 12)
		return (reader_flaw(r, "statistics block is too short"));
	if (!reader_time(r, b->pb_body + 4, &ev->we_time) ||
	    !reader_note(r, b, 12))
		return (false);
	for (k = 0; k < 6 && strcmp(note->cn_kind, kinds[k]) != 0; k++)
		continue;
	if (k == 6)
		return (reader_flaw(r, "note of an unknown kind"));
	if (!reader_expect(r, kinds[k]))
		return (false);
	ev->we_kind = VNETSIM_WIRE_LATE + k;
	switch (ev->we_kind) {
	case VNETSIM_WIRE_MOVED:
		if (!capture_note_get_i64(note, "arrive", &ev->we_arrive))
			return (reader_flaw(r, "note without a valid arrival"));
		if (!capture_note_get_u64(
			note, "behind", UINT64_MAX, &ev->we_behind))
			return (reader_flaw(r, "note without a valid number"));
		/* FALLTHROUGH */
	case VNETSIM_WIRE_LATE:
		if (!capture_note_get_u64(note, "n", UINT64_MAX, &ev->we_frame))
			return (reader_flaw(r, "note without a valid number"));
		return (reader_end(r, b->pb_body, ev));
	case VNETSIM_WIRE_BORN:
		ev->we_name = capture_note_get(note, "name");
		return (reader_u32(r, "vnet", &ev->we_vnet));
	case VNETSIM_WIRE_KILL:
		ev->we_name = capture_note_get(note, "order");
		if (!capture_note_get_i64(note, "grace", &ev->we_grace) ||
		    !capture_note_get_i64(note, "rto", &ev->we_rto))
			return (reader_flaw(r, "note without a valid span"));
		return (reader_u32(r, "vnet", &ev->we_vnet) &&
			reader_enum(r, "policy", capture_close_name,
			    VNETSIM_CLOSE_WAIT + 1, &ev->we_policy));
	case VNETSIM_WIRE_DEAD:
		return (reader_u32(r, "vnet", &ev->we_vnet));
	default:
		r->r_ended = true;
		return (true);
	}
}

/* Remember an interface. */
static bool
reader_add_if(struct pcapng_reader *r, uint32_t link, bool end)
{
	struct reader_if *ifs;
	size_t room;

	if (r->r_nifs == r->r_ifroom) {
		room = r->r_ifroom == 0 ? 32 : 2 * r->r_ifroom;
		ifs = realloc(r->r_ifs, room * sizeof(*ifs));
		if (ifs == NULL)
			return (reader_flaw(r, "not enough memory"));
		r->r_ifs = ifs;
		r->r_ifroom = room;
	}
	r->r_ifs[r->r_nifs].ri_link = link;
	r->r_ifs[r->r_nifs++].ri_end = end;
	return (true);
}

/* One end of a link: what both kinds of interface block have in common. */
static bool
reader_idb(struct pcapng_reader *r, const struct pcapng_block *b)
{
	struct pcapng_option opt;

	if (b->pb_len < 8)
		return (reader_flaw(r, "interface block is too short"));
	if (pcapng_get16(b->pb_body) != PCAPNG_ETHERNET)
		return (reader_flaw(r, "interface is not Ethernet"));
	if (!block_find(b, 8, PCAPNG_IF_TSRESOL, &opt) || opt.po_len != 1 ||
	    opt.po_val[0] != PCAPNG_TSRESOL_NS)
		return (reader_flaw(r, "interface does not count nanoseconds"));
	return (reader_note(r, b, 8));
}

static bool
reader_link_end(struct pcapng_reader *r, const struct pcapng_block *b,
    struct vnetsim_wire_event *ev, unsigned end)
{
	struct pcapng_option opt;
	char *name = r->r_names[end];
	uint32_t link, which;

	if (!reader_idb(r, b) || !reader_expect(r, "link") ||
	    !reader_u32(r, "link", &link) || !reader_u32(r, "end", &which))
		return (false);
	if (which != end || (end == 1 && link != ev->we_link))
		return (reader_flaw(r, "link without its other end"));
	if (!block_find(b, 8, PCAPNG_IF_NAME, &opt) ||
	    opt.po_len > NAME_MAX_LEN ||
	    memchr(opt.po_val, '\0', opt.po_len) != NULL)
		return (reader_flaw(r, "interface without a valid name"));
	memcpy(name, opt.po_val, opt.po_len);
	name[opt.po_len] = '\0';
	ev->we_kind = VNETSIM_WIRE_LINK;
	ev->we_link = link;
	ev->we_ends[end] = name;
	ev->we_name = capture_note_get(&r->r_note, "name");
	if (!capture_note_get_i64(&r->r_note, "time", &ev->we_time) ||
	    ev->we_time < 0 || ev->we_name == NULL)
		return (reader_flaw(r, "link without a valid time or name"));
	return (reader_add_if(r, link, end == 1));
}

/* An event that begins with block @b; may take a second block. */
static bool
reader_event(struct pcapng_reader *r, struct pcapng_block *b,
    struct vnetsim_wire_event *ev)
{
	const char *flaw = "link without its other end";

	if (r->r_ended)
		return (reader_flaw(r, "something follows the end"));
	if (b->pb_type == PCAPNG_EPB)
		return (reader_frame(r, b, ev));
	if (b->pb_type == PCAPNG_ISB)
		return (reader_fact(r, b, ev));
	if (b->pb_type != PCAPNG_IDB)
		return (reader_flaw(r, "a second section"));
	if (!reader_link_end(r, b, ev, 0))
		return (false);
	if (pcapng_block_next(r->r_file, r->r_len, &r->r_at, b, &flaw) != 1)
		return (reader_flaw(r, flaw));
	if (b->pb_type != PCAPNG_IDB)
		return (reader_flaw(r, flaw));
	return (reader_link_end(r, b, ev, 1));
}

/**
 * pcapng_reader_next() - as capture_reader_next()
 * @r:		the reader
 * @ev:		in: cleared; out: the event
 * @why:	out: byte and reason, if -1 is returned
 *
 * Return: 1 an event; 0 the file ends; -1 it is malformed here.
 */
int
pcapng_reader_next(struct pcapng_reader *r, struct vnetsim_wire_event *ev,
    char why[PCAPNG_WHY_MAX])
{
	struct pcapng_block b;
	int n;

	do {
		n = pcapng_block_next(
		    r->r_file, r->r_len, &r->r_at, &b, &r->r_flaw);
		if (n < 0)
			return (reader_why(r, why, r->r_at));
	} while (n == 1 && b.pb_type != PCAPNG_EPB && b.pb_type != PCAPNG_ISB &&
		 b.pb_type != PCAPNG_IDB && b.pb_type != PCAPNG_SHB);
	if (n == 0)
		return (0);
	if (!reader_event(r, &b, ev))
		return (reader_why(r, why, b.pb_at));
	r->r_events++;
	return (1);
}

/**
 * pcapng_reader_new() - begin to read a file of ours
 * @rp:		out: the reader, or NULL
 * @bytes:	the file, borrowed until pcapng_reader_free(); for which
 * @len:	its length in bytes
 *		pcapng_reader_ours() is true
 * @why:	out: what is wrong, if EINVAL is returned
 *
 * Return: 0; ENOMEM; EINVAL the head of the file is not as ours.
 */
int
pcapng_reader_new(struct pcapng_reader **rp, const uint8_t *bytes, size_t len,
    char why[PCAPNG_WHY_MAX])
{
	struct pcapng_reader *r;
	struct pcapng_block b;
	bool good;

	*rp = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return (ENOMEM);
	r->r_file = bytes;
	r->r_len = len;
	r->r_flaw = "no interface block";
	b.pb_at = 0;
	good = pcapng_block_next(bytes, len, &r->r_at, &b, &r->r_flaw) == 1 &&
	       reader_note(r, &b, 16);
	if (good) {
		b.pb_at = r->r_at;
		r->r_flaw = "no interface block";
		good = pcapng_block_next(
			   bytes, len, &r->r_at, &b, &r->r_flaw) == 1 &&
		       b.pb_type == PCAPNG_IDB && reader_idb(r, &b) &&
		       reader_add_if(r, 0, false);
	}
	if (!good) {
		(void)reader_why(r, why, b.pb_at);
		pcapng_reader_free(r);
		return (EINVAL);
	}
	*rp = r;
	return (0);
}

/** pcapng_reader_free() - free a reader; NULL is allowed */
void
pcapng_reader_free(struct pcapng_reader *r)
{
	if (r == NULL)
		return;
	free(r->r_ifs);
	free(r);
}
