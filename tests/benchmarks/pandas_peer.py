"""An export -> validated with pandas and a model of pydantic, row by row, and the seconds taken; runs where only those are.

As somebody writes it in an hour: everything as text, forms of VAT ids and IBANs as patterns, countries as a set, e-mail
addresses by pydantic's own type, which is email-validator as with us.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, EmailStr, Field, ValidationError

from tests.benchmarks.exports import COUNTRIES


def _year_first(text: str) -> str:
    return "-".join(reversed(text.split("-")))


def _known(country: str) -> str:
    if country not in COUNTRIES:
        raise ValueError("unknown country")
    return country


_Country: TypeAlias = Annotated[str, AfterValidator(_known)]


class _Contact(BaseModel):
    """The columns that have a rule; the others are text."""

    customer_id: str = Field(min_length=1)
    company_name: str = Field(min_length=1, max_length=255)
    email: EmailStr
    invoice_email: EmailStr
    country: _Country
    delivery_country: _Country
    tax_number: str = Field(pattern=r"^NL\d{9}B\d{2}$")
    iban: str = Field(pattern=r"^NL\d{2}[A-Z]{4}\d{10}$")
    homepage: str = Field(pattern=r"^(https?://)?[\w.-]+\.\w{2,}(/.*)?$")
    vat_liable: Literal["Ja", "Nee"]
    by_email: Literal["Ja", "Nee"]
    by_post: Literal["Ja", "Nee"]
    created_at: Annotated[date, BeforeValidator(_year_first)]
    credit_limit: Decimal


def main(export: str, rows: str, errors: str) -> None:
    """Validate the file and print the seconds, if it read so many rows and found so many errors."""
    began = time.perf_counter()
    read = found = 0
    for frame in pd.read_csv(export, sep=";", dtype=str, keep_default_na=False, chunksize=10_000):
        for record in frame.to_dict("records"):
            read += 1
            try:
                _Contact.model_validate(record)
            except ValidationError as error:
                found += error.error_count()
    seconds = time.perf_counter() - began
    if (read, found) != (int(rows), int(errors)):
        message = f"pandas read {read} rows and pydantic found {found} errors"
        raise RuntimeError(message)
    sys.stdout.write(f"{seconds}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
