/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's images arranged anew: what a process reads afterwards is what it had at the last dump,
 * whatever it wrote, gave back and unmapped between the rounds. Histories are random, and images
 * are read back here as CRIU reads them.
 */
#include "tests/kit/cmocka-all.h"
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "agent/criu/mappings.h"
#include "agent/criu/pagemap.h"
#include "agent/criu/protobuf.h"
#include "agent/criu/restore-memory.h"
#include "agent/file.h"

#define PID	    9999
#define BASE	    UINT64_C(0x500000000000)
#define PAGES	    2048
#define ROUNDS	    4 /* the last one is the dump */
#define MM_MAGIC    0x57492820
#define FILES_MAGIC 0x56303138
#define SEEDS	    30

/* A page's contents are one number, repeated; 0: it has none, and reads as zeros. */
struct process {
	uint32_t page[PAGES];
	bool dirty[PAGES];
	bool mapped[PAGES]; /* by the last dump */
	uint32_t next;
};

struct folder {
	char *path; /* of all images */
	char *images;
};

static struct folder new_folder(void)
{
	struct folder folder = {.path = g_dir_make_tmp("lu-XXXXXX", NULL)};

	assert_non_null(folder.path);
	folder.images = g_build_filename(folder.path, "images", NULL);
	return folder;
}

static void free_folder(struct folder *folder)
{
	remove_tree(folder->path);
	g_free(folder->images);
	g_free(folder->path);
}

static char *round_folder(const struct folder *folder, unsigned round)
{
	return round == ROUNDS - 1 ? g_strdup(folder->images)
				   : g_strdup_printf("%s/predump.%u", folder->path, round);
}

static void fill(uint32_t *words, uint32_t value)
{
	for (size_t i = 0; i < page_bytes() / sizeof(*words); i++)
		words[i] = value;
}

static void write_page(int fd, uint32_t value)
{
	g_autofree uint32_t *words = g_malloc(page_bytes());

	fill(words, value);
	assert_int_equal(write(fd, words, page_bytes()), page_bytes());
}

/* As CRIU dumps: what is dirty into this round, what is not by reference to the one before. CRIU
 * does not mark the pages of stacks lazy; here that is every 97th. */
