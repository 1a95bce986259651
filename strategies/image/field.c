/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strategies/image/field.h"
#include "strategies/image/disk-match.h"
#include "model/verdicts.h"
#include "record/error.h"

/* What the new system writes once it owns the disk. */
#define WRITTEN_LATER "/after-the-upgrade"

static bool list(struct lu_run *run, json_t **files, GError **error)
{
	return lu_run_call(run, "field.list", NULL, files, error);
}

static bool live_with(struct lu_run *run, bool changed, GError **error)
{
	return lu_run_call(run, "field.open", json_pack("{s:b}", "write", (int)changed), NULL,
			   error) &&
	       (!changed || lu_run_call(run, "field.change", NULL, NULL, error));
}

bool image_field_close(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "field.close", NULL, NULL, error);
}

static bool expected(struct lu_run *run, const json_t *files, GError **error)
{
	g_autofree char *mismatch =
		lu_disk_mismatch(run->guest->ops->image_expects(run->guest), files, NULL);

	if (!mismatch)
		return true;
	lu_run_note(run, "image.mismatch", mismatch);
	if (lu_param_bool(run->params, "force"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "the disk metadata cached in the memory image is stale: %s; force=on continues "
		    "all the same",
		    mismatch);
	return false;
}

bool image_field_compare(struct image_field *field, struct lu_run *run, bool changed,
			 GError **error)
{
	g_clear_pointer(&field->left, json_decref);
	return live_with(run, changed, error) && list(run, &field->left, error) &&
	       image_field_close(run, error) && expected(run, field->left, error);
}

/* List the disk through the caches that came with the image, as a service there would see it. */
static bool look_through_cache(struct image_field *field, struct lu_run *run, GError **error)
{
	json_auto_t *found = NULL;

	if (!list(run, &found, error))
		return false;
	field->stale = lu_disk_mismatch(field->left, found, WRITTEN_LATER);
	return true;
}

static void add_finding(struct image_field *field, const char *finding)
{
	char *all = field->unsound ? g_strconcat(field->unsound, "; ", finding, NULL)
				   : g_strdup(finding);

	g_free(field->unsound);
	field->unsound = all;
}

bool image_field_use(struct image_field *field, struct lu_run *run, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *finding = NULL;

	if (!look_through_cache(field, run, error))
		return false;
	if (!lu_run_call(run, "field.use", NULL, NULL, &why))
		add_finding(field, why->message);
	if (!image_field_close(run, error) ||
	    !run->guest->ops->image_audit(run->guest, &finding, error))
		return false;
	if (finding)
		add_finding(field, finding);
	field->looked = true;
	return true;
}

void image_field_judge(const struct image_field *field, json_t *oracles)
{
	if (!field->looked)
		return;
	lu_verdicts_add(oracles, "disk-as-seen", field->stale ? LU_FAIL : LU_PASS,
			field->stale ?: "the new system sees the disk as the old one left it");
	lu_verdicts_add(oracles, "disk-sound", field->unsound ? LU_FAIL : LU_PASS,
			field->unsound ?: "written to by the new system, its file system is sound");
}

void image_field_clear(void *data)
{
	struct image_field *field = data;

	json_decref(field->left);
	g_free(field->stale);
	g_free(field->unsound);
}
