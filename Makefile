# `make` lists what it can do. All it needs is Python 3.11 or newer; everything else it brings itself
# into .venv/ (programs) and var/ (the site's data). See README.md for the environment variables.

PYTHON ?= python3
BIN := .venv/bin
TEMPLATES = $(shell find templates portal articles staffing -path '*templates/*' -name '*.html')
AUDIT := tests/audit
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n) env DEBIAN_FRONTEND=noninteractive

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev test soak audit bench check format lock sbom update clean ready FORCE
.SILENT: help run dev ready .venv/.made

help:  ## 列出这些命令
	sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: ready  ## 启动网站，方式与正式运行相同：http://127.0.0.1:8000/
	exec $(BIN)/python manage.py serve

dev: ready  ## 开发：改了代码自动重启，出错时显示调试页
	exec env DEBUG=True $(BIN)/python manage.py runserver "$${BIND:-127.0.0.1}:$${PORT:-8000}"

# A shell may forbid Python to keep what it has compiled; then each of the tests' many processes compiles
# all of it again.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/requirements-dev.txt  ## 测试：SQLite 上全部，PostgreSQL 上凡数据库可能有别的（浏览器除外）
	tests/bin/system-packages
	env -u DATABASE_URL $(BIN)/python -m pytest -n auto
	tests/bin/with-postgres $(BIN)/python -m pytest -n auto -m "not browser"

soak: .venv/requirements-dev.txt  ## 全量耐久测试：反复杀掉正在保存的服务器，几分钟（次数：make soak ROUNDS=60）
	tests/bin/system-packages
	env -u DATABASE_URL $(BIN)/python -m pytest -s -p no:randomly tests/soak/soak_*.py
	EXAMPLES=$${EXAMPLES:-500} $(BIN)/python -m pytest -n auto -m hypothesis
	EVERYTHING=1 tests/bin/with-postgres $(BIN)/python -m pytest -n auto -m "not browser"

audit: .venv/requirements-dev.txt  ## 用 vnu、axe、Lighthouse 检查每种页面（只跑其中一种：make audit ONLY=axe）
	tests/bin/system-packages audit
	cmp -s $(AUDIT)/package-lock.json $(AUDIT)/node_modules/.installed || { \
	  npm ci --prefix $(AUDIT) --ignore-scripts --loglevel=error && cp $(AUDIT)/package-lock.json $(AUDIT)/node_modules/.installed; }
	$(BIN)/python -m tests.audit $(ONLY)

bench: export PYTHONDONTWRITEBYTECODE =
bench: .venv/requirements-dev.txt  ## 测速，约二十分钟；全量：make bench SIZES=1000,100000,1000000（另有 DATABASE=postgresql、ONLY=pages）
	tests/bin/system-packages bench
	env -u DATABASE_URL $(if $(filter postgresql,$(DATABASE)),POSTGRESQL_KEPT_IN=var/bench/postgresql tests/bin/with-postgres) \
	  $(BIN)/python -m tests.bench $(if $(SIZES),--sizes $(SIZES)) $(ONLY)

# As on a live site: https, no debug pages. An empty database in memory: the site's own stays alone.
check: export SITE_URL = https://www.example.com
check: export SECRET_KEY = for-make-check-alone-and-for-nothing-that-serves-a-page
check: export DATABASE_URL = sqlite://:memory:
check: export DEBUG = False
check: .venv/requirements-dev.txt  ## 检查：风格、模板、类型、分层、迁移、安全设置
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/djhtml --check --tabwidth 2 $(TEMPLATES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --deploy --fail-level WARNING

format: .venv/requirements-dev.txt  ## 把代码和模板整理成检查要求的格式
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format
	$(BIN)/djade --target-version 5.2 $(TEMPLATES) || true
	$(BIN)/djhtml --tabwidth 2 $(TEMPLATES) || true

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)

# deploy/: what a server may need beside, for PostgreSQL and an object store. The tools of the audit have
# many packages, in versions of their own; each gets an environment of its own.
lock: .venv/requirements-dev.txt  ## 按 pyproject.toml 锁定依赖（升到最新：make update）
	$(LOCK) pyproject.toml --output-file requirements.txt
	$(LOCK) pyproject.toml --constraints requirements.txt --extra postgres --extra s3 --output-file deploy/requirements.txt
	$(LOCK) pyproject.toml --constraints deploy/requirements.txt --group dev --output-file requirements-dev.txt
	for tool in sbom wapiti; do $(LOCK) $(AUDIT)/$$tool.in --output-file $(AUDIT)/$$tool.txt || exit; done

# The list of what the site is made of is read off an environment that holds nothing else.
sbom: .venv/requirements-dev.txt  ## 重新生成软件清单 docs/sbom.json 与 docs/licences.md
	rm -rf .venv/sbom .venv/site
	$(PYTHON) -m venv --without-pip .venv/sbom
	$(PYTHON) -m venv --without-pip .venv/site
	$(BIN)/python -m pip --python .venv/sbom/bin/python install --quiet --require-hashes -r $(AUDIT)/sbom.txt
	$(BIN)/python -m pip --python .venv/site/bin/python install --quiet --require-hashes -r deploy/requirements.txt
	.venv/sbom/bin/cyclonedx-py environment --output-reproducible --short-PURLs --output-file docs/sbom.json .venv/site
	$(BIN)/python -m tests.audit.licences

update:  ## 升级全部依赖：重新锁定、安装、生成软件清单、检查（之后请运行 make test）
	$(MAKE) lock UPGRADE=--upgrade
	$(MAKE) sbom
	$(MAKE) check

clean:  ## 删除可以重新生成的文件；网站数据 var/ 不动
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results $(AUDIT)/node_modules $(AUDIT)/reports
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- What the commands stand on ----------------------------------------------------------------------

# Key, database, demo content, administrator, static files: whatever is not there yet.
ready: .venv/requirements.txt
	$(BIN)/python -m portal.keyfile
	$(BIN)/python manage.py prepare

# .venv/X.txt is a copy of the lock file that was installed last; only other content installs again.
.venv/%.txt: %.txt .venv/.made FORCE
	@cmp -s $< $@ || { \
	  echo "正在安装 $< 中的依赖，首次需要几分钟 ……"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< && cp $< $@; }

# A file made last, not .venv/bin/python: that one is there long before pip is, and a start may be killed.
.venv/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '需要 Python 3.11 或更新的版本；装在别处时可用 make run PYTHON=路径 指定。' >&2; exit 1; }
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { $(AS_ROOT) apt-get -qq update && $(AS_ROOT) apt-get -qq install --yes python3-venv; } >/dev/null 2>&1 || \
	  { echo '缺少系统软件包 python3-venv，请以 root 身份安装：apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv && touch $@

FORCE:
