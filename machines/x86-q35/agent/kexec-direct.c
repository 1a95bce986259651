/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec_load(2) with segments of our own, entered by the 64-bit boot protocol
 * (Documentation/x86/boot.rst): kernel, initramfs, and between them a block of four pages:
 * trampoline, boot_params (the zero page), command line, setup_data with a random seed. The
 * memory map, the ACPI pointer and the rest come from the running kernel's own boot_params.
 *
 * In place: kernel and initramfs are written where they will run, into a physically contiguous
 * run of huge pages, and only the block is a segment that the jump copies. A vmlinux may lie at
 * any multiple of 2 MiB (__startup_64 in arch/x86/kernel/head64.c mends its page tables;
 * KASLR's choice of a physical address relies on the same). Copied: everything is a segment,
 * the kernel at its link address, the rest at the top of RAM below 4 GiB, and relocate_kernel
 * copies each page three times.
 */
#include "agent/machine.h"
#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/verbs/kexec/huge-run.h"

#define PAGE	       4096UL
#define PAGE_UP(x)     (((x) + PAGE - 1) & ~(PAGE - 1))
#define SEGMENTS_MAX   16
#define BLOCK_PAGES    4
#define SETUP_RNG      9 /* SETUP_RNG_SEED, newer than the headers of some distributions */
#define LOADER_KEXEC   0xd
#define LOADER_NOVER   (LOADER_KEXEC << 4)
#define KASLR_FLAG_HDR (1 << 1)

/*
 * What the kernel's kexec leaves: 64-bit mode, identity-mapped page tables, interrupts off, no
 * valid GDT. What the protocol wants besides: selectors 0x10 and 0x18 flat, %rsi = boot_params.
 */
asm(".pushsection .rodata\n"
    ".global trampoline, trampoline_params, trampoline_entry, trampoline_end\n"
    "trampoline:\n"
    "	cli\n"
    "	cld\n"
    "	leaq 10f(%rip), %rax\n"
    "	movq %rax, 12f(%rip)\n"
    "	lgdt 11f(%rip)\n"
    "	movl $0x18, %eax\n"
    "	movl %eax, %ds\n"
    "	movl %eax, %es\n"
    "	movl %eax, %ss\n"
    "	leaq trampoline+4096(%rip), %rsp\n"
    "	movq trampoline_params(%rip), %rsi\n"
    "	pushq $0x10\n"
    "	pushq trampoline_entry(%rip)\n"
    "	lretq\n"
    "	.balign 8\n"
    "10:	.quad 0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff\n"
    "11:	.word 31\n"
    "12:	.quad 0\n"
    "	.balign 8\n"
    "trampoline_params: .quad 0\n"
    "trampoline_entry: .quad 0\n"
    "trampoline_end:\n"
    ".popsection\n");
extern const char trampoline[], trampoline_params[], trampoline_entry[], trampoline_end[];

struct image {
	struct kexec_segment segments[SEGMENTS_MAX];
	unsigned long count;
	uint64_t entry;	   /* physical */
	uint64_t end;	   /* the kernel may use memory up to here before it knows of the rest */
	const char *setup; /* bzImage's setup header, or NULL */
};

struct mapped {
	const char *data;
	size_t size;
};

static bool map_file(const char *path, struct mapped *file)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	file->size = st.st_size;
	file->data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	return file->data != MAP_FAILED;
}

static bool add_segment(struct image *image, const void *data, size_t size, uint64_t to)
{
	if (image->count == SEGMENTS_MAX)
		return false;
	image->segments[image->count++] =
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): a physical address, as the kernel wants it */
		(struct kexec_segment){data, size, (void *)to, PAGE_UP(size)};
	return true;
}

/* Section i of a vmlinux and its name, or NULL when the table is cut. */
static const Elf64_Shdr *section(const struct mapped *file, int i, const char **name)
{
	const Elf64_Ehdr *ehdr = (const void *)file->data;
	const Elf64_Shdr *table = (const void *)(file->data + ehdr->e_shoff), *names;

	if (i >= ehdr->e_shnum || ehdr->e_shentsize != sizeof(*table) ||
	    ehdr->e_shstrndx >= ehdr->e_shnum || ehdr->e_shoff > file->size ||
	    ehdr->e_shnum > (file->size - ehdr->e_shoff) / sizeof(*table))
		return NULL;
	names = &table[ehdr->e_shstrndx];
	if (names->sh_offset > file->size || names->sh_size > file->size - names->sh_offset ||
	    table[i].sh_name + sizeof(".init.scratch") > names->sh_size + 1)
		*name = "";
	else
		*name = file->data + names->sh_offset + table[i].sh_name;
	return &table[i];
}

/*
 * How much of a segment's bytes must be there when the kernel starts. From .bss on, none: the
 * kernel clears its .bss itself (clear_bss), hands out .brk cleared (extend_brk) and only writes to
 * .init.scratch. They are a quarter of a Debian vmlinux, and the jump copies every page three times
 * (relocate_kernel). Without a section table, or with anything else behind .bss, all of it.
 */
