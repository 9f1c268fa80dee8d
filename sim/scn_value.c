/*
 * scn_value.c - values with a form of their own: numbers, times, addresses.
 *
 * A time is a decimal number and a unit, exact to the nanosecond; what is
 * finer, or beyond some 292 years, is an error and never rounded.  An address
 * is four decimal numbers without leading zeros (inet_addr(3) would read them
 * as octal).  A probability is a percentage ("1%", "0.5%") or a fraction
 * ("0.01"), exact to parts in 1,000,000,000.
 */
#include <stdio.h>
#include <string.h>

#include "sim/scn_parse.h"

static const struct {
	const char *name;
	int64_t ns;
} scn_units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 },
	{ "s", 1000000000 }, { "min", 60000000000 } };

/*
 * "12.5" in units of 1/scale (a power of ten, or a multiple of one).  *end is
 * behind the digits.  False if there is no digit, the value is too large or
 * finer than 1/scale.
 */
static bool
decimal(const char *s, int64_t scale, int64_t *v, const char **end)
{
	const char *from = s;
	int64_t n = 0, part = scale, d;
	bool exact = true;

	for (; *s >= '0' && *s <= '9'; s++) {
		d = *s - '0';
		if (n > (INT64_MAX - d) / 10)
			return (false);
		n = n * 10 + d;
	}
	if (s == from || n > INT64_MAX / scale)
		return (false);
	n *= scale;
	if (*s == '.') {
		from = ++s;
		for (; *s >= '0' && *s <= '9'; s++) {
			d = *s - '0';
			exact = exact && part % 10 == 0;
			if (d != 0 && !exact)
				return (false);
			part /= 10;
			if (n > INT64_MAX - d * part)
				return (false);
			n += d * part;
		}
		if (s == from)
			return (false);
	}
	*v = n;
	*end = s;
	return (true);
}

/**
 * scn_time_parse() - "20ms", "1.5s", "2msl"
 * @s:		the text
 * @msl:	whether the unit msl is allowed here
 * @t:		out
 * @why:	out: what would be right
 */
bool
scn_time_parse(const char *s, bool msl, struct scn_time *t, const char **why)
{
	const char *unit;
	size_t i;

	t->ns = t->msl = 0;
	*why = msl ? "a number and ns, us, ms, s, min or msl, as in 20ms"
		   : "a number and ns, us, ms, s or min, as in 20ms";
	unit = s + strspn(s, "0123456789.");
	if (unit == s)
		return (false);
	if (msl && strcmp(unit, "msl") == 0)
		return (decimal(s, 1, &t->msl, &unit) && *unit == 'm' &&
			t->msl <= 1000000);
	for (i = 0; i < SCN_NITEMS(scn_units); i++)
		if (strcmp(unit, scn_units[i].name) == 0)
			break;
	if (i == SCN_NITEMS(scn_units))
		return (false);
	if (decimal(s, scn_units[i].ns, &t->ns, &unit) &&
	    strcmp(unit, scn_units[i].name) == 0)
		return (true);
	*why = "at most 9223372036 s, no finer than 1 ns";
	return (false);
}

bool
scn_addr_parse(const char *s, size_t len, uint32_t *addr)
{
	uint32_t part, v = 0;
	size_t i = 0, from;
	int k;

	for (k = 0; k < 4; k++) {
		from = i;
		for (part = 0; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
			part = part * 10 + (uint32_t)(s[i] - '0');
			if (part > 255)
				return (false);
		}
		if (i == from || (s[from] == '0' && i - from > 1))
			return (false);
		if (k < 3 && (i == len || s[i++] != '.'))
			return (false);
		v = v << 8 | part;
	}
	*addr = v;
	return (i == len);
}

bool
scn_take_int(
    struct scn_cur *c, const char *what, int64_t min, int64_t max, int64_t *v)
{
	const struct scn_word *w = scn_take(c, what);
	char hint[80];

