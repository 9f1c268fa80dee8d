/*
 * kprintf.c - the formatter of src/: a small, fixed part of printf.
 *
 *	%d %i %u %x %X %o   with hh h l ll z j t; flags - 0; width, also *
 *	%c %s               with width; %s also with .N or .*
 *	%p                  the object's name in the ledger: "tcpcb#12/v3" is
 *	                    the 12th object that vnet 3 owned at birth,
 *	                    "mbuf#7/world"; "(freed)" and "(dead)" are added;
 *	                    "vnet 3", "nil", or "?" for what is no object
 *	%%
 *
 * An address is never printed: two runs must give the same bytes.  What the
 * format does not know stands in the output as it is, and %n does not exist.
 */
#include "src/core/kprintf.h"

#include "src/core/memory_var.h"

struct out {
	char *o_buf;
	size_t o_size;
	size_t o_len;
};

struct spec {
	bool s_left, s_zero;
	int s_width;
	int s_prec; /* -1: none */
	int s_size; /* bytes of an integer argument */
};

static void
put(struct out *o, char c)
{
	if (o->o_len + 1 < o->o_size)
		o->o_buf[o->o_len] = c;
	o->o_len++;
}

static void
put_field(struct out *o, const struct spec *s, const char *p, size_t n)
{
	size_t pad;

	pad = s->s_width > 0 && (size_t)s->s_width > n ? (size_t)s->s_width - n
						       : 0;
	if (!s->s_left)
		for (; pad > 0; pad--)
			put(o, ' ');
	for (; n > 0; n--)
		put(o, *p++);
	for (; pad > 0; pad--)
		put(o, ' ');
}

static void
put_string(struct out *o, const struct spec *s, const char *p)
{
	size_t n;

	if (p == NULL)
		p = "(null)";
	for (n = 0; (s->s_prec < 0 || n < (size_t)s->s_prec) && p[n] != '\0';
	     n++)
		;
	put_field(o, s, p, n);
}

/* Digits of @v in @base, zero-padded to width or precision. */
static void
put_number(struct out *o, const struct spec *s, uintmax_t v, bool neg,
    unsigned base, bool upper)
{
	const char *digits;
	char buf[72];
	size_t n, least;

	digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	n = sizeof(buf);
	least = s->s_prec < 0 ? 1 : (size_t)s->s_prec;
	if (s->s_zero && !s->s_left && s->s_prec < 0 && s->s_width > neg)
		least = (size_t)s->s_width - neg;
	for (; (v != 0 || least > 0) && n > 1; v /= base) {
		buf[--n] = digits[v % base];
		if (least > 0)
			least--;
	}
	if (neg)
		buf[--n] = '-';
	put_field(o, s, buf + n, sizeof(buf) - n);
}

/* The name of what @p points to. */
static void
put_object(struct out *o, const struct spec *s, const void *p)
{
	char name[96];
	struct mem_info mi;
	const char *state;

	if (p == NULL) {
		put_string(o, s, "nil");
		return;
	}
	if (kctx == NULL || !mem_info(p, &mi)) {
		put_string(o, s, "?");
		return;
	}
	state = mi.mi_state == MEM_FREE   ? " (freed)"
		: mi.mi_state == MEM_DEAD ? " (dead)"
					  : "";
	if ((mi.mi_flags & MEMH_SELF) != 0)
		ksnprintf(name, sizeof(name), "vnet %lu%s",
		    (unsigned long)mi.mi_birth, state);
	else if (mi.mi_birth == MEM_VNETID_WORLD)
		ksnprintf(name, sizeof(name), "%s#%ju/world%s",
		    mi.mi_zone->uz_name, (uintmax_t)mi.mi_serial, state);
	else
		ksnprintf(name, sizeof(name), "%s#%ju/v%lu%s",
		    mi.mi_zone->uz_name, (uintmax_t)mi.mi_serial,
		    (unsigned long)mi.mi_birth, state);
	put_string(o, s, name);
}

