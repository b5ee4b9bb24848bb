"""The built-in set: what only reads, and only below the working directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from cowork.rules.places import Places
from cowork.rules.readonly import is_readonly
from tests.rules.places import places

HARMLESS = """ls|ls -la src|cat a.txt|echo hi there|echo /etc/passwd|pwd|head -n 5 a.txt|tail -3 a.txt
grep -rn foo src|rg foo src
find . -name '*.py'|wc -l a.txt|which git|diff a.txt b.txt|stat a.txt|du -sh .|cd src && ls|date|date +%s|whoami
id -u|uname -a
hostname|sort a.txt|tr a b|cut -d: -f1 a.txt|sed -n 5p a.txt|sed -n 1,5p a.txt|jq .a a.json|tree src|ps aux|file a.txt
md5sum a.txt|sha256sum a.txt|sleep 1|true|test -f a.txt|printf '%s' a|seq 3|basename a/b|realpath a.txt|od a.txt
strings a.txt|jq '.a.f' a.json
nl a.txt|rev a.txt
uptime|free -m|docker ps|base64 a.txt|node --version|python3 --version|git status --short|git log --oneline -5
git diff HEAD~1|git show
git branch|git branch -a|git remote -v|git blame a.txt|git stash list|git tag -l|git rev-parse HEAD|git ls-files
ls | head -3; pwd && date|! grep foo a.txt|ls > /dev/null 2>&1|cat < a.txt|CI=1 ls|ls # remark|timeout""".replace(
    "|timeout", ""
)

HARMFUL = """cat /etc/passwd|cat ../x|cat ~/x|ls /|ls ..|cat link|cat < /etc/passwd|cat < ../x|grep -f/etc/passwd x
grep --file=/etc/passwd x
ls > out|ls >> out|cat "$X"|cat *.txt|ls $X|echo $(ls)|`ls`|(ls)|{ ls; }|ls & pwd|env|printenv|uniq a|awk '{}' a
less a|xxd a
xargs ls|export A=b|command -v ls|git config --list|git -C . status|git --no-pager log|curl x|gh pr list|npm test|A=b
rm a|touch a
sort -o out a|sort --output=out a|sort --compress-program=sh a|find . -delete|find . -exec rm {} +|find . -L
find / -name x
git diff --ext-diff|git diff --output=x|git log --outp=x|git diff --no-index a /etc/passwd|git grep -O foo
git branch new|git branch -D x
git tag v1|git remote add x y|git stash|git stash pop|git show -Ox|git push|git blame --contents /etc/passwd a
git reflog
rg --pre sh foo|rg -L foo|tree -o out|date -s 2000|date 01010101|date --set=x|hostname new|hostname -F a|file -C -m a
file -f a
jq -n 'import "passwd" as $d {search:"/etc"}; $d'|jq -n 'include "x"; .'|jq -f a.txt|jq -nf a.txt|jq --from-file a.txt
strings @a.txt
jq -n env -L /etc|sed e a|sed -n e a|sed -n 5p -e e a|sed -n "5p;e" a|sed -i 5p a|sed -n 'w out' a
sed -n 5p /etc/passwd|tail -f a|ps auxe|ps e|node x.js|python3 x.py
docker run x|docker ps --format x|printf -v PATH a|cd|cd -|cd ..|cd /etc && ls|cd src && cat ../../x
cd src && git status
diff -r a b|grep -R foo .|wc --files0-from=x|md5sum -c a|man ls|PATH=x ls|LD_PRELOAD=x ls|sudo ls|bash -c ls
ls\\nrm a|cat src/out/passwd
cd src && cat out/passwd|cat @/etc/passwd:/etc/passwd|docker|node|python3 -c x|type ls; rm a"""


@pytest.fixture
def at(tmp_path: Path) -> Places:
    found = places(tmp_path)
    project = Path(found.cwd)
    (project / "src").mkdir()
    (project / "a.txt").write_text("a")
    (project / "link").symlink_to("/etc/passwd")
    (project / "src" / "out").symlink_to("/etc")
    return found


def split(text: str) -> list[str]:
    """The rows: a bar without blanks around it stands between two, so that pipes can be in them."""
    import re

    return [row.replace("\\n", "\n") for row in re.split(r"(?<! )\|(?! )|\n", text) if row]


@pytest.mark.parametrize("command", split(HARMLESS))
def test_it_only_reads(at: Places, command: str) -> None:
    found = is_readonly(command, at)
    assert found.allowed, found.reason


@pytest.mark.parametrize("command", split(HARMFUL))
def test_it_is_not_in_the_set(at: Places, command: str) -> None:
    found = is_readonly(command, at)
    assert not found.allowed
    assert found.reason
