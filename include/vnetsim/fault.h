/*
 * fault.h - what a program says when the memory itself strikes.
 *
 * A stale pointer that reaches the memory of a dead vnet faults in a checking
 * build, and under AddressSanitizer so does one to a freed object.  Whoever
 * catches the signal (or the sanitizer's report) asks here what lies at the
 * address.  Everything in this header may be called in a signal handler of
 * the thread that owns the world: it allocates nothing and takes no lock.
 */
#ifndef VNETSIM_FAULT_H
#define VNETSIM_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include <vnetsim/vnetsim.h>

/**
 * vnetsim_current() - the world that this thread called last
 *
 * Return:	the world, borrowed; NULL: none, or it was destroyed.
 */
struct vnetsim *vnetsim_current(void);

/**
 * vnetsim_addr_explain() - what lies at an address, or lay there
 * @w:		world; of a dead extent the inaccessible pages are opened for
 *		the look and closed again
 * @addr:	any address
 * @buf:	out, one or more lines without a newline at the end: object
 *		(type#serial), byte, vnet and jail, site and time of birth, site
 *		of the free, time and step of the vnet's death; never an address
 * @size:	bytes of @buf; 512 are enough
 *
 * The oldest of more than 8,192 dead extents, and all of a build without
 * checks, are used again; then the text speaks of what lies there now.
 * Return:	true if the address is one of the world's.
 */
bool vnetsim_addr_explain(
    struct vnetsim *w, const void *addr, char *buf, size_t size);

/**
 * vnetsim_fault_text() - the text of a panic that a signal brought
 * @w:		world; NULL: only @what is said
 * @what:	"SIGSEGV" and the like
 * @addr:	the address that was touched; NULL: not known
 * @buf:	out, as vnetsim_host.panic gets it: who was running, @what,
 *		vnetsim_addr_explain(), the last trace records
 * @size:	bytes of @buf; 8192 are enough
 *
 * Return:	bytes of the text.
 */
size_t vnetsim_fault_text(struct vnetsim *w, const char *what, const void *addr,
    char *buf, size_t size);

#endif /* !VNETSIM_FAULT_H */
