/*
 * scn_parse.h - what the parts of the scenario parser share; not for others.
 *
 * Text takes this way:
 *
 *	scn_lex.c	bytes to raw words, statements and blocks (per file)
 *	scn_block.c	executes set, repeat, include and the settings of the
 *			head; scn_expand.c and scn_expr.c fill words in
 *	scn_stmt.c	decides what a statement is and hands it to
 *	scn_cmd.c scn_ifconfig.c scn_net.c scn_link.c scn_prog.c scn_claim.c
 *	scn_packet.c	one parser per form, on top of scn_cur.c (position in
 *			the words) and scn_value.c (times, addresses, ...)
 *
 * A parser of a form answers true, or false after it has reported exactly
 * one error, or none if memory ran out (scn_parser.nomem).  So one statement
 * gives at most one error, and the others are still looked at.
 *
 * All memory is in two lists: KEEP belongs to the script (or error list) that
 * the caller gets, TMP is freed when parsing ends.  One budget bounds both.
 */
#ifndef SIM_SCN_PARSE_H
#define SIM_SCN_PARSE_H

#include "sim/scn.h"
#include "sim/scn_link.h"

#define SCN_NITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* memory: scn_mem.c */

struct scn_chunk;

struct scn_mem {
	void *(*realloc)(void *arg, void *old, size_t size);
	void *arg;
	size_t max;
	size_t used;
	bool nomem;                /* the allocator said no */
	bool over;                 /* the budget said no */
	struct scn_chunk *list[2]; /* (o) KEEP, TMP */
};

enum scn_life { SCN_KEEP, SCN_TMP };

/* Zeroed and aligned for any object; NULL sets nomem or over. */
void *scn_mem_alloc(struct scn_mem *m, enum scn_life life, size_t size);
/* A block of its own that can grow; *cap counts elements of size each. */
bool scn_mem_grow(struct scn_mem *m, enum scn_life life, void *vec, size_t *cap,
    size_t need, size_t size);
char *scn_mem_dup(
    struct scn_mem *m, enum scn_life life, const char *s, size_t len);
void scn_mem_free(struct scn_mem *m, enum scn_life life);

/* raw text: scn_lex.c */

struct scn_rword {
	const char *s; /* as in the file, quotes and all */
	uint32_t len;
	uint32_t line;
	uint32_t col;
};

struct scn_rstmt {
	struct scn_rstmt *next;
	struct scn_rword *w;
	uint32_t n;
	uint32_t end_line; /* just behind the last word */
	uint32_t end_col;
	bool block;             /* has a { } */
	bool bad;               /* gave an error: not looked at again */
	struct scn_rstmt *body; /* first of the block, or NULL */
};

struct scn_file {
	struct scn_file *next;
	const char *path;
	struct scn_rstmt *first;
	struct scn_rstmt *explore; /* directives of the head */
	char *description;
	char *title;
	bool open; /* being executed: an include of it is a cycle */
};

/* the parser */

struct scn_var {
	const char *name;
	const char *value;
	struct scn_pos pos;
	uint32_t level; /* depth of repeat; 0: file scope */
	uint32_t depth; /* depth of include */
	bool poison;    /* its set had an error: no further messages */
};

struct scn_override {
	const char *name;
	const char *value;
	bool used;
};

/* A round or an include being executed; ctx is made when first needed. */
struct scn_frame {
	struct scn_frame *up;
	enum scn_ctx_kind kind;
	struct scn_pos at;
	const char *var;
	int64_t round;
	const struct scn_ctx *ctx;
};

/* Names made so far: "jail" and "jail/socket". */
struct scn_nameset {
	const char **v; /* open addressing */
	size_t cap;
	size_t n;
};

