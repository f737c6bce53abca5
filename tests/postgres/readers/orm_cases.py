"""What the tests of the ORM share."""

import unittest

import sqlalchemy
from sqlalchemy.orm import Session

import orm_compass
import orm_consolidation
import orm_cortex
import orm_guild
import orm_orchestrator
import world

MODULES = {"orchestrator": orm_orchestrator, "guild": orm_guild, "consolidation": orm_consolidation,
           "compass": orm_compass, "cortex": orm_cortex}


def classes(schema):
    """The mapped classes of a schema, parents first."""
    mapped = {mapper.local_table: mapper.class_ for mapper in MODULES[schema].Base.registry.mappers}
    return [mapped[table] for table in MODULES[schema].Base.metadata.sorted_tables]


def engine_of(uri):
    """Of SQLAlchemy's own spelling of the address, whatever that of libpq."""
    address = sqlalchemy.engine.make_url(uri).set(drivername="postgresql+psycopg2")
    return sqlalchemy.create_engine(address, connect_args={"options": "-c timezone=UTC"})


class OrmCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.store = world.store
        cls.engine = engine_of(world.uri)

    @classmethod
    def tearDownClass(cls):
        cls.engine.dispose()

    def setUp(self):
        self.session = Session(self.engine)

    def tearDown(self):
        self.session.rollback()
        self.session.close()

    def all(self, mapped, *conditions):
        return self.session.execute(sqlalchemy.select(mapped).where(*conditions)).scalars().all()

    def one(self, mapped, *conditions):
        return self.session.execute(sqlalchemy.select(mapped).where(*conditions)).scalars().one()

    def records(self, kind):
        return [each for tenant in self.store.tenants() for each in self.store.records(kind, tenant)]

    def memories(self):
        return [each for tenant in self.store.tenants() for each in self.store.memories(tenant)]
