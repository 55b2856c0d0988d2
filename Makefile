# SPDX-License-Identifier: MIT
# concert: `make` builds, `make check` tests, `make lint` judges. CONTRIBUTING.md tells the rest.

prefix = /usr/local
bindir = $(prefix)/bin
B = build

CC = cc
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	   -Wpointer-arith -Wundef -Wno-format-nonliteral
PKG_CONFIG = pkg-config
DEPS = libssh yaml-0.1 jansson
DEP_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(DEPS))
DEP_LIBS := $(shell $(PKG_CONFIG) --libs $(DEPS))
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -I$(B)/gen $(WARNINGS) $(DEP_CFLAGS) \
	     -pthread -MMD -MP $(CPPFLAGS) $(CFLAGS)
ALL_LIBS = $(LDFLAGS) -pthread $(DEP_LIBS)

LIB_SRC := $(wildcard src/base/*.c src/transport/*.c src/target/*.c src/core/*.c)
CLI_SRC := $(wildcard src/cli/*.c)
SCRIPTS := $(wildcard src/target/scripts/*.sh)
LIB_OBJ = $(LIB_SRC:%.c=$(B)/%.o) $(B)/gen/scripts.o
CLI_OBJ = $(CLI_SRC:%.c=$(B)/%.o)
UNITS = $(patsubst t/unit/%.c,$(B)/t/%.t,$(wildcard t/unit/*.c))

all: $(B)/concert

$(B)/concert: $(CLI_OBJ) $(B)/libconcert.a
	$(CC) $(CFLAGS) -o $@ $^ $(ALL_LIBS)

$(B)/libconcert.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Each script becomes a string: script_NAME for scripts/NAME.sh, without its comment lines.
$(B)/gen/scripts.c: $(SCRIPTS) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "scripts.h"'; for s in $(SCRIPTS); do \
	  n=$$(basename $$s .sh | tr - _); echo "const char script_$$n[] ="; \
	  sed -e '/^[[:space:]]*#/d' -e '/^$$/d' -e 's/^[[:space:]]*//' -e 's/[\\"]/\\&/g' \
	      -e 's/.*/"&\\n"/' $$s; echo ';'; done; } > $@
$(B)/gen/scripts.h: $(SCRIPTS) Makefile
	@mkdir -p $(@D)
	@{ for s in $(SCRIPTS); do echo "extern const char script_$$(basename $$s .sh | tr - _)[];"; \
	  done; } > $@
$(B)/gen/scripts.o: $(B)/gen/scripts.c $(B)/gen/scripts.h
	$(CC) $(ALL_CFLAGS) -Wno-overlength-strings -c -o $@ $<
$(LIB_OBJ): | $(B)/gen/scripts.h

$(B)/t/%.t: t/unit/%.c t/unit/tap.h $(B)/libconcert.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -It/unit -o $@ $< $(B)/libconcert.a $(ALL_LIBS)

units: $(UNITS)

check: all units
	BUILD=$(abspath $(B)) prove -j4 --timer --exec '' $(UNITS) $(sort $(wildcard t/*.t))

clean:
	rm -rf $(B)

.PHONY: all check units clean
.DELETE_ON_ERROR:
-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNITS:=.d)
