/*
 * frametext.c - wire events as lines of text.
 *
 *	0.001500000 #3 epair0a client>hub tcp 10.0.0.1:49152 > 10.0.0.2:80 S
 *	    0:0(0) win 65535 <mss 1460> [lost] phase=farewell step=tcp
 *
 * Time, frame number, the sender's interface, vnets from and to, the packet,
 * what became of it, and where in a teardown it was sent; parts that are not
 * known (a foreign capture) are left out.  Facts that are no frames have a
 * word where the frame number stands.  A frame that found nobody at the far
 * end has a second line, marked [late], because that is known later.
 *
 * The same lines serve decode, the trace and the report of a failed claim.
 */
#include "sim/frametext.h"

#include <inttypes.h>
#include <string.h>

#include "sim/decode_packet.h"
#include "sim/frametext_state.h"
#include "sim/pcapng_writer.h"

static void
text_vnet(struct textbuf *tb, const struct frametext_state *st, uint32_t vnet)
{
	const char *name = NULL;

	if (vnet == VNETSIM_NOVNET) {
		textbuf_add(tb, "-");
		return;
	}
	if (st != NULL && (frametext_flags(st) & FRAMETEXT_NUMERIC) == 0)
		name = frametext_vnet(st, vnet);
	if (name != NULL)
		textbuf_name(tb, name);
	else
		textbuf_add(tb, "%" PRIu32, vnet);
}

static void
text_if(struct textbuf *tb, const struct frametext_state *st,
    const struct vnetsim_wire_event *ev)
{
	const char *name = NULL;

	if (st != NULL)
		name = frametext_if(st, ev->we_link, ev->we_end);
	textbuf_add(tb, " ");
	if (name != NULL)
		textbuf_name(tb, name);
	else
		textbuf_add(tb, "link%" PRIu32 "%c", ev->we_link,
		    ev->we_end == 0 ? 'a' : 'b');
}

/* A pair at the end of the line, if there is a value. */
static void
text_pair(struct textbuf *tb, const char *key, const char *value)
{
	if (value == NULL)
		return;
	textbuf_add(tb, strchr(value, ' ') != NULL ? " %s=\"" : " %s=", key);
	textbuf_name(tb, value);
	if (strchr(value, ' ') != NULL)
		textbuf_add(tb, "\"");
}

static void
text_frame(struct textbuf *tb, struct frametext_state *st,
    const struct vnetsim_wire_event *ev)
{
	bool foreign = ev->we_vnet == VNETSIM_NOVNET &&
		       ev->we_peer == VNETSIM_NOVNET &&
		       (st == NULL || frametext_if(st, ev->we_link, 0) == NULL);
	struct decode d = { tb, ev->we_bytes, st, ev->we_link, 0 };

	textbuf_add(tb, " #%" PRIu64, ev->we_frame);
	if (!foreign) {
		text_if(tb, st, ev);
		textbuf_add(tb, " ");
		text_vnet(tb, st, ev->we_vnet);
		textbuf_add(tb, ">");
		text_vnet(tb, st, ev->we_peer);
	}
	textbuf_add(tb, " ");
	decode_ether(&d, ev->we_len);
	if (ev->we_verdict == VNETSIM_V_CORRUPT)
		textbuf_add(tb, " [corrupt bit %" PRIu32 "]", ev->we_bit);
	else if (ev->we_verdict != VNETSIM_V_SENT)
		textbuf_add(tb, " [%s]",
		    ev->we_verdict < VNETSIM_V_N
			? capture_verdict_name[ev->we_verdict]
			: "?");
	text_pair(tb, "phase", ev->we_phase);
	text_pair(tb, "step", ev->we_step);
}

