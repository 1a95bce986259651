/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line, word by word: for each kind of payload, and what a machine's life adds. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "qemu/vm/args.h"

static char *machine_words[] = {(char *)"-M", (char *)"q35,usb=off", (char *)"-cpu", (char *)"max",
				NULL};
static char *console_words[] = {(char *)"-serial", (char *)"chardev:console", NULL};
static char *agent_words[] = {(char *)"-serial", (char *)"chardev:agent", NULL};
static const struct lu_machine machine = {
	.qemu = (char *)"qemu-fake",
	.qemu_args = machine_words,
	.console_args = console_words,
	.agent_args = agent_words,
	.net_device = (char *)"net-device",
	.block_device = (char *)"block-device",
};

static struct lu_vm_spec spec_new(void)
{
	return (struct lu_vm_spec){
		.machine = &machine,
		.accel = "tcg",
		.memory_mb = 64,
		.payload = {LU_PAYLOAD_LINUX, "/boot/bzImage", 9, "quiet panic=-1"},
		.next = -1,
		.store = -1,
		.data_disk = -1,
		.net = -1,
	};
}

static void expect(const struct lu_vm_spec *spec, const char *words)
{
	const struct lu_vm_sockets sockets = {3, 4, 5};
	g_autoptr(GPtrArray) args = lu_qemu_args(spec, &sockets);
	g_autofree char *all = g_strjoinv(" ", (char **)args->pdata);

	assert_string_equal(all, words);
}

#define HEAD                                                                                       \
	"qemu-fake -M q35,usb=off -cpu max -nodefaults -no-user-config -display none -no-reboot "  \
	"-accel tcg -m 65536K -chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control "          \
	"-chardev socket,id=console,fd=4 -serial chardev:console "                                 \
	"-chardev socket,id=agent,fd=5 -serial chardev:agent "

static void test_linux(void **state)
{
	struct lu_vm_spec spec = spec_new();

	expect(&spec, HEAD "-kernel /boot/bzImage -initrd /dev/fd/9 -append quiet panic=-1");
}

static void test_freestanding(void **state)
{
	struct lu_vm_spec spec = spec_new();

	spec.payload =
		(struct lu_payload){LU_PAYLOAD_FREESTANDING, "/lib/monitor.elf", .initrd = -1};
	expect(&spec, HEAD "-kernel /lib/monitor.elf");
	spec.payload.image = "/lib/a,b.bin";
	spec.payload.flat = true;
	spec.payload.load_at = 0xfff80000;
	expect(&spec,
	       HEAD "-device loader,file=/lib/a,,b.bin,addr=0xfff80000,force-raw=on,cpu-num=0");
}

/* All that one life of a machine may have beside its kernel. */
static void test_devices(void **state)
{
	struct lu_vm_spec spec = spec_new();

	spec.accel = "icount";
	spec.machine_type = "pc-q35-7.2";
	spec.qemu = "/opt/qemu";
	spec.uneven = true;
	spec.memory = 10;
	spec.net = 11;
	spec.link_number = 2;
	spec.link = 12;
	spec.next = 13;
	spec.store = 14;
	spec.data_disk = 15;
	spec.field = 16;
	spec.incoming = true;
	expect(&spec,
	       "/opt/qemu -M pc-q35-7.2,usb=off -cpu max -nodefaults -no-user-config -display none "
	       "-no-reboot -accel tcg,thread=single -icount shift=0,sleep=on -m 65528K "
	       "-object memory-backend-file,id=ram,size=64M,mem-path=/dev/fd/10,share=on "
	       "-machine memory-backend=ram -chardev socket,id=qmp,fd=3 "
	       "-mon chardev=qmp,mode=control -chardev socket,id=console,fd=4 "
	       "-serial chardev:console -chardev socket,id=agent,fd=5 -serial chardev:agent "
	       "-netdev dgram,id=net0,local.type=fd,local.str=11 "
	       "-device net-device,netdev=net0,mac=52:54:00:12:34:56 "
	       "-netdev dgram,id=link0,local.type=fd,local.str=12 "
	       "-device net-device,netdev=link0,mac=52:54:00:12:35:02 "
	       "-blockdev "
	       "driver=file,node-name=next,filename=/dev/fd/13,read-only=on,discard=unmap "
	       "-device block-device,drive=next,serial=next "
	       "-blockdev driver=file,node-name=store,filename=/dev/fd/14,read-only=off,"
	       "discard=unmap,locking=off -device "
	       "block-device,drive=store,serial=store,share-rw=on "
	       "-blockdev driver=file,node-name=data,filename=/dev/fd/15,read-only=off,"
	       "discard=unmap,locking=off -device block-device,drive=data,serial=data,share-rw=on "
	       "-blockdev driver=file,node-name=field,filename=/dev/fd/16,read-only=off,"
	       "discard=unmap,locking=off -device "
	       "block-device,drive=field,serial=field,share-rw=on "
	       "-kernel /boot/bzImage -initrd /dev/fd/9 -append quiet panic=-1 -incoming defer");
}

/* vCPUs that run beside each other; those that count instructions cannot. */
static void test_cpus(void **state)
{
	struct lu_vm_spec spec = spec_new();

	spec.cpus = 4;
	expect(&spec, "qemu-fake -M q35,usb=off -cpu max -nodefaults -no-user-config -display none "
		      "-no-reboot -accel tcg,thread=multi -smp 4 -m 65536K "
		      "-chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control "
		      "-chardev socket,id=console,fd=4 -serial chardev:console "
		      "-chardev socket,id=agent,fd=5 -serial chardev:agent "
		      "-kernel /boot/bzImage -initrd /dev/fd/9 -append quiet panic=-1");
	spec.accel = "tcg-single";
	expect(&spec, "qemu-fake -M q35,usb=off -cpu max -nodefaults -no-user-config -display none "
		      "-no-reboot -accel tcg,thread=single -smp 4 -m 65536K "
		      "-chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control "
		      "-chardev socket,id=console,fd=4 -serial chardev:console "
		      "-chardev socket,id=agent,fd=5 -serial chardev:agent "
		      "-kernel /boot/bzImage -initrd /dev/fd/9 -append quiet panic=-1");
	spec.accel = "icount";
	expect(&spec,
	       "qemu-fake -M q35,usb=off -cpu max -nodefaults -no-user-config -display none "
	       "-no-reboot -accel tcg,thread=single -smp 4 -icount shift=0,sleep=on -m 65536K "
	       "-chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control "
	       "-chardev socket,id=console,fd=4 -serial chardev:console "
	       "-chardev socket,id=agent,fd=5 -serial chardev:agent "
	       "-kernel /boot/bzImage -initrd /dev/fd/9 -append quiet panic=-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux),
		cmocka_unit_test(test_freestanding),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
