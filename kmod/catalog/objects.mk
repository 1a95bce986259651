# SPDX-License-Identifier: GPL-2.0
# Shelves to try updates on (docs/guide/update-coverage.md): each update is a version, and a live patch of version 1, of
# the same source.
catalog-updates := $(patsubst u-%.c,%,$(notdir $(wildcard $(src)/catalog/u-*.c)))

obj-m += lu_catalog.o lu_catalog_hub.o lu_catalog_hub_by.o lu_catalog_v1.o
lu_catalog-y := catalog/core.o
lu_catalog_hub-y := catalog/hub.o
lu_catalog_hub_by-y := catalog/hub-by.o
lu_catalog_v1-y := catalog/base.o
# Functions keep their names and their signatures, as in a kernel that is built to be patched.
CFLAGS_catalog/base.o := -flive-patching=inline-only-static

define catalog-update
obj-m += lu_catalog_$(1).o lu_catalog_lp_$(1).o
lu_catalog_$(1)-y := catalog/u-$(1).o
lu_catalog_lp_$(1)-y := catalog/lp-$(1).o
CFLAGS_catalog/lp-$(1).o := -DLIVEPATCH -Wno-unused-function -Wno-unused-variable
endef
$(foreach update,$(catalog-updates),$(eval $(call catalog-update,$(update))))

$(obj)/catalog/lp-%.o: $(src)/catalog/u-%.c FORCE
	$(call if_changed_rule,cc_o_c)
