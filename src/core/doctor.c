/* SPDX-License-Identifier: MIT */
/*
 * concert_doctor() and concert_purge(): which machines are to be looked at, for what, all at once;
 * and what was found, in the order of the machines.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "base/strvec.h"
#include "core/handle.h"
#include "core/resolve.h"
#include "target/examine.h"

struct patient {
	struct doctor *doctor;
	struct machine *machine;
	struct strvec shells, containers;
	struct target_exam *exam; /* NULL once over */
	struct target_job *purge;
	struct concert_finding *found;
	size_t nr, alloc;
	bool removed;
	struct error err;
};

struct doctor {
	struct concert *concert;
	struct patient *patient;
	size_t nr, open;
};

struct concert_diagnosis {
	struct concert_finding *found;
	size_t nr;
};

/* ---- what was found ---- */

static void add_finding(struct patient *patient, enum concert_level level, const char *what,
			const char *text, const char *cure)
{
	ALLOC_GROW(patient->found, patient->nr + 1, patient->alloc);
	patient->found[patient->nr++] = (struct concert_finding){
		.machine = xstrdup(patient->machine->name),
		.check = xstrdup(what),
		.level = level,
		.message = xstrdup(text),
		.cure = xstrdup_or_null(cure),
	};
}

static void release_finding(struct concert_finding *found)
{
	free((void *)found->machine);
	free((void *)found->check);
	free((void *)found->message);
	free((void *)found->cure);
}

static void on_found(enum finding_level level, const char *what, const char *text, const char *cure,
		     void *data)
{
	static const enum concert_level levels[] = {
		[FINDING_OK] = CONCERT_LEVEL_INFO,
		[FINDING_WARNING] = CONCERT_LEVEL_WARNING,
		[FINDING_ERROR] = CONCERT_LEVEL_ERROR,
	};

	add_finding(data, levels[level], what, text, cure);
}

/* A login that failed says in its own text what to do. */
static void on_examined(const struct error *err, void *data)
{
	struct patient *patient = data;

	patient->exam = NULL;
	patient->doctor->open--;
	if (!err)
		return;
	patient->err = *err;
	add_finding(patient, CONCERT_LEVEL_ERROR, patient->nr ? "machine" : "login", err->text,
		    NULL);
}

static struct concert_diagnosis *collect(struct doctor *doctor)
{
	struct concert_diagnosis *diagnosis = xcalloc(1, sizeof(*diagnosis));
	size_t nr = 0;

	for (size_t i = 0; i < doctor->nr; i++)
		nr += doctor->patient[i].nr;
	diagnosis->found = xcalloc(nr + 1, sizeof(*diagnosis->found));
	for (size_t i = 0; i < doctor->nr; i++) {
		struct patient *patient = &doctor->patient[i];

		memcpy(diagnosis->found + diagnosis->nr, patient->found,
		       patient->nr * sizeof(*patient->found));
		diagnosis->nr += patient->nr;
		patient->nr = 0;
	}
	return diagnosis;
}

size_t concert_diagnosis_size(const struct concert_diagnosis *diagnosis)
{
	return diagnosis->nr;
}

const struct concert_finding *concert_diagnosis_finding(const struct concert_diagnosis *diagnosis,
							size_t i)
{
	return i < diagnosis->nr ? &diagnosis->found[i] : NULL;
}

void concert_diagnosis_free(struct concert_diagnosis *diagnosis)
{
	if (!diagnosis)
		return;
	for (size_t i = 0; i < diagnosis->nr; i++)
		release_finding(&diagnosis->found[i]);
	free(diagnosis->found);
	free(diagnosis);
}

/* ---- who is looked at ---- */

static void push_once(struct strvec *list, const char *word)
{
	if (!strvec_has(list, word))
		strvec_push(list, word);
}

static struct patient *find_patient(struct doctor *doctor, const char *name, struct error *err)
{
	struct machine *machine = fleet_get(doctor->concert->fleet, name, err);
	struct patient *patient = doctor->patient;

	if (!machine)
		return NULL;
	for (size_t i = 0; i < doctor->nr; i++, patient++)
		if (patient->machine == machine)
			return patient;
	*patient = (struct patient){.doctor = doctor, .machine = machine};
	strvec_init(&patient->shells);
	strvec_init(&patient->containers);
	doctor->nr++;
	return patient;
}

