"""Reaching for credentials, and giving away what was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cowork.install.scan.rule import Hit, Rule
from cowork.install.scan.signs import Sign, one_of, search

if TYPE_CHECKING:
    from cowork.install.scan.text import Text

CREDENTIALS = Rule(
    "scan.credential_path",
    "A pack does not read the user's credentials",
    "take what is needed from a variable that the connector declares",
)
EXFILTRATION = Rule("scan.exfiltration", "Nothing of the user's is sent away", "send only what the user asked to send")
DROP_SITE = Rule("scan.drop_site", "Nothing is sent to throw-away or anonymous addresses", "use an address of the author's own")
RULES = (CREDENTIALS, EXFILTRATION, DROP_SITE)

_KEY_WORDS = (
    ".ssh id_* .aws .netrc .git-credentials .config/ .azure .kube .docker .npmrc .pypirc .gnupg /etc/shadow wallet"
    " .claude/ .codex/ /proc/self"
)
_KEYS = one_of(
    r"[/\\]\.ssh\b(?![/\\](?:config|known_hosts)\b)(?:[/\\][\w.*-]{1,40})?",
    r"\bid_(?:rsa|dsa|ecdsa|ed25519)\b(?!\.pub)",
    r"\.aws/credentials|\.azure/\w{1,30}|\.config/gcloud|\.kube/config|\.docker/config\.json",
    r"\.netrc\b|\.git-credentials|\.config/gh(?:/hosts\.yml)?\b|\.npmrc\b|\.pypirc\b",
    r"\.gnupg\b|/etc/shadow|\bwallet\.dat|/proc/self/environ",
    r"\.claude/\.credentials\.json|\.codex/auth\.json",
)
_KEYS_HOLD = (
    ".ssh id_rsa id_dsa id_ecdsa id_ed25519 .aws/ .azure/ .config/gcloud .kube/ .docker/ .netrc .git-credentials .config/gh"
    " .npmrc .pypirc .gnupg /etc/shadow wallet.dat /environ .claude/ .codex/"
)
_BROWSER = one_of(
    r"\blogin data\b|cookies\.sqlite|logins\.json|key4\.db",
    r"application support/google/chrome|\.config/google-chrome|\.mozilla/firefox",
)
_READ = (
    r"\b(?:cat|read|reads|reading|open|copy|cp|scp|print|tail|head|less|base64|load|upload|send|include|extract|collect|grep"
    r"|tar|zip|get-content)\b"
)
_ENV = r"\.env\b(?!\.(?:example|sample|template))"
_PRINTED = r"\b(?:env|printenv|export\s{1,3}-p)\b"
_DUMPED = rf"(?:{_PRINTED}|\bcat\s[^\n|]{{0,80}}(?:{_KEYS}|{_ENV})|\bsecurity\s{{1,4}}(?:find|dump)-\S{{1,30}})"
_SENDER = r"(?:curl|wget|nc|ncat|netcat|socat|ssh|telnet|mail|sendmail|openssl\s{1,4}s_client)\b"
_CALL = r"\b(?:curl|wget)\s{1,4}(?>\S{1,200}\s{1,4}){0,12}?"
_DATA = r"(?:-[df]|--data(?:-\w{1,10})?|--form|--post-data|--body-data)(?=[\s=\"'@])"
_UPLOAD = r"(?:-t|--upload-file|--post-file|--body-file)[\s=]{1,4}[\"']?"
_SECRET_PATH = rf"[\w~$/{{}}.-]{{0,60}}(?:{_KEYS}|{_ENV})"
_SECRET_FILE = rf"[@<\"'/=]\s{{0,2}}{_SECRET_PATH}"
_SECRET_OUTPUT = rf"(?:\$\(|`)\s{{0,3}}(?:env|printenv|cat\s[^\n)]{{0,60}}(?:{_KEYS}|{_ENV}))"

SIGNS = (
    Sign(CREDENTIALS, _KEY_WORDS, _KEYS, "the path of a file that holds credentials", "warning", "note", also=_KEYS_HOLD),
    Sign(
        CREDENTIALS,
        _KEY_WORDS,
        rf"{_READ}[^\n]{{0,60}}?[\s\"'`(][~\w$/{{}}.]{{0,40}}{_KEYS}",
        "a file that holds credentials is to be read",
        "warning",
        "warning",
        unless=r"\b(?:never|don't|do not|must not|not)\s[^.\n]{0,60}$",
        also=_KEYS_HOLD,
    ),
    Sign(
        CREDENTIALS,
        "find-generic-password find-internet-password dump-keychain secret-tool cmdkey",
        r"\b"
        + one_of(
            r"security\s{1,4}(?:find-(?:generic|internet)-password|dump-keychain)",
            r"secret-tool\s{1,4}(?:lookup|search)",
            r"cmdkey\s{1,4}/list",
        ),
        "passwords are read from the keychain",
        "warning",
        "warning",
    ),
    Sign(
        CREDENTIALS,
        "login cookies.sqlite logins.json key4.db google/chrome google-chrome .mozilla",
        _BROWSER,
        "the path of a browser's passwords or cookies",
        "warning",
        "note",
        also="data cookies.sqlite logins.json key4.db chrome firefox",
    ),
    Sign(
        EXFILTRATION,
        "curl wget nc ncat netcat socat ssh telnet mail sendmail openssl",
        rf"{_DUMPED}[^\n]{{0,160}}\|\s{{0,9}}(?:sudo\s)?{_SENDER}",
        "secrets are piped to another machine",
        read="critical",
        also="| & env export cat security",
    ),
    Sign(
        EXFILTRATION,
        "curl wget scp rsync",
        one_of(
            rf"{_CALL}{_DATA}[^\n]{{0,120}}?(?:{_SECRET_FILE}|{_SECRET_OUTPUT})",
            rf"{_CALL}{_UPLOAD}{_SECRET_PATH}",
            rf"\b(?:scp|rsync)\s[^\n]{{0,120}}?{_KEYS}[^\n]{{0,80}}\s\S{{1,80}}:",
        ),
        "a file of secrets, or the whole environment, is sent to another machine",
        read="critical",
        also=f"{_KEYS_HOLD} env",
    ),
    Sign(
        EXFILTRATION,
        "http*",
        r"https?://[^\s\"'`]{1,200}[?&/=](?:\$\(|`)[^\n)`]{0,60}" + rf"(?:\benv\b|printenv|{_KEYS}|{_ENV}|whoami|hostname)",
        "what a command prints is put into an address",
        read="critical",
        also=f"?$( &$( /$( =$( ?` &` /` =` & whoami hostname env {_KEYS_HOLD}",
    ),
    Sign(
        EXFILTRATION,
        "os.environ process.env",
        one_of(
            r"\b(?:requests|httpx|urllib|urlopen|session|client)\b[^\n]{0,160}(?:json|data|params|content)\s{0,3}=\s{0,3}"
            r"[^\n]{0,40}\bos\.environ\b(?!\s{0,3}[\[.])",
            r"\b(?:requests|httpx)\.\w{3,6}\([^\n]{0,160}\bdict\(\s{0,3}os\.environ\s{0,3}\)",
            r"\b(?:fetch|axios|got|https?\.request|sendbeacon)\b[^\n]{0,300}\bprocess\.env\b(?!\s{0,3}[\[.?])",
        ),
        "the whole environment is sent to another machine",
        read="critical",
    ),
    Sign(
        DROP_SITE,
        "webhook.site requestbin* pipedream ngrok* burpcollaborator oast interact.sh transfer.sh pastebin rentry 0x0.st termbin"
        " webhooks telegram",
        r"\b"
        + one_of(
            r"webhook\.site|\brequestbin\.\w{2,4}|\b[\w-]{1,60}\.(?:m\.)?pipedream\.net",
            r"[\w-]{1,60}\.ngrok(?:-free)?\.(?:io|app|dev)",
            r"burpcollaborator\.net|\boast\.(?:fun|live|pro|site|online|me)|\binteract\.sh",
            r"transfer\.sh|\bpastebin\.com/(?:raw/|api)|\brentry\.co|\b0x0\.st|\btermbin\.com",
            r"discord(?:app)?\.com/api/webhooks/\d|\bapi\.telegram\.org/bot",
        ),
        "an address that takes anything from anybody",
        "warning",
        "warning",
    ),
)


def find(text: Text) -> Iterator[Hit]:
    """Every place that reaches for credentials, or sends them away."""
    return search(SIGNS, text, text.commands)