static int
number(const char **fmt, va_list *ap)
{
	int n;

	if (**fmt == '*') {
		(*fmt)++;
		return (va_arg(*ap, int));
	}
	for (n = 0; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		n = n * 10 + (**fmt - '0');
	return (n);
}

/* Flags, width, precision and length modifier, behind the %. */
static void
parse_spec(struct spec *s, const char **fmt, va_list *ap)
{
	memset(s, 0, sizeof(*s));
	s->s_prec = -1;
	s->s_size = sizeof(int);
	for (; **fmt == '-' || **fmt == '0'; (*fmt)++)
		if (**fmt == '-')
			s->s_left = true;
		else
			s->s_zero = true;
	s->s_width = number(fmt, ap);
	if (s->s_width < 0) {
		s->s_left = true;
		s->s_width = -s->s_width;
	}
	if (**fmt == '.') {
		(*fmt)++;
		s->s_prec = number(fmt, ap);
	}
	for (;; (*fmt)++) {
		if (**fmt == 'h')
			s->s_size /= 2;
		else if (**fmt == 'l')
			s->s_size =
			    s->s_size == (int)sizeof(long)
				? (int)sizeof(long long)
				: imax(s->s_size * 2, (int)sizeof(long));
		else if (**fmt == 'z' || **fmt == 't')
			s->s_size = sizeof(size_t);
		else if (**fmt == 'j')
			s->s_size = sizeof(intmax_t);
		else
			break;
	}
}

static intmax_t
signed_arg(int size, va_list *ap)
{
	if (size > (int)sizeof(long))
		return (va_arg(*ap, long long));
	if (size > (int)sizeof(int))
		return (va_arg(*ap, long));
	switch (size) {
	case 1:
		return ((signed char)va_arg(*ap, int));
	case 2:
		return ((short)va_arg(*ap, int));
	default:
		return (va_arg(*ap, int));
	}
}

static uintmax_t
unsigned_arg(int size, va_list *ap)
{
	if (size > (int)sizeof(long))
		return (va_arg(*ap, unsigned long long));
	if (size > (int)sizeof(int))
		return (va_arg(*ap, unsigned long));
	switch (size) {
	case 1:
		return ((unsigned char)va_arg(*ap, unsigned int));
	case 2:
		return ((unsigned short)va_arg(*ap, unsigned int));
	default:
		return (va_arg(*ap, unsigned int));
	}
}

static void
convert(struct out *o, const struct spec *s, char c, va_list *ap)
{
	intmax_t i;
	char ch;

	switch (c) {
	case 'd':
	case 'i':
		i = signed_arg(s->s_size, ap);
		put_number(o, s, i < 0 ? 0 - (uintmax_t)i : (uintmax_t)i, i < 0,
		    10, false);
		break;
	case 'u':
		put_number(o, s, unsigned_arg(s->s_size, ap), false, 10, false);
		break;
	case 'o':
		put_number(o, s, unsigned_arg(s->s_size, ap), false, 8, false);
		break;
	case 'x':
	case 'X':
		put_number(
		    o, s, unsigned_arg(s->s_size, ap), false, 16, c == 'X');
		break;
	case 'c':
		ch = (char)va_arg(*ap, int);
		put_field(o, s, &ch, 1);
		break;
	case 's':
		put_string(o, s, va_arg(*ap, const char *));
		break;
	case 'p':
		put_object(o, s, va_arg(*ap, const void *));
		break;
	case '%':
		put(o, '%');
		break;
	default:
		put(o, '%');
		put(o, c);
		break;
	}
}

size_t
kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o;
	struct spec s;
	va_list args;

	o.o_buf = buf;
	o.o_size = size;
	o.o_len = 0;
	va_copy(args, ap);
	while (*fmt != '\0') {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt++;
		parse_spec(&s, &fmt, &args);
		if (*fmt == '\0')
			break;
		convert(&o, &s, *fmt++, &args);
	}
	va_end(args);
	if (size > 0)
		buf[o.o_len < size ? o.o_len : size - 1] = '\0';
	return (o.o_len);
}

size_t
ksnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = kvsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return (n);
}
