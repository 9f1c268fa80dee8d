/*
 * wm_find.c - findings and their words.
 *
 * The text is for people and names everything; the key names only what makes
 * two findings the same bug, so that runs can be compared by it.
 */
#include "src/teardown/wire/wm_text.h"
#include "src/teardown/wire/wm_var.h"

static struct wm_find *
find_new(
    struct vnetsim_wiremon *wm, uint8_t kind, uint16_t phase, uint16_t step)
{
	uint32_t i = wm_pool_get(&wm->wm_finds, &wm->wm_mem);
	struct wm_find *fi;

	if (i == 0) {
		wm->wm_stats.ws_incomplete = true;
		return (NULL);
	}
	fi = wm_pool_at(&wm->wm_finds, i);
	fi->fi_pub.wf_kind = kind;
	fi->fi_phase = phase;
	fi->fi_step = step;
	return (fi);
}

/* ":phase/step", or ":alive" */
static void
key_place(const struct vnetsim_wiremon *wm, struct wm_text *tx,
    const struct wm_find *fi)
{
	wm_text_str(tx, ":");
	if (fi->fi_phase == 0) {
		wm_text_str(tx, "alive");
		return;
	}
	wm_text_str(tx, wm_name_text(wm, fi->fi_phase));
	if (fi->fi_step != 0) {
		wm_text_str(tx, "/");
		wm_text_str(tx, wm_name_text(wm, fi->fi_step));
	}
}

/* "while it lived", or "in phase P, step S" */
static void
text_place(const struct vnetsim_wiremon *wm, struct wm_text *tx,
    const struct wm_find *fi)
{
	if (fi->fi_phase == 0) {
		wm_text_str(tx, "while it lived");
		return;
	}
	wm_text_str(tx, "in phase ");
	wm_text_str(tx, wm_name_text(wm, fi->fi_phase));
	if (fi->fi_step != 0) {
		wm_text_str(tx, ", step ");
		wm_text_str(tx, wm_name_text(wm, fi->fi_step));
	}
}

static void
stuck_words(const struct vnetsim_wiremon *wm, struct wm_find *fi,
    const struct wm_vnet *dead, bool spoke)
{
	const struct vnetsim_wire_finding *wf = &fi->fi_pub;
	struct wm_text tx;

	wm_text_start(&tx, fi->fi_text, sizeof(fi->fi_text));
	wm_text_str(&tx, "peer ");
	wm_text_str(&tx, wm_vnet_name(wm, wf->wf_peer));
	wm_text_str(&tx, " ");
	wm_text_addr(&tx, wf->wf_addr[1], wf->wf_port[1]);
	wm_text_str(&tx, " stuck in ");
	wm_text_str(&tx, vnetsim_wire_statename(wf->wf_state));
	wm_text_str(&tx, ": ");
	wm_text_str(&tx, dead->vn_name);
	wm_text_str(&tx, " ");
	wm_text_addr(&tx, wf->wf_addr[0], wf->wf_port[0]);
	wm_text_str(&tx, ", killed at ");
	wm_text_time(&tx, dead->vn_killed);
	wm_text_str(&tx, ", had not closed it by ");
	wm_text_time(&tx, wf->wf_time);
	if (spoke) {
		wm_text_str(&tx, " and last sent ");
		text_place(wm, &tx, fi);
	} else {
		wm_text_str(&tx, " and never sent");
	}
	wm_text_start(&tx, fi->fi_key, sizeof(fi->fi_key));
	wm_text_str(&tx, "stuck:");
	wm_text_str(&tx, dead->vn_name);
	wm_text_str(&tx, ":");
	wm_text_str(&tx, wm_vnet_name(wm, wf->wf_peer));
	wm_text_str(&tx, ":");
	wm_text_str(&tx, vnetsim_wire_statename(wf->wf_state));
	key_place(wm, &tx, fi);
}

/**
 * wm_find_stuck() - a surviving peer was left behind
 * @wm:		the monitor
 * @dead:	the vnet that left it
 * @ci:		the connection
 * @who:	the dead vnet's end
 */
