/*
 * tstack.h - what tests of the whole stack share: two jails on one wire.
 *
 * Only the public interface is used.  A script is straight-line code: each
 * call answers an errno, which the script passes to st_ok(); in a world where
 * allocations fail, or whose client jail is removed in the middle, errors are
 * tolerated and later calls see stale handles.
 *
 *	host --- hub jail  10.0.0.1  epair0a ===== epair0b  10.0.0.2  cli jail
 */
#ifndef TESTS_LIB_TSTACK_H
#define TESTS_LIB_TSTACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <vnetsim/inspect.h>
#include <vnetsim/jail.h>
#include <vnetsim/net.h>
#include <vnetsim/socket.h>
#include <vnetsim/teardown.h>

#define ST_MS INT64_C(1000000)
#define ST_S  INT64_C(1000000000)

#define ST_HUB UINT32_C(0x0a000001)
#define ST_CLI UINT32_C(0x0a000002)

struct st {
	struct vnetsim *w;
	vnetsim_handle host, hub, cli; /* jails */
	vnetsim_handle phub, pcli;     /* a process of each */
	bool tolerant;                 /* errors are part of the game */
	uint64_t kill_at;   /* remove the victim after this event; 0: never */
	const char *victim; /* name of the jail */
	bool killed;
	bool hashing;        /* a call that failed must have changed nothing */
	uint64_t hash;       /* before the call */
	unsigned changed;    /* how often it did */
	const char *changer; /* the last one */
	uint64_t frames;     /* running hash of all wire events */
	uint64_t nframes;
};

/* A world; the host's handle.  Fails the test, unless tolerant. */
bool st_open(struct st *s, const struct vnetsim_config *cfg);
void st_close(struct st *s);
/* The same world from the start. */
bool st_again(struct st *s, const struct vnetsim_config *cfg);

/* Before and after each call: tolerance, the kill, hashes.  Return: @error
 * (0 or VE_INPROGRESS are fine). */
void st_before(struct st *s);
int st_after(struct st *s, const char *what, int error);
/* The same for the result of an op, which may have changed what it did. */
int st_check(struct st *s, const char *what, int error);
#define ST(s, call) (st_before(s), st_after((s), #call, (call)))

/* One event, then perhaps the kill. */
bool st_step(struct st *s, int64_t until);
/* Run for some virtual ns. */
void st_run(struct st *s, int64_t ns);
/* Run until @op is done, at most @ns; its result.  Return: the op's error;
 * VE_INPROGRESS: it is not done. */
int st_wait(
    struct st *s, vnetsim_handle op, int64_t ns, struct vnetsim_result *res);
/* The same, and release. */
int st_await(struct st *s, vnetsim_handle op, int64_t ns);

/* Jails, wire, addresses, a process on each side. */
void st_setup(struct st *s);

/* A listening socket.  Return: descriptor, -1 */
int st_listen(struct st *s, vnetsim_handle proc, uint16_t port, int backlog);
/* A connection: *a of @pa, which connects, *b of @pb, accepted on @lfd. */
int st_connect(struct st *s, vnetsim_handle pa, uint32_t addr, uint16_t port,
    vnetsim_handle pb, int lfd, int *a, int *b);
/* Non-blocking send of a pattern.  Return: bytes taken. */
size_t st_send(struct st *s, vnetsim_handle proc, int fd, size_t len);
/* Non-blocking receive, checks the pattern from @off on.  Return: bytes; -1:
 * an error or nothing there */
int64_t st_recv(
    struct st *s, vnetsim_handle proc, int fd, size_t len, size_t off);
/* TCP state of a descriptor, "" for none. */
const char *st_state(struct st *s, vnetsim_handle proc, int fd);

/* Scripts (tscripts.c), each from st_setup() on; every one ends by itself. */
typedef void st_script(struct st *s);
/* One connection, data both ways, closed by the client. */
st_script st_script_tcp;
/* Refused, unanswered and simultaneous opens; a blocked accept. */
st_script st_script_opens;
/* Interfaces go home, come back, are destroyed; ping and UDP meanwhile. */
st_script st_script_move;
/* A slow wire that loses frames, closes of all kinds, nested jails. */
st_script st_script_loss;

/* Remove a jail and wait until it is gone, at most @ns.  Return: as st_await.*/
int st_remove(struct st *s, const char *jail, int64_t ns);
/* Finish, settle, audit.  Return: number of findings. */
unsigned st_finish(struct st *s);

/* Print all findings to stderr. */
void st_print(struct st *s);
/* How many findings of this oracle and kind; NULL: any. */
unsigned st_findings(struct st *s, const char *oracle, const char *kind);
/* The same, of a module. */
unsigned st_findings_of(struct st *s, const char *module);

#endif /* !TESTS_LIB_TSTACK_H */
