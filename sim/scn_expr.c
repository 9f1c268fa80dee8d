/*
 * scn_expr.c - integer expressions of $((...)).
 *
 *	sum	= term { ("+" | "-") term }
 *	term	= factor { ("*" | "/" | "%") factor }
 *	factor	= [ "-" | "+" ] factor | integer | NAME | $NAME | ${NAME}
 *		| "(" sum ")"
 *
 * 64-bit integers as in C; an overflow is an error, never a wrap.  The text
 * of a variable must be an integer; it is not parsed as an expression.
 */
#include <string.h>

#include "sim/scn_parse.h"

#define SCN_EXPR_DEPTH 64

struct scn_ex {
	const struct scn_parser *p;
	const char *s;
	size_t n;
	size_t i;
	int depth;
	const char *why; /* first error */
	size_t at;
	const struct scn_var *poison;
};

static int64_t ex_sum(struct scn_ex *x);

static int64_t
ex_fail(struct scn_ex *x, size_t at, const char *why)
{
	if (x->why == NULL) {
		x->why = why;
		x->at = at;
	}
	return (0);
}

static char
ex_peek(struct scn_ex *x)
{
	while (x->i < x->n && (x->s[x->i] == ' ' || x->s[x->i] == '\t'))
		x->i++;
	return (x->i < x->n ? x->s[x->i] : '\0');
}

bool
scn_int_parse(const char *s, int64_t *v)
{
	bool neg = *s == '-';
	uint64_t max = (uint64_t)INT64_MAX + neg, n = 0;
	unsigned base = 10, d;

	s += neg;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	if (*s == '\0')
		return (false);
	for (; *s != '\0'; s++) {
		if (*s >= '0' && *s <= '9')
			d = (unsigned)(*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			d = (unsigned)(*s - 'a') + 10;
		else if (*s >= 'A' && *s <= 'F')
			d = (unsigned)(*s - 'A') + 10;
		else
			return (false);
		if (d >= base || n > (max - d) / base)
			return (false);
		n = n * base + d;
	}
	*v = !neg ? (int64_t)n : n == 0 ? 0 : -(int64_t)(n - 1) - 1;
	return (true);
}

static int64_t
ex_var(struct scn_ex *x, size_t from, size_t len)
{
	const struct scn_var *v = scn_var_find(x->p, x->s + from, len);
	int64_t n;

	if (v == NULL)
		return (ex_fail(x, from, "unknown variable"));
	if (v->poison) {
		x->poison = v;
		return (ex_fail(x, from, "variable without value"));
	}
	if (!scn_int_parse(v->value, &n))
		return (ex_fail(x, from, "the variable is not an integer"));
	return (n);
}

static int64_t
ex_number(struct scn_ex *x)
{
	char buf[32];
	size_t from = x->i, len;
	int64_t v;

	while (x->i < x->n && scn_ident_char(x->s[x->i], false))
		x->i++;
	len = x->i - from;
	if (len >= sizeof(buf))
		return (ex_fail(x, from, "not a 64-bit integer"));
	memcpy(buf, x->s + from, len);
	buf[len] = '\0';
	if (!scn_int_parse(buf, &v))
		return (ex_fail(x, from, "not a 64-bit integer"));
	return (v);
}

static int64_t
ex_name(struct scn_ex *x)
{
	bool dollar = x->s[x->i] == '$', brace;
	size_t from;
	int64_t v;

	x->i += dollar;
	brace = dollar && x->i < x->n && x->s[x->i] == '{';
	x->i += brace;
	from = x->i;
	while (x->i < x->n && scn_ident_char(x->s[x->i], x->i == from))
		x->i++;
	if (x->i == from)
		return (ex_fail(x, from, "expected a number or a variable"));
	v = ex_var(x, from, x->i - from);
	if (brace && ex_peek(x) != '}')
		return (ex_fail(x, x->i, "expected '}'"));
	x->i += brace;
	return (v);
}

static int64_t
ex_factor(struct scn_ex *x)
{
	char c = ex_peek(x);
	size_t at = x->i;
	int64_t v;

	if (x->why != NULL)
		return (0);
	if (++x->depth > SCN_EXPR_DEPTH)
		return (ex_fail(x, at, "expression nested too deep"));
	if (c == '-' || c == '+') {
		x->i++;
		v = ex_factor(x);
		if (c == '-' && v == INT64_MIN)
			v = ex_fail(x, at, "result beyond 64 bits");
		v = c == '-' ? -v : v;
	} else if (c == '(') {
		x->i++;
		v = ex_sum(x);
		if (ex_peek(x) != ')')
			v = ex_fail(x, x->i, "expected ')'");
		x->i++;
	} else if (c >= '0' && c <= '9')
		v = ex_number(x);
	else if (c == '\0')
		v = ex_fail(x, at, "expected a number or a variable");
	else
		v = ex_name(x);
	x->depth--;
	return (v);
}

static int64_t
ex_mul(struct scn_ex *x, size_t at, int64_t a, int64_t b)
{
	bool bad;

	if (a == 0 || b == 0)
		return (0);
	if (a > 0)
		bad = b > 0 ? a > INT64_MAX / b : b < INT64_MIN / a;
	else
		bad = b > 0 ? a < INT64_MIN / b : a < INT64_MAX / b;
	if (bad)
		return (ex_fail(x, at, "result beyond 64 bits"));
	return (a * b);
}

static int64_t
ex_term(struct scn_ex *x)
{
	int64_t a = ex_factor(x), b;
	size_t at;
	char c;

	while ((c = ex_peek(x)) == '*' || c == '/' || c == '%') {
		at = x->i++;
		b = ex_factor(x);
		if (x->why != NULL)
			return (0);
		if (c == '*')
			a = ex_mul(x, at, a, b);
		else if (b == 0)
			return (ex_fail(x, at, "division by zero"));
		else if (b == -1 && a == INT64_MIN)
			return (ex_fail(x, at, "result beyond 64 bits"));
		else
			a = c == '/' ? a / b : a % b;
	}
	return (a);
}

static int64_t
ex_sum(struct scn_ex *x)
{
	int64_t a = ex_term(x), b;
	size_t at;
	char c;

	while ((c = ex_peek(x)) == '+' || c == '-') {
		at = x->i++;
		b = ex_term(x);
		if (x->why != NULL)
			return (0);
		if (c == '+' ? (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b)
			     : (b > 0 ? a < INT64_MIN + b : a > INT64_MAX + b))
			return (ex_fail(x, at, "result beyond 64 bits"));
		a = c == '+' ? a + b : a - b;
	}
	return (a);
}

const char *
scn_expr(const struct scn_parser *p, const char *s, size_t len, int64_t *v,
    size_t *at, const struct scn_var **poison)
{
	struct scn_ex x = { .p = p, .s = s, .n = len };

	*v = ex_sum(&x);
	if (x.why == NULL && ex_peek(&x) != '\0')
		ex_fail(&x, x.i, "expected + - * / % or the end");
	*at = x.at;
	*poison = x.poison;
	return (x.why);
}
