/*
 * sockstat.c - sockstat(1): who has which socket.
 *
 * One line for each descriptor that shows a socket of the vnet, whoever has
 * it: a descriptor may have been passed to another jail.  Sockets without a
 * descriptor follow with "?" for their owner, as in FreeBSD.  By process and
 * descriptor, which is the order of kern.file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/netcmd.h"

struct line {
	struct vnetsim_fd ln_fd; /* pid 0: none */
	const struct vnetsim_pcb *ln_pcb;
};

struct lines {
	struct line *ls_v;
	size_t ls_n, ls_cap;
};

static bool
ports_ok(const char *s)
{
	char *end;
	long a, b;

	do {
		a = strtol(s, &end, 10);
		b = a;
		if (end == s || a < 0)
			return (false);
		if (*end == '-') {
			s = end + 1;
			b = *s == '\0' || *s == ',' ? 65535
						    : strtol(s, &end, 10);
			if (*s == '\0' || *s == ',')
				end++;
		}
		if (b < a || b > 65535 || (*end != ',' && *end != '\0'))
			return (false);
		s = end + 1;
	} while (*end == ',');
	return (true);
}

static bool
sockstat_value(struct scn_sockstat *ss, struct getarg *ga, int c)
{
	if (c == 'j')
		ss->jail = ga->ga_value;
	else if (c == 'P')
		ss->protos = ga->ga_value;
	else
		ss->ports = ga->ga_value;
	if (c != 'p' || ports_ok(ga->ga_value))
		return (true);
	return (getarg_fail(ga, ga->ga_i - 1,
	    "'%.64s' are no ports, as in 22,80,1024-2047", ga->ga_value));
}

/** sockstat_parse() - read the options of sockstat; Return: false: a mistake */
bool
sockstat_parse(struct scn_sockstat *ss, struct getarg *ga)
{
	static const char flags[] = "lcswqL";
	const char *l;
	int c;

	memset(ss, 0, sizeof(*ss));
	while ((c = getarg(ga, "sockstat", "4lcswqLj:P:p:")) > 0) {
		l = strchr(flags, c);
		if (l != NULL)
			ss->flags |= 1u << (l - flags);
		else if (c != '4' && !sockstat_value(ss, ga, c))
			return (false);
	}
	return (c == 0 && getarg_end(ga));
}

/* Is @word on the list, which is separated by commas? */
static bool
on_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = list; s != NULL; s = strchr(s, ',')) {
		s += *s == ',';
		if (strncmp(s, word, len) == 0 &&
		    (s[len] == ',' || s[len] == '\0'))
			return (true);
	}
	return (false);
}

/* Is it one of the ports?  The list is ports_ok(). */
static bool
in_ports(const char *s, uint16_t port)
{
	char *end;
	long a, b;

	do {
		a = b = strtol(s, &end, 10);
		if (*end == '-') {
			s = end + 1;
			b = strtol(s, &end, 10);
			b = end == s ? 65535 : b;
		}
		if (port >= a && port <= b)
			return (true);
		s = end + 1;
	} while (*end == ',');
	return (false);
}

static bool
wanted(const struct scn_sockstat *ss, const struct vnetsim_pcb *p)
{
	uint32_t which = ss->flags & (SOCKSTAT_LISTEN | SOCKSTAT_CONN);

	if (p->cookie == 0)
		return (false);
	if (which == SOCKSTAT_LISTEN && p->faddr.port != 0)
		return (false);
	if (which == SOCKSTAT_CONN && p->faddr.port == 0)
		return (false);
	if ((ss->flags & SOCKSTAT_NOLOCAL) != 0 &&
	    (p->laddr.addr >> 24 == 127 || p->faddr.addr >> 24 == 127))
		return (false);
	if (ss->protos != NULL && !on_list(ss->protos, netcmd_proto(p)))
		return (false);
	return (ss->ports == NULL || in_ports(ss->ports, p->laddr.port) ||
		in_ports(ss->ports, p->faddr.port));
}

static int
by_cookie(const void *a, const void *b)
{
	const struct vnetsim_pcb *p = a, *q = b;

	return (p->cookie < q->cookie ? -1 : p->cookie > q->cookie);
}

static int
by_process(const void *a, const void *b)
{
	const struct line *p = a, *q = b;

	if (p->ln_fd.pid != q->ln_fd.pid) {
		if (p->ln_fd.pid == 0 || q->ln_fd.pid == 0)
			return (p->ln_fd.pid == 0 ? 1 : -1);
		return (p->ln_fd.pid < q->ln_fd.pid ? -1 : 1);
	}
	if (p->ln_fd.pid == 0)
		return (p->ln_pcb->serial < q->ln_pcb->serial ? -1 : 1);
	return (p->ln_fd.fd < q->ln_fd.fd ? -1 : p->ln_fd.fd > q->ln_fd.fd);
}

