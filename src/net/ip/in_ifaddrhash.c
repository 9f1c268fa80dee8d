/*
 * in_ifaddrhash.c - INADDR_HASH: the addresses of a vnet by value.
 *
 * Every packet asks whether it is for us.  Most vnets have two or three
 * addresses and pay for four rows; a hub of a thousand wires has as many rows
 * as addresses, because the table is made twice as large whenever it holds two
 * a row.  Without memory for that it stays as it is, and rows get longer.
 */
#include "src/net/ip/in_var.h"

#define INADDR_ROWS 4

MALLOC_TYPE(in_ifaddrhash_zone, ip, IP_Z_HASH, "in_ifaddrhash", UMA_NOHASH);

struct in_ifaddrhash {
	uint32_t ih_mask;
	LIST_HEAD(in_ifaddrrow, in_ifaddr) ih_row[];
};

static struct in_ifaddrrow *
in_row(struct in_ifaddrhash *ih, uint32_t addr)
{
	/* Fibonacci hashing: addresses differ in any of their bytes */
	return (&ih->ih_row[(addr * UINT32_C(0x9e3779b1) >> 16) & ih->ih_mask]);
}

static struct in_ifaddrhash *
in_rows(uint32_t n)
{
	struct in_ifaddrhash *ih = kmalloc(&in_ifaddrhash_zone,
	    sizeof(*ih) + n * sizeof(ih->ih_row[0]), M_ZERO);

	if (ih != NULL)
		ih->ih_mask = n - 1;
	return (ih);
}

bool
in_ifaddrhash_init(void)
{
	V_ip.hash = in_rows(INADDR_ROWS);
	return (V_ip.hash != NULL);
}

void
in_ifaddrhash_uninit(void)
{
	kfree(&in_ifaddrhash_zone, V_ip.hash);
	V_ip.hash = NULL;
}

static void
in_ifaddrhash_grow(void)
{
	struct in_ifaddrhash *old = V_ip.hash;
	struct in_ifaddrhash *ih = in_rows(2 * (old->ih_mask + 1));
	struct in_ifaddr *ia;

	if (ih == NULL)
		return;
	for (uint32_t i = 0; i <= old->ih_mask; i++)
		while ((ia = LIST_FIRST(&old->ih_row[i])) != NULL) {
			LIST_REMOVE(ia, ia_hash);
			LIST_INSERT_HEAD(in_row(ih, ia->ia_addr), ia, ia_hash);
		}
	V_ip.hash = ih;
	kfree(&in_ifaddrhash_zone, old);
}

void
in_ifaddrhash_add(struct in_ifaddr *ia)
{
	/* no more rows than 16 bits of the hash can tell apart */
	if (V_ip.naddrs > 2 * V_ip.hash->ih_mask && V_ip.naddrs < 0x10000)
		in_ifaddrhash_grow();
	LIST_INSERT_HEAD(in_row(V_ip.hash, ia->ia_addr), ia, ia_hash);
}

bool
in_localip(uint32_t addr)
{
	const struct in_ifaddr *ia;

	if (V_ip.hash == NULL)
		return (false);
	LIST_FOREACH (ia, in_row(V_ip.hash, addr), ia_hash)
		if (ia->ia_addr == addr)
			return (true);
	return (false);
}
