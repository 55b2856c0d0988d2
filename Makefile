# SPDX-License-Identifier: MIT
# concert: `make help` names the targets, CONTRIBUTING.md tells the rest. GNU make 3.81 or newer.

# Where things go, as GNU make users set it.
prefix = /usr/local
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
libdir = $(exec_prefix)/lib
includedir = $(prefix)/include
datarootdir = $(prefix)/share
mandir = $(datarootdir)/man
bashcompdir = $(datarootdir)/bash-completion/completions
zshcompdir = $(datarootdir)/zsh/site-functions
fishcompdir = $(datarootdir)/fish/vendor_completions.d
INSTALL = install
INSTALL_PROGRAM = $(INSTALL)
INSTALL_DATA = $(INSTALL) -m 644

# How things are built. B is the folder that everything built goes to; WERROR=1 is for CI.
B = build
CC = cc
CFLAGS = -O2 -g
WERROR ?=
PKG_CONFIG = pkg-config
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	   -Wpointer-arith -Wundef -Wno-format-nonliteral $(if $(WERROR),-Werror)
DEPS = libssh yaml-0.1 jansson

# One short line for each step; V=1 shows the commands, -s nothing.
step = $(if $(V),,@$(if $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),,\
	printf '  %-5s %s\n' '$(1)' '$@';))

