/*
 * fuzz_import.c - hostile captures: import makes scenarios without a mistake.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/test_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (import_all(bytes, len) < 0)
		abort();
	return (0);
}