static size_t needed_bytes(const struct mapped *file, const Elf64_Phdr *phdr)
{
	uint64_t needed = phdr->p_filesz;
	const Elf64_Shdr *sec;
	const char *name;

	for (int i = 1; (sec = section(file, i, &name)); i++) {
		if (!(sec->sh_flags & SHF_ALLOC) || sec->sh_addr < phdr->p_vaddr ||
		    sec->sh_addr >= phdr->p_vaddr + phdr->p_filesz)
			continue;
		if (sec->sh_type == SHT_NOBITS && !strncmp(name, ".bss", sizeof(".bss")))
			needed = sec->sh_addr - phdr->p_vaddr;
		else if (sec->sh_type != SHT_NOBITS &&
			 strncmp(name, ".init.scratch", sizeof(".init.scratch")) &&
			 sec->sh_addr >= phdr->p_vaddr + needed)
			return phdr->p_filesz;
	}
	return needed;
}

static const char *add_program(struct image *image, const struct mapped *file,
			       const Elf64_Phdr *phdr)
{
	size_t size;

	if (phdr->p_type != PT_LOAD || !phdr->p_memsz)
		return NULL;
	if (phdr->p_paddr % PAGE || phdr->p_offset > file->size ||
	    phdr->p_filesz > file->size - phdr->p_offset)
		return "a program header of vmlinux points outside of it";
	if (phdr->p_paddr + phdr->p_memsz > image->end)
		image->end = PAGE_UP(phdr->p_paddr + phdr->p_memsz);
	size = needed_bytes(file, phdr);
	if (size && !add_segment(image, file->data + phdr->p_offset, size, phdr->p_paddr))
		return "vmlinux has too many program headers";
	return NULL;
}

static const char *parse_vmlinux(struct image *image, const struct mapped *file)
{
	const Elf64_Ehdr *ehdr = (const void *)file->data;
	const char *why = NULL;

	if (file->size < sizeof(*ehdr) || ehdr->e_machine != EM_X86_64 ||
	    ehdr->e_phentsize != sizeof(Elf64_Phdr) ||
	    ehdr->e_phoff > file->size - ehdr->e_phnum * sizeof(Elf64_Phdr))
		return "not an x86-64 vmlinux";
	for (int i = 0; i < ehdr->e_phnum && !why; i++)
		why = add_program(image, file,
				  (const Elf64_Phdr *)(file->data + ehdr->e_phoff) + i);
	image->entry = ehdr->e_entry;
	return why;
}

static const char *parse_bzimage(struct image *image, const struct mapped *file)
{
	const struct setup_header *hdr = (const void *)(file->data + 0x1f1);
	size_t setup;

	if (file->size < PAGE || memcmp(&hdr->header, "HdrS", 4) || hdr->version < 0x20c ||
	    !(hdr->xloadflags & XLF_KERNEL_64))
		return "neither a vmlinux nor a 64-bit bzImage of boot protocol 2.12";
	setup = ((hdr->setup_sects ? hdr->setup_sects : 4) + 1) * 512UL;
	if (setup >= file->size)
		return "the bzImage ends in its setup code";
	image->setup = file->data + 0x1f1;
	image->end = PAGE_UP(hdr->pref_address + hdr->init_size);
	image->entry = hdr->pref_address + 0x200;
	add_segment(image, file->data + setup, file->size - setup, hdr->pref_address);
	return NULL;
}

/* The highest stretch of System RAM below 4 GiB with that many bytes above the kernel; 0: none. */
static uint64_t find_room(uint64_t bytes, uint64_t above)
{
	char *text = file_read("/proc/iomem", NULL), *save, *line;
	uint64_t found = 0, begin, end;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		/* NOLINTNEXTLINE(cert-err34-c): as the kernel prints them */
		if (sscanf(line, "%lx-%lx : System RAM", &begin, &end) != 2 || line[0] == ' ' ||
		    !strstr(line, "System RAM"))
			continue;
		if (end >= 0xffffffffUL)
			end = 0xffffffffUL;
		if (begin < above)
			begin = above;
		if (end + 1 >= begin + bytes + PAGE)
			found = (end + 1 - bytes) & ~(PAGE - 1);
	}
	free(text);
	return found;
}

static const char *fill_boot_params(struct boot_params *params, const struct image *image)
{
	size_t len = 0;
	char *now = file_read("/sys/kernel/boot_params/data", &len);

	if (!now || len < sizeof(*params)) {
		free(now);
		return "cannot read /sys/kernel/boot_params/data";
	}
	memcpy(params, now, sizeof(*params));
	free(now);
	memset(&params->efi_info, 0, sizeof(params->efi_info));
	params->sentinel = 0;
	if (image->setup) {
		size_t size = 0x202 + (unsigned char)image->setup[0x201 - 0x1f1] - 0x1f1;

		if (size > sizeof(params->hdr))
			size = sizeof(params->hdr);
		memset(&params->hdr, 0, sizeof(params->hdr));
		memcpy(&params->hdr, image->setup, size);
	} else {
		/* Set by a decompressor that has placed the kernel at random; none runs here. */
		params->hdr.loadflags &= ~KASLR_FLAG_HDR;
	}
	params->hdr.type_of_loader = LOADER_NOVER;
	return NULL;
}