/* What a process needs of its machine. With names given, others are not looked at. */
static int add_process(struct doctor *doctor, const struct config_process *process,
		       const char *const *names, struct error *err)
{
	struct spec place = {.process = NULL};
	struct strbuf word = STRBUF_INIT;
	struct patient *patient = NULL;
	int rc = spec_resolve_place(&place, doctor->concert->config, process, NULL, err);
	bool wanted = !rc && !(names && *names);

	for (const char *const *name = names; !rc && name && *name && !wanted; name++)
		wanted = !strcmp(*name, place.machine);
	if (wanted) {
		patient = find_patient(doctor, place.machine, err);
		rc = patient ? 0 : -1;
	}
	if (patient && place.container) {
		strbuf_addf(&word, "%s %s", process->engine ? process->engine : "-",
			    place.container);
		push_once(&patient->containers, word.buf);
	} else if (patient) {
		strbuf_add(&word, process->shell, strcspn(process->shell, " \t"));
		push_once(&patient->shells, word.buf);
	}
	strbuf_release(&word);
	spec_release(&place);
	return rc;
}

static int admit(struct doctor *doctor, const char *const *names, struct error *err)
{
	const struct config *config = doctor->concert->config;
	size_t max = config->nr_processes;

	for (const char *const *name = names; name && *name; name++)
		max++;
	doctor->patient = xcalloc(max + 1, sizeof(*doctor->patient));
	fleet_begin(doctor->concert->fleet);
	for (const char *const *name = names; name && *name; name++)
		if (!find_patient(doctor, *name, err))
			return -1;
	for (size_t i = 0; i < config->nr_processes; i++)
		if (add_process(doctor, &config->process[i], names, err))
			return -1;
	return 0;
}

static void dismiss(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->nr; i++) {
		struct patient *patient = &doctor->patient[i];

		target_exam_cancel(patient->exam);
		target_job_cancel(patient->purge);
		strvec_release(&patient->shells);
		strvec_release(&patient->containers);
		for (size_t k = 0; k < patient->nr; k++)
			release_finding(&patient->found[k]);
		free(patient->found);
	}
	free(doctor->patient);
}

static bool is_over(void *data)
{
	return !((const struct doctor *)data)->open;
}

/* Warnings are no failure: the machine can be used. */
static enum concert_status judge(const struct doctor *doctor)
{
	enum concert_status status = CONCERT_OK;

	for (size_t i = 0; i < doctor->nr; i++) {
		const struct patient *patient = &doctor->patient[i];

		if (patient->err.code)
			status = status_max(status, status_of_error(patient->err.code));
		for (size_t k = 0; k < patient->nr; k++)
			if (patient->found[k].level == CONCERT_LEVEL_ERROR)
				status = status_max(status, CONCERT_FAILED);
	}
	return status;
}

enum concert_status concert_doctor(struct concert *concert, const char *const *machines,
				   struct concert_diagnosis **diagnosis)
{
	static const struct target_exam_handler handler = {.found = on_found, .done = on_examined};
	struct doctor doctor = {.concert = concert};
	struct error err = ERROR_INIT;
	enum concert_status status;

	*diagnosis = NULL;
	if (admit(&doctor, machines, &err)) {
		dismiss(&doctor);
		return tell_error(concert, &err);
	}
	doctor.open = doctor.nr;
	for (size_t i = 0; i < doctor.nr; i++) {
		struct patient *patient = &doctor.patient[i];
		struct target_examine examine = {
			.shells = (const char *const *)patient->shells.v,
			.containers = (const char *const *)patient->containers.v,
		};

		patient->exam =
			target_examine(patient->machine->target, &examine, &handler, patient);
	}
	status = handle_drive(concert, is_over, &doctor, 0);
	status = status_max(status, judge(&doctor));
	*diagnosis = collect(&doctor);
	dismiss(&doctor);
	return status;
}

/* ---- removal ---- */

static void on_purged(bool removed, const struct error *err, void *data)
{
	struct patient *patient = data;

	patient->purge = NULL;
	patient->doctor->open--;
	patient->removed = removed;
	if (err)
		patient->err = *err;
}

enum concert_status concert_purge(struct concert *concert, const char *machine, bool *removed)
{
	const char *names[] = {machine, NULL};
	struct doctor doctor = {.concert = concert};
	struct error err = ERROR_INIT;
	enum concert_status status;
	struct patient *patient;

	*removed = false;
	if (admit(&doctor, names, &err)) {
		dismiss(&doctor);
		return tell_error(concert, &err);
	}
	patient = doctor.patient;
	doctor.open = 1;
	patient->purge = target_purge(patient->machine->target, on_purged, patient);
	status = handle_drive(concert, is_over, &doctor, 0);
	*removed = patient->removed;
	if (patient->err.code)
		status = status_max(status, tell_error(concert, &patient->err));
	dismiss(&doctor);
	return status;
}
