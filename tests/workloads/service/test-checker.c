/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol checker: the shipped example against a service that counts, and programs that do not
 * do what they should. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include "workloads/service/checker.h"
#include "workloads/service/protocol.h"

extern const struct lu_workload lu_workload_service;

static char *program; /* the example, compiled */

static void *client_of(const char *const *argv)
{
	json_auto_t *words = json_array();
	json_auto_t *params = NULL;

	for (; *argv; argv++)
		json_array_append_new(words, json_string(*argv));
	params = json_pack("{s:{s:s, s:O}}", "spec", "protocol", "checker", "checker", words);
	return lu_workload_service.client_new(params, 5, 2);
}

static void *example(void)
{
	const char *const argv[] = {program, NULL};

	return client_of(argv);
}

static void *shell(const char *script)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	return client_of(argv);
}

static enum lu_verdict verdict(void *client, const char *oracle, const char *says)
{
	const struct lu_oracle *o = lu_workload_service.oracles;
	g_autofree char *evidence = NULL;
	enum lu_verdict found;

	while (!g_str_equal(o->name, oracle))
		o++;
	found = o->judge(client, &evidence);
	if (!strstr(evidence, says))
		fail_msg("'%s' does not say '%s'", evidence, says);
	return found;
}

/* One request, served as the protocol tick's model does; whether the reply is right. */
static bool ask(void *client, void *service, uint64_t id, bool deliver)
{
	const struct lu_protocol *tick = lu_protocol_find("tick", NULL);
	g_autoptr(GByteArray) out = g_byte_array_new(), in = g_byte_array_new();
	struct lu_reply reply = {0};

	lu_workload_service.request(client, id, 0, out);
	tick->serve(service, out->data, out->len, 0, "x", in);
	if (!deliver) {
		lu_workload_service.lost(client, id, 0);
		return false;
	}
	assert_int_equal(lu_workload_service.reply(client, id, 0, in->data, 2, &reply), 0);
	assert_int_equal(lu_workload_service.reply(client, id, 0, in->data, in->len, &reply),
			 in->len);
	return reply.ok;
}

static void read_back(void *client, void *service)
{
	const struct lu_protocol *tick = lu_protocol_find("tick", NULL);
	g_autoptr(GByteArray) out = g_byte_array_new(), in = g_byte_array_new();
	struct lu_exchange exchange = {0};

	assert_true(lu_workload_service.audit(client, &exchange));
	assert_int_equal(exchange.count, 1);
	exchange.request(exchange.data, 0, out);
	tick->serve(service, out->data, out->len, 0, "x", in);
	assert_int_equal(exchange.reply(exchange.data, 0, in->data, in->len), in->len);
}

static void test_example(void **state)
{
	void *client = example();
	uint64_t service = 0;

	for (uint64_t id = 0; id < 50; id++)
		assert_true(ask(client, &service, id, true));
	ask(client, &service, 50, false);
	assert_int_equal(verdict(client, "acknowledged-writes", "could not read"), LU_FAIL);
	read_back(client, &service);
	assert_int_equal(verdict(client, "acknowledged-writes", "counts 51, 50 were"), LU_PASS);
	assert_int_equal(verdict(client, "dataset", "no dataset"), LU_WAIVED);
	assert_int_equal(verdict(client, "answers", "50 replies, 0 wrong"), LU_PASS);
	lu_workload_service.client_free(client);
}

static void test_example_tells_loss(void **state)
{
	void *client = example();
	uint64_t service = 0;

	for (uint64_t id = 0; id < 50; id++)
		ask(client, &service, id, true);
	service--;
	read_back(client, &service);
	assert_int_equal(verdict(client, "acknowledged-writes", "counts 49, 50 were"), LU_FAIL);
	lu_workload_service.client_free(client);
}

