/*
 * kld.h - shared objects with modules: found, judged, mapped.
 */
#ifndef SIM_KLD_H
#define SIM_KLD_H

#include <vnetsim/module.h>

#define KLD_FILE_MAX (16u << 20) /* bytes of an object */
#define KLD_WHY      320         /* bytes that hold any reason, cut if longer */
#define KLD_PATH_MAX 1023        /* bytes of a path that is searched for */

struct kld_object;

/* The objects that one user has mapped, newest first; all zero is none. */
struct kld_set {
	struct kld_object *ks_first;
};

bool kld_possible(void);
int kld_locate(
    const char *name, char path[KLD_PATH_MAX + 1], char *why, size_t size);
int kld_open(struct kld_set *set, struct vnetsim *w, const char *path,
    const struct vnetsim_kmod **km, char *why, size_t size);
unsigned kld_count(const struct kld_set *set);
void kld_forget(struct kld_set *set);

#endif /* !SIM_KLD_H */