static void dump_round(struct process *process, const struct folder *folder, unsigned round)
{
	g_autofree char *path = round_folder(folder, round), *list = NULL, *pages = NULL;
	struct pagemap map = {.pages_id = 1};
	int fd;

	assert_int_equal(g_mkdir(path, 0700), 0);
	pages = g_strdup_printf("%s/pages-1.img", path);
	list = g_strdup_printf("%s/pagemap-%u.img", path, PID);
	fd = open(pages, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	for (unsigned i = 0; i < PAGES; i++) {
		bool here = !round || process->dirty[i];
		unsigned flags = PAGES_PRESENT | (i % 97 ? PAGES_LAZY : 0);

		if (!process->page[i])
			continue;
		page_runs_add(&map.runs, (struct page_run){BASE + i * page_bytes(), 1,
							   here ? flags : PAGES_IN_PARENT,
							   (uint64_t)lseek(fd, 0, SEEK_END)});
		if (here)
			write_page(fd, process->page[i]);
		process->dirty[i] = false;
	}
	assert_true(pagemap_save(&map, list));
	page_runs_free(&map.runs);
	close(fd);
	if (round) {
		g_autofree char *link = g_build_filename(path, "parent", NULL);
		g_autofree char *before = g_strdup_printf("../predump.%u", round - 1);

		assert_int_equal(symlink(before, link), 0);
	}
}

static void touch(struct process *process, unsigned page)
{
	process->page[page] = ++process->next;
	process->dirty[page] = true;
}

/* Writes here and there, gives a run back, and unmaps one. */
static void live(struct process *process, GRand *random)
{
	unsigned at = g_rand_int_range(random, 0, PAGES), len = g_rand_int_range(random, 0, 40);

	for (unsigned i = 0; i < 50; i++) {
		unsigned page = g_rand_int_range(random, 0, PAGES);

		if (process->mapped[page])
			touch(process, page);
	}
	for (unsigned i = at; i < at + len && i < PAGES; i++)
		process->page[i] = 0;
	at = g_rand_int_range(random, 0, PAGES);
	len = g_rand_int_range(random, 0, 10);
	for (unsigned i = at; i < at + len && i < PAGES; i++) {
		process->page[i] = 0;
		process->mapped[i] = false;
	}
}

static void put_mapping(struct pb *mm, unsigned from, unsigned to)
{
	struct pb entry = {.len = 0};

	pb_int(&entry, 1, (int64_t)(BASE + from * page_bytes()));
	pb_int(&entry, 2, (int64_t)(BASE + to * page_bytes()));
	pb_int(&entry, 3, 0);
	pb_int(&entry, 4, 0);
	pb_int(&entry, 5, PROT_READ | PROT_WRITE);
	pb_int(&entry, 6, MAP_PRIVATE | MAP_ANONYMOUS);
	pb_int(&entry, 7, 1 | 1 << 9);
	pb_int(&entry, 8, 1);
	pb_message(mm, 14, &entry);
}

/* One mapping for each run of pages that are mapped. */
static void write_mappings(const struct process *process, const struct folder *folder)
{
	g_autofree char *path = g_strdup_printf("%s/mm-%u.img", folder->images, PID);
	struct image_file file, mm = {0};

	for (unsigned from = 0, to; from < PAGES; from = to + 1) {
		struct pb entry = {.len = 0};

		for (to = from; to < PAGES && process->mapped[to]; to++)
			;
		if (to == from)
			continue;
		put_mapping(&entry, from, to);
		image_append(&mm, entry.data, entry.len);
	}
	image_begin(&file, MM_MAGIC);
	image_put(&file, mm.data, mm.len);
	assert_true(image_save(&file, path));
	image_free(&file);
	image_free(&mm);
}

static void write_files(const struct folder *folder)
{
	g_autofree char *path = g_strdup_printf("%s/files.img", folder->images);
	struct image_file file;
	struct pb entry = {.len = 0};

	pb_int(&entry, 1, 1);
	pb_int(&entry, 2, 7);
	image_begin(&file, FILES_MAGIC);
	image_put(&file, entry.data, entry.len);
	assert_true(image_save(&file, path));
	image_free(&file);
}

static void make_images(struct process *process, const struct folder *folder, unsigned seed)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);

	for (unsigned i = 0; i < PAGES; i++) {
		process->mapped[i] = true;
		if (g_rand_int_range(random, 0, 100))
			touch(process, i);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		dump_round(process, folder, round);
		if (round + 1 < ROUNDS)
			live(process, random);
	}
	write_mappings(process, folder);
	write_files(folder);
}

static uint32_t read_page(const char *path, uint64_t offset)
{
	g_autofree uint32_t *words = g_malloc(page_bytes()), *same = g_malloc(page_bytes());
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, words, page_bytes(), (off_t)offset), page_bytes());
	close(fd);
	fill(same, *words);
	assert_memory_equal(words, same, page_bytes());
	return *words;
}

/* What the images hold of each page; and from where, if lazy is not NULL: on demand. */
static void read_images(const struct folder *folder, uint32_t *page, bool *lazy)
{
	struct memory_rounds rounds;
	struct page_runs runs;

	assert_true(memory_rounds_load(&rounds, folder->images, PID));
	assert_true(memory_rounds_resolve(&rounds, &runs));
	for (size_t i = 0; i < runs.n; i++) {
		const struct page_run *run = &runs.v[i];
		g_autofree char *path =
			g_strdup_printf("%s/pages-%u.img", rounds.rounds[run->round].folder,
					rounds.rounds[run->round].map.pages_id);
		unsigned at = (unsigned)((run->address - BASE) / page_bytes());

		for (unsigned j = 0; j < run->pages; j++) {
			page[at + j] = read_page(path, run->offset + j * page_bytes());
			if (lazy)
				lazy[at + j] = !run->round && (run->flags & PAGES_LAZY);
		}
	}
	page_runs_free(&runs);
	memory_rounds_free(&rounds);
}

