"""Two kinds of import contract that import-linter does not bring along; `pyproject.toml` names them.

`blind_to` is import-linter's own `forbidden`, except that a folder which does not exist yet is no error: the
contract stands before the first file of the folder does. `sees_only` is a closed world: whatever it does not
list is refused, so that a new library cannot slip in unnoticed.
"""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils
from importlinter.application.contract_utils import AlertLevel
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.domain.helpers import module_expressions_to_modules

# Modules of the standard library that give the same answer to the same question every time: no clock, no chance,
# no file, no line, no thread, no environment.
PURE = frozenset(
    """__future__ abc array ast base64 binascii bisect calendar codecs collections colorsys contextlib copy csv
    dataclasses datetime decimal difflib enum errno fractions functools graphlib hashlib heapq hmac html itertools
    json keyword math numbers operator re reprlib statistics string struct textwrap tomllib types typing unicodedata
    weakref zlib""".split()
)


class BlindTo(ForbiddenContract):
    """None of `source_modules` may reach one of `forbidden_modules`, not even through a third module.

    `source_modules` and `forbidden_modules` are module expressions; names that match nothing are left out.
    """

    type_name = "blind_to"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        sources = _present(self.source_modules, graph)
        forbidden = _present(self.forbidden_modules, graph)
        if not sources or not forbidden:
            return ContractCheck(kept=True, metadata={"invalid_chains": []})
        self.source_modules, self.forbidden_modules = sources, forbidden
        return super().check(graph, verbose)


class SeesOnly(Contract):
    """Each module of `source_modules` may import the `internal` packages and the `external` kind, nothing else.

    `external` is ``pure`` (the list above) or ``any``; `ignore_imports` are single exceptions, each with its reason.
    """

    type_name = "sees_only"

    source_modules = fields.SetField(subfield=fields.ModuleExpressionField())
    internal = fields.SetField(subfield=fields.StringField())
    external = fields.StringField()
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False, default=())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        contract_utils.remove_ignored_imports(graph, self.ignore_imports, AlertLevel.NONE)
        roots, external = self.internal, self.external
        if external not in ("pure", "any"):
            raise ValueError(f"external is {external!r}; it must be 'pure' or 'any'")
        present = module_expressions_to_modules(graph, _present(self.source_modules, graph), as_packages=True)
        wrong: list[tuple[str, str, int]] = []
        for importer in sorted(module.name for module in present):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if not _allowed(imported, roots, external, graph):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    wrong.append((importer, imported, details[0]["line_number"] if details else 0))
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported, line in check.metadata["wrong"]:
            output.print_error(f"{importer} may not import {imported} (line {line})", bold=False)
        output.new_line()


def _present(expressions: Any, graph: ImportGraph) -> Any:
    return {one for one in expressions if one.has_wildcard_expression() or one.expression in graph.modules}


def _allowed(imported: str, roots: set[str], external: str, graph: ImportGraph) -> bool:
    if any(imported == root or imported.startswith(f"{root}.") for root in roots):
        return True
    if not graph.is_module_squashed(imported):
        return False  # one of our own packages, and not in the list
    if external == "any":
        return True
    return imported.partition(".")[0] in PURE