struct scn_parser {
	struct scn_mem mem;
	const struct scn_params *params;
	struct scn_script *script; /* being filled */
	struct scn_stmt *stmts;
	size_t stmts_cap;
	struct scn_setting *vars;
	size_t vars_cap;
	struct scn_setting *explore;
	size_t explore_cap;
	struct scn_error *errs;
	size_t errs_cap;
	size_t nerrs;
	size_t more;
	struct scn_override *over;
	size_t nover;
	struct scn_var *scope;
	size_t scope_cap;
	size_t nscope;
	struct scn_file *files; /* in the order of loading */
	struct scn_file *last_file;
	size_t nfiles;
	char *readbuf;
	struct scn_frame *frame;
	const char *path; /* file being executed */
	uint32_t depth;   /* of include */
	uint32_t level;   /* of repeat */
	int64_t rounds;
	struct scn_nameset names;
	bool names_off; /* something failed to parse that may make names */
	bool vars_off;  /* the same for variables */
	bool quiet;     /* under `expect fails`: names are not checked */
	bool line_mode; /* scn_parse_line() */
	bool stop;      /* a limit of the whole script is passed */
};

struct scn_cur;

bool scn_lex(
    struct scn_parser *p, struct scn_file *f, const char *text, size_t len);
bool scn_run_file(
    struct scn_parser *p, const char *path, const struct scn_pos *from);
bool scn_run_text(
    struct scn_parser *p, const char *path, const char *text, size_t len);
bool scn_set(struct scn_parser *p, const struct scn_rstmt *rs);
bool scn_check_settings(struct scn_parser *p);
bool scn_head_setting(struct scn_cur *c, bool *done);

/* scn_error.c; answers false */
bool scn_err(struct scn_parser *p, struct scn_pos pos, const char *hint,
    const char *fmt, ...);
struct scn_pos scn_pos_at(struct scn_parser *p, uint32_t line, uint32_t col);
const char *scn_hint_near(char *buf, size_t size, const char *word,
    const char *const *names, size_t n, const char *otherwise);
const char *scn_hint_list(
    char *buf, size_t size, const char *const *names, size_t n);

/* scn_expand.c, scn_expr.c */
const struct scn_var *scn_var_find(
    const struct scn_parser *p, const char *name, size_t len);
bool scn_var_push(struct scn_parser *p, struct scn_var v);
bool scn_expand(
    struct scn_parser *p, const struct scn_rword *rw, struct scn_word *out);
bool scn_unescape(const char *s, size_t len, char *out, size_t *used);
bool scn_is_ident(const char *s, size_t len);
bool scn_ident_char(char c, bool first);
bool scn_int_parse(const char *s, int64_t *v);

/**
 * scn_expr() - value of an integer expression
 * @p:		the parser, with the variables
 * @s, @len:	text between $(( and ))
 * @v:		out: the value
 * @at:		out: offset of the error
 * @poison:	out: a variable whose own set had an error, NULL otherwise
 * Return: NULL, or what is wrong.
 */
const char *scn_expr(const struct scn_parser *p, const char *s, size_t len,
    int64_t *v, size_t *at, const struct scn_var **poison);

/* scn_cur.c: where a parser of a form stands in its words */

struct scn_cur {
	struct scn_parser *p;
	const struct scn_word *w;
	uint32_t n;
	uint32_t i;
	struct scn_pos end; /* behind the last word */
	const char *form;   /* how it should look */
	struct scn_stmt *st;
	const char *result; /* program verbs: NAME of "NAME =", or NULL */
};

bool scn_cur_fail(
    struct scn_cur *c, uint32_t i, const char *hint, const char *fmt, ...);
bool scn_cur_done(const struct scn_cur *c);
/* The word at the cursor is kw and not quoted. */
bool scn_cur_is(const struct scn_cur *c, const char *kw);
bool scn_cur_accept(struct scn_cur *c, const char *kw);
/* Does the word at the cursor begin with a digit and has it no dot? */
bool scn_cur_digit(const struct scn_cur *c);
/* The word n further on is kw. */
bool scn_cur_ahead(const struct scn_cur *c, uint32_t n, const char *kw);
/* Next word, NULL after the error "expected WHAT". */
const struct scn_word *scn_take(struct scn_cur *c, const char *what);
bool scn_take_end(struct scn_cur *c);
bool scn_take_kw(struct scn_cur *c, const char *kw);
/* One of names; idx out. */
bool scn_take_choice(struct scn_cur *c, const char *what,
    const char *const *names, size_t n, size_t *idx);
