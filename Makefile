# Short names for the commands of the course; each of them also works without make, see start.py.

# The first Python here that is new enough and can make environments. Failing that, python3: start.py says
# what it lacks.
CANDIDATES = python3.13 python3.12 python3.11 python3 python
GOOD = import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON := $(shell for p in $(CANDIDATES); do $$p -c '$(GOOD)' >/dev/null 2>&1 && echo $$p && exit; done; command -v python3)
NONE = There is no Python 3 here: install Python 3.11 or newer, then run make again.
# exec: whoever stops make then stops start.py, and not only a shell between them
START = $(if $(PYTHON),exec "$(PYTHON)" start.py,echo "$(NONE)"; exit 1;)
OPTIONS = $(if $(TORCH),--torch=$(TORCH))

.PHONY: help lab test setup update build claims

help:
	@echo "make lab      open the first lecture in JupyterLab (sets everything up the first time)"
	@echo "make test     run everything that is checked   (ARGS='-k name' goes to pytest)"
	@echo "make build    rebuild notebooks and exercises from their text twins"
	@echo "make claims   run each headline experiment over several seeds"
	@echo "make setup    only set up"
	@echo "make update   fetch the newest version; your answers are kept (REPLACE=1: and copied aside)"
	@echo "TORCH=cpu     with lab, test or setup: the small CPU-only torch, from PyTorch's own index"

lab:
	@$(START) lab $(OPTIONS)

test:
	@$(START) test $(OPTIONS) -- $(ARGS)

setup:
	@$(START) setup $(OPTIONS)

update:
	@$(START) update $(if $(REPLACE),--replace)

build: setup
	.venv/bin/course build

claims: setup
	.venv/bin/course claims
