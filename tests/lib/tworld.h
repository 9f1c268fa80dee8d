/*
 * tworld.h - what tests of the kernel share: a world, a run, its findings.
 *
 * A test gives its own tiny modules (TW_MODULE).  The host is the POSIX one
 * but for panics, which a test may expect (tw_panics()).  Jails that die are
 * taken down by a small teardown of this library, in an op: kill, wait for
 * holds, shutdown from the top, drain, uninit, fini, free, gone; so that core
 * can be tested without src/teardown.
 */
#ifndef TESTS_LIB_TWORLD_H
#define TESTS_LIB_TWORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "src/core/world.h"

/* A module with the state and zones of a test; more members may follow. */
#define TW_MODULE(id, name)                                                    \
	.vm_name = name, .vm_id = VNET_MOD_##id, .vm_abi = VNETSIM_KERN_ABI,   \
	.vm_sub = SI_SUB_PROTO_DOMAIN, .vm_order = SI_ORDER_ANY

extern const struct vnetsim_host *tw_host(void);
extern const struct world_upcalls tw_upcalls;

/* A world with these modules (NULL-terminated; NULL: only core), 256 MiB,
 * wu_reap set; fails the test if it cannot be made. */
struct world *tw_create(const struct vnet_module *const *mods);

/* The configuration of tw_create(), to be changed by a test. */
struct world_config tw_config(const struct vnet_module *const *mods);

/* As tw_create() with a changed configuration. */
struct world *tw_create_cfg(const struct world_config *cfg);

/* Findings that no tw_finding() has asked for fail the test. */
void tw_destroy(struct world *w);

/* Run until nothing is left to do.  Return: events that ran. */
uint32_t tw_run(struct world *w);

/* How often was this found?  Marks it as expected for tw_destroy().
 * @kind: NULL: any */
uint32_t tw_finding(struct world *w, enum oracle o, const char *kind);

/* Print all findings to stderr. */
void tw_print(struct world *w);

/* A persistent jail with a vnet below prison0. */
struct prison *tw_jail(const char *name);

/* Does fn(arg) panic with a text that contains @part?  The world may only be
 * inspected or destroyed afterwards. */
bool tw_panics(void (*fn)(void *arg), void *arg, const char *part);

/* The text of the last panic that tw_panics() caught. */
const char *tw_panic_text(void);

/* Pass door USER of a vnet. */
#define TW_ENTER(f, v)                                                         \
	assert_true(vnet_enter((f), (v), DOOR_USER, VNET_MOD_core))

#endif /* !TESTS_LIB_TWORLD_H */
