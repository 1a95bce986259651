/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the service "packets", and its model. */
#include "iface/packet-service.h"
#include <inttypes.h>
#include <string.h>
#include "iface/tick.h"

/* The model: bulk packets for one of a request, and how long packets take, by version. */
#define MODEL_BULK 8
static const uint64_t model_ns[LU_PACKET_CLASSES][LU_PACKET_VERSIONS] = {
	{30000000, 1000000, 1000000},
	{30000000, 32000000, 32000000},
};

struct packet_service {
	const json_t *params;
	struct lu_packet_word word;
	unsigned version[LU_PACKET_PATHS]; /* from 1 */
	uint64_t counts[LU_PACKET_PATHS][LU_PACKET_CLASSES][LU_PACKET_VERSIONS];
};

static bool parse_word(char **words, struct lu_packet_word *word)
{
	uint64_t *const numbers[] = {&word->requests,	&word->sent,	   &word->received,
				     &word->missing,	&word->duplicated, &word->misordered,
				     &word->wrong,	&word->drops,	   &word->left,
				     &word->longest_ns, &word->carried};
	const size_t n = G_N_ELEMENTS(numbers);

	if (g_strv_length(words) != n + LU_PACKET_PATHS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lu_tick_number(words[i], 10, numbers[i]))
			return false;
	for (size_t i = 0; i < LU_PACKET_PATHS; i++) {
		if (!*words[n + i] || strlen(words[n + i]) > 15)
			return false;
		word->version[i] = g_intern_string(words[n + i]);
	}
	return true;
}

bool lu_packet_parse_reply(const char *line, uint64_t *id, const char **release,
			   struct lu_packet_word *word)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 20);

	if (g_strv_length(words) < 3 || !g_str_equal(words[0], "P") ||
	    !lu_tick_number(words[1], 10, id) || !parse_word(words + 3, word))
		return false;
	*release = g_intern_string(words[2]);
	return true;
}

bool lu_packet_parse_audit(const char *line, struct lu_packet_word *word)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 20);

	return words[0] && g_str_equal(words[0], "A") && parse_word(words + 1, word);
}

bool lu_packet_parse_latency(const char *line, unsigned path, unsigned class, unsigned version,
			     struct lu_packet_latency *latency)
{
	g_autofree char *due = g_strdup_printf("L %u %u %u ", path, class, version);
	uint64_t *const numbers[] = {&latency->count, &latency->p50_ns, &latency->p99_ns,
				     &latency->max_ns};
	g_auto(GStrv) words = NULL;

	if (!g_str_has_prefix(line, due))
		return false;
	words = g_strsplit(line + strlen(due), " ", G_N_ELEMENTS(numbers) + 1);
	if (g_strv_length(words) != G_N_ELEMENTS(numbers))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (!lu_tick_number(words[i], 10, numbers[i]))
			return false;
	return true;
}

static void start_over(struct packet_service *service)
{
	const json_t *params = service->params;

	*service = (struct packet_service){
		.params = params, .version = {1, 1}, .word.version = {"v1", "v1"}};
}

static void *packet_service_new(const json_t *params, uint64_t seed)
{
	struct packet_service *service = g_new0(struct packet_service, 1);

	service->params = params;
	start_over(service);
	return service;
}

static void carry(struct packet_service *service, unsigned path, unsigned class, uint64_t packets)
{
	unsigned version = service->version[path] - 1;

	service->counts[path][class][version] += packets;
	service->word.sent += packets;
	service->word.received += packets;
	service->word.longest_ns = MAX(service->word.longest_ns, model_ns[class][version]);
}

static void carry_request(struct packet_service *service)
{
	uint64_t packets = (uint64_t)lu_param_int(service->params, "packets") / LU_PACKET_PATHS;

	service->word.requests++;
	for (unsigned path = 0; path < LU_PACKET_PATHS; path++) {
		carry(service, path, 0, packets);
		carry(service, path, 1, packets * MODEL_BULK);
	}
}

static void tell(const struct lu_packet_word *word, GString *reply)
{
	const uint64_t numbers[] = {word->requests,   word->sent,	word->received,
				    word->missing,    word->duplicated, word->misordered,
				    word->wrong,      word->drops,	word->left,
				    word->longest_ns, word->carried};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		g_string_append_printf(reply, " %" PRIu64, numbers[i]);
	for (size_t i = 0; i < LU_PACKET_PATHS; i++)
		g_string_append_printf(reply, " %s", word->version[i]);
	g_string_append_c(reply, '\n');
}

static void serve_latency(struct packet_service *service, const char *line, GString *reply)
{
	uint64_t at[3] = {0}, count, ns;
	g_auto(GStrv) words = g_strsplit(line, " ", 5);

	for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
		if (g_strv_length(words) != 4 || !lu_tick_number(words[i + 1], 10, &at[i]))
			return;
	if (at[0] >= LU_PACKET_PATHS || at[1] >= LU_PACKET_CLASSES || !at[2] ||
	    at[2] > LU_PACKET_VERSIONS)
		return;
	count = service->counts[at[0]][at[1]][at[2] - 1];
	ns = count ? model_ns[at[1]][at[2] - 1] : 0;
	g_string_printf(reply, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", line, count,
			ns / 2, ns, ns);
}

static void serve_line(struct packet_service *service, const char *line, const char *release,
		       GString *reply)
{
	uint64_t id;

	g_string_assign(reply, "E a request is P <id>, A, or L <path> <class> <version>\n");
	if (g_str_equal(line, "A")) {
		g_string_assign(reply, "A");
		tell(&service->word, reply);
	} else if (g_str_has_prefix(line, "L ")) {
		serve_latency(service, line, reply);
	} else if (g_str_has_prefix(line, "P ") && lu_tick_number(line + 2, 10, &id)) {
		carry_request(service);
		g_string_printf(reply, "P %" PRIu64 " %s", id, release);
		tell(&service->word, reply);
	}
}

static size_t packet_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			   const char *release, GByteArray *out)
{
	g_autoptr(GString) reply = g_string_new("E a line is at most 1024 bytes\n");
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line && n == 0)
		return 0;
	if (line)
		serve_line(data, line, release, reply);
	g_byte_array_append(out, (const guint8 *)reply->str, (guint)reply->len);
	return line ? (size_t)n : len;
}

static bool packet_damage(void *data, const char *kind)
{
	struct packet_service *service = data;
	struct lu_packet_word *word = &service->word;

	if (g_str_equal(kind, "lose-write")) {
		word->sent++;
		word->missing++;
	} else if (g_str_equal(kind, "duplicate")) {
		word->duplicated++;
	} else if (g_str_equal(kind, "reorder")) {
		word->misordered++;
	} else if (g_str_equal(kind, "corrupt")) {
		word->wrong++;
	} else if (g_str_equal(kind, "reset-counter")) {
		start_over(service);
	} else {
		return false;
	}
	return true;
}

static void packet_moved(void *data, unsigned instance, const char *version)
{
	struct packet_service *service = data;

	if (instance >= LU_PACKET_PATHS)
		return;
	service->word.carried += (uint64_t)lu_param_int(service->params, "window");
	service->word.version[instance] = g_intern_string(version);
	service->version[instance] = (unsigned)CLAMP(version[1] - '0', 1, LU_PACKET_VERSIONS);
}

const struct lu_service_model lu_packet_service_model = {
	.new = packet_service_new,
	.free = g_free,
	.serve = packet_serve,
	.damage = packet_damage,
	.moved = packet_moved,
};