/* Programs that do not keep to it are ended; the run goes on, and fails. */
static const struct {
	const char *script, *says;
} unruly[] = {
	{"exit 0", "it has ended"},
	{"read x; exec sleep 1000", "it did not answer within 2000 ms"},
	{"read x; echo no", "it answered 'no'"},
	{"read x; echo ok; read x; echo send 4", "it answered 'send 4'"},
	{"read x; echo ok; read x; echo send zz", "it answered 'send zz'"},
	{"read x; echo ok; read x; echo send", "it answered 'send'"},
	{"read x; tr '\\0' x < /dev/zero", "a line of more than 4194304 bytes"},
};

static void test_unruly(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(unruly); i++) {
		void *client = shell(unruly[i].script);
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct lu_exchange exchange = {0};
		struct lu_reply reply = {0};

		lu_workload_service.request(client, 0, 0, out);
		assert_int_equal(
			lu_workload_service.reply(client, 0, 0, (const uint8_t *)"x", 1, &reply),
			-1);
		assert_false(lu_workload_service.audit(client, &exchange));
		assert_int_equal(verdict(client, "acknowledged-writes", unruly[i].says), LU_FAIL);
		lu_workload_service.client_free(client);
	}
}

static void test_no_program(void **state)
{
	const char *const argv[] = {"/no/such/program", NULL};
	void *client = client_of(argv);

	assert_int_equal(verdict(client, "answers", "No such file"), LU_FAIL);
	lu_workload_service.client_free(client);
}

/* What it may consume is what there is. */
static void test_consumes_too_much(void **state)
{
	void *client = shell("read x; echo ok; read x; echo ok 2");
	struct lu_reply reply = {0};

	assert_int_equal(lu_workload_service.reply(client, 0, 0, (const uint8_t *)"x", 1, &reply),
			 -1);
	assert_int_equal(verdict(client, "answers", "it answered 'ok 2'"), LU_FAIL);
	lu_workload_service.client_free(client);
}

/* Nothing of it outlives its client, and nothing that it has started. */
static void test_ends_with_its_client(void **state)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "lubench-checker-XXXXXX", NULL);
	g_autofree char *script = NULL;
	g_autofree char *text = NULL;
	int fd = g_mkstemp(path);
	void *client;
	pid_t child;

	assert_true(fd >= 0);
	close(fd);
	script = g_strdup_printf("sleep 1000 & echo $! > %s; read x; echo ok; read x; sleep 1000",
				 path);
	client = shell(script);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	child = (pid_t)g_ascii_strtoll(text, NULL, 10);
	assert_int_equal(kill(child, 0), 0);
	lu_workload_service.client_free(client);
	/* killed; whoever inherited it reaps it */
	for (int i = 0; i < 6000 && kill(child, 0) == 0; i++) {
		g_autofree char *stat = g_strdup_printf("/proc/%d/stat", child);
		g_autofree char *line = NULL;

		if (g_file_get_contents(stat, &line, NULL, NULL) && strstr(line, ") Z "))
			break;
		assert_true(i < 5999);
		g_usleep(10000);
	}
	g_unlink(path);
}

static int compile(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-checker-XXXXXX", NULL);
	g_autofree char *line = NULL;
	int status;

	program = g_build_filename(dir, "count", NULL);
	line = g_strdup_printf("cc -O1 -o %s " LU_SOURCE_DIR "/examples/checkers/count.c", program);
	return !g_spawn_command_line_sync(line, NULL, NULL, &status, NULL) || status;
}

static int remove_program(void **state)
{
	g_autofree char *dir = g_path_get_dirname(program);

	g_unlink(program);
	g_rmdir(dir);
	g_free(program);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_example_tells_loss),
		cmocka_unit_test(test_unruly),
		cmocka_unit_test(test_no_program),
		cmocka_unit_test(test_consumes_too_much),
		cmocka_unit_test(test_ends_with_its_client),
	};

	return cmocka_run_group_tests(tests, compile, remove_program);
}
