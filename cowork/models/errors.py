"""What can go wrong with a model call, as classes the engine can act on.

ProviderError
├── WaitError        rate limited or overloaded: waiting helps
├── FundsError       no credit: waiting does not help
├── DailyQuotaError  the day's quota is used up
├── AuthError        the key is missing or refused
├── RegionError      not served where you are
├── BadModelError    the model does not exist for this key
│   └── NoToolsError it exists, and cannot call tools
├── TooBigError      the request can never fit
├── ContentError     refused or filtered
├── MalformedError   the answer breaks the protocol
│   ├── NoShapeError the server cannot hold an answer to a schema
│   └── CutError     all tokens went into thinking, none into an answer
├── NotInstalledError the program that would answer is not there
├── UntrustedError   the program would run code that the project brings along
└── DownError        no connection, server failure, a stream cut short
    └── LateError    no answer in time
        └── IdleError    nothing at all came for too long
"""

from __future__ import annotations

from cowork.core.errors import Unavailable


class ProviderError(Unavailable):
    """A model call failed. `kind` is the stable name of the class; `partial` is text that had arrived already."""

    kind = "provider"
    retryable = False

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        model: str,
        status: int | None = None,
        retry_after: float | None = None,
        partial: str = "",
        hint: str | None = None,
    ) -> None:
        super().__init__(
            f"provider.{self.kind}",
            f"{provider}/{model}: {message}",
            cause=f"HTTP {status}" if status else None,
            hint=hint or self._default_hint(provider, model),
            details={"provider": provider, "model": model, "status": status, "retry_after_s": retry_after},
        )
        self.provider = provider
        self.model = model
        self.status = status
        self.retry_after = retry_after
        self.partial = partial

    def _default_hint(self, provider: str, model: str) -> str:
        return f"see: cowork provider check {provider}"


class WaitError(ProviderError):
    """Rate limited or overloaded; `retry_after` seconds when the server said so."""

    kind = "rate_limited"
    retryable = True


class FundsError(ProviderError):
    """The account has no credit left."""

    kind = "funds"

    def _default_hint(self, provider: str, model: str) -> str:
        return f"add credit to the {provider} account, or choose another --provider"


class DailyQuotaError(ProviderError):
    """The day's quota is used up."""

    kind = "daily_quota"


class AuthError(ProviderError):
    """The key is missing or refused."""

    kind = "auth"

    def _default_hint(self, provider: str, model: str) -> str:
        return f"check the key; its variable is shown by: cowork provider list (provider {provider})"


class RegionError(ProviderError):
    """The provider does not serve this model where you are."""

    kind = "region"


class BadModelError(ProviderError):
    """The model does not exist, or not for this key. The hint names those of the provider's list that may be meant."""

    kind = "bad_model"

    def _default_hint(self, provider: str, model: str) -> str:
        from cowork.models import model_cache

        return model_cache.hint(provider, model)


class NoToolsError(BadModelError):
    """The model, or the server that runs it, cannot call tools."""

    kind = "no_tools"

    def _default_hint(self, provider: str, model: str) -> str:
        return f"this model cannot call tools; choose another --model of {provider}"


class TooBigError(ProviderError):
    """The request is larger than the model or the limit will ever take."""

    kind = "too_big"

    def _default_hint(self, provider: str, model: str) -> str:
        return "give less context"


class ContentError(ProviderError):
    """The provider refused or filtered the content."""

    kind = "content"


class MalformedError(ProviderError):
    """The answer breaks the protocol or is empty."""

    kind = "malformed"


class NoShapeError(MalformedError):
    """The server, or the model it runs, cannot hold an answer to a JSON schema. An adapter asks again without."""


class CutError(MalformedError):
    """The model thought until its tokens were used up, and said nothing. It is there, and the key is good."""

    def _default_hint(self, provider: str, model: str) -> str:
        return "let it write longer: raise max_output_tokens in config.yaml (see: cowork config show max_output_tokens)"


class NotInstalledError(ProviderError):
    """The program of a command-line agent is not there, or cannot be run."""

    kind = "not_installed"


class UntrustedError(ProviderError):
    """The program of a command-line agent would run code that the project brings along, and cannot be kept from it."""

    kind = "untrusted"


class DownError(ProviderError):
    """No connection, a time-out, a server failure, or a stream that was cut."""

    kind = "unavailable"
    retryable = True


class LateError(DownError):
    """No answer in time."""


class IdleError(LateError):
    """The program of a command-line agent said nothing for too long."""
