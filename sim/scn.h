/*
 * scn.h - the scenario language: from text to a checked list of statements.
 *
 * Theory of operation
 * ===================
 *
 * scn_parse() reads a file and what it includes and answers with one of two
 * things: a script, or the list of all errors.  There is no third: a script
 * that exists is free of errors that can be known without running it.
 *
 * What saves typing (set, repeat, include, $NAME, $((...))) is gone after
 * parsing.  A script is a flat array of statements, constant from then on, so
 * an interpreter's program counter is one integer that may live in world
 * memory and survive save and restore.  Nothing here points into a world and
 * no world points here; the script lives in ordinary heap memory until
 * scn_free().
 *
 * A statement carries its words as the author wrote them (after expansion),
 * its place in the source with the chain of includes and repeat rounds that
 * led to it, and a typed node: addresses are host order integers, times are
 * nanoseconds, rates are bits a second, error numbers are FreeBSD's.
 *
 * Who acts: stmt.jail is the jail whose view a command has ("0" is the host,
 * FreeBSD's name of prison0), dotted for nested jails ("a.b").  jexec has no
 * node: it only sets stmt.jail.  Program verbs also have stmt.proc, the
 * simulated process that executes them one after the other.
 *
 * What the parser checks of names: the socket a program verb or a claim
 * speaks of was made by an earlier statement, and the jail that acts in a
 * program verb was created by one.  Names of the world (interfaces, jails in
 * jail -r and jexec, routes) are left to the run, because there a wrong name
 * is an errno that a scenario may want to see.  Statements under
 * `expect fails` are exempt.
 *
 * The grammar, with an example for each form, is docs/SCENARIOS.md.
 */
#ifndef SIM_SCN_H
#define SIM_SCN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scn_ast.h"

/* Limits.  Each is an error one beyond, and tested at the limit. */
#define SCN_FILE_MAX    1048576    /* bytes in one file */
#define SCN_FILES_MAX   256        /* different files of one script */
#define SCN_STMTS_MAX   100000     /* statements after expansion */
#define SCN_LINE_MAX    4096       /* bytes in a line, without its newline */
#define SCN_WORD_MAX    1024       /* bytes in a word after expansion */
#define SCN_WORDS_MAX   256        /* words in a statement */
#define SCN_NEST_MAX    16         /* repeat inside repeat */
#define SCN_INCLUDE_MAX 8          /* include inside include */
#define SCN_REPEAT_MAX  100000     /* rounds of one repeat */
#define SCN_ROUNDS_MAX  1000000    /* rounds of all repeats */
#define SCN_VARS_MAX    1000       /* names known at one place */
#define SCN_ERRORS_MAX  100        /* errors kept; the others are counted */
#define SCN_MEM_MAX     268435456  /* bytes of a script, default budget */
#define SCN_NAME_MAX    63         /* bytes in a socket or process name */
#define SCN_JAIL_MAX    255        /* bytes in a dotted jail name */
#define SCN_IF_MAX      15         /* bytes in an interface name */
#define SCN_SEND_MAX    1000000000 /* bytes in one send or recv */
#define SCN_TCPOPT_MAX  40         /* TCP options in a packet claim */

/* NAME=VALUE of `set` or of a head line `# explore: set NAME VALUE` */
struct scn_setting {
	const char *name;
	const char *value;
	struct scn_pos pos;
};

/**
 * struct scn_script - a whole scenario, constant after parsing
 * @name:	the file as it was opened
 * @title:	first line of the description, "" if there is none
 * @description: leading comment block without its '#', lines end in '\n'
 * @stmts:	in order of execution; the index is the program counter
 * @vars:	every `set` outside repeat, with the value it got
 * @explore:	what explore should --set, in order
 * @order:	teardown order, NULL if the head does not say
 * @close:	close policy, SCN_POLICY_NONE if the head does not say
 * @has_seed, @seed: seed, if the head says one
 *
 * order, close and seed are what the head says; a command line that says
 * otherwise wins, which is the caller's to do.
 */
struct scn_script {
	const char *name;
	const char *title;
	const char *description;
	size_t nstmts;
	const struct scn_stmt *stmts;
	size_t nvars;
	const struct scn_setting *vars;
	size_t nexplore;
	const struct scn_setting *explore;
	const char *order;
	struct scn_policy close;
	bool has_seed;
	uint64_t seed;
};

struct scn_error {
	struct scn_pos pos;
	const char *message;
	const char *hint; /* "" if there is none */
};

/* Errors by file (as loaded), line and column; more: counted, not kept. */
struct scn_errors {
	size_t n;
	size_t more;
	const struct scn_error *v;
};

