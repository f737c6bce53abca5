"""Every row of every table through SQLAlchemy, and tables that SQLAlchemy made, into which a sync goes."""

import datetime
import decimal
import uuid

import sqlalchemy
from sqlalchemy.orm import Session

import world
from orm_base import DIM, Vector
from orm_cases import MODULES, OrmCase, classes, engine_of

PYTHON = {
    "UUID": uuid.UUID, "VARCHAR": str, "TEXT": str, "BOOLEAN": bool, "INTEGER": int, "TIMESTAMP": datetime.datetime,
    "JSONB": (dict, list), "ARRAY": list, "FLOAT": float, "NUMERIC": decimal.Decimal, "ENUM": str, "TSVECTOR": str,
}


def kind_of(column):
    if isinstance(column.type, Vector):
        return "VECTOR"
    for parent in type(column.type).__mro__:
        name = {"String": "VARCHAR", "DateTime": "TIMESTAMP", "Enum": "ENUM", "PGUuid": "UUID", "Float": "FLOAT",
                "Text": "TEXT", "Integer": "INTEGER", "Boolean": "BOOLEAN", "Numeric": "NUMERIC"}.get(
                    parent.__name__, parent.__name__)
        if name in PYTHON:
            return name
    raise AssertionError("no Python type for %r" % column.type)


class OrmRows(OrmCase):
    def test_each_class_has_the_columns_types_keys_and_references_of_its_table(self):
        for schema in MODULES:
            inspector = sqlalchemy.inspect(self.engine)
            tables = {mapped.__table__.name: mapped.__table__ for mapped in classes(schema)}
            self.assertEqual(set(inspector.get_table_names(schema)), set(tables))
            for name, table in tables.items():
                found = {column["name"]: (self.written(column["type"]), column["nullable"])
                         for column in inspector.get_columns(name, schema)}
                self.assertEqual(found, {column.name: (self.written(column.type), column.nullable)
                                         for column in table.columns}, table)
                self.assertEqual(inspector.get_pk_constraint(name, schema)["constrained_columns"],
                                 [column.name for column in table.primary_key])
                self.assertEqual({tuple(each["column_names"]) for each in inspector.get_unique_constraints(name, schema)},
                                 uniques(table), table)
                self.assertEqual({(tuple(each["constrained_columns"]), each["referred_table"],
                                   each["options"].get("ondelete")) for each in inspector.get_foreign_keys(name, schema)},
                                 {((key.parent.name,), key.column.table.name, key.ondelete)
                                  for key in table.foreign_keys}, table)

    def written(self, type):
        return type.compile(dialect=self.engine.dialect).replace("FLOAT(53)", "DOUBLE PRECISION")

    def test_every_row_of_every_table_loads_with_the_types_that_the_class_says(self):
        for schema in MODULES:
            for mapped in classes(schema):
                rows = self.all(mapped)
                count = self.session.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(mapped)).scalar()
                self.assertEqual(len(rows), count, mapped)
                self.assertGreater(count, 1, mapped)
                attributes = [(each.key, each.columns[0]) for each in sqlalchemy.inspect(mapped).column_attrs]
                for row in rows:
                    for attribute, column in attributes:
                        self.check(getattr(row, attribute), column)

    def check(self, value, column):
        if value is None:
            self.assertTrue(column.nullable, column)
            return
        kind = kind_of(column)
        if kind == "VECTOR":
            self.assertEqual((len(value), type(value[0])), (DIM, float))
            return
        self.assertIsInstance(value, PYTHON[kind], column)
        if kind == "TIMESTAMP":
            self.assertEqual(value.tzinfo is not None, column.type.timezone, column)
        elif kind == "ENUM":
            self.assertIn(value, column.type.enums)

    def test_every_column_of_every_table_has_a_value_somewhere(self):
        # Else the others would not show that it is read.
        for schema in MODULES:
            for mapped in classes(schema):
                columns = {column.name: sqlalchemy.func.count(column) for column in mapped.__table__.columns}
                (counts,) = self.session.execute(sqlalchemy.select(*columns.values())).all()
                empty = [name for name, count in zip(columns, counts) if count == 0]
                self.assertEqual(empty, [], mapped)

    def test_a_sync_fills_tables_that_the_application_made(self):
        uri = world.make_database()
        engine = engine_of(uri)
        try:
            with engine.begin() as connection:
                connection.execute(sqlalchemy.text("CREATE EXTENSION vector"))
                for schema, module in MODULES.items():
                    connection.execute(sqlalchemy.text('CREATE SCHEMA "%s"' % schema))
                    module.Base.metadata.create_all(connection)
            world.sync(uri)
            world.sync(uri, "--verify")  # Fails where a row differs.
            with Session(engine) as other:
                for schema in MODULES:
                    for mapped in classes(schema):
                        self.assertEqual(rows_of(other, mapped), rows_of(self.session, mapped), mapped)
        finally:
            engine.dispose()


def uniques(table):
    return {tuple(column.name for column in each.columns) for each in table.constraints
            if isinstance(each, sqlalchemy.UniqueConstraint)}


def rows_of(session, mapped):
    """All rows, but for the keys that each database draws by itself."""
    drawn = {"tag_id", "embedding_id", "state_id", "log_id"}
    if mapped.__table__.schema == "orchestrator":
        drawn.add("relationship_id")
    columns = [column for column in mapped.__table__.columns if column.name not in drawn]
    return sorted(map(repr, session.execute(sqlalchemy.select(*columns)).all()))
