#!/bin/sh
# tools/check_docs.py asks for heads and contracts, and compares parameters.
needs=
# shellcheck source=tools/planted.sh
. "$2/tools/planted.sh"
begin "$@"
check="python3 tools/check_docs.py"

{ head_comment; cat <<'T'; } | put include/vnetsim/good.h
#ifndef GOOD_H
#define GOOD_H
#ifdef __cplusplus
extern "C" {
#endif
struct s {
	int (*op)(int x);
};
/**
 * good() - with all that is asked for
 * @a:		first
 * @func:	called once
 *
 * Return:	0 or an errno
 */
int good(int a, void (*func)(struct s *ctx, int n));

/**
 * wrapped() - the macro carries the contract
 * @z:	zone
 *
 * Return: it
 */
#define wrapped(z) wrapped_site((z), __FILE__)
void *wrapped_site(struct s *z, const char *site);

/* Names of things; they return constants. */
const char *name_of(int x);
const char *
other_name_of(int x);

/* Nothing to return. */
void nothing(void);
extern const struct s table[];
static inline int
inline_needs_none(int x)
{
	return (x);
}
_Static_assert(sizeof(struct s) > 0, "something");
typedef int (*callback)(int x);
#ifdef __cplusplus
}
#endif
#endif
T
{ head_comment; cat <<'T'; } | put src/core/x.h
int undocumented_but_takes_nothing(int a);
/**
 * eats() - takes a packet
 * @m:	packet
 *
 * Return: 0
 */
int eats(struct mbuf *m __takes);
T
{ head_comment; cat <<'T'; } | put sim/x.c
/**
 * free_form() - the header lists the parameters
 */
int free_form(int a, int b) { return (a + b); }
T
clean "the tree before anything is planted"

# bad TITLE TEXT: the header on standard input is bad
bad()
{
	{ head_comment; cat; } | put include/vnetsim/bad.h
	caught "$@"
	rm include/vnetsim/bad.h
}

printf '#ifndef X\n#endif\n' | put src/core/bad.h
caught "no head" "src/core/bad.h:1: no head comment"
printf '/* short */\nint x;\n' | put src/core/bad.h
caught "short head" "src/core/bad.h:1: no head comment"
{ head_comment; printf '/*\n * a table that was\n *broken\n */\nint x;\n'; } |
    put src/core/bad.h
caught "broken by the formatter" "src/core/bad.h:6: a broken line"
printf 'int x;\n/*\n * late\n */\n' | put src/core/bad.h
caught "late head" "src/core/bad.h:1: no head comment"
printf '/* short */\nint x;\n' | put tests/test_bad.c
rm src/core/bad.h
caught "short head of a test" "tests/test_bad.c:1: no head comment"
rm tests/test_bad.c

bad "no contract" "bad.h:5: naked() has no contract" <<'T'

int naked(int a);
T
bad "a gap below the comment" "naked() has no contract" <<'T'
/* Returns what it is. */

int naked(int a);
T
bad "no Return" "f() does not say what it returns" <<'T'
/**
 * f() - something
 * @a:	a number
 */
int f(int a);
T
bad "a parameter is missing" "parameter b of f() is not documented" <<'T'
/**
 * f() - something
 * @a:	a number
 * Return: 0
 */
int f(int a, char b[4]);
T
bad "no parameter list in include" "parameter a of f() is not" <<'T'
/**
 * f() - something
 * Return: 0
 */
int f(int a);
T
bad "a parameter too many" "@c is no parameter of f()" <<'T'
/**
 * f() - something
 * @a:	a number
 * @c:	not there
 * Return: 0
 */
int f(int a);
T
bad "renamed function" "documents g(), which is not in this file" <<'T'
/**
 * g() - something
 * Return: 0
 */
int f(void);
T
bad "macro's parameters" "@n is no parameter of m()" <<'T'
/**
 * m() - something
 * @x:	a number
 * @n:	not there
 */
#define m(x) ((x) + 1)
T
{ head_comment; echo 'int eats(struct mbuf *m __takes);'; } | put src/core/y.h
caught "takes without contract" "src/core/y.h:4: eats() has no contract"
rm src/core/y.h
{ head_comment; cat <<'T'; } | put src/core/y.c
/**
 * f() - partly documented
 * @a: a number
 */
static int
f(int a, int b)
{
	return (a + b);
}
T
caught "half a list" "src/core/y.c:4: parameter b of f() is not documented"
rm src/core/y.c
clean "all of it removed again"
finish
