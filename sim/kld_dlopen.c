/*
 * kld_dlopen.c - a file becomes a struct vnetsim_kmod; the only dlopen here.
 *
 *	read	the whole file, at most KLD_FILE_MAX bytes
 *	judge	kld_check(): no writable statics, no constructors; and no
 *		symbol that the program has, too, because then the program's
 *		would be called in its place
 *	map	RTLD_NOW, so that a missing symbol is told here, and RTLD_LOCAL,
 *		so that two modules cannot see each other's names
 *	ask	vnetsim_kmod_check(): magic, ABI, sizes
 *
 * Code of the object does not run before a world calls its init.
 *
 * What is mapped stays mapped: a world, a save of it and every finding that
 * names a birth site point into it, and worlds outlive whoever loads.  The one
 * exception is a file that was replaced by a newer one, and of which
 * vnetsim_kmod_inuse() says no: it goes when the newer one is opened.  A file
 * that is written over in place changes under its mapping; linkers make a new
 * one.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <vnetsim/errno.h>

#include "sim/kld.h"
#include "sim/kld_elf.h"

enum { KLD_BITS = 16 };

/* One mapped version of a file. */
struct kld_object {
	struct kld_object *ko_next;
	char *ko_path; /* (o) as the user says it */
	char *ko_name; /* (o) as it was mapped */
	struct stat ko_stat;
	void *ko_handle;
	const struct vnetsim_kmod *ko_km;
};

static const char *
kld_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash != NULL ? slash + 1 : path);
}

static int
kld_refuse(char *why, size_t size, const char *path, const char *text)
{
	(void)snprintf(why, size, "%s: %s", kld_base(path), text);
	return (VE_NOEXEC);
}

static int
kld_unreadable(char *why, size_t size, const char *path, int error)
{
	(void)snprintf(why, size, "%s: %s", path, strerror(error));
	return (error == EACCES                       ? VE_ACCES
		: error == ENOENT || error == ENOTDIR ? VE_NOENT
						      : VE_IO);
}

/* The bytes of a file; NULL: *error and @why. */
static uint8_t *
kld_read(const char *path, const struct stat *st, FILE *f, char *why,
    size_t size, int *error)
{
	size_t len = (size_t)st->st_size;
	uint8_t *bytes = NULL;

	*error = 0;
	if (!S_ISREG(st->st_mode))
		*error = kld_refuse(why, size, path, "not a file");
	else if (st->st_size > (off_t)KLD_FILE_MAX)
		*error = kld_refuse(why, size, path, "larger than 16 MiB");
	else if ((bytes = malloc(len + 1)) == NULL)
		*error = VE_NOMEM;
	else if (fread(bytes, 1, len, f) != len) {
		*error = kld_refuse(why, size, path, "it changes meanwhile");
		free(bytes);
		bytes = NULL;
	}
	return (bytes);
}

/* A symbol that the program defines, too; NULL: there is none. */
static const char *
kld_clash(const uint8_t *bytes, size_t len)
{
	struct kelf ke;
	const char *bad, *name, *found = NULL;
	void *self;
	uint64_t n = 0;

	if (!kelf_open(&ke, bytes, len, &bad))
		return (NULL);
	self = dlopen(NULL, RTLD_NOW);
	while (found == NULL && self != NULL && kld_export(&ke, &n, &name))
		if (strcmp(name, "_init") != 0 && strcmp(name, "_fini") != 0 &&
		    dlsym(self, name) != NULL)
			found = name;
	if (self != NULL)
		(void)dlclose(self);
	return (found);
}

static int
kld_judge(
    const uint8_t *bytes, size_t len, const char *path, char *why, size_t size)
{
	char text[KLD_WHY] = "";
	const char *name;

	if (kld_check(bytes, len, text, sizeof(text)) == KLD_REFUSED)
		return (kld_refuse(why, size, path, text));
	name = kld_clash(bytes, len);
	if (name == NULL)
		return (0);
	(void)snprintf(text, sizeof(text),
	    "`%.128s` is also a symbol of vnetsim: make it static", name);
	return (kld_refuse(why, size, path, text));
}

/* What dlopen has to say, without the path that it begins with. */
static int
kld_dlerror(char *why, size_t size, const char *path)
{
	const char *text = dlerror();
	size_t len = strlen(path);

	if (text == NULL)
		text = "cannot be mapped";
	if (strncmp(text, path, len) == 0 && strncmp(text + len, ": ", 2) == 0)
		text += len + 2;
	return (kld_refuse(why, size, path, text));
}

/* Map it by a name of its own. */
static int
kld_map(struct kld_object *ko, char *why, size_t size)
{
	char text[KLD_WHY];
	int error;

	ko->ko_handle = dlopen(ko->ko_name, RTLD_NOW | RTLD_LOCAL);
	if (ko->ko_handle == NULL)
		return (kld_dlerror(why, size, ko->ko_name));
	ko->ko_km = dlsym(ko->ko_handle, VNETSIM_KMOD_SYMBOL);
	error = VE_NOEXEC;
	if (ko->ko_km == NULL)
		(void)snprintf(text, sizeof(text),
		    "it has no symbol %s: use VNETSIM_KMOD(name, version)",
		    VNETSIM_KMOD_SYMBOL);
	else
		error = vnetsim_kmod_check(ko->ko_km, text, sizeof(text));
	if (error == 0)
		return (0);
	(void)dlclose(ko->ko_handle);
	return (kld_refuse(why, size, ko->ko_path, text));
}

static void
kld_free(struct kld_object *ko)
{
	free(ko->ko_path);
	free(ko->ko_name);
	free(ko);
}