enum scn_result {
	SCN_OK,
	SCN_BAD,     /* errors in the text: exit 65 */
	SCN_NOINPUT, /* the file itself cannot be read: exit 66 */
	SCN_NOMEM,   /* no memory */
};

/**
 * typedef of a reader - fetch a file
 * @arg:	scn_params.read_arg
 * @path:	name to open
 * @buf:	where to put it, SCN_FILE_MAX + 1 bytes
 * @len:	out: bytes read, at most SCN_FILE_MAX + 1
 * Return: NULL, or why it cannot be read ("No such file or directory").
 */
typedef const char *scn_read_fn(
    void *arg, const char *path, char *buf, size_t *len);

/**
 * struct scn_params - how to parse; all zero is a fine default
 * @set, @nset:	overrides "NAME=VALUE" of --set, the last of a name wins
 * @read:	reads files; NULL: from the file system
 * @realloc:	memory, as realloc(3), size 0 frees; NULL: from the C library
 * @mem_max:	budget of the script in bytes, 0: SCN_MEM_MAX
 * @any_names:	do not check that sockets and acting jails were made before
 */
struct scn_params {
	const char *const *set;
	size_t nset;
	scn_read_fn *read;
	void *read_arg;
	void *(*realloc)(void *arg, void *old, size_t size);
	void *realloc_arg;
	size_t mem_max;
	bool any_names;
};

/**
 * scn_parse() - parse a scenario file and what it includes
 * @path:	file name, used as it is in messages
 * @params:	NULL: defaults
 * @script:	out: the script if SCN_OK, otherwise NULL
 * @errors:	out: the errors if SCN_BAD or SCN_NOINPUT, otherwise NULL
 *
 * Return: SCN_OK; SCN_BAD: the text (or an override of @params) has errors;
 * SCN_NOINPUT: @path itself cannot be read (an include that cannot is
 * SCN_BAD); SCN_NOMEM.
 * The caller frees with scn_free() and scn_errors_free().
 */
enum scn_result scn_parse(const char *path, const struct scn_params *params,
    struct scn_script **script, struct scn_errors **errors);

/**
 * scn_parse_text() - the same for a text in memory
 * @name:	what messages call it; includes are relative to it
 * @text:	borrowed for the call, need not end in a NUL
 * @len:	bytes
 * @params:	as scn_parse()
 * @script:	as scn_parse()
 * @errors:	as scn_parse()
 */
enum scn_result scn_parse_text(const char *name, const char *text, size_t len,
    const struct scn_params *params, struct scn_script **script,
    struct scn_errors **errors);

/**
 * scn_parse_line() - one line of a console
 * @line:	text, a NUL at its end; may hold several statements, or none
 * @params:	as scn_parse()
 * @script:	as scn_parse()
 * @errors:	as scn_parse()
 *
 * As scn_parse_text() with any_names, and without what needs a file: include
 * and the settings of the head are errors.
 */
enum scn_result scn_parse_line(const char *line,
    const struct scn_params *params, struct scn_script **script,
    struct scn_errors **errors);

void scn_free(struct scn_script *script);
void scn_errors_free(struct scn_errors *errors);

/**
 * scn_error_format() - "file:line:col: message", then hint and way there
 * @e:		one of a list
 * @buf, @size:	result, always ends in a NUL; several lines, each with '\n'
 * Return: bytes that the whole text needs, without NUL.
 */
size_t scn_error_format(const struct scn_error *e, char *buf, size_t size);

/**
 * scn_pos_format() - "file:line:col", " (round i = 3)" for each repeat
 * Return: bytes that the whole text needs, without NUL.
 */
size_t scn_pos_format(const struct scn_pos *pos, char *buf, size_t size);

/**
 * scn_stmt_format() - a statement as one line that parses to the same
 * Return: bytes that the whole text needs, without NUL.
 */
size_t scn_stmt_format(const struct scn_stmt *s, char *buf, size_t size);

/**
 * scn_didyoumean() - the name closest to a word
 * @word:	what was written
 * @names:	candidates, the first of equals wins
 * @n:		how many
 * Return: a name at most 2 edits (1 for words below 5 letters) away, or NULL.
 */
const char *scn_didyoumean(
    const char *word, const char *const *names, size_t n);

/* FreeBSD's error numbers by name; 0 and NULL if there is no such. */
int scn_errno_parse(const char *name);
const char *scn_errno_name(int error);

const char *scn_tcp_state_name(enum scn_tcp_state state);
const char *scn_kind_name(enum scn_kind kind);
const char *scn_op_name(enum scn_op op);

/* Reads from the file system; arg is not used. */
scn_read_fn scn_read_file;

#endif /* SIM_SCN_H */