void *scn_node(struct scn_cur *c, size_t size);
bool scn_word_is(const struct scn_word *w, const char *s);

/* scn_value.c */
bool scn_time_parse(
    const char *s, bool msl, struct scn_time *t, const char **why);
bool scn_addr_parse(const char *s, size_t len, uint32_t *addr);
bool scn_take_int(
    struct scn_cur *c, const char *what, int64_t min, int64_t max, int64_t *v);
bool scn_take_time(struct scn_cur *c, const char *what, struct scn_time *t);
bool scn_take_ns(struct scn_cur *c, const char *what, int64_t *ns);
bool scn_take_addr(struct scn_cur *c, const char *what, uint32_t *addr);
bool scn_take_port(struct scn_cur *c, uint16_t min, uint16_t *port);
bool scn_take_mac(struct scn_cur *c, uint8_t mac[6]);
bool scn_take_rate(struct scn_cur *c, int64_t *bps);
/* N[.N], in millionths, min to max. */
bool scn_take_factor(
    struct scn_cur *c, const char *what, int64_t min, int64_t max, int64_t *v);
bool scn_take_prob(struct scn_cur *c, const char *what, uint32_t *ppb);
bool scn_take_proto(struct scn_cur *c, enum scn_proto *proto);
/* raw sockets: scn_raw.c */
bool scn_take_rawproto(struct scn_cur *c, struct scn_sock *so);
bool scn_take_hex(struct scn_cur *c, struct scn_sock *so);
bool scn_take_ipoptions(struct scn_cur *c, struct scn_sock *so);
bool scn_take_errno(struct scn_cur *c, int *error);
bool scn_policy_parse(
    const char *s, struct scn_policy *policy, const char **why);
/* Without unit: seconds; used where FreeBSD's commands take seconds. */
bool scn_take_seconds(
    struct scn_cur *c, const char *what, int64_t min, int64_t *ns);

/* scn_name.c */
bool scn_reserved(const char *name);
bool scn_take_name(struct scn_cur *c, const char *what, const char **name);
bool scn_take_jail(struct scn_cur *c, const char *what, const char **name);
bool scn_take_if(struct scn_cur *c, const char *what, const char **name);
bool scn_check_name(
    struct scn_cur *c, uint32_t i, const char *what, const char *s);
bool scn_check_jail(
    struct scn_cur *c, uint32_t i, const char *what, const char *s);
bool scn_check_if(
    struct scn_cur *c, uint32_t i, const char *what, const char *s);
bool scn_name_add(struct scn_parser *p, const char *jail, const char *sock);
bool scn_jail_known(const struct scn_parser *p, const char *jail);
/* Errors unless the name was made; word i is where it stands. */
bool scn_need_jail(struct scn_cur *c, uint32_t i, const char *jail);
bool scn_need_sock(
    struct scn_cur *c, uint32_t i, const char *jail, const char *sock);
const char *scn_jail_join(
    struct scn_cur *c, const char *outer, const char *inner);

/* scn_stmt.c */

#define SCN_V_CMD  0x1u /* after jexec, and in expect output */
#define SCN_V_PROG 0x2u /* after a jail's name */
#define SCN_V_FAIL 0x4u /* in expect fails */
#define SCN_V_OUT  0x8u /* in expect output, though not after jexec */

struct scn_verb {
	const char *name;
	bool (*parse)(struct scn_cur *c);
	uint32_t flags;
	const char *form;
};

const struct scn_verb *scn_verb_find(const char *name);
/* Names of the verbs with one of flags, 0: all. */
size_t scn_verb_names(uint32_t flags, const char **names, size_t size);
bool scn_parse_stmt(struct scn_cur *c);
bool scn_parse_unknown(struct scn_cur *c, uint32_t flags);
/* What stands at the cursor, if its verb has one of flags (0: any). */
bool scn_dispatch(struct scn_cur *c, uint32_t flags);
/* A statement inside a claim, from the cursor to the end. */
bool scn_parse_nested(
    struct scn_cur *c, uint32_t flags, const struct scn_stmt **out);

