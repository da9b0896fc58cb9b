check:
	ruff check . && ruff format --check . && mypy && basedpyright && PYTHONPATH=src lint-imports
