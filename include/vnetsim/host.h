/*
 * host.h - the few things a world needs from the program around it.
 *
 * src/ does no I/O.  Memory reservation and protection, the page size and
 * the way out of a panic come through this table.  sim/host_posix.c is the
 * default; a test or an embedder may give its own.
 */
#ifndef VNETSIM_HOST_H
#define VNETSIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VNETSIM_IMAGE_RANGES 6

/**
 * struct vnetsim_image - a program or shared object in this process
 * @name:	file name without directories; may be cut
 * @build_id:	the linker's, padded with zeroes; a hash of its constant data if
 *		it has none
 * @base:	where it was loaded
 * @range:	its constant data: string literals and tables, those with
 *		relocated pointers included
 * @nranges:	how many
 */
struct vnetsim_image {
	char name[64];
	uint8_t build_id[20];
	uint64_t base;
	struct {
		const void *addr;
		size_t len;
	} range[VNETSIM_IMAGE_RANGES];
	unsigned nranges;
};

/**
 * struct vnetsim_host - services of the embedding program
 * @ctx:	passed back to every function
 * @page_size:	bytes, a power of two, at most 65536
 * @reserve:	reserve @size bytes of zeroed, readable and writable address
 *		space that costs nothing until touched, never huge pages,
 *		aligned to 64 KiB.  @hint: wished base or NULL.  NULL: failed
 * @release:	give a reservation back whole
 * @discard:	forget the contents of a page-aligned part: it reads as zeroes
 *		afterwards (MADV_DONTNEED, or memset)
 * @protect:	make a part inaccessible (@on) or accessible again; may do
 *		nothing.  Return: false if it did nothing
 * @heap_alloc:	memory outside every world, for saved worlds.  NULL: failed
 * @heap_free:	give it back
 * @images:	the program and the shared objects it has loaded, for dumps.
 *		@refresh: look again (world_create() and loading a module ask
 *		for that); else what the last look saw, async-signal-safe.
 *		Out: how many.  NULL: not told; dumps have no constant data
 * @panic:	a broken invariant: @text is several lines, the first names
 *		vnet, door and module.  Does not return (exit, abort, longjmp);
 *		the world may afterwards only be inspected or destroyed
 */
struct vnetsim_host {
	void *ctx;
	size_t page_size;
	void *(*reserve)(void *ctx, void *hint, size_t size);
	void (*release)(void *ctx, void *base, size_t size);
	void (*discard)(void *ctx, void *base, size_t size);
	bool (*protect)(void *ctx, void *base, size_t size, bool on);
	void *(*heap_alloc)(void *ctx, size_t size);
	void (*heap_free)(void *ctx, void *p, size_t size);
	const struct vnetsim_image *(*images)(
	    void *ctx, bool refresh, size_t *n);
	void (*panic)(void *ctx, const char *text);
};

/**
 * vnetsim_host_posix() - the default host (sim/host_posix.c)
 *
 * Return:	a constant table; its panic writes to stderr and exits 3.
 */
const struct vnetsim_host *vnetsim_host_posix(void);

#endif /* !VNETSIM_HOST_H */