static void check_pages(const struct process *process, const uint32_t *page, unsigned seed)
{
	for (unsigned i = 0; i < PAGES; i++)
		if (page[i] != (process->mapped[i] ? process->page[i] : 0))
			fail_msg("seed %u: page %u holds %u, not %u", seed, i, page[i],
				 process->page[i]);
}

static void try_lazy(unsigned seed)
{
	g_autofree struct process *process = g_new0(struct process, 1);
	struct folder folder = new_folder();
	struct restore_memory memory;
	uint32_t page[PAGES] = {0};
	bool lazy[PAGES] = {false};
	unsigned later = 0;

	make_images(process, &folder, seed);
	if (!restore_memory_lazy(folder.images, &memory))
		fail_msg("seed %u: %s", seed, memory.why);
	read_images(&folder, page, lazy);
	check_pages(process, page, seed);
	for (unsigned i = 0; i < PAGES; i++) {
		later += lazy[i];
		if (lazy[i] && !(i % 97) && process->page[i])
			fail_msg("seed %u: page %u is needed at once", seed, i);
	}
	assert_int_equal(memory.later_bytes, later * page_bytes());
	assert_true(later > PAGES * 9 / 10);
	free_folder(&folder);
}

/* All that CRIU fills on demand is in the last images' own file, and is what was dumped. */
static void test_lazy(void **state)
{
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		try_lazy(seed);
}

/* Without rounds before it a dump is left as it is. */
static void test_no_rounds(void **state)
{
	g_autofree struct process *process = g_new0(struct process, 1);
	struct folder folder = new_folder();
	g_autofree char *list = g_strdup_printf("%s/images/pagemap-%u.img", folder.path, PID);
	struct restore_memory memory;
	struct pagemap map;

	touch(process, 3);
	process->mapped[3] = true;
	assert_int_equal(g_mkdir(folder.images, 0700), 0);
	map = (struct pagemap){.pages_id = 1};
	page_runs_add(&map.runs, (struct page_run){BASE, 1, PAGES_PRESENT | PAGES_LAZY});
	assert_true(pagemap_save(&map, list));
	page_runs_free(&map.runs);
	write_mappings(process, &folder);
	assert_true(restore_memory_lazy(folder.images, &memory));
	assert_int_equal(memory.later_bytes, 0);
	assert_true(pagemap_load(&map, list));
	assert_int_equal(map.runs.n, 1);
	page_runs_free(&map.runs);
	free_folder(&folder);
}

/* A damaged image is said to be one. */
static void test_damaged(void **state)
{
	g_autofree struct process *process = g_new0(struct process, 1);
	struct folder folder = new_folder();
	g_autofree char *list = g_strdup_printf("%s/images/pagemap-%u.img", folder.path, PID);
	struct restore_memory memory;
	g_autofree char *bytes = NULL;
	gsize len;

	make_images(process, &folder, 1);
	assert_true(g_file_get_contents(list, &bytes, &len, NULL));
	/* each of these cuts is within the last entry */
	for (gsize cut = 1; cut < 8; cut++) {
		assert_true(g_file_set_contents(list, bytes, (gssize)(len - cut), NULL));
		assert_false(restore_memory_lazy(folder.images, &memory));
		assert_non_null(strstr(memory.why, "pagemaps"));
	}
	assert_true(g_file_set_contents(list, "no image", 8, NULL));
	assert_false(restore_memory_lazy(folder.images, &memory));
	assert_non_null(strstr(memory.why, "pagemaps"));
	free_folder(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_no_rounds),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
