/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A standby that a release's memory image is loaded into; private to the QEMU guest. */
#pragma once
#include "qemu/memory-image/lazy.h"
#include "qemu/memory-image/stream.h"
#include "model/guest.h"

struct qemu_guest;

/* Member of struct qemu_standby. */
struct qemu_image {
	bool wanted, loaded;
	int memory; /* the machine's RAM, -1: none */
	struct lu_image_stream *stream;
	bool runs_first; /* before its memory is loaded */
	struct lu_image_lazy *lazy;
};

/* As model/guest.h says. */
const json_t *qemu_image_expects(struct lu_guest *guest);
bool qemu_image_load(struct lu_guest *guest, const struct lu_image_load *load, int64_t timeout_ns,
		     GError **error);
bool qemu_image_rest(struct lu_guest *guest, int64_t timeout_ns, GError **error);
bool qemu_image_audit(struct lu_guest *guest, char **finding, GError **error);

/* Before the machine is started: allocate its RAM. */
bool qemu_image_prepare(struct qemu_guest *self, GError **error);
/* Once it has been started: prepare it for lazy loading, if asked for. */
bool qemu_image_started(struct qemu_guest *self, bool lazy, int64_t deadline_ns, GError **error);
/* standby_switch for a memory image: the steps before that machine becomes the guest, and those
 * after, when the old one is stopped if it still runs. */
bool qemu_image_ready(struct qemu_guest *self, int64_t deadline_ns, GError **error);
bool qemu_image_run(struct qemu_guest *self, int64_t deadline_ns, GError **error);
/* Free everything. */
void qemu_image_clear(struct qemu_guest *self);
/* For the result; NULL: the guest has no memory image. New reference. */
json_t *qemu_image_describe(const struct qemu_guest *self);
