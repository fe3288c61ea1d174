"""Tests of the errors."""

import pytest

from custom_components.alexa_doorbell.client import exceptions


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ReauthenticateError,
        exceptions.RelinkError,
        exceptions.TryAgainError,
        exceptions.MalformedError,
        exceptions.SignatureError,
    ],
)
def test_every_error_is_an_alexa_error(error: type[Exception]) -> None:
    assert issubclass(error, exceptions.AlexaError)


def test_an_error_worth_another_try_says_why_and_when() -> None:
    error = exceptions.TryAgainError("busy", retry_after=2.5, status=429)

    assert (str(error), error.reason, error.retry_after, error.status) == ("busy", "busy", 2.5, 429)


def test_an_error_without_an_answer_has_no_status() -> None:
    error = exceptions.TryAgainError("timeout")

    assert (error.retry_after, error.status) == (None, None)