static bool
line_add(struct lines *ls, const struct vnetsim_fd *fd,
    const struct vnetsim_pcb *pcb)
{
	struct line *more;

	if (ls->ls_n == ls->ls_cap) {
		ls->ls_cap = ls->ls_cap == 0 ? 64 : 2 * ls->ls_cap;
		more = realloc(ls->ls_v, ls->ls_cap * sizeof(*more));
		if (more == NULL)
			return (false);
		ls->ls_v = more;
	}
	ls->ls_v[ls->ls_n].ln_fd = *fd;
	ls->ls_v[ls->ls_n++].ln_pcb = pcb;
	return (true);
}

/* All descriptors of these sockets, then the sockets without.  Return: false:
 * no memory. */
static bool
lines_make(const struct netcmd *nc, const struct scn_sockstat *ss,
    struct vnetsim_pcb *v, size_t n, struct lines *ls)
{
	struct vnetsim_fd_iter it = { 0 };
	struct vnetsim_pcb key = { 0 }, *p;
	struct vnetsim_fd fd, none = { 0 };

	qsort(v, n, sizeof(*v), by_cookie);
	while (vnetsim_view_fd_next(nc->nc_v, &it, &fd) == 0) {
		key.cookie = fd.socket;
		p = bsearch(&key, v, n, sizeof(*v), by_cookie);
		if (p == NULL)
			continue;
		if (wanted(ss, p) && !line_add(ls, &fd, p))
			return (false);
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].orphan && wanted(ss, &v[i]) &&
		    !line_add(ls, &none, &v[i]))
			return (false);
	if (ls->ls_n != 0)
		qsort(ls->ls_v, ls->ls_n, sizeof(*ls->ls_v), by_process);
	return (true);
}

/* An address as "10.0.0.1:80", or "*:*". */
static void
add_addr(struct rbuf *out, const struct vnetsim_addr *a)
{
	if (a->addr == 0)
		rbuf_add(out, "*");
	else
		rbuf_ip(out, a->addr);
	if (a->port == 0)
		rbuf_add(out, ":*");
	else
		rbuf_add(out, ":%u", a->port);
}

/* Blanks up to a column, one at least. */
static void
pad(struct rbuf *out, size_t begin, size_t column)
{
	do
		rbuf_add(out, " ");
	while (out->rb_len - begin < column);
}

static void
line_print(
    struct rbuf *out, const struct scn_sockstat *ss, const struct line *ln)
{
	size_t begin = out->rb_len;
	size_t width = (ss->flags & SOCKSTAT_WIDE) != 0 ? 46 : 22;
	const struct vnetsim_pcb *p = ln->ln_pcb;

	if (ln->ln_fd.pid != 0)
		rbuf_add(out, "%-8s %-10.10s %-5d %-2d", "root",
		    ln->ln_fd.command, ln->ln_fd.pid, ln->ln_fd.fd);
	else
		rbuf_add(out, "%-8s %-10s %-5s %-2s", "?", "?", "?", "?");
	pad(out, begin, 29);
	rbuf_add(out, "%s4", netcmd_proto(p));
	pad(out, begin, 36);
	add_addr(out, &p->laddr);
	pad(out, begin, 36 + width);
	add_addr(out, &p->faddr);
	if ((ss->flags & SOCKSTAT_STATE) != 0 && p->state != NULL) {
		pad(out, begin, 36 + 2 * width + 13);
		rbuf_add(out, "%s", netcmd_state(p));
	}
	rbuf_add(out, "\n");
}

static void
header(struct rbuf *out, uint32_t flags)
{
	int width = (flags & SOCKSTAT_WIDE) != 0 ? 45 : 21;

	rbuf_add(out, "%-8s %-10s %-5s %-2s %-6s %-*s %-*s", "USER", "COMMAND",
	    "PID", "FD", "PROTO", width, "LOCAL ADDRESS", width,
	    "FOREIGN ADDRESS");
	if ((flags & SOCKSTAT_STATE) != 0)
		rbuf_add(out, " %-12s %-12s", "PATH STATE", "CONN STATE");
	rbuf_add(out, "\n");
}

/**
 * sockstat() - print who has which socket
 * @nc:	where
 * @ss:	options
 *
 * Return:	0; VE_NOENT: no such jail; VE_NOMEM.
 */
int
sockstat(struct netcmd *nc, const struct scn_sockstat *ss)
{
	struct lines ls = { 0 };
	struct vnetsim_pcb *v;
	int error = 0;
	size_t n;

	if (ss->jail != NULL && !netcmd_jail(nc, ss->jail))
		return (VE_NOENT);
	v = netcmd_pcbs(nc, &n);
	if (v == NULL)
		return (VE_NOMEM);
	if (!lines_make(nc, ss, v, n, &ls))
		error = VE_NOMEM;
	if (error == 0 && (ss->flags & SOCKSTAT_QUIET) == 0)
		header(nc->nc_out, ss->flags);
	for (size_t i = 0; error == 0 && i < ls.ls_n; i++)
		line_print(nc->nc_out, ss, &ls.ls_v[i]);
	free(ls.ls_v);
	free(v);
	return (error);
}