void
wm_find_stuck(struct vnetsim_wiremon *wm, const struct wm_vnet *dead,
    uint32_t ci, unsigned int who)
{
	const struct wm_conn *co = wm_conn_at(wm, ci), *in;
	const struct wm_end *mine = &co->co_end[who];
	const struct wm_end *peer = wm_heir(wm, co, 1 - who, &in);
	struct vnetsim_wire_finding *wf;
	struct wm_find *fi;

	fi = find_new(wm, VNETSIM_WF_STUCK, mine->e_phase, mine->e_step);
	if (fi == NULL)
		return;
	wf = &fi->fi_pub;
	wf->wf_time = dead->vn_bound;
	wf->wf_vnet = dead->vn_id;
	wf->wf_peer = peer->e_vnet;
	wf->wf_conn = ci - 1;
	wf->wf_addr[0] = co->co_addr[who];
	wf->wf_addr[1] = co->co_addr[1 - who];
	wf->wf_port[0] = co->co_port[who];
	wf->wf_port[1] = co->co_port[1 - who];
	wf->wf_state = peer->e_state;
	stuck_words(wm, fi, dead, mine->e_sent);
}

static void
text_iface(const struct vnetsim_wiremon *wm, struct wm_text *tx,
    const struct vnetsim_wire_event *ev)
{
	uint32_t i = wm_map_get(&wm->wm_linkmap, ev->we_link, 0);
	const struct wm_link *lk;

	wm_text_str(tx, " on ");
	if (i != 0) {
		lk = wm_pool_at(&wm->wm_links, i);
		wm_text_str(tx, lk->lk_end[ev->we_end != 0]);
		return;
	}
	wm_text_str(tx, "link ");
	wm_text_num(tx, ev->we_link);
}

/**
 * wm_find_frame() - a frame that should not have been sent like this
 * @wm:		the monitor
 * @kind:	VNETSIM_WF_DEAD_SENDER or VNETSIM_WF_HEADER
 * @ev:		the frame
 * @why:	HEADER: what does not hold; else NULL
 *
 * A vnet gets at most VNETSIM_WIREMON_NOISE of a kind.
 */
void
wm_find_frame(struct vnetsim_wiremon *wm, uint8_t kind,
    const struct vnetsim_wire_event *ev, const char *why)
{
	struct wm_vnet *vn = wm_vnet_get(wm, ev->we_vnet);
	struct wm_text tx;
	struct wm_find *fi;

	if (vn == NULL || vn->vn_noise[kind] == VNETSIM_WIREMON_NOISE) {
		wm->wm_stats.ws_noise++;
		return;
	}
	fi = find_new(wm, kind, wm_name_get(wm, ev->we_phase),
	    wm_name_get(wm, ev->we_step));
	if (fi == NULL)
		return;
	vn->vn_noise[kind]++;
	fi->fi_pub.wf_time = wm->wm_now;
	fi->fi_pub.wf_vnet = vn->vn_id;
	fi->fi_pub.wf_peer = VNETSIM_NOVNET;
	fi->fi_pub.wf_frame = ev->we_frame;
	wm_text_start(&tx, fi->fi_text, sizeof(fi->fi_text));
	wm_text_str(&tx, "frame ");
	wm_text_num(&tx, ev->we_frame);
	wm_text_str(&tx, " sent by ");
	wm_text_str(&tx, vn->vn_name);
	text_iface(wm, &tx, ev);
	wm_text_str(&tx, " at ");
	wm_text_time(&tx, wm->wm_now);
	wm_text_str(&tx, ": ");
	if (why == NULL) {
		wm_text_str(&tx, "it was dead since ");
		wm_text_time(&tx, vn->vn_dead);
	} else {
		wm_text_str(&tx, why);
	}
	wm_text_start(&tx, fi->fi_key, sizeof(fi->fi_key));
	wm_text_str(&tx, vnetsim_wire_kindname(kind));
	wm_text_str(&tx, ":");
	wm_text_str(&tx, vn->vn_name);
	if (why != NULL) {
		wm_text_str(&tx, ":");
		wm_text_str(&tx, why);
	}
	key_place(wm, &tx, fi);
}