/* scn_cur.c: @w as a path relative to the script.  NULL: no memory. */
const char *scn_beside(struct scn_cur *c, const struct scn_word *w);

#define SCN_VERBS_MAX 64

bool scn_parse_jail(struct scn_cur *c);
bool scn_parse_jexec(struct scn_cur *c);
bool scn_parse_jls(struct scn_cur *c);
bool scn_parse_sysctl(struct scn_cur *c);
bool scn_parse_netstat(struct scn_cur *c);
bool scn_parse_sockstat(struct scn_cur *c);
bool scn_parse_vmstat(struct scn_cur *c);
bool scn_parse_tcpdump(struct scn_cur *c);
bool scn_parse_tcpdump_claim(struct scn_cur *c, struct scn_claim *cl);
/* scn_claim.c: [== != < <= > >=] N */
bool scn_claim_number(struct scn_cur *c, struct scn_claim *cl);
/* scn_dump.c: is @s, in word @i, a plain file name for @what? */
bool scn_check_dumpname(
    struct scn_cur *c, uint32_t i, const char *what, const char *s);
bool scn_parse_ping(struct scn_cur *c);
bool scn_parse_tcpdrop(struct scn_cur *c);
bool scn_parse_ifmcstat(struct scn_cur *c);
/* scn_mcast.c: an option that takes no number; behind its name */
bool scn_is_mcast_option(int32_t opt);
bool scn_parse_mcast_option(struct scn_cur *c, struct scn_sock *so);
bool scn_parse_rctl(struct scn_cur *c);
bool scn_parse_pfctl(struct scn_cur *c);
bool scn_parse_kldload(struct scn_cur *c);
bool scn_parse_kldunload(struct scn_cur *c);
bool scn_parse_kldstat(struct scn_cur *c);
bool scn_parse_dump(struct scn_cur *c);
bool scn_parse_inspect(struct scn_cur *c);
bool scn_parse_ifconfig(struct scn_cur *c);
#define SCN_FIB_MAX 65535 /* FreeBSD's; the stack may know fewer */
bool scn_parse_route(struct scn_cur *c);
bool scn_parse_setfib(struct scn_cur *c);
bool scn_parse_arp(struct scn_cur *c);
bool scn_parse_link(struct scn_cur *c);
bool scn_link_name(struct scn_cur *c, uint32_t i, const char *s,
    const char **link, enum scn_end *end);
/* scn_replay.c, scn_segment.c; the cursor stands behind "replay", "send" */
bool scn_parse_replay(struct scn_cur *c, struct scn_link *l);
bool scn_parse_segment(struct scn_cur *c, struct scn_link *l);
/* behind "send igmp" */
bool scn_parse_link_igmp(struct scn_cur *c, struct scn_link *l);
bool scn_parse_expect(struct scn_cur *c);
bool scn_parse_until(struct scn_cur *c);
/* FLAGS and what follows, up to "within"; what is not said is any. */
bool scn_parse_tcp(struct scn_cur *c, struct scn_packet *k);
bool scn_parse_packet(struct scn_cur *c, struct scn_claim *cl);

bool scn_parse_connect(struct scn_cur *c);
bool scn_parse_listen(struct scn_cur *c);
bool scn_parse_accept(struct scn_cur *c);
bool scn_parse_recvfd(struct scn_cur *c);
bool scn_parse_tap(struct scn_cur *c);
bool scn_parse_bind(struct scn_cur *c);
bool scn_parse_socket(struct scn_cur *c);
bool scn_parse_send(struct scn_cur *c);
bool scn_parse_recv(struct scn_cur *c);
bool scn_parse_close(struct scn_cur *c);
bool scn_parse_shutdown(struct scn_cur *c);
bool scn_parse_linger(struct scn_cur *c);
bool scn_parse_setsockopt(struct scn_cur *c);
#define SCN_SOCKVALS_MAX 80
size_t scn_sockval_names(const char **names, size_t n);
bool scn_parse_kill(struct scn_cur *c);
/* JAIL[:PROC] [NAME =] VERB ...; the cursor stands at its first word. */
bool scn_parse_prog(struct scn_cur *c);

#endif /* SIM_SCN_PARSE_H */
