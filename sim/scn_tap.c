/*
 * scn_tap.c - what a program does with the device of a tap or tun.
 *
 *	NAME = tap open IF
 *	tap read SOCK [nonblock]
 *	tap write SOCK last | HEX ...
 *	tap transient SOCK on|off
 *
 * One verb with four forms, so that only one word is reserved.  A frame is
 * written as hexadecimal digits in any number of words; `last` is the frame
 * that the program has read last.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scn_parse.h"

static struct scn_sock *
tap_node(struct scn_cur *c, enum scn_kind kind)
{
	struct scn_sock *so = scn_node(c, sizeof(*so));

	if (so == NULL)
		return (NULL);
	so->result = c->result;
	c->st->kind = kind;
	c->st->u.sock = so;
	return (so);
}

static bool
tap_open(struct scn_cur *c)
{
	struct scn_sock *so = tap_node(c, SCN_TAP_OPEN);

	if (so == NULL)
		return (false);
	if (c->result == NULL)
		return (scn_cur_fail(c, c->i - 1, NULL,
		    "'open' makes a descriptor: NAME = tap open IF"));
	return (scn_take_if(c, "an interface", &so->ifname) && scn_take_end(c));
}

/* SOCK of the other three. */
static bool
tap_sock(struct scn_cur *c, enum scn_kind kind, struct scn_sock **sop)
{
	struct scn_sock *so = tap_node(c, kind);

	*sop = so;
	if (so == NULL)
		return (false);
	if (c->result != NULL)
		return (scn_cur_fail(c, c->i - 1, NULL,
		    "'%s' makes no descriptor", c->w[c->i - 1].s));
	return (scn_take_name(c, "a descriptor", &so->sock) &&
		scn_need_sock(c, c->i - 1, c->st->jail, so->sock));
}

static int
digit(char ch)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = ch != '\0' ? strchr(hex, ch) : NULL;

	return (at != NULL ? (int)((at - hex) % 16) : -1);
}

/* The words that are left, as bytes. */
static bool
tap_frame(struct scn_cur *c, struct scn_sock *so)
{
	size_t n = 0, room = 0;
	uint8_t *out;

	for (uint32_t i = c->i; i < c->n; i++)
		room += c->w[i].len;
	if (room == 0)
		return (scn_cur_fail(c, c->i, "last, or hexadecimal digits",
		    "expected a frame"));
	out = scn_node(c, room / 2 + 1);
	if (out == NULL)
		return (false);
	for (; c->i < c->n; c->i++) {
		const struct scn_word *w = &c->w[c->i];
		const char *s = w->s;

		if (w->quoted || w->len % 2 != 0)
			return (scn_cur_fail(c, c->i, "two digits a byte",
			    "'%.64s' is no part of a frame", s));
		for (; *s != '\0'; s += 2) {
			if (digit(s[0]) < 0 || digit(s[1]) < 0)
				return (
				    scn_cur_fail(c, c->i, "two digits a byte",
					"'%.64s' is no part of a frame", w->s));
			out[n++] = (uint8_t)(((unsigned)digit(s[0]) << 4) |
					     (unsigned)digit(s[1]));
		}
	}
	so->text = (const char *)out;
	so->count = (int64_t)n;
	return (true);
}

/**
 * scn_parse_tap() - the verb tap
 * @c:		behind it
 *
 * Return:	false after an error.
 */
bool
scn_parse_tap(struct scn_cur *c)
{
	static const char *const forms[] = { "open", "read", "write",
		"transient" };
	static const char *const onoff[] = { "off", "on" };
	struct scn_sock *so;
	size_t form, i;

	if (!scn_take_choice(c, "form of tap", forms, SCN_NITEMS(forms), &form))
		return (false);
	switch (form) {
	case 0:
		return (tap_open(c));
	case 1:
		if (!tap_sock(c, SCN_TAP_READ, &so))
			return (false);
		so->nonblock = scn_cur_accept(c, "nonblock");
		return (scn_take_end(c));
	case 2:
		if (!tap_sock(c, SCN_TAP_WRITE, &so))
			return (false);
		if (!scn_cur_accept(c, "last") && !tap_frame(c, so))
			return (false);
		return (scn_take_end(c));
	default:
		if (!tap_sock(c, SCN_TAP_TRANSIENT, &so) ||
		    !scn_take_choice(c, "on or off", onoff, 2, &i))
			return (false);
		so->on = i == 1;
		return (scn_take_end(c));
	}
}
