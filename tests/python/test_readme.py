"""The README's examples run, and say what they say."""

import contextlib
import io
import os
import re
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
READMES = [os.path.join(HERE, "..", "..", *place, "README.md") for place in ([], ["tools", "python"])]


class ReadmeTest(unittest.TestCase):
    def test_examples_run(self) -> None:
        examples = []
        for readme in READMES:
            with open(readme, encoding="utf-8") as file:
                examples += re.findall(r"```python\n(.*?)```", file.read(), re.S)
        self.assertGreaterEqual(len(examples), 2)
        before = os.getcwd()
        for example in examples:
            shown = io.StringIO()
            with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(shown):
                os.chdir(folder)
                try:
                    exec(compile(example, "README.md", "exec"), {})
                finally:
                    os.chdir(before)
            self.assertIn("Ana drinks green tea", shown.getvalue())


if __name__ == "__main__":
    unittest.main()
