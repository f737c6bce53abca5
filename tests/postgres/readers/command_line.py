"""The command line as an oracle: what the store itself says, as JSON."""

import json
import subprocess


class CommandFailed(Exception):
    pass


class Store:
    """One store's directory, reached through the program alone."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.is_at_rest = False  # From when on nothing is written: the same question has the same answer.
        self.known = {}

    def text(self, *arguments):
        if not self.is_at_rest:
            return self.run(*arguments)
        if arguments not in self.known:
            self.known[arguments] = self.run(*arguments)
        return self.known[arguments]

    def run(self, *arguments):
        command = [self.program, "--db", self.folder, "--json", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise CommandFailed("%s: %s" % (" ".join(arguments), done.stderr.strip()))
        return done.stdout

    def ask(self, *arguments):
        return json.loads(self.text(*arguments))

    def tenants(self):
        return [each["tenant_id"] for each in self.ask("tenants")["tenants"]]

    def pages(self, member, *arguments):
        """All pages of a list, as one."""
        found, cursor = [], ()
        while True:
            page = self.ask(*arguments, *cursor)
            found += page[member]
            if not page.get("next_cursor"):
                return found
            cursor = ("--cursor", page["next_cursor"])

    def records(self, kind, tenant):
        """Every record of a kind but memories; defaults are left out of them."""
        plural = "access_policies" if kind == "access_policy" else kind + "s"
        member = {"consolidation_task": "tasks", "consolidation_job": "jobs"}.get(kind, plural)
        if kind == "access_log_entry":
            member = "access_log_entries"
        return self.pages(member, "record", "list", kind, "--tenant", tenant)

    def memories(self, tenant, **fields):
        """Memories whose own fields are these; archived, forgotten and expired ones, too. A --filter would also
        find the merges of such memories, which have no session of their own, say."""
        return self.listed(tenant, fields, "--include-archived", "--include-deleted", "--include-expired")

    def shown(self, tenant, **fields):
        """Those that a search would show."""
        return self.listed(tenant, fields)

    def listed(self, tenant, fields, *options):
        found = self.pages("memories", "list", "--tenant", tenant, "--limit", "10000", *options)
        return [memory for memory in found if fields.items() <= {name: memory.get(name) for name in fields}.items()]

    def nearest(self, tenant, vector, count, *options):
        written = ",".join(repr(number) for number in vector)
        found = self.ask("search", "--tenant", tenant, "--mode", "vector", "--exact", "--vector", written,
                         "--k", str(count), *options)
        return found["results"]

    def plans(self, tenant):
        return self.ask("plans", "--tenant", tenant)["plans"]

    def results_of_plan(self, tenant, plan):
        return self.ask("plans", "--tenant", tenant, "results", plan["id"])["agent_results"]

    def results_of_agents(self, tenant):
        """What readers find in cortex.agent_results: the findings of plans, and those kept."""
        found = self.records("agent_result", tenant)
        for plan in self.plans(tenant):
            found += self.results_of_plan(tenant, plan)
        return found