static void
text_kill(struct textbuf *tb, const struct frametext_state *st,
    const struct vnetsim_wire_event *ev)
{
	textbuf_add(tb, " kill ");
	text_vnet(tb, st, ev->we_vnet);
	text_pair(tb, "order", ev->we_name);
	textbuf_add(tb, " close=%s grace=",
	    ev->we_policy <= VNETSIM_CLOSE_WAIT
		? capture_close_name[ev->we_policy]
		: "?");
	textbuf_span(tb, ev->we_grace);
	textbuf_add(tb, " rto=");
	textbuf_span(tb, ev->we_rto);
}

static void
text_link(struct textbuf *tb, const struct vnetsim_wire_event *ev)
{
	textbuf_add(tb, " link ");
	textbuf_name(tb, ev->we_name != NULL ? ev->we_name : "?");
	textbuf_add(tb, " ");
	textbuf_name(tb, ev->we_ends[0] != NULL ? ev->we_ends[0] : "?");
	textbuf_add(tb, " ");
	textbuf_name(tb, ev->we_ends[1] != NULL ? ev->we_ends[1] : "?");
}

/**
 * frametext() - a wire event as one line, without a newline
 * @buf:	out: the line, ended by NUL if @n > 0
 * @n:		bytes in @buf; FRAMETEXT_MAX is enough for every event
 * @ev:		the event
 * @st:		memory of earlier events, updated; NULL: no names and absolute
 *		sequence numbers
 *
 * All events of a stream go through here in their order, because names and
 * sequence numbers are learned on the way.
 *
 * Return: length of the whole line, as snprintf(); never fails.
 */
size_t
frametext(char *buf, size_t n, const struct vnetsim_wire_event *ev,
    struct frametext_state *st)
{
	struct textbuf tb;

	textbuf_init(&tb, buf, n);
	if (st != NULL)
		frametext_learn(st, ev);
	textbuf_time(&tb, ev->we_time);
	switch (ev->we_kind) {
	case VNETSIM_WIRE_LINK:
		text_link(&tb, ev);
		break;
	case VNETSIM_WIRE_FRAME:
		text_frame(&tb, st, ev);
		break;
	case VNETSIM_WIRE_LATE:
		textbuf_add(&tb, " #%" PRIu64, ev->we_frame);
		text_if(&tb, st, ev);
		textbuf_add(&tb, " found nobody at the far end [late]");
		break;
	case VNETSIM_WIRE_MOVED:
		textbuf_add(&tb, " #%" PRIu64, ev->we_frame);
		text_if(&tb, st, ev);
		textbuf_add(
		    &tb, " arrives behind #%" PRIu64 " at ", ev->we_behind);
		textbuf_time(&tb, ev->we_arrive);
		textbuf_add(&tb, " [moved]");
		break;
	case VNETSIM_WIRE_BORN:
		textbuf_add(&tb, " born %" PRIu32, ev->we_vnet);
		text_pair(&tb, "name", ev->we_name);
		break;
	case VNETSIM_WIRE_KILL:
		text_kill(&tb, st, ev);
		break;
	case VNETSIM_WIRE_DEAD:
		textbuf_add(&tb, " dead ");
		text_vnet(&tb, st, ev->we_vnet);
		break;
	case VNETSIM_WIRE_END:
		textbuf_add(&tb, " end");
		break;
	default:
		textbuf_add(&tb, " unknown event %d", (int)ev->we_kind);
	}
	return (tb.tb_len);
}

/**
 * frametext_packet() - the packet alone, as it stands in the line
 * @buf:	out: the text, ended by NUL if @n > 0
 * @n:		bytes in @buf
 * @bytes:	the frame from its Ethernet header on
 * @len:	its length in bytes
 * @link:	link it is on; tells equal addresses on two links apart
 * @st:		as for frametext(), or NULL
 *
 * Return: length of the whole text, as snprintf(); never fails.
 */
size_t
frametext_packet(char *buf, size_t n, const uint8_t *bytes, size_t len,
    uint32_t link, struct frametext_state *st)
{
	struct textbuf tb;
	struct decode d = { &tb, bytes, st, link, 0 };

	textbuf_init(&tb, buf, n);
	decode_ether(&d, len);
	return (tb.tb_len);
}
