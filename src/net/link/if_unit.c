/*
 * if_unit.c - unit numbers of a cloner: the lowest free one is given.
 *
 * Units are counted per vnet of creation, as FreeBSD does; a unit is taken as
 * long as its interfaces exist, wherever they are.  FreeBSD: ifc_units, an
 * unr(9).
 */
#include <string.h>
#include <vnetsim/errno.h>
#include "src/net/link/if_var.h"

int
if_unit_init(struct if_units *iu, const struct uma_zone *z)
{
	iu->iu_bits = kmalloc(z, sizeof(uint32_t), M_ZERO);
	if (iu->iu_bits == NULL)
		return (VE_NOMEM);
	iu->iu_words = 1;
	iu->iu_n = 0;
	return (0);
}

void
if_unit_fini(struct if_units *iu, const struct uma_zone *z)
{
	if (iu->iu_n != 0 || iu->iu_words == 0)
		return;
	kfree(z, iu->iu_bits);
	iu->iu_bits = NULL;
	iu->iu_words = 0;
}

static bool
unit_taken(const struct if_units *iu, uint32_t unit)
{
	return (unit / 32 < iu->iu_words &&
		(iu->iu_bits[unit / 32] & UINT32_C(1) << unit % 32) != 0);
}

static int
unit_grow(struct if_units *iu, const struct uma_zone *z, uint32_t unit)
{
	uint32_t *bits, words;

	for (words = imax(iu->iu_words, 1); words <= unit / 32; words *= 2)
		;
	if (words == iu->iu_words)
		return (0);
	bits = kmalloc(z, words * sizeof(uint32_t), M_ZERO);
	if (bits == NULL)
		return (VE_NOMEM);
	if (iu->iu_words > 0)
		memcpy(bits, iu->iu_bits, iu->iu_words * sizeof(uint32_t));
	kfree(z, iu->iu_bits);
	iu->iu_bits = bits;
	iu->iu_words = words;
	return (0);
}

int
if_unit_take(
    struct if_units *iu, const struct uma_zone *z, int want, uint32_t *unit)
{
	uint32_t u = 0;
	int error;

	if (want >= 0) {
		u = (uint32_t)want;
		if (unit_taken(iu, u))
			return (VE_EXIST);
	} else {
		while (unit_taken(iu, u))
			u++;
	}
	if (u > IF_MAXUNIT)
		return (VE_NOSPC);
	error = unit_grow(iu, z, u);
	if (error != 0)
		return (error);
	iu->iu_bits[u / 32] |= UINT32_C(1) << u % 32;
	iu->iu_n++;
	*unit = u;
	return (0);
}

void
if_unit_put(struct if_units *iu, uint32_t unit)
{
	MPASS(unit_taken(iu, unit));
	iu->iu_bits[unit / 32] &= ~(UINT32_C(1) << unit % 32);
	iu->iu_n--;
}
