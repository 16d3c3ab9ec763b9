# One word for each thing a reader wants to do. `make demo` and `make test` are all one needs to know.

# The project's own commands never touch a cluster that the user works with.
unexport KUBECONFIG

SWIFT ?= swift

# Thousands of tests at once would wait for each other longer than the servers that they call.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8

.PHONY: demo test e2e soak soak-cluster fuzz lint fmt docs bench image agent-static clean packages

demo: packages  ## the README's quick start, on a cluster of its own
	$(SWIFT) build
	extended/tests/demo.sh

test: packages  ## units in seconds, then what needs processes, git, kubectl and Python
	scripts/install-packages.sh busybox-static docker-registry gnupg podman python3-venv runc
	$(SWIFT) build --build-tests
	SWIFT=$(SWIFT) scripts/test.sh --skip IntegrationTests
	SWIFT=$(SWIFT) scripts/test.sh --filter IntegrationTests

e2e: packages  ## the whole end-to-end run, on a cluster of its own or the one in E2E_KUBECONFIG
	$(SWIFT) build
	extended/tests/e2e.sh

soak: packages  ## kills the controller KILLS times over PROMOTIONS mixed Promotions, by a SEED that it prints
	scripts/soak.sh promotions $(or $(KILLS),200) $(or $(PROMOTIONS),500) $(SEED)

soak-cluster: packages  ## kills a local cluster of 10,000 objects 200 times, or KILLS times, and looks for what is lost
	scripts/soak.sh cluster $(KILLS)

fuzz: packages  ## feeds the readers of KargoCore with made-up input, FUZZ_SECONDS for each of them
	scripts/fuzz.sh $(or $(FUZZ_SECONDS),60)

lint: packages  ## layout, imports, rules that the compiler does not know, and the example that embeds a library
	scripts/lint.sh

fmt:  ## lays the sources out
	$(SWIFT) format -i -r -p Sources Tests Benchmarks Fuzz Package.swift

docs:  ## what the pages of step kinds say about configuration
	scripts/step-pages.py

bench: packages  ## the measures of the README
	scripts/bench.sh

image:  ## the image of the controller and the agents, with docker, podman or buildah
	extended/image/build.sh

agent-static: packages  ## kargo-agent as one file that needs no library, for Linux
	extended/image/agent-static.sh

clean:  ## removes what the above made
	rm -rf .build .build-* .kargo extended/examples/*/.build Benchmarks/.build Fuzz/.build

packages:
	scripts/install-packages.sh