/* Older versions of that file that no world needs. */
static void
kld_unmap(struct kld_set *set, struct vnetsim *w, const char *path)
{
	struct kld_object **at = &set->ks_first, *ko;

	while ((ko = *at) != NULL) {
		if (strcmp(ko->ko_path, path) != 0 ||
		    vnetsim_kmod_inuse(w, ko->ko_km)) {
			at = &ko->ko_next;
			continue;
		}
		*at = ko->ko_next;
		(void)dlclose(ko->ko_handle);
		kld_free(ko);
	}
}

/* The same file by a name that nobody has used.  The linker of glibc takes
 * what is mapped by that name, although the file behind it is another one by
 * now; by another name it looks at the file.  So a number is written into the
 * path, "./" and ".//" for its bits.  A name without a slash would be searched
 * for. */
static char *
kld_name(const char *path)
{
	static unsigned last;
	size_t dir = (size_t)(kld_base(path) - path), len = strlen(path);
	char *name = malloc(len + (size_t)KLD_BITS * 3 + 1), *p = name;

	if (name == NULL)
		return (NULL);
	last++;
	memcpy(p, path, dir);
	p += dir;
	for (unsigned bit = 0; bit < KLD_BITS; bit++) {
		*p++ = '.';
		*p++ = '/';
		if ((last >> bit & 1) != 0)
			*p++ = '/';
	}
	memcpy(p, path + dir, len - dir + 1);
	return (name);
}

static struct kld_object *
kld_new(const char *path, const struct stat *st)
{
	struct kld_object *ko = calloc(1, sizeof(*ko));

	if (ko == NULL)
		return (NULL);
	ko->ko_stat = *st;
	ko->ko_path = strdup(path);
	ko->ko_name = kld_name(path);
	if (ko->ko_path == NULL || ko->ko_name == NULL) {
		kld_free(ko);
		return (NULL);
	}
	return (ko);
}

/* Is that version of the file mapped? */
static struct kld_object *
kld_find(struct kld_set *set, const struct stat *st)
{
	struct kld_object *ko;

	for (ko = set->ks_first; ko != NULL; ko = ko->ko_next)
		if (ko->ko_stat.st_dev == st->st_dev &&
		    ko->ko_stat.st_ino == st->st_ino &&
		    ko->ko_stat.st_size == st->st_size &&
		    ko->ko_stat.st_mtime == st->st_mtime)
			return (ko);
	return (NULL);
}

static int
kld_load(struct kld_set *set, struct vnetsim *w, const char *path, FILE *f,
    const struct stat *st, char *why, size_t size)
{
	struct kld_object *ko;
	uint8_t *bytes;
	int error;

	bytes = kld_read(path, st, f, why, size, &error);
	if (error == 0)
		error = kld_judge(bytes, (size_t)st->st_size, path, why, size);
	free(bytes);
	if (error != 0)
		return (error);
	ko = kld_new(path, st);
	if (ko == NULL)
		return (VE_NOMEM);
	kld_unmap(set, w, ko->ko_path);
	error = kld_map(ko, why, size);
	if (error != 0) {
		kld_free(ko);
		return (error);
	}
	ko->ko_next = set->ks_first;
	set->ks_first = ko;
	return (0);
}

/**
 * kld_possible() - can this program map anything at all?
 *
 * Return:	false: it is linked statically against a libc that cannot.
 */
bool
kld_possible(void)
{
	void *self = dlopen(NULL, RTLD_NOW);

	if (self != NULL)
		(void)dlclose(self);
	return (self != NULL);
}

/**
 * kld_open() - the module in a shared object
 * @set:	what is mapped already; a file that has not changed is not
 *		read again
 * @w:		world that may know older versions of the file
 * @path:	of the object, as dlopen takes it
 * @km:		out, valid as long as the process or until a newer version of
 *		the file is opened while no world knows this one
 * @why:	out: a readable sentence that names the file; "" if 0
 * @size:	bytes of @why
 *
 * Return:	0; VE_NOENT, VE_ACCES, VE_IO: it cannot be read; VE_NOEXEC: it
 *		is refused, or cannot be mapped; VE_NOMEM.
 */
int
kld_open(struct kld_set *set, struct vnetsim *w, const char *path,
    const struct vnetsim_kmod **km, char *why, size_t size)
{
	struct kld_object *ko = NULL;
	FILE *f = fopen(path, "rb");
	struct stat st;
	int error = 0;

	why[0] = '\0';
	if (f == NULL || fstat(fileno(f), &st) != 0) {
		error = errno;
		if (f != NULL)
			(void)fclose(f);
		return (kld_unreadable(why, size, path, error));
	}
	ko = kld_find(set, &st);
	if (ko == NULL) {
		error = kld_load(set, w, path, f, &st, why, size);
		ko = set->ks_first;
	}
	(void)fclose(f);
	if (error == 0)
		*km = ko->ko_km;
	return (error);
}

/**
 * kld_count() - how many objects, or versions of them, a set keeps mapped
 * @set:	may be empty
 *
 * Return:	the count.
 */
unsigned
kld_count(const struct kld_set *set)
{
	unsigned n = 0;

	for (const struct kld_object *ko = set->ks_first; ko != NULL;
	     ko = ko->ko_next)
		n++;
	return (n);
}

/**
 * kld_forget() - the user of a set ends
 * @set:	empty afterwards; the objects stay mapped, because worlds that
 *		know them may live on
 */
void
kld_forget(struct kld_set *set)
{
	struct kld_object *ko;

	while ((ko = set->ks_first) != NULL) {
		set->ks_first = ko->ko_next;
		kld_free(ko);
	}
}
