# Everything a developer runs. `make` alone lists the targets.

CACHE ?= $(or $(TRIBUTARY_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tributary)
GOLANGCI := $(CACHE)/bin/golangci-lint-2.15.0

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build the tributary binary
	go build -trimpath -o tributary ./cmd/tributary

# What takes minutes each, kills what it runs on, or needs a browser.
LONG := TestAvroConnector|TestMovingFromJDBC|TestChaosWhole|TestChaosUnguarded|TestFrozenOwner|TestFrozenBatch|TestSnapshotsOfBigStores|TestEmptyPosition|TestQuietHour|TestEveryRungBroken|TestFlowBroken|TestMonitorRestartsAndTells|TestExpressions|TestTwoHundredStores|TestOldBrokers

# Where tests leave what they could not test on this machine, told at the end.
export NOT_TESTED := $(CACHE)/not-tested
forget := @rm -f '$(NOT_TESTED)'
confess := @if [ -s '$(NOT_TESTED)' ]; then cat '$(NOT_TESTED)'; fi

test: ## Unit tests, then end-to-end tests on the real stack (fetched on first use)
	$(forget)
	go vet ./...
	go test -race $$(go list ./... | grep -v /integration)
	go test -timeout 20m -p 1 -skip '^($(LONG))$$' $$(go list ./integration/... | grep -v /exam)
	$(confess)

test-long: ## The end-to-end tests that `make test` leaves out: faults, fleets, monitor, exam
	$(forget)
	go test -timeout 30m -run '^($(LONG))$$' ./integration
	go test -timeout 20m ./integration/exam
	$(confess)

lint: $(GOLANGCI) ## Run the linters
	$(GOLANGCI) run ./...

fmt: $(GOLANGCI) ## Format the code
	$(GOLANGCI) fmt ./...

$(GOLANGCI):
	@echo "building golangci-lint 2.15.0 (a few minutes, once)"
	GOBIN=$(CACHE)/bin/.new go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv $(CACHE)/bin/.new/golangci-lint $@

demo: ## Stores sell, two sinks carry, all is compared (STORES=200 DEMO_SECONDS=30 RATE=1000)
	@go build -o $(CACHE)/bin/demo ./integration/demo && exec $(CACHE)/bin/demo

# Where `make up` keeps its data and logs.
STACK_DIR ?= .stack
STACK := STACK_DIR='$(STACK_DIR)' go run ./integration/cmd/stack

up: ## Start Kafka, Connect, a central MySQL and two stores; they stay (ARGS=--help)
	@$(STACK) up $(ARGS)

down: ## Stop what `make up` started; data stays (ARGS=--purge removes it)
	@$(STACK) down $(ARGS)

status: ## Show what `make up` started: state, addresses, memory, clients
	@$(STACK) status $(ARGS)

bench: ## Measure the sink, the JDBC sink and MySQL alone (QUICK=1: 3 minutes; ARGS=--help)
	go run ./integration/bench $(if $(QUICK),--quick) $(ARGS)

fleet: ## Roll out 200 stores with tributary's own commands, prove it (STORES=10 WAVE=3 VERBOSE=1)
	go run ./integration/cmd/fleet $(ARGS)

chaos: ## Kill, freeze and cut off everything while stores sell, then prove the copy (CHAOS_MINUTES=10 CHAOS_SEED= CHAOS_PROTOCOL=)
	@go build -o $(CACHE)/bin/chaos ./integration/cmd/chaos && exec $(CACHE)/bin/chaos

exam: ## Every type, shape and schema change, store against central, as JSON and Avro; writes integration/exam/RESULT*.md
	EXAM=whole go test -count=1 -timeout 60m -v ./integration/exam -run '^TestExam'

golden: ## Capture debezium/testdata/modes from real connectors and write what is read from them
	rm -f debezium/testdata/modes/*
	EXAM=whole EXAM_ROOMS=, EXAM_CASES='$(GOLDEN)' EXAM_GOLDEN='$(CURDIR)/debezium/testdata/modes' \
		go test -count=1 -timeout 20m ./integration/exam -run '^TestExam$$'
	go test ./debezium -run Golden -update

GOLDEN := t_bigint_unsigned$$|t_decimal_10_2|t_date$$|t_datetime_near|t_timestamp_6|t_time_day|t_time_6|t_varbinary_40

IMAGE ?= tributary
VERSION ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),dev)
COMMIT ?= $(or $(shell git rev-parse HEAD 2>/dev/null),unknown)

image: ## Build the container image (IMAGE=name VERSION=1.2.3 IMAGE_ARGS='--build-arg RUN_IMAGE=…')
	docker build -f deploy/Dockerfile --build-arg VERSION='$(VERSION)' --build-arg COMMIT='$(COMMIT)' \
		-t '$(IMAGE):$(VERSION)' -t '$(IMAGE):latest' $(IMAGE_ARGS) .

image-local: ## Build the image where no registry is reachable: bases and engine from Debian (root)
	deploy/local-image.sh build

image-test: ## Run the image twice, kill one, compare every row (IMAGE=; needs Docker)
	IMAGE='$(IMAGE)' go test -tags docker -count=1 -timeout 10m -v -run '^TestContainers' ./integration

.PHONY: test-long exam golden image image-local image-test help build test lint fmt demo up down status bench chaos fleet