# How things are tested: the tests that prove runs, and how many of them at once.
TESTS = $(UNITS) $(sort $(wildcard t/*.t))
JOBS = 4
PROVE = prove
PROVE_FLAGS =
BENCH =
# With CONCERT_NO_SKIP=1 (CI sets it) a test that skips anything has failed.
EXEC = $(if $(CONCERT_NO_SKIP),tools/no-skip)

all:

# These targets need neither compiler nor libraries; for the others, say what is missing at once.
BARE = clean help lint uninstall
ifneq ($(filter-out $(BARE),$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' tools/deps check build && echo ok),ok)
$(error concert cannot be built yet)
endif
DEP_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(DEPS))
DEP_LIBS := $(shell $(PKG_CONFIG) --libs $(DEPS))
BUILDING = yes
endif

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -I$(B)/gen $(WARNINGS) $(DEP_CFLAGS) \
	     -pthread -MMD -MP $(CPPFLAGS) $(CFLAGS)
ALL_LIBS = $(LDFLAGS) -pthread $(DEP_LIBS) $(LIBS)

VERSION := $(shell sed -n 's/^\#define CONCERT_VERSION "\(.*\)"/\1/p' include/concert.h)
LIB_SRC := $(wildcard src/base/*.c src/transport/*.c src/target/*.c src/core/*.c)
CLI_SRC := $(wildcard src/cli/*.c)
SCRIPTS := $(wildcard src/target/scripts/*.sh)
LIB_OBJ = $(LIB_SRC:%.c=$(B)/%.o) $(B)/gen/scripts.o
CLI_OBJ = $(CLI_SRC:%.c=$(B)/%.o)
# Units may test all of the program but main(); an archive, so that each takes only what it needs.
CLI_LIB = $(filter-out $(B)/src/cli/main.o,$(CLI_OBJ))
TOOLS = $(patsubst t/tool/%.c,$(B)/t/tool/%,$(wildcard t/tool/*.c))
UNITS = $(patsubst t/unit/%.c,$(B)/t/%.t,$(wildcard t/unit/*.c)) $(REPLAYS)
# Fuzz targets: alone they replay the inputs that are kept, with libFuzzer they look for more.
FUZZED = $(patsubst fuzz/%.c,%,$(filter-out fuzz/replay.c,$(wildcard fuzz/*.c)))
REPLAYS = $(FUZZED:%=$(B)/t/fuzz-%.t)
FUZZERS = $(FUZZED:%=$(B)/fuzz/%)
FUZZ_OBJ = $(patsubst %.c,$(B)/%.o,$(wildcard fuzz/lib/*.c))
FUZZ_SECONDS = 60

# Files that change when what they hold does: other flags build anew, as do other lists of files.
note = $(shell mkdir -p $(B); printf '%s\n' '$(subst ','\'',$(2))' >$(B)/$(1).new; \
	cmp -s $(B)/$(1).new $(B)/$(1) && rm $(B)/$(1).new || mv $(B)/$(1).new $(B)/$(1))
ifdef BUILDING
$(call note,flags,$(CC) $(ALL_CFLAGS) $(ALL_LIBS))
$(call note,objects,$(LIB_OBJ) $(CLI_OBJ))
$(call note,scripts,$(SCRIPTS))
$(call note,places,$(prefix) $(exec_prefix) $(libdir) $(includedir))
endif

all: $(B)/concert $(B)/concert.pc

$(B)/concert: $(B)/src/cli/main.o $(B)/cli.a $(B)/libconcert.a $(B)/flags
	$(call step,LINK)$(CC) $(CFLAGS) -o $@ $(B)/src/cli/main.o $(B)/cli.a $(B)/libconcert.a $(ALL_LIBS)

$(B)/libconcert.a: $(LIB_OBJ) $(B)/objects
	@rm -f $@
	$(call step,AR)$(AR) rcs $@ $(LIB_OBJ)

$(B)/cli.a: $(CLI_LIB) $(B)/objects
	@rm -f $@
	$(call step,AR)$(AR) rcs $@ $(CLI_LIB)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call step,CC)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/gen/scripts.c: $(SCRIPTS) $(B)/scripts tools/embed
	@mkdir -p $(@D)
	$(call step,EMBED)tools/embed $(SCRIPTS) > $@
$(B)/gen/scripts.h: $(SCRIPTS) $(B)/scripts tools/embed
	@mkdir -p $(@D)
	@tools/embed -h $(SCRIPTS) > $@
$(B)/gen/scripts.o: $(B)/gen/scripts.c $(B)/gen/scripts.h $(B)/flags
	$(call step,CC)$(CC) $(ALL_CFLAGS) -Wno-overlength-strings -c -o $@ $<
$(LIB_OBJ): | $(B)/gen/scripts.h

# The library is static only, so whoever links it needs what it needs.
$(B)/concert.pc: include/concert.h $(B)/places Makefile
	@printf '%s\n' 'prefix=$(prefix)' 'exec_prefix=$(exec_prefix:$(prefix)%=$${prefix}%)' \
		'libdir=$(libdir:$(exec_prefix)/%=$${exec_prefix}/%)' \
		'includedir=$(includedir:$(prefix)/%=$${prefix}/%)' '' 'Name: concert' \
		'Description: launcher for process graphs that span machines' \
		'Version: $(VERSION)' 'Requires: libssh >= 0.10, yaml-0.1 >= 0.2, jansson >= 2.10' \
		'Cflags: -I$${includedir}' 'Libs: -L$${libdir} -lconcert -pthread' > $@

# ---- tests ----

$(B)/t/%.t: t/unit/%.c t/unit/tap.h $(B)/cli.a $(B)/libconcert.a $(B)/flags
	@mkdir -p $(@D)
	$(call step,LINK)$(CC) $(ALL_CFLAGS) -It/unit -o $@ $< $(B)/cli.a $(B)/libconcert.a $(ALL_LIBS)

# Programs that t/*.t drive.
$(B)/t/tool/%: t/tool/%.c $(B)/libconcert.a $(B)/flags
	@mkdir -p $(@D)
	$(call step,LINK)$(CC) $(ALL_CFLAGS) -o $@ $< $(B)/libconcert.a $(ALL_LIBS)

# What fuzz/lib/ defines takes the place of what the library has.
FUZZ_FLAGS = -I. $(foreach f,open fopen glob globfree,-Wl,--wrap=$(f))
$(FUZZ_OBJ) $(B)/fuzz/replay.o: CPPFLAGS += -I. -It/unit
$(B)/t/fuzz-%.t: fuzz/%.c $(B)/fuzz/replay.o $(FUZZ_OBJ) $(B)/cli.a $(B)/libconcert.a $(B)/flags
	@mkdir -p $(@D)
	$(call step,LINK)$(CC) $(ALL_CFLAGS) $(FUZZ_FLAGS) -o $@ $< $(B)/fuzz/replay.o $(FUZZ_OBJ) \
		$(B)/cli.a $(B)/libconcert.a $(ALL_LIBS)
$(B)/fuzz/%: fuzz/%.c $(FUZZ_OBJ) $(B)/cli.a $(B)/libconcert.a $(B)/flags
	@mkdir -p $(@D)
	$(call step,LINK)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(FUZZ_FLAGS) -o $@ $< $(FUZZ_OBJ) \
		$(B)/cli.a $(B)/libconcert.a $(ALL_LIBS)

units: $(UNITS)
tools: $(TOOLS)

check: all units tools
	@tools/deps check run check
	@BUILD='$(abspath $(B))' $(PROVE) -j$(JOBS) --timer --exec '$(EXEC)' $(PROVE_FLAGS) $(TESTS)

# The whole of the tests under both sanitizers together; `ubsan` is the second one alone, which
# is faster and sees code that ASan's own interceptors hide.
SANITIZE = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
asan:
	@$(MAKE) --no-print-directory B=$(B)/asan CFLAGS='$(SANITIZE) -fsanitize=address,undefined' check
ubsan:
	@$(MAKE) --no-print-directory B=$(B)/ubsan CFLAGS='$(SANITIZE) -fsanitize=undefined' check

FUZZ_SANITIZE = $(SANITIZE) -fsanitize=address,undefined,float-cast-overflow,fuzzer-no-link
# Needs clang with libFuzzer; each target runs for FUZZ_SECONDS, two at a time.
fuzz:
	$(MAKE) B=$(B)/fuzzing CC=clang CFLAGS='$(FUZZ_SANITIZE)' fuzzers
	tools/fuzz $(B)/fuzzing '$(FUZZ_SECONDS)' $(FUZZED)
fuzzers: $(FUZZERS)

lint:
	@tools/lint

demo: all
	@tools/deps check build run
	@CONCERT='$(abspath $(B))/concert' tools/demo

bench: all $(B)/bench/spawn $(B)/bench/empty
	@tools/deps check build run check
	@BUILD='$(abspath $(B))' bench/run $(BENCH)

# --no-as-needed: with the libraries that concert is linked with, though it calls none of them.
$(B)/bench/%: bench/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call step,LINK)$(CC) $(ALL_CFLAGS) -o $@ $< -Wl,--no-as-needed $(ALL_LIBS)

# ---- install ----

MAN_1 = $(wildcard man/*.1)
MAN_3 = $(wildcard man/*.3)
MAN_5 = $(wildcard man/*.5)
BASH_COMPLETION = $(wildcard completions/concert.bash)
ZSH_COMPLETION = $(wildcard completions/_concert)
FISH_COMPLETION = $(wildcard completions/concert.fish)
# $(1): a folder, $(2): files; nothing where there are none
put = $(if $(2),$(INSTALL) -d '$(DESTDIR)$(1)' && $(INSTALL_DATA) $(2) '$(DESTDIR)$(1)')

install: all
	$(INSTALL) -d '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) $(B)/concert '$(DESTDIR)$(bindir)/concert'
	$(call put,$(libdir),$(B)/libconcert.a)
	$(call put,$(libdir)/pkgconfig,$(B)/concert.pc)
	$(call put,$(includedir),include/concert.h)
	$(call put,$(mandir)/man1,$(MAN_1))
	$(call put,$(mandir)/man3,$(MAN_3))
	$(call put,$(mandir)/man5,$(MAN_5))
	$(if $(BASH_COMPLETION),$(INSTALL) -d '$(DESTDIR)$(bashcompdir)' && \
		$(INSTALL_DATA) $(BASH_COMPLETION) '$(DESTDIR)$(bashcompdir)/concert')
	$(call put,$(zshcompdir),$(ZSH_COMPLETION))
	$(call put,$(fishcompdir),$(FISH_COMPLETION))

install-strip:
	$(MAKE) INSTALL_PROGRAM='$(INSTALL_PROGRAM) -s' install

uninstall:
	cd / && rm -f '$(DESTDIR)$(bindir)/concert' '$(DESTDIR)$(libdir)/libconcert.a' \
		'$(DESTDIR)$(libdir)/pkgconfig/concert.pc' '$(DESTDIR)$(includedir)/concert.h' \
		$(foreach f,$(notdir $(MAN_1)),'$(DESTDIR)$(mandir)/man1/$(f)') \
		$(foreach f,$(notdir $(MAN_3)),'$(DESTDIR)$(mandir)/man3/$(f)') \
		$(foreach f,$(notdir $(MAN_5)),'$(DESTDIR)$(mandir)/man5/$(f)') \
		'$(DESTDIR)$(bashcompdir)/concert' '$(DESTDIR)$(zshcompdir)/_concert' \
		'$(DESTDIR)$(fishcompdir)/concert.fish'

clean:
	rm -rf $(B)

help:
	@echo 'make            builds $(B)/concert and $(B)/libconcert.a'
	@echo 'make check      runs all tests; TESTS="t/some.t" runs some, JOBS=1 one at a time'
	@echo 'make asan       runs all tests under AddressSanitizer and UBSan, in $(B)/asan'
	@echo 'make ubsan      runs all tests under UBSan alone, in $(B)/ubsan'
	@echo 'make fuzz       looks for hostile input, FUZZ_SECONDS=60 for each target; needs clang'
	@echo 'make lint       judges layout, includes, scripts, manual pages'
	@echo 'make demo       runs launcher.yaml.example on this computer and two sshd of its own'
	@echo 'make bench      measures what must be fast, and fails where it is not; BENCH=status: a part'
	@echo 'make install    installs below prefix ($(prefix)); DESTDIR is honoured'
	@echo 'make uninstall  removes what install put there'
	@echo 'make clean      removes what was built'
	@echo 'Variables: CC, CFLAGS, CPPFLAGS, LDFLAGS, WERROR=1, V=1, B=FOLDER, prefix, DESTDIR, …'

.PHONY: all asan bench check clean demo fuzz fuzzers help install install-strip lint ubsan uninstall units tools
.DELETE_ON_ERROR:
ifdef BUILDING
-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNITS:.t=.d) $(TOOLS:=.d) $(FUZZERS:=.d) \
	$(FUZZ_OBJ:.o=.d) $(B)/fuzz/replay.d
endif