static void fill_seed(struct setup_data *seed)
{
	seed->next = 0;
	seed->type = SETUP_RNG;
	seed->len = 32;
	if (getrandom(seed->data, 32, GRND_NONBLOCK) != 32)
		seed->len = 0;
}

/* The four pages at physical address `at`; the initramfs follows them. */
static const char *fill_block(char *block, uint64_t at, const struct image *image,
			      const char *cmdline, size_t initrd_size)
{
	struct boot_params *params = (void *)(block + PAGE);
	uint64_t where[3] = {at + PAGE, at + 2 * PAGE, at + 3 * PAGE};
	const char *why = fill_boot_params(params, image);

	if (why)
		return why;
	if (strlen(cmdline) >= PAGE)
		return "the command line is over a page";
	memcpy(block + 2 * PAGE, cmdline, strlen(cmdline) + 1);
	fill_seed((struct setup_data *)(block + 3 * PAGE));
	params->hdr.setup_data = where[2];
	params->hdr.cmd_line_ptr = where[1];
	params->ext_cmd_line_ptr = 0;
	params->hdr.ramdisk_image = at + BLOCK_PAGES * PAGE;
	params->hdr.ramdisk_size = initrd_size;
	params->ext_ramdisk_image = 0;
	params->ext_ramdisk_size = 0;
	memcpy(block, trampoline, trampoline_end - trampoline);
	memcpy(block + (trampoline_params - trampoline), &where[0], 8);
	memcpy(block + (trampoline_entry - trampoline), &image->entry, 8);
	return NULL;
}

struct load {
	struct mapped kernel, initrd;
	struct image image;
	char block[BLOCK_PAGES * PAGE] __attribute__((aligned(4096)));
};

/* Where the first segment of the kernel wants to be. */
static uint64_t image_begin(const struct image *image)
{
	uint64_t begin = UINT64_MAX;

	for (unsigned long i = 0; i < image->count; i++)
		if ((uint64_t)image->segments[i].mem < begin)
			begin = (uint64_t)image->segments[i].mem;
	return begin;
}

/* Kernel up to its end, block, initramfs; only the block is left to be a segment. */
static const char *place(struct load *load, int file, const char *cmdline, uint64_t *at)
{
	struct image *image = &load->image;
	uint64_t begin = image_begin(image), span = image->end - begin;
	struct huge_run run;
	const char *why;

	if (image->setup || begin % HUGE_PAGE)
		return "only a vmlinux at a multiple of 2 MiB can be moved";
	why = huge_run_make(file, span + sizeof(load->block) + PAGE_UP(load->initrd.size), &run);
	if (why)
		return why;
	for (unsigned long i = 0; i < image->count; i++)
		memcpy(run.base + ((uint64_t)image->segments[i].mem - begin),
		       image->segments[i].buf, image->segments[i].bufsz);
	memcpy(run.base + span + sizeof(load->block), load->initrd.data, load->initrd.size);
	image->entry += run.phys - begin;
	image->count = 0;
	*at = run.phys + span;
	why = fill_block(load->block, *at, image, cmdline, load->initrd.size);
	add_segment(image, load->block, sizeof(load->block), *at);
	return why;
}

static const char *copy(struct load *load, const char *cmdline, uint64_t *at)
{
	struct image *image = &load->image;
	const char *why;

	*at = find_room(sizeof(load->block) + PAGE_UP(load->initrd.size), image->end);
	if (!*at)
		return "no room in RAM below 4 GiB for the initramfs";
	why = fill_block(load->block, *at, image, cmdline, load->initrd.size);
	if (!why &&
	    (!add_segment(image, load->block, sizeof(load->block), *at) ||
	     !add_segment(image, load->initrd.data, load->initrd.size, *at + sizeof(load->block))))
		why = "too many segments";
	return why;
}

static const char *read_files(struct load *load, const char *kernel, const char *initrd)
{
	if (!map_file(kernel, &load->kernel) || !map_file(initrd, &load->initrd))
		return "cannot read the staged files";
	if (load->kernel.size > 4 && !memcmp(load->kernel.data, ELFMAG, 4))
		return parse_vmlinux(&load->image, &load->kernel);
	return parse_bzimage(&load->image, &load->kernel);
}

int kexec_load_direct(const struct kexec_direct *what, char *why, size_t size)
{
	static struct load load;
	const char *bad;
	uint64_t at = 0;

	memset(&load, 0, sizeof(load));
	bad = read_files(&load, what->kernel, what->initrd);

	if (!bad)
		bad = what->huge_file >= 0 ? place(&load, what->huge_file, what->cmdline, &at)
					   : copy(&load, what->cmdline, &at);
	if (!bad && syscall(SYS_kexec_load, at, load.image.count, load.image.segments,
			    KEXEC_ARCH_DEFAULT) < 0)
		bad = strerror(errno);
	snprintf(why, size, "%s", bad ? bad : "");
	return bad ? 1 : 0;
}
