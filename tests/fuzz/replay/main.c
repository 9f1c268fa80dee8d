/*
 * main.c - a fuzz target without libFuzzer: run it over a folder of inputs.
 *
 *	fuzz_NAME FOLDER [MUTANTS]
 *
 * Each file is run as it is, and then MUTANTS times with a few bytes changed,
 * cut or doubled, as a fixed generator says; so that a compiler without
 * libFuzzer, and every run of the tests, tries some neighbours of what is
 * known, too.  An empty folder is an error: it would test nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20, NAMES_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t lcg;

static uint32_t
rnd(uint32_t n)
{
	lcg = lcg * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return ((uint32_t)(lcg >> 33) % n);
}

/* A copy of exactly @size bytes, so that a sanitizer sees a step beyond. */
static void
run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
mutant(const uint8_t *data, size_t size, uint8_t *buf)
{
	size_t at, len = size;

	memcpy(buf, data, size);
	for (uint32_t n = 1 + rnd(4); n > 0 && len > 0; n--) {
		at = rnd((uint32_t)len);
		switch (rnd(8)) {
		case 0:
			len = at;
			break;
		case 1:
			memmove(buf + at, buf + at + 1, len - at - 1);
			len--;
			break;
		case 2:
			if (len < 2 * size) {
				memmove(buf + at + 1, buf + at, len - at);
				len++;
			}
			break;
		case 3:
			buf[at] ^= (uint8_t)(1u << rnd(8));
			break;
		default:
			buf[at] = (uint8_t)rnd(256);
			break;
		}
	}
	run(buf, len);
}

static int
file(const char *path, unsigned mutants)
{
	static uint8_t data[INPUT_MAX], buf[2 * INPUT_MAX];
	FILE *fp = fopen(path, "rb");
	size_t size;

	if (fp == NULL) {
		perror(path);
		return (1);
	}
	size = fread(data, 1, sizeof(data), fp);
	(void)fclose(fp);
	if (size == sizeof(data)) {
		(void)fprintf(stderr, "%s: too long\n", path);
		return (1);
	}
	run(data, size);
	lcg = size;
	for (unsigned i = 0; i < mutants; i++)
		mutant(data, size, buf);
	return (0);
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

int
main(int argc, char **argv)
{
	static char *names[NAMES_MAX];
	unsigned mutants = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	struct dirent *de;
	char path[1024];
	size_t n = 0;
	DIR *dir;
	int bad = 0;

	dir = argc > 1 ? opendir(argv[1]) : NULL;
	if (dir == NULL) {
		(void)fprintf(stderr, "usage: %s FOLDER [MUTANTS]\n", argv[0]);
		return (64);
	}
	while ((de = readdir(dir)) != NULL && n < NAMES_MAX)
		if (de->d_name[0] != '.' &&
		    (names[n] = strdup(de->d_name)) != NULL)
			n++;
	(void)closedir(dir);
	qsort(names, n, sizeof(names[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]);
		bad |= file(path, mutants);
		free(names[i]);
	}
	(void)printf("%zu inputs, %u mutants of each\n", n, mutants);
	return (n == 0 || bad != 0);
}
