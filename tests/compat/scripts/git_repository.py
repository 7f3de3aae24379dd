"""A repository of Git in the working folder, with one flow that is called remote."""
import subprocess
from pathlib import Path

FLOWS = '''
from prefect import flow


@flow(log_prints=True)
def remote(word: str):
    print(f"word: {word}")
'''


def repository():
    """Answers its address."""
    Path("repository").mkdir()
    Path("repository/flows.py").write_text(FLOWS)
    for words in (["init", "--quiet", "--initial-branch", "main"], ["add", "--all"], ["commit", "--quiet", "--message", "flows"]):
        subprocess.run(["git", "-c", "user.name=somebody", "-c", "user.email=somebody@example.org", *words], cwd="repository", check=True)
    return f"file://{Path('repository').resolve()}"
