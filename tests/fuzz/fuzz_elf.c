/*
 * fuzz_elf.c - any bytes are judged without a crash or a hang.
 *
 * The first four bytes are made those of an ELF object, so that the fuzzer
 * need not find them.  A refusal must come with a sentence.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/kld_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[64] = "";
	uint8_t *copy;
	struct kelf ke;
	const char *bad, *name;
	uint64_t n = 0;

	if (size < 4)
		return (0);
	copy = malloc(size);
	if (copy == NULL)
		return (0);
	memcpy(copy, data, size);
	memcpy(copy, "\177ELF", 4);
	if (kld_check(copy, size, why, sizeof(why)) == KLD_REFUSED &&
	    why[0] == '\0')
		abort();
	if (kelf_open(&ke, copy, size, &bad))
		while (kld_export(&ke, &n, &name))
			if (strlen(name) > size)
				abort();
	free(copy);
	return (0);
}