	if (w == NULL)
		return (false);
	if (!w->quoted && scn_int_parse(w->s, v) && *v >= min && *v <= max)
		return (true);
	snprintf(hint, sizeof(hint), "an integer from %lld to %lld",
	    (long long)min, (long long)max);
	return (
	    scn_cur_fail(c, c->i - 1, hint, "'%.64s' is no %s", w->s, what));
}

bool
scn_take_time(struct scn_cur *c, const char *what, struct scn_time *t)
{
	const struct scn_word *w = scn_take(c, what);
	const char *why;

	if (w == NULL)
		return (false);
	if (!w->quoted && scn_time_parse(w->s, true, t, &why))
		return (true);
	return (scn_cur_fail(c, c->i - 1, w->quoted ? NULL : why,
	    "'%.64s' is no %s", w->s, what));
}

bool
scn_take_ns(struct scn_cur *c, const char *what, int64_t *ns)
{
	const struct scn_word *w = scn_take(c, what);
	struct scn_time t;
	const char *why;

	if (w == NULL)
		return (false);
	if (!w->quoted && scn_time_parse(w->s, false, &t, &why)) {
		*ns = t.ns;
		return (true);
	}
	return (scn_cur_fail(c, c->i - 1, w->quoted ? NULL : why,
	    "'%.64s' is no %s", w->s, what));
}

bool
scn_take_seconds(struct scn_cur *c, const char *what, int64_t min, int64_t *ns)
{
	const struct scn_word *w = scn_take(c, what);
	const char *why, *end;
	struct scn_time t;
	bool ok = false;

	if (w == NULL)
		return (false);
	if (!w->quoted && scn_time_parse(w->s, false, &t, &why)) {
		*ns = t.ns;
		ok = true;
	} else if (!w->quoted)
		ok = decimal(w->s, 1000000000, ns, &end) && *end == '\0';
	if (ok && *ns >= min)
		return (true);
	return (scn_cur_fail(c, c->i - 1, "seconds, or a time as in 500ms",
	    "'%.64s' is no %s", w->s, what));
}

bool
scn_take_addr(struct scn_cur *c, const char *what, uint32_t *addr)
{
	const struct scn_word *w = scn_take(c, what);
	const char *hint = "as in 10.0.0.1";

	if (w == NULL)
		return (false);
	if (!w->quoted && scn_addr_parse(w->s, w->len, addr))
		return (true);
	if (strchr(w->s, ':') != NULL)
		hint = "as in 10.0.0.1; a port is a word of its own";
	return (
	    scn_cur_fail(c, c->i - 1, hint, "'%.64s' is no %s", w->s, what));
}

bool
scn_take_port(struct scn_cur *c, uint16_t min, uint16_t *port)
{
	int64_t v = 0;

	if (!scn_take_int(c, "port", min, 65535, &v))
		return (false);
	*port = (uint16_t)v;
	return (true);
}

bool
scn_take_mac(struct scn_cur *c, uint8_t mac[6])
{
	static const char hex[] = "0123456789abcdef";
	const struct scn_word *w = scn_take(c, "Ethernet address");
	const char *s, *d;
	uint32_t v;
	int i, k;

	if (w == NULL)
		return (false);
	for (s = w->s, i = 0; i < 6; i++) {
		for (v = 0, k = 0; k < 2 && *s != '\0'; k++, s++) {
			d = strchr(hex, *s >= 'A' && *s <= 'F' ? *s | 32 : *s);
			if (d == NULL)
				break;
			v = v * 16 + (uint32_t)(d - hex);
		}
		if (k == 0 || (i < 5 ? *s++ != ':' : *s != '\0'))
			return (scn_cur_fail(c, c->i - 1,
			    "six bytes, as in 02:00:00:00:00:0a",
			    "'%.64s' is no Ethernet address", w->s));
		mac[i] = (uint8_t)v;
	}
	if ((mac[0] & 1) != 0)
		return (scn_cur_fail(c, c->i - 1,
		    "the first byte of a station's address is even",
		    "'%s' is a group address", w->s));
	return (true);
}

bool
scn_take_rate(struct scn_cur *c, int64_t *bps)
{
	static const struct {
		const char *name;
		int64_t bps;
	} units[] = { { "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 },
		{ "gbit", 1000000000 }, { "bps", 1 }, { "kbps", 1000 },
		{ "mbps", 1000000 }, { "gbps", 1000000000 } };
	const struct scn_word *w = scn_take(c, "rate");
	const char *end;
	size_t i;

	if (w == NULL)
		return (false);
	*bps = 0;
	if (scn_word_is(w, "unlimited"))
		return (true);
	for (i = 0; i < SCN_NITEMS(units) && !w->quoted; i++)
		if (decimal(w->s, units[i].bps, bps, &end) &&
		    strcmp(end, units[i].name) == 0 && *bps > 0 &&
		    *bps <= 1000000000000)
			return (true);
	return (scn_cur_fail(c, c->i - 1,
	    "bits a second, as in 10mbps, at most 1000gbps, or unlimited",
	    "'%.64s' is no rate", w->s));
}

bool
scn_take_factor(
    struct scn_cur *c, const char *what, int64_t min, int64_t max, int64_t *v)
{
	const struct scn_word *w = scn_take(c, what);
	const char *end;

	if (w == NULL)
		return (false);
	if (!w->quoted && decimal(w->s, 1000000, v, &end) && *end == '\0' &&
	    *v >= min && *v <= max)
		return (true);
	return (scn_cur_fail(c, c->i - 1, "0.001 to 1000000, as in 1 or 2.5",
	    "'%.64s' is no %s", w->s, what));
}

bool
scn_take_prob(struct scn_cur *c, const char *what, uint32_t *ppb)
{
	const struct scn_word *w = scn_take(c, what);
	const char *end;
	int64_t v;

	if (w == NULL)
		return (false);
	if (!w->quoted && strchr(w->s, '%') != NULL) {
		if (decimal(w->s, 10000000, &v, &end) &&
		    strcmp(end, "%") == 0 && v <= 1000000000) {
			*ppb = (uint32_t)v;
			return (true);
		}
	} else if (!w->quoted && strstr(w->s, "ppm") != NULL) {
		if (decimal(w->s, 1000, &v, &end) && strcmp(end, "ppm") == 0 &&
		    v <= 1000000000) {
			*ppb = (uint32_t)v;
			return (true);
		}
	} else if (!w->quoted && decimal(w->s, 1000000000, &v, &end) &&
		   *end == '\0' && v <= 1000000000) {
		*ppb = (uint32_t)v;
		return (true);
	}
	return (scn_cur_fail(c, c->i - 1,
	    "1%, 0.01 or 10000ppm, at most 100%, at most 9 digits",
	    "'%.64s' is no %s", w->s, what));
}

bool
scn_take_proto(struct scn_cur *c, enum scn_proto *proto)
{
	static const char *const names[] = { "tcp", "udp", "raw" };
	size_t i;

	if (!scn_take_choice(c, "tcp, udp or raw", names, 3, &i))
		return (false);
	*proto = (enum scn_proto)i;
	return (true);
}

/**
 * scn_policy_parse() - "graceful", "graceful:10s", "abort:3s", "crash"
 * @s:		the text
 * @policy:	out; ns is -1 without a time
 * @why:	out: what would be right
 */
bool
scn_policy_parse(const char *s, struct scn_policy *policy, const char **why)
{
	static const char *const names[] = { "graceful", "abort", "crash" };
	size_t len = strcspn(s, ":"), i;
	struct scn_time t;

	*why = "graceful, graceful:10s, abort, abort:3s or crash";
	policy->ns = -1;
	for (i = 0; i < SCN_NITEMS(names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], s, len) == 0)
			break;
	if (i == SCN_NITEMS(names))
		return (false);
	policy->kind = (enum scn_policy_kind)(SCN_POLICY_GRACEFUL + (int)i);
	if (s[len] == '\0')
		return (true);
	if (policy->kind == SCN_POLICY_CRASH) {
		*why = "crash is silent at once and takes no time";
		return (false);
	}
	if (!scn_time_parse(s + len + 1, false, &t, why))
		return (false);
	policy->ns = t.ns;
	return (true);
}
